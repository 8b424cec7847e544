/** Keys that were lost, of pupils or of photos: staff see it after every start until somebody says that they know. */
import type { Result } from '../contract/result.ts';
import type { Actor } from '../domain/record.ts';
import type { Journal } from '../journal/journal.ts';
import type { OpenedVault } from '../journal/photo-vault.ts';
import type { Desk } from './desk.ts';

/** How a fault ends that stays until a person says that they know of it: by a command, and a button beside it on the page. */
export const untilKnown = 'Shown until somebody says that they know.';
export const untilLookedAt =
  'Nothing is sent to the MIS until a newer version can use it, or somebody has looked at it and says so.';
export type SaysSeen = 'loss-seen' | 'set-aside-seen';
/** Null: it is there until it is mended. */
export function saysSeen(fault: string): SaysSeen | null {
  if (fault.endsWith(untilKnown)) return 'loss-seen';
  return fault.endsWith(untilLookedAt) ? 'set-aside-seen' : null;
}

export interface LossPorts {
  readonly desk: Pick<Desk, 'commit'>;
  readonly journal: Pick<Journal, 'opened' | 'lossSeen'>;
  readonly photos: Pick<OpenedVault, 'keysLost' | 'lossSeen'>;
}

export class Losses {
  private readonly ports: LossPorts;
  private photosLost = false;

  constructor(ports: LossPorts) {
    this.ports = ports;
  }

  /** At the start. */
  async begin(): Promise<void> {
    this.photosLost = await this.ports.photos.keysLost();
  }

  /** Sentences for staff; those about the keys of pupils stand with what was found in the records. */
  words(): readonly string[] {
    if (!this.photosLost) return [];
    return [
      `The keys of photos were lost (both copies of photos/.keys): photos of before cannot be seen again. ${untilKnown}`,
    ];
  }

  /** A person knows. The record says who; it comes first, so that nothing is silenced that nobody answers for. */
  async seen(by: Actor): Promise<Result<null>> {
    const { desk, journal, photos } = this.ports;
    const lost = this.photosLost || journal.opened.faults.some(({ kind }) => kind === 'keys-lost');
    if (!lost) return { ok: false, error: { code: 'wrong_state', detail: 'no keys were lost' } };
    await desk.commit([{ type: 'set-aside-seen', v: 1, numbers: [], by }]);
    await journal.lossSeen();
    if (this.photosLost) await photos.lossSeen();
    this.photosLost = false;
    return { ok: true, value: null };
  }
}
