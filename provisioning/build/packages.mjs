// What of node_modules goes with the daemon, read from the lock file and the sources.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const project = join(import.meta.dirname, '../..');

/**
 * @typedef {{ version: string, license?: string, integrity?: string, cpu?: string[], os?: string[], libc?: string[],
 *   dependencies?: Record<string, string>, optionalDependencies?: Record<string, string> }} Locked
 */

/**
 * @typedef {object} Manifest of the project, of dist/, or the lock file
 * @property {Record<string, Locked>} [packages]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 */

/** @param {string} path @returns {Manifest} */
const json = (path) => JSON.parse(readFileSync(join(project, path), 'utf8'));

/** @type {Map<string, Locked>} By name; packages inside packages are left out: the bundle has one of each. */
export const locked = new Map(
  Object.entries(json('package-lock.json').packages ?? {})
    .filter(([path]) => path.lastIndexOf('node_modules/') === 0)
    .map(([path, entry]) => [path.replace('node_modules/', ''), entry]),
);

/** Does it run on a box? @param {Locked} entry */
const isForBox = ({ cpu = ['arm64'], os = ['linux'], libc = ['glibc'] }) =>
  cpu.includes('arm64') && os.includes('linux') && libc.includes('glibc');

/** These and all that they need, of what runs on a box. @param {Iterable<string>} names */
export function closure(names) {
  /** @type {Set<string>} */
  const found = new Set();
  const wanted = [...names];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const entry = locked.get(name);
    if (entry === undefined || found.has(name) || !isForBox(entry)) continue;
    found.add(name);
    wanted.push(...Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }));
  }
  return found;
}

/** Packages that lie beside the daemon, not in it (scripts/build.mjs): those with native code, and what they need. */
export const outside = () => closure(Object.keys(json('dist/package.json').dependencies ?? {}));

/** Of them, those that are not installed here: for arm64 alone. */
export const foreign = () => [...outside()].filter((name) => !existsSync(join(project, 'node_modules', name)));

/** Everything of npm that is on a box, also inside daemon and screens: what its sources import, fonts, and what those need. */
export function onBox() {
  const sources = ['device', 'ui'].flatMap((room) =>
    readdirSync(join(project, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(tsx?|css)$/.test(name))
      .map((name) => readFileSync(join(project, room, name), 'utf8')),
  );
  const imported = sources.flatMap((text) =>
    [...text.matchAll(/(?:from|import|import\(|require\(|url\()\s*['"]((?:@[\w.-]+\/)?[\w-][\w.-]*)/g)].map(
      ([, name]) => name ?? '',
    ),
  );
  const fonts = Object.keys(json('package.json').devDependencies ?? {}).filter((name) =>
    name.startsWith('@fontsource/'),
  );
  return closure([...imported, ...fonts, ...outside()].filter((name) => !name.startsWith('@types/')));
}
