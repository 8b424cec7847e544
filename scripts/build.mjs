// What scripts/build does, once the packages are there. dist/ is replaced piece by piece, each whole or not at all.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const stamps = join(dist, '.built.json');

/** Programs that run on the box, each bundled to dist/NAME.js. */
const programs = {
  porter: 'device/main.ts',
  'journal-thread': 'device/journal/thread.ts',
  'mis-simulator': 'device/demo/mis-simulator.ts',
};
/** Pages that the box serves, each built from ui/NAME/ to dist/ui/NAME/. */
const screens = { kiosk: 'ui/kiosk/index.html', staff: 'ui/staff/index.html' };

/** What badges are drawn with: dist/fonts/, made by this module's buildFonts. */
const fonts = 'device/badge/fonts-build.ts';

/** Packages with native code, found in node_modules when the program runs. */
const external = ['usb', 'epoll', '@resvg/resvg-js'];

/** What a target is made of. Any change of path, size or time below these builds it again. */
const shared = ['package-lock.json', 'scripts/build.mjs'];
const madeOf = {
  program: [...shared, 'device'],
  fonts: [...shared, 'device/badge'],
  screen: [...shared, 'ui', 'device/contract', 'vite.config.ts'],
};

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
    const folder = statSync(join(root, path)).isDirectory();
    const files = folder ? readdirSync(join(root, path), { recursive: true, encoding: 'utf8' }).sort() : [''];
    for (const file of files) {
      const at = statSync(join(root, path, file));
      if (at.isFile()) hash.update(`${path}/${file} ${at.size} ${at.mtimeMs}\n`);
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

/** @param {string} id */
async function buildFonts(id) {
  const program = join(dist, '.fonts-build.js');
  await bundle(fonts, program, id);
  await createRequire(import.meta.url)(program).buildFonts(join(dist, 'fonts'), join(root, 'node_modules'));
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

async function main() {
  const { values, positionals } = parseArgs({ options: { force: { type: 'boolean' } }, allowPositionals: true });
  const entries = { ...programs, fonts, ...screens };
  const unknown = positionals.find((name) => !(name in entries));
  if (unknown !== undefined) throw new Error(`no target ${unknown}; there are: ${Object.keys(entries).join(' ')}`);

  const started = process.hrtime.bigint();
  const id = buildId();
  const stamped = readStamps();
  const prints = {
    program: fingerprint(madeOf.program, id),
    fonts: fingerprint(madeOf.fonts, ''),
    screen: fingerprint(madeOf.screen, ''),
  };
  mkdirSync(join(dist, 'ui'), { recursive: true });
  writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');

  const built = await Promise.allSettled(
    Object.entries(entries).map(async ([name, entry]) => {
      if (positionals.length > 0 && !positionals.includes(name)) return null;
      const kind = name in programs ? 'program' : name in screens ? 'screen' : 'fonts';
      if (!values.force && stamped.get(name) === prints[kind]) return null;
      if (!existsSync(join(root, entry))) {
        console.error(`build: ${entry} is not there yet, so no ${name}`);
        return null;
      }
      stamped.delete(name);
      if (kind === 'program') await buildProgram(name, entry, id);
      else if (kind === 'screen') await buildScreen(name);
      else await buildFonts(id);
      stamped.set(name, prints[kind]);
      return name;
    }),
  );
  writeFileSync(stamps, JSON.stringify(Object.fromEntries(stamped)));

  const done = built.flatMap((result) =>
    result.status === 'fulfilled' && result.value !== null ? [result.value] : [],
  );
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (done.length > 0) console.error(`built ${done.join(', ')} in ${seconds.toFixed(1)} s`);
  const failures = built.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  for (const failure of failures) console.error(`build: ${failure.message}`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

await main();
