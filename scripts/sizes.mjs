// What the screens weigh: the measure of scripts/budgets.mjs and of scripts/bench.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** All files of one kind of one screen together, gzipped, in kB of 1000 bytes. */
export const budgets = [
  { screen: 'kiosk', ending: '.js', maxKb: 35 },
  { screen: 'kiosk', ending: '.css', maxKb: 10 },
  { screen: 'staff', ending: '.js', maxKb: 90 },
];

/**
 * The files of a built screen, in `ui` (dist/ui), none where it is not built.
 * @param {string} ui @param {string} screen @param {string} ending
 */
export function filesOf(ui, screen, ending) {
  if (!existsSync(join(ui, screen))) return [];
  const all = readdirSync(join(ui, screen), { recursive: true, encoding: 'utf8' });
  return all
    .filter((file) => file.endsWith(ending))
    .map((file) => ({ file, bytes: readFileSync(join(ui, screen, file)) }));
}

/** kB of 1000 bytes. @param {Uint8Array} bytes */
export const gzippedKb = (bytes) => gzipSync(bytes, { level: 9 }).length / 1000;

/** @param {string} ui @param {string} screen @param {string} ending */
export const kbOf = (ui, screen, ending) =>
  filesOf(ui, screen, ending).reduce((sum, { bytes }) => sum + gzippedKb(bytes), 0);
