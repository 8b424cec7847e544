// What scripts/build does, once the packages are there. dist/ is replaced piece by piece, each whole or not at all.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

// Also when a test run builds: otherwise the screens carry code for developers, 4 kB of it.
process.env.NODE_ENV = 'production';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const stamps = join(dist, '.built.json');

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {'program' | 'folder' | 'screen'} kind a file dist/NAME.js that Node runs; a folder dist/NAME/ of files made
 *   here rather than on the box; a page in dist/ui/NAME/ that the box serves
 * @property {string} entry
 * @property {string} [make] the function of `entry` that fills a folder
 */

/** @type {readonly Target[]} */
const targets = [
  { name: 'porter', kind: 'program', entry: 'device/main.ts' },
  { name: 'journal-thread', kind: 'program', entry: 'device/journal/thread.ts' },
  { name: 'verify-thread', kind: 'program', entry: 'device/journal/verify-thread.ts' },
  { name: 'camera-still', kind: 'program', entry: 'device/camera/still-program.ts' },
  { name: 'qr-thread', kind: 'program', entry: 'device/camera/qr-thread.ts' },
  { name: 'badge-thread', kind: 'program', entry: 'device/badge/thread.ts' },
  { name: 'printer-child', kind: 'program', entry: 'device/printer/usb-child.ts' },
  { name: 'mis-simulator', kind: 'program', entry: 'device/demo/mis-simulator.ts' },
  { name: 'sim', kind: 'program', entry: 'device/demo/sim.ts' },
  { name: 'fonts', kind: 'folder', entry: 'device/badge/fonts-build.ts', make: 'buildFonts' },
  { name: 'frames', kind: 'folder', entry: 'device/camera/frames-build.ts', make: 'buildFrames' },
  { name: 'camera-shim', kind: 'folder', entry: 'device/camera/shim-build.ts', make: 'buildShim' },
  { name: 'kiosk', kind: 'screen', entry: 'ui/kiosk/index.html' },
  { name: 'staff', kind: 'screen', entry: 'ui/staff/index.html' },
];

/**
 * Found in node_modules when the program runs: packages with native code, and harfbuzzjs, whose top-level await one
 * CommonJS file cannot hold.
 */
const external = ['usb', 'epoll', '@resvg/resvg-js', 'harfbuzzjs'];

/** What a target is made of. Any change of path, size or time below these builds it again. */
const shared = ['package-lock.json', 'scripts/build.mjs'];
const madeOf = {
  program: [...shared, 'device'],
  folder: [...shared, 'device/badge', 'device/camera'],
  screen: [...shared, 'ui', 'device/contract', 'vite.config.ts'],
};

/** The external packages and their versions, for whoever puts dist/ on another machine. */
function outside() {
  const version = (/** @type {string} */ name) =>
    JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
  return Object.fromEntries(external.map((name) => [name, version(name)]));
}

/** Version and commit, as `0.1.0+20261123.1a2b3c4`; the version alone where git or its folder is not at hand. */
function buildId() {
  const { version } = /** @type {{ version: string }} */ (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const commit = git('log', '-1', '--format=%cd.%h', '--date=format:%Y%m%d');
    return `${version}+${commit}${git('status', '--porcelain', '--', 'device', 'ui') === '' ? '' : '.changed'}`;
  } catch {
    return version;
  }
}

/** @param {readonly string[]} paths @param {string} extra */
function fingerprint(paths, extra) {
  const hash = createHash('sha256').update(extra);
  for (const path of paths) {
    const folder = statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true;
    const files = folder ? readdirSync(join(root, path), { recursive: true, encoding: 'utf8' }).sort() : [''];
    for (const file of files) {
      const at = statSync(join(root, path, file), { throwIfNoEntry: false });
      if (at?.isFile() === true) hash.update(`${path}/${file} ${at.size} ${at.mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

/**
 * Bundles one entry into one file; everything but native packages goes into it.
 * @param {string} entry @param {string} outfile @param {string} id
 */
async function bundle(entry, outfile, id) {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    outfile,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external,
    logLevel: 'silent',
    // Half as much to read and compile at each start. Names and lines stay, for whoever reads a stack trace.
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160,
    // In the bundle these mean dist/, where the other pieces lie.
    banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: {
      PORTER_BUILD: JSON.stringify(id),
      'import.meta.url': '__bundleUrl',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
    },
  });
  for (const { path, contents } of outputFiles) {
    writeFileSync(`${path}.new`, contents);
    renameSync(`${path}.new`, path);
  }
  return Object.keys(metafile.inputs);
}

/** @param {string} name @param {string} entry @param {string} id */
async function buildProgram(name, entry, id) {
  const inputs = await bundle(entry, join(dist, `${name}.js`), id);
  if (inputs.some((input) => input.includes('node_modules/zxing-wasm/'))) {
    const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
    copyFileSync(wasm, join(dist, 'zxing_reader.wasm'));
  }
}

/** @param {string} name @param {string} entry @param {string} make @param {string} id */
async function buildFolder(name, entry, make, id) {
  const program = join(dist, `.${name}-build.js`);
  await bundle(entry, program, id);
  await createRequire(import.meta.url)(program)[make](join(dist, name), join(root, 'node_modules'));
  rmSync(program);
}

/** @param {string} name */
async function buildScreen(name) {
  const { build } = await import('vite');
  const fresh = join(dist, `ui/.${name}.new`);
  const old = join(dist, `ui/.${name}.old`);
  const place = join(dist, 'ui', name);
  await build({ configFile: join(root, 'vite.config.ts'), mode: name, logLevel: 'silent', build: { outDir: fresh } });
  rmSync(old, { recursive: true, force: true });
  if (existsSync(place)) renameSync(place, old);
  renameSync(fresh, place);
  rmSync(old, { recursive: true, force: true });
}

/** @returns {Map<string, string>} */
function readStamps() {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(stamps, 'utf8'))));
  } catch {
    return new Map();
  }
}

/** @param {Target} target @param {string} id */
async function build({ name, kind, entry, make }, id) {
  if (kind === 'program') await buildProgram(name, entry, id);
  else if (kind === 'screen') await buildScreen(name);
  else await buildFolder(name, entry, make ?? '', id);
}

/** Builds those of the targets that changed (all with `force`). Answers with what went wrong. */
async function buildAll(/** @type {readonly Target[]} */ wanted, /** @type {boolean} */ force) {
  const started = process.hrtime.bigint();
  const id = buildId();
  const prints = {
    program: fingerprint(madeOf.program, id),
    folder: fingerprint(madeOf.folder, ''),
    screen: fingerprint(madeOf.screen, ''),
  };
  mkdirSync(join(dist, 'ui'), { recursive: true });
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ type: 'commonjs', dependencies: outside() })}\n`);

  const stamped = readStamps();
  const stale = wanted.filter(({ name, kind }) => force || stamped.get(name) !== prints[kind]);
  for (const { name } of stale) stamped.delete(name);
  const outcomes = await Promise.allSettled(stale.map((target) => build(target, id)));

  const built = stale.filter((_, i) => outcomes[i]?.status === 'fulfilled');
  for (const { name, kind } of built) stamped.set(name, prints[kind]);
  writeFileSync(stamps, JSON.stringify(Object.fromEntries(stamped)));

  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (built.length > 0) console.error(`built ${built.map(({ name }) => name).join(', ')} in ${seconds.toFixed(1)} s`);
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason.message)] : []));
}

const { values, positionals } = parseArgs({ options: { force: { type: 'boolean' } }, allowPositionals: true });
const unknown = positionals.find((name) => !targets.some((target) => target.name === name));
const wanted = targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const problems =
  unknown === undefined
    ? await buildAll(wanted, values.force === true)
    : [`no target ${unknown}; there are: ${targets.map(({ name }) => name).join(' ')}`];
for (const problem of problems) console.error(`build: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
