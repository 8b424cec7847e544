/** What is wished of the MIS, by a small fold of its own over the records; each decision is held against the oracle's rules. */
import type { Recorded, VerdictBody } from '../../../device/domain/record.ts';
import type { Mark } from '../../../device/domain/mark.ts';
import { numberOf } from '../../../device/domain/record.ts';
import type { Settings } from '../../../device/domain/settings.ts';
import { Violation } from './history.ts';
import * as oracle from './oracle.ts';
import { clockErrorMs, isEntered } from './truth.ts';
import type { Truth } from './truth.ts';

type Of<T extends Recorded['type']> = Extract<Recorded, { readonly type: T }>;

export interface Claim {
  readonly decided: Of<'decided'>;
  readonly movement: Of<'movement'>;
  readonly open: boolean;
}
export interface WishesPorts {
  readonly settings: Settings;
  readonly yearOf: (pupil: string) => string | null;
  readonly now: () => number;
  /** Those that a run of the daemon began with. */
  readonly settingsOf: (run: string) => Settings;
}

export class Wishes {
  /** As they are known by now: staff may have put right when or why. */
  readonly movements = new Map<string, Of<'movement'>>();
  readonly claims = new Map<string, Claim[]>();
  /** Keys for which a person has ever chosen ours. */
  readonly overruled = new Set<string>();
  /** Keys for which a person has ever left what stands there to the school. */
  readonly kept = new Set<string>();
  /** Keys for which a claim of an open register has ever stood, whatever has been put right since. */
  readonly everOpen = new Set<string>();
  private readonly cancelled = new Set<string>();
  /** What was said under a key that an adoption brought, and that stays when the adoption was undone, may be of one of these. */
  private readonly erased = new Set<string>();
  private readonly decidedBy = new Map<string, Of<'decided'>[]>();
  private readonly verdicts = new Map<
    string,
    { readonly movement: string | null; readonly verdict: VerdictBody['verdict'] }
  >();
  private readonly truth: Truth;
  private readonly ports: WishesPorts;

  constructor(truth: Truth, ports: WishesPorts) {
    this.truth = truth;
    this.ports = ports;
  }

  take(record: Recorded): void {
    switch (record.type) {
      case 'movement':
        this.movements.set(record.ref, record);
        return;
      case 'erased':
        this.erased.add(record.ref);
        return;
      case 'decided':
        return this.decided(record);
      case 'correction':
        this.cancelled.add(record.movement);
        return;
      case 'change':
        return this.changed(record);
      case 'verdict':
        return this.judged(record);
      default:
    }
  }

  isUndone(movement: string): boolean {
    return this.cancelled.has(movement);
  }

  /** A pupil has been adopted: where each claim stands by now, the box's marks tell, those too that have left the ledger; it stands once. */
  follow(person: readonly string[], marks: readonly Mark[], gone: readonly Mark[]): void {
    const isTheirs = (key: string): boolean => person.includes(key.split('|')[0] ?? '');
    const before = [...this.claims].filter(([key]) => isTheirs(key));
    for (const [key] of before) this.claims.delete(key);
    for (const [key, claims] of before) {
      for (const claim of claims) {
        const { ref } = claim.decided;
        const holds = (mark: Mark): boolean => mark.claims.some(({ decided }) => decided.ref === ref);
        const places = marks.filter(holds).map((mark) => mark.key);
        if (places.length > 1) throw new Violation('a movement makes one mark', `${ref}: ${places.join(', ')}`);
        const place = places[0] ?? gone.find(holds)?.key ?? key;
        this.claims.set(place, [...(this.claims.get(place) ?? []), claim].sort(inOrder));
        if (place === key) continue;
        for (const set of [this.everOpen, this.overruled, this.kept]) if (set.has(key)) set.add(place);
      }
    }
    // What people said of a mark goes with it.
    for (const { key, said } of marks) {
      if (!isTheirs(key)) continue;
      if (said === null) this.verdicts.delete(key);
      else this.verdicts.set(key, { movement: said.movement, verdict: said.verdict });
    }
  }

  /** Who is erased: what was wished of them is wished no more. */
  forget(person: readonly string[]): void {
    const isTheirs = (key: string): boolean => person.includes(key.split('|')[0] ?? '');
    for (const map of [this.claims, this.verdicts]) for (const key of map.keys()) if (isTheirs(key)) map.delete(key);
  }

  private judged({ key, verdict }: Of<'verdict'>): void {
    // Trying again and ticking off change nothing of what is wished.
    if (verdict.kind === 'retry' || verdict.kind === 'cleared' || verdict.kind === 'entered') return;
    (verdict.kind === 'write' ? this.overruled : this.kept).add(key);
    this.verdicts.set(key, { movement: this.standing(key)?.movement.ref ?? null, verdict });
  }

  /** What was decided of it is void, and decided anew. */
  private changed({ movement: ref, touch, reason }: Of<'change'>): void {
    const movement = this.movements.get(ref);
    if (movement === undefined && this.erased.has(ref)) return;
    if (movement === undefined) throw new Violation('corrections are of movements', ref);
    this.movements.set(ref, { ...movement, touch: touch ?? movement.touch, reason: reason ?? movement.reason });
    this.decidedBy.delete(ref);
    for (const [key, claims] of this.claims)
      this.claims.set(
        key,
        claims.filter((claim) => claim.movement.ref !== ref),
      );
  }

  /** What was decided is what the rules say of what really happened; near a boundary a clock may be a little off, a person's word is not. */
  private decided(record: Of<'decided'>): void {
    const movement = this.movements.get(record.movement);
    if (movement === undefined && this.erased.has(record.movement)) return;
    if (movement === undefined) throw new Violation('decisions are of movements', record.movement);
    const at = this.truth.timeOf(movement.touch);
    const errors = isEntered(movement.touch) ? [0] : [0, clockErrorMs, -clockErrorMs];
    const rulings = errors.flatMap((error) => this.rulings(record, movement, at + error));
    const { date, session, want } = record;
    const doubtMs = Math.max(0, at - movement.touch.earliest);
    const ruling = rulings.find((one) => one.date === date && sameWant(one, session, want, doubtMs));
    if (ruling === undefined) {
      const due = JSON.stringify(rulings);
      throw new Violation(
        'decisions are what the rules say',
        `${record.ref} ${JSON.stringify({ date, session, want })}, not ${due}`,
      );
    }
    const before = this.decidedBy.get(record.movement) ?? [];
    if (before.some((one) => one.outcome === record.outcome && one.session === session && one.date === date))
      throw new Violation('decided once', record.ref);
    this.decidedBy.set(record.movement, [...before, record]);
    if (session === null || want.kind === 'none') return;
    const key = `${record.pupil}|${date}|${session}`;
    if (ruling.open) this.everOpen.add(key);
    // A person's word was of what had been decided before.
    if (this.verdicts.get(key)?.movement === record.movement) this.verdicts.delete(key);
    const claims = [...(this.claims.get(key) ?? []), { decided: record, movement, open: ruling.open }];
    this.claims.set(key, claims.sort(inOrder));
  }

  private rulings(record: Of<'decided'>, movement: Of<'movement'>, at: number): readonly oracle.Ruling[] {
    const settings = this.ports.settingsOf(record.run);
    const pupil = { yearGroup: this.ports.yearOf(record.pupil) };
    switch (movement.kind) {
      case 'late-arrival':
        return [oracle.arrival(at, pupil, movement.reason, movement.forRegistration ?? false, settings)];
      case 'early-departure': {
        if (record.outcome !== 'still-out')
          return [{ date: oracle.localOf(at).date, session: null, want: null, open: false }];
        const now = Math.min(this.ports.now() + clockErrorMs, this.truth.trueOf(record.at) + clockErrorMs);
        return oracle.missed(at, now, pupil, movement.reason, settings);
      }
      case 'return': {
        const departure = this.movements.get(movement.departure ?? '');
        if (departure === undefined) return [];
        const leftAt = this.truth.timeOf(departure.touch);
        if (record.outcome === 'still-out') return oracle.missed(leftAt, at, pupil, departure.reason, settings);
        const withBadge = movement.reason !== 'no-badge';
        // In a boot whose time nobody knew it may have been another day, and the code of a reason counts on that day only.
        const lefts = departure.touch.latest === null ? [leftAt, leftAt - oracle.day] : [leftAt];
        return lefts.map((left) => oracle.back(left, at, pupil, departure.reason, withBadge, settings));
      }
    }
  }

  /** The claim that decides: the earliest movement that stands. */
  standing(key: string): Claim | null {
    return this.claims.get(key)?.find(({ movement }) => !this.cancelled.has(movement.ref)) ?? null;
  }

  /** What is wished for a key by now; null: nothing is. */
  wished(
    key: string,
  ): { readonly code: string; readonly minutes: number | null; readonly over: string | null | undefined } | null {
    const claim = this.standing(key);
    if (claim === null) return null;
    const said = this.verdicts.get(key);
    if (
      said?.movement === claim.movement.ref &&
      (said.verdict.kind === 'keep-theirs' || said.verdict.kind === 'withdraw')
    )
      return null;
    if (said?.movement === claim.movement.ref && said.verdict.kind === 'write') {
      const { code, minutes, seen } = said.verdict;
      return { code, minutes, over: seen };
    }
    const { want } = claim.decided;
    return want.kind === 'mark' ? { code: want.code, minutes: want.minutes, over: undefined } : null;
  }
}

/** The earlier movement decides, whenever it was decided; an arrival stands over having been out when the register opened. */
function inOrder(one: Claim, other: Claim): number {
  const rank = ({ decided }: Claim): number => (decided.outcome === 'still-out' ? 1 : 0);
  const place = ({ movement }: Claim): number => numberOf(movement.ref);
  return rank(one) - rank(other) || place(one) - place(other) || one.decided.n - other.decided.n;
}

/** Minutes late count from the earlier end of what is known of the time: nobody is written later than they surely were. */
function sameWant(
  ruling: oracle.Ruling,
  session: string | null,
  want: Of<'decided'>['want'],
  doubtMs: number,
): boolean {
  if (want.kind === 'none' || ruling.want === null) return want.kind === 'none' && ruling.want === null;
  const { kind, code, minutes } = ruling.want;
  const fewer = (minutes ?? 0) - (want.minutes ?? 0);
  const sameMinutes =
    (minutes === null) === (want.minutes === null) && fewer >= 0 && fewer * 60_000 <= doubtMs + 60_000;
  return ruling.session === session && kind === want.kind && code === want.code && sameMinutes;
}
