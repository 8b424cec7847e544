// Fetches the packages that are for arm64 alone, as the lock file has them, into a folder: NAME with its files in it.
//
// usage: foreign.mjs FOLDER
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { foreign, locked } from './packages.mjs';

const [, , folder = ''] = process.argv;
mkdirSync(folder, { recursive: true });
for (const name of foreign()) {
  const { version, integrity = '' } = locked.get(name) ?? { version: '' };
  const place = join(folder, `${name}@${version}`);
  if (existsSync(place)) continue;
  const fresh = mkdtempSync(join(folder, 'new-'));
  execFileSync('npm', ['pack', '--silent', `${name}@${version}`, '--pack-destination', fresh], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [archive = ''] = readdirSync(fresh);
  const found = `sha512-${createHash('sha512')
    .update(readFileSync(join(fresh, archive)))
    .digest('base64')}`;
  if (found !== integrity)
    throw new Error(`${name}@${version} is another than the lock file's: ${found}, not ${integrity}`);
  execFileSync('tar', ['-xzf', join(fresh, archive), '-C', fresh]);
  mkdirSync(dirname(place), { recursive: true });
  renameSync(join(fresh, 'package'), place);
  rmSync(fresh, { recursive: true });
}
