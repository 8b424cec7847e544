// Type-aware lint. Layout is prettier's business; which room may lean on which is dependency-cruiser's.
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const outsideWorld = 'comes in through a port (device/system/ports.ts), so that tests can set it';

/** Clock, chance, timers and environment: only device/system, device/main.ts and ui/ may touch them. */
const untamed = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: `The time ${outsideWorld}.` },
  { selector: "CallExpression[callee.name='Date']", message: `The time ${outsideWorld}.` },
];
const untamedProperties = [
  { object: 'Date', property: 'now', message: `The time ${outsideWorld}.` },
  { object: 'Temporal', property: 'Now', message: `The time ${outsideWorld}.` },
  { object: 'Math', property: 'random', message: `Chance ${outsideWorld}.` },
  { object: 'process', property: 'hrtime', message: `The time ${outsideWorld}.` },
  { object: 'process', property: 'env', message: 'The environment is read in device/main.ts only.' },
];
const untamedGlobals = [
  { name: 'performance', message: `The time ${outsideWorld}.` },
  ...['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({ name, message: `A timer ${outsideWorld}.` })),
];
const untamedModules = [
  'timers',
  'node:timers',
  'timers/promises',
  'node:timers/promises',
  'perf_hooks',
  'node:perf_hooks',
];

const importsNameTheirFile = {
  selector:
    'ImportDeclaration[source.value=/^\\.{1,2}\\u002F/]:not([source.value=/\\.(ts|tsx|js|mjs|json|css|svg|woff2?)(\\?[a-z]+)?$/])',
  message: 'A relative import names its file with the ending: ./x.ts',
};

const unfinishedTests = ['it', 'test', 'describe'].flatMap((object) =>
  ['only', 'skip', 'todo'].map((property) => ({ object, property, message: 'Every test runs, always.' })),
);

export default defineConfig(
  globalIgnores(['dist/', 'node_modules/', '.porter/', 'coverage/', 'test/lab/guest/', 'test/lab/card-ports.cjs']),
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines-per-function': ['warn', { max: 70, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', importsNameTheirFile],
      'no-restricted-exports': [
        'error',
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A cast may widen or name a brand; one that narrows must say in a disable comment how it is known.
      '@typescript-eslint/no-unsafe-type-assertion': 'error',
      // Numbers read well in a message; objects, null and undefined still do not get in.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Code points are meant where a string is spread; Array.from, which is let through, does the same.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // `_` marks what a given signature forces on us.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // `() => socket.emit(...)` is how handlers are written everywhere; a void function may pass one on.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
    },
  },
  {
    files: ['device/**/*.ts'],
    ignores: ['device/system/**', 'device/main.ts', 'device/demo/**'],
    rules: {
      'no-restricted-syntax': ['error', importsNameTheirFile, ...untamed],
      'no-restricted-properties': ['error', ...untamedProperties],
      'no-restricted-globals': ['error', ...untamedGlobals],
      'no-restricted-imports': [
        'error',
        { paths: untamedModules.map((name) => ({ name, message: `A timer ${outsideWorld}.` })) },
      ],
    },
  },
  {
    files: ['device/main.ts', 'device/demo/**', 'scripts/**', 'test/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...unfinishedTests,
        { object: 'Math', property: 'random', message: 'Take a seeded generator and print its seed.' },
      ],
      // A describe block is as long as its tests.
      'max-lines-per-function': 'off',
      // A PIN typed digit by digit: `...'246810'` has a literal type, which the exception for strings does not know.
      '@typescript-eslint/no-misused-spread': 'off',
      // Short fakes read best on one line.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Tests look at answers whose shape the assertion itself proves.
      '@typescript-eslint/no-unsafe-type-assertion': 'off',
    },
  },
  {
    // tsc reads the casts in their comments, lint does not: everything from JSON.parse looks unsafe to it.
    files: ['{scripts,provisioning}/**/*.mjs'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // The tools ask for a default export.
    files: ['*.config.{ts,mjs}', '.dependency-cruiser.mjs'],
    rules: { 'no-restricted-exports': 'off' },
  },
  {
    // Not in a TypeScript project: rules that need types have nothing to go by.
    files: ['*.mjs', '.*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/no-unsafe-type-assertion': 'off' },
  },
  {
    // Declarations of untyped packages say what those packages do, default exports included.
    files: ['device/types/*.d.ts'],
    rules: { 'no-restricted-exports': 'off', '@typescript-eslint/no-extraneous-class': 'off' },
  },
);
