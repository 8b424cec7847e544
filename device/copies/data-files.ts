/**
 * Which files of a data folder a backup holds, and in which order: records before the keys of pupils, so that no record is without
 * its key, and none that was destroyed meanwhile comes along.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Photos never; what is of this box alone, made anew by itself, or half written, neither (durability.md 1, 11, 13). */
const left = [
  /^(?:photos|badges|camera|exports|restore)\//,
  /^journal\/(?:id|lock|spine-key\.\d)$/,
  /^keys\/lock$/,
  /^(?:checkpoint|backup-taken|marks\.json|restored\.json)/,
  /\.(?:tmp|prev)$/,
  /\.damaged-\d+$/,
  /^journal\/reserve/,
];
/** What may stand in a backup, and so be written by a restore. */
export const isDataPath = (path: string): boolean =>
  /^[\w.-]+(?:\/[\w.-]+){0,3}$/.test(path) && !path.split('/').some((part) => /^\.+$/.test(part)) && !isLeft(path);
const isLeft = (path: string): boolean => left.some((pattern) => pattern.test(path));

const rank = (path: string): number =>
  path.startsWith('journal/pupil-keys') ? 2 : path === 'journal/spine' ? 1 : path.startsWith('journal/') ? 0 : 3;

/** Below the folder, with `/`. */
export function dataPaths(folder: string): readonly string[] {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = all.flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name).slice(folder.length + 1)] : [],
  );
  return paths.filter(isDataPath).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
