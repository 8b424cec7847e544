// Which way things may lean: main -> app -> web -> desk -> (journal, mis, printer, camera, lights, system) -> domain.

/** Rooms of parts, each with a port and adapters behind it. */
const rooms = 'journal|mis|badge|printer|camera|lights|system';
/** Where programs, screens and the build's own helper start. */
const entries =
  '^(device/(main|(journal|badge)/thread|journal/verify-thread|camera/(qr-thread|still-program)|printer/usb-child|demo/mis-simulator|demo/sim|badge/fonts-build|camera/(frames|shim)-build)\\.ts|ui/(kiosk|staff)/main\\.tsx)$';
/** The pure packages that the rules may use. */
const pure = '^node_modules/(temporal-polyfill|temporal-spec|valibot)/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'every-import-is-found',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'nothing-unused',
      comment: 'What no program and no screen reaches is to be deleted.',
      severity: 'error',
      from: { path: entries },
      to: { path: '^(device|ui)/', pathNot: ['\\.d\\.ts$', entries], reachable: false },
    },
    {
      name: 'contract-stands-alone',
      severity: 'error',
      from: { path: '^device/contract/' },
      to: { pathNot: '^device/contract/' },
    },
    {
      name: 'domain-is-pure',
      comment: 'The rules use nothing but each other, the words of the contract, and packages that do no I/O.',
      severity: 'error',
      from: { path: '^device/domain/' },
      to: { pathNot: ['^device/(domain|contract)/', pure] },
    },
    {
      name: 'ui-knows-only-the-contract',
      severity: 'error',
      from: { path: '^ui/' },
      to: { pathNot: ['^ui/', '^device/contract/', '^node_modules/'] },
    },
    {
      name: 'screens-do-not-know-each-other',
      severity: 'error',
      from: { path: '^ui/(kiosk|staff)/' },
      to: { path: '^ui/(kiosk|staff)/', pathNot: '^ui/$1/' },
    },
    {
      name: 'shared-knows-no-screen',
      severity: 'error',
      from: { path: '^ui/shared/' },
      to: { path: '^ui/(kiosk|staff)/' },
    },
    {
      name: 'nothing-leans-on-tests',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'nothing-leans-on-main',
      severity: 'error',
      from: { pathNot: ['^test/', '^scripts/', '^device/(main|check)\\.ts$'] },
      to: { path: '^device/(main|check|parts)\\.ts$' },
    },
    {
      name: 'only-main-starts-the-app',
      severity: 'error',
      from: { path: '^device/', pathNot: '^device/(main\\.ts$|demo/)' },
      to: { path: '^device/app\\.ts$' },
    },
    {
      name: 'only-main-knows-the-demo',
      severity: 'error',
      from: { path: '^device/', pathNot: '^device/(main\\.ts$|demo/)' },
      to: { path: '^device/demo/' },
    },
    {
      name: 'web-is-above-the-desk',
      severity: 'error',
      from: { path: `^device/(desk|${rooms})/` },
      to: { path: '^device/web/' },
    },
    {
      name: 'desk-is-above-the-parts',
      severity: 'error',
      from: { path: `^device/(${rooms})/` },
      to: { path: '^device/desk/' },
    },
    {
      name: 'parts-do-not-know-each-other',
      comment:
        'But all may use the ports of system, and the sender and the roster sync those of the journal. usb-child is the main of a process.',
      severity: 'error',
      from: { path: `^device/(${rooms})/`, pathNot: '^device/printer/usb-child\\.ts$' },
      to: {
        path: `^device/(${rooms})/`,
        pathNot: ['^device/$1/', '^device/system/ports\\.ts$', '^device/journal/', '^device/badge/'],
      },
    },
    {
      name: 'only-mis-uses-the-journal',
      severity: 'error',
      from: { path: '^device/(printer|camera|lights|system)/' },
      to: { path: '^device/journal/' },
    },
    {
      name: 'adapters-are-named-by-main-only',
      comment: 'Everyone else says printer, camera, lights or connector, and means the port.',
      severity: 'error',
      from: { path: '^device/((app|house|doors)\\.ts$|web/|desk/|journal/|mis/[^/]+$|system/)' },
      to: {
        path: '^device/(mis/[^/]+/|(printer|camera|lights)/(simulated|absent|real|escpos|usb|gpio|onoff))',
      },
    },
    {
      name: 'simulator-is-written-from-the-reference',
      comment: 'It could not catch the connector out if it shared its code.',
      severity: 'error',
      from: { path: '^device/demo/' },
      to: { path: '^device/mis/(wonde|filedrop|arbor)/' },
    },
    {
      name: 'the-box-ships-what-it-uses',
      comment: 'The daemon may use only packages listed under dependencies.',
      severity: 'error',
      from: { path: '^device/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    builtInModules: { add: [] },
  },
};
