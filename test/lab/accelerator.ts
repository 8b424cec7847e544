/** Is there a KVM that works? A /dev/kvm may open and then stop the machine silently, so it is tried. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMachine, statusOf } from './machine.ts';
import type { Accelerator, MachineOptions } from './machine.ts';

const tryForMs = 10_000;

/** Boots the images with KVM for ten seconds; `tcg`, plain emulation, if it stops meanwhile or does not start. */
export async function workingAccelerator(images: Omit<MachineOptions, 'accelerator' | 'folder'>): Promise<Accelerator> {
  const folder = mkdtempSync(join(tmpdir(), 'porter-kvm-'));
  try {
    const machine = await startMachine({ ...images, folder, accelerator: 'kvm' });
    try {
      for (let waited = 0; waited < tryForMs; waited += 500) {
        if ((await statusOf(machine)) !== 'running') return 'tcg';
        await sleep(500);
      }
      return 'kvm';
    } finally {
      await machine.kill();
    }
  } catch {
    return 'tcg';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
