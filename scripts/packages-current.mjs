// Exit code 0 when node_modules holds what package-lock.json says, by npm's own note of what it installed last.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, libc?: unknown }} Entry */

const root = join(import.meta.dirname, '..');

/** @param {string} path @returns {Map<string, Entry>} */
function entries(path) {
  const lock = /** @type {{ packages: Record<string, Entry> }} */ (JSON.parse(readFileSync(join(root, path), 'utf8')));
  return new Map(Object.entries(lock.packages).filter(([name]) => name !== ''));
}

/** @returns {boolean} */
function current() {
  const wanted = entries('package-lock.json');
  const installed = entries('node_modules/.package-lock.json');
  for (const [name, entry] of wanted) {
    const there = installed.get(name);
    // Binaries for other machines are optional and stay away.
    if (there === undefined && entry.optional === true) continue;
    if (there?.version !== entry.version || there?.integrity !== entry.integrity) return false;
  }
  return [...installed.keys()].every((name) => wanted.has(name));
}

try {
  process.exitCode = current() ? 0 : 1;
} catch {
  process.exitCode = 1;
}
