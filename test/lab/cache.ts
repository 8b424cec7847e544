/** Where what takes long to make is kept, under a hash of what it was made from. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'porter-lab');

const unusedMaxMs = 24 * 60 * 60_000;

/** A place in the cache for what is made from `hash`. What nobody has used for a day is removed meanwhile. */
export function cachedFile(kind: string, hash: string): string {
  const now = Date.now();
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (!name.startsWith(`${kind}-`)) continue;
    if (name.startsWith(`${kind}-${hash}`)) utimesSync(path, now / 1000, now / 1000);
    else if (now - statSync(path).mtimeMs > unusedMaxMs) rmSync(path, { recursive: true, force: true });
  }
  return join(cache, `${kind}-${hash}`);
}

/** Where the disks of failed cuts are kept. */
export const failuresFolder = join(cache, 'failures');

export function hashOfTree(tree: string): string {
  const files = readdirSync(tree, { recursive: true, encoding: 'utf8' }).sort();
  return hashOf(
    ...files.flatMap((name) => (statSync(join(tree, name)).isFile() ? [name, readFileSync(join(tree, name))] : [])),
  );
}

export function hashOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
}
