/** The two halves of the card: which one this start is from, and from which the firmware starts by itself (`autoboot.txt`). */
import { readFileSync } from 'node:fs';

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
    const running = readFileSync(slot, 'utf8').trim();
    const all = readFileSync(autoboot, 'utf8').split('[tryboot]')[0] ?? '';
    const kept = halves[/^boot_partition=(\d+)/m.exec(all)?.[1] ?? ''];
    return (running === 'a' || running === 'b') && kept !== undefined ? { running, kept } : null;
  } catch {
    return null;
  }
}

export const isTrial = (found: Halves | null): boolean => found !== null && found.running !== found.kept;
