/** A machine that has booted and loaded the daemon up to its first touch of the data folder, saved to a file. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { workingAccelerator } from './accelerator.ts';
import { cachedFile, hashOf } from './cache.ts';
import type { Images } from './images.ts';
import { argumentsOf, startMachine } from './machine.ts';
import type { Accelerator } from './machine.ts';

export interface SavedState {
  readonly accelerator: Accelerator;
  readonly path: string;
}

/** Emulated, on a machine that does other things as well. */
const bootMaxMs = 3_600_000;
const migration = v.object({ status: v.optional(v.string()) });

/** @param nodeFlags as scripts/run gives them to Node */
export async function savedState(
  images: Images,
  nodeFlags: string,
  say: (words: string) => void,
  prefix = '',
): Promise<SavedState> {
  const qemu = execFileSync('qemu-system-x86_64', ['--version'], { encoding: 'utf8' });
  const machine = argumentsOf({ ...images, accelerator: 'tcg', folder: '' }).join(' ');
  const path = cachedFile(`${prefix}state`, hashOf(images.hash, nodeFlags, qemu, machine));
  for (const accelerator of ['kvm', 'tcg'] as const) {
    if (existsSync(`${path}-${accelerator}`)) return { accelerator, path: `${path}-${accelerator}` };
  }
  const accelerator = await workingAccelerator(images);
  say(`Booting once, ${accelerator === 'kvm' ? 'with KVM' : 'emulated, as no KVM works here'} ...`);
  const saved = { accelerator, path: `${path}-${accelerator}` };
  await bootAndSave(images, saved, nodeFlags);
  return saved;
}

async function bootAndSave(images: Images, { accelerator, path }: SavedState, nodeFlags: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'porter-boot-'));
  const machine = await startMachine({ ...images, accelerator, folder });
  try {
    await machine.run(`/app/guest/load.sh ${nodeFlags}`, bootMaxMs);
    await machine.qmp('stop');
    await machine.qmp('migrate', { uri: `exec:cat >'${path}.new'` });
    for (;;) {
      const { status } = v.parse(migration, await machine.qmp('query-migrate'));
      if (status === 'completed') break;
      if (status === 'failed') throw new Error('the state of the machine could not be saved');
      await sleep(100);
    }
  } finally {
    await machine.kill();
    rmSync(folder, { recursive: true, force: true });
  }
  renameSync(`${path}.new`, path);
}
