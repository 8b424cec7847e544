/** Looks at the data disk from outside, with e2fsck and on a copy: what it was is left as it was. */
import { execFileSync, spawnSync } from 'node:child_process';

/** A new, empty file system in an image file. The image is sparse. */
export function makeFileSystem(image: string, megabytes: number): void {
  execFileSync('truncate', ['-s', `${String(megabytes)}M`, image]);
  execFileSync('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image]);
}

export function copyImage(from: string, to: string): void {
  execFileSync('cp', ['--sparse=always', from, to]);
}

/** Of a file system that was in use the kernel leaves this, and a replay of the journal does not take it away. */
const mounted = /Feature orphan_present is set but orphan file is clean\.\s+Clear\? no/;

/** Null when the file system is whole after its journal was replayed; else what e2fsck says. @param copy may be changed */
export function damageOf(copy: string): string | null {
  // Without -f the first only replays the journal, as a mount would; the second looks everywhere and mends nothing.
  for (const how of ['-p', '-fn']) {
    const { status, stdout } = spawnSync('e2fsck', [how, copy], { encoding: 'utf8' });
    if (status === 0 || (how === '-p' && status === 1)) continue;
    if (how === '-fn' && status === 4 && !stdout.replace(mounted, '').includes('? no')) continue;
    return `e2fsck ${how} ended with ${String(status)}: ${stdout.trim().slice(0, 2000)}`;
  }
  return null;
}
