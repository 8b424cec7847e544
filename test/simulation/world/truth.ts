/**
 * What really happened, by the true time: what pupils and staff did, and what staff said of it. Every movement on the card, and
 * every change of one, must be one of these.
 */
import type { Instant, Recorded } from '../../../device/domain/record.ts';
import { Violation } from './history.ts';

type Of<T extends Recorded['type']> = Extract<Recorded, { readonly type: T }>;

/** What a person or pupil really did, by the true time. */
export interface Deed {
  readonly pupil: string;
  readonly at: number;
  readonly reason: string | null;
}
/** The pupil of a deed where only the box knows whose badge it is. */
export const anybody = '*';
/** A clock that is set may be off by this much in either direction. */
export const clockErrorMs = 60;

export class Truth {
  /** True time at which each boot began. */
  readonly boots = new Map<string, number>();
  /** By visit: every true deed that may be a movement of it. */
  readonly deeds = new Map<string, Deed[]>();
  /** True times and reasons that staff have set for the pupils who come. */
  readonly holds: { readonly at: number; readonly reason: string }[] = [];
  /** Staff's "it was another pupil": by visit, the others. */
  readonly moved = new Map<string, Set<string>>();
  /** Staff's "it was then", "it was for that": by movement. */
  private readonly said = new Map<string, { readonly times: Set<number>; readonly reasons: Set<string> }>();
  /** Commands by id: when the page made them, and in which boot of the box. */
  private readonly commands = new Map<string, { readonly at: number; readonly boot: string | null }>();

  /** By key, the key under which the same pupil was enrolled anew. */
  readonly anew = new Map<string, string>();

  did(visit: string, deed: Deed): void {
    this.deeds.set(visit, [...(this.deeds.get(visit) ?? []), deed]);
  }
  movedTo(visit: string, pupil: string): void {
    this.moved.set(visit, (this.moved.get(visit) ?? new Set()).add(pupil));
  }
  saidOf(movement: string, what: { readonly at: number } | { readonly reason: string }): void {
    const said = this.said.get(movement) ?? { times: new Set(), reasons: new Set() };
    if ('at' in what) said.times.add(what.at);
    else said.reasons.add(what.reason);
    this.said.set(movement, said);
  }
  commanded(id: string, at: number, boot: string | null): void {
    this.commands.set(id, { at, boot });
  }

  /** The true time of an instant: elapsed time of a boot is exact. */
  trueOf({ boot, mono }: Instant): number {
    const began = this.boots.get(boot);
    if (began === undefined) throw new Violation('instants are of a boot', boot);
    return began + mono;
  }
  /** When that was, as far as anybody can know: a time that a person entered is as it was entered. */
  timeOf(at: Instant): number {
    return isEntered(at) ? at.earliest : this.trueOf(at);
  }

  /** Has the pupil had two keys? */
  isAnew(pupil: string): boolean {
    return this.anew.has(pupil) || [...this.anew.values()].includes(pupil);
  }

  /** The key that the pupil has by now. */
  nowOf(pupil: string): string {
    let key = pupil;
    for (let next = this.anew.get(key); next !== undefined; next = this.anew.get(key)) key = next;
    return key;
  }

  explains(record: Of<'movement'>): void {
    const { touch, pupil, visit } = record;
    const at = this.timeOf(touch);
    const deeds = this.deeds.get(visit) ?? [];
    const isDeed = deeds.some((deed) => Math.abs(deed.at - at) <= 2);
    const isHeld = record.kind === 'late-arrival' && this.holds.some((hold) => Math.abs(hold.at - at) <= 2);
    // Moved to another pupil after its time was put right.
    const isMoved = this.moved.has(visit) && [...this.said.values()].some(({ times }) => times.has(at));
    if (!isDeed && !isHeld && !isMoved)
      throw new Violation(
        'movements are as they happened',
        `${record.ref}: nobody did that at ${new Date(at).toISOString()}`,
      );
    if (pupil === null) return;
    const pupils = [...deeds.map((deed) => deed.pupil), ...(this.moved.get(visit) ?? [])];
    const isSame = (one: string): boolean => one === anybody || this.nowOf(one) === this.nowOf(pupil);
    if (!pupils.some(isSame)) throw new Violation('movements are as they happened', `${record.ref}: another pupil`);
    const { latest, earliest } = touch;
    if (latest !== null && (earliest > at + clockErrorMs || latest < at - clockErrorMs))
      throw new Violation('a sure time is right', `${record.ref}: ${earliest} to ${latest}, and it was ${at}`);
  }

  /** People of this world are right to the minute; what the box makes of that must hold the true time. */
  mayBeTime({ boot, mono, earliest, latest, by, movement, ref }: Of<'time'>): void {
    if (by === null || movement !== undefined) return;
    const at = (this.boots.get(boot) ?? NaN) + mono;
    if (!(earliest <= at && at <= latest))
      throw new Violation('a sure time is right', `${ref}: ${earliest} to ${latest}, and it was ${at}`);
  }

  allows({ movement, touch, reason, ref }: Of<'change'>): void {
    const said = this.said.get(movement);
    const known = (touch === null || said?.times.has(touch.earliest)) && (reason === null || said?.reasons.has(reason));
    if (known !== true) throw new Violation('a correction says what staff said', ref);
  }

  /** Nothing is carried out that is older than a minute by the page's own clock, or was made before the box was switched on. */
  mayCommand({ command, at }: Recorded): void {
    const made = this.commands.get(command?.id ?? '');
    if (made === undefined) return;
    const age = this.trueOf(at) - made.at;
    if (age > commandMaxMs) throw new Violation('no old command is carried out', `${command?.id} after ${age} ms`);
    if (made.boot !== null && made.boot !== at.boot)
      throw new Violation('no old command is carried out', `${command?.id} of ${made.boot}, in ${at.boot}`);
  }
}
const commandMaxMs = 60_000;
/** To the millisecond: a person entered it. */
export const isEntered = ({ earliest, latest }: Instant): boolean => earliest === latest;
