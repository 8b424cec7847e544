/** The two halves of the card: which one this start is from, and from which the firmware starts by itself (`autoboot.txt`). */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

export type Half = 'a' | 'b';

export interface Halves {
  readonly running: Half;
  /** The other one than `running`: this start is a trial, and the next one is from the half before again unless it is committed. */
  readonly kept: Half;
}

const halves: Readonly<Record<string, Half>> = { '2': 'a', '3': 'b' };

/** `slot`: what the initramfs noted (provisioning/initramfs/slot). Null: no box with two halves, or a card that cannot be read. */
export function halvesOf(slot: string, autoboot: string): Halves | null {
  try {
    return found(readFileSync(slot, 'utf8'), readFileSync(autoboot, 'utf8'));
  } catch {
    return null;
  }
}

/** The same for the daemon, which waits for no card. */
export async function halvesLater(slot: string, autoboot: string): Promise<Halves | null> {
  try {
    return found(await readFile(slot, 'utf8'), await readFile(autoboot, 'utf8'));
  } catch {
    return null;
  }
}

function found(slot: string, autoboot: string): Halves | null {
  const running = slot.trim();
  const kept = halves[/^boot_partition=(\d+)/m.exec(autoboot.split('[tryboot]')[0] ?? '')?.[1] ?? ''];
  return (running === 'a' || running === 'b') && kept !== undefined ? { running, kept } : null;
}

export const isTrial = (of: Halves | null): boolean => of !== null && of.running !== of.kept;
