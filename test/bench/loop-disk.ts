/** A disk of its own for what is measured: ext4 in a file. Only root may make one. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const bytes = '256M';

export class LoopDisk {
  readonly folder: string;
  private readonly device: string;

  /** Throws where it cannot be made. */
  constructor(place: string) {
    mkdirSync(place, { recursive: true });
    const [image, folder] = [join(place, 'disk'), join(place, 'mounted')];
    run('truncate', '-s', bytes, image);
    run('mkfs.ext4', '-q', image);
    this.device = run('losetup', '--find', '--show', image).trim();
    mkdirSync(folder);
    try {
      run('mount', this.device, folder);
    } catch (error) {
      run('losetup', '--detach', this.device);
      throw error;
    }
    this.folder = folder;
  }

  /** That have reached the device so far, what is still in memory too. */
  written(): number {
    run('sync', '--file-system', this.folder);
    const fields = readFileSync(`/sys/block/${basename(this.device)}/stat`, 'utf8')
      .trim()
      .split(/\s+/);
    return Number(fields[6]) * 512;
  }

  close(): void {
    run('umount', this.folder);
    run('losetup', '--detach', this.device);
  }
}

function run(program: string, ...args: readonly string[]): string {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  return execFileSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
