/** The floor of whatever is on the disk before it is answered: so many bytes appended to a file, and one fdatasync. */
import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export class SyncFloor {
  private readonly file: number;
  private readonly block: Buffer;
  private at = 0;

  /** `folder` is on the disk that is measured. */
  constructor(folder: string, bytes: number) {
    mkdirSync(folder, { recursive: true });
    this.file = openSync(join(folder, 'floor'), 'wx');
    this.block = randomBytes(bytes);
  }

  /** How long one took, ms. */
  once(): number {
    return took(() => {
      writeSync(this.file, this.block, 0, this.block.length, this.at);
      this.at += this.block.length;
      fdatasyncSync(this.file);
    });
  }

  close(): void {
    closeSync(this.file);
  }
}

/** ms */
export function took(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}
