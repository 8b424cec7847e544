/** The card's partition is mounted read-only; it is writable only while first boot writes. A folder that is none is left alone. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export class CardMount {
  private readonly folder: string;
  private readonly mounts: string;
  private opened = false;

  constructor(folder: string, mounts = '/proc/self/mounts') {
    this.folder = folder;
    this.mounts = mounts;
  }

  /** Before each write. Throws where it cannot be. */
  readonly mayWrite = (): void => {
    if (this.opened || !this.isReadOnly()) return;
    this.remount('rw');
    this.opened = true;
  };

  close(): void {
    if (this.opened) this.remount('ro');
    this.opened = false;
  }

  private isReadOnly(): boolean {
    const lines = readFileSync(this.mounts, 'utf8')
      .split('\n')
      .map((line) => line.split(' '));
    return lines.some(([, place, , options = '']) => place === this.folder && options.split(',').includes('ro'));
  }

  private remount(how: 'rw' | 'ro'): void {
    const { status, stderr } = spawnSync('mount', ['-o', `remount,${how}`, this.folder], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${this.folder} cannot be mounted ${how}: ${stderr.trim()}`);
  }
}
