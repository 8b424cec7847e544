/** Many days at a box, at random: what happens is what could, by what the pruned ledger knows. */
import { seeded } from '../../device/demo/random.ts';
import { Ledger } from '../../device/domain/ledger.ts';
import type { Movement } from '../../device/domain/ledger.ts';
import { bucketOf, stateOf } from '../../device/domain/mark.ts';
import type { Body, DecidedBody, MarkEvent, MovementBody, Recorded, Ref } from '../../device/domain/record.ts';
import { addDays } from '../../device/domain/school-day.ts';

export const first = '2026-09-01';
const keptDays = 5;
export const pupils = Array.from({ length: 12 }, (_, n) => `pupil-${String(n)}`);

/** Whoever acts knows only what the pruned ledger knows, as the desk does. */
export class Year {
  readonly pruned = new Ledger();
  /** The same records but for `prune`. */
  readonly whole = new Ledger();
  readonly records: Recorded[] = [];
  readonly date = (): string => addDays(first, this.day);
  private day = 0;
  private readonly below: (end: number) => number;

  constructor(seed: number) {
    this.below = seeded(seed).below;
  }

  live(days: number): void {
    for (const end = this.day + days; this.day < end; this.day += 1) {
      this.tell({ type: 'prune', v: 1, before: addDays(this.date(), -keptDays) });
      for (let done = 0; done < 12; done += 1) this.happen();
    }
  }

  tell(body: Body): Ref {
    const n = this.records.length + 1;
    const ref = `j:${String(n)}`;
    const at = { earliest: this.now(), latest: this.now(), mono: n, boot: `boot-${String(this.day)}` };
    const record: Recorded = { ...body, ref, n, run: 'run', at, command: { id: `c${String(n)}`, hash: 'h' } };
    this.records.push(record);
    this.pruned.apply(record);
    if (body.type !== 'prune') this.whole.apply(record);
    // It keeps everything, but knows which days are closed.
    else this.whole.pruned = { ...this.whole.pruned, before: this.pruned.pruned.before };
    return ref;
  }

  private readonly now = (): number => Date.parse(`${this.date()}T09:00Z`) + this.below(21_600_000);
  private pick<T>(all: Iterable<T>): T | undefined {
    const list = [...all];
    return list[this.below(Math.max(1, list.length))];
  }

  private happen(): void {
    const movement = this.pick([...this.pruned.movements.values()].filter(({ cancelled }) => !cancelled));
    switch (this.below(24)) {
      case 0:
      case 1:
        return this.arrives('late-arrival');
      case 2:
        return this.arrives('early-departure');
      case 3:
      case 4:
        return this.comesBack();
      case 5:
        if (movement !== undefined && this.below(4) === 0) this.undo(movement);
        return;
      case 6:
        if (movement !== undefined && this.below(3) === 0) this.alter(movement);
        return;
      case 7: {
        const undecided = this.pruned.movements.get(this.pick(this.pruned.undecided) ?? '');
        if (undecided !== undefined) this.decide(undecided.record);
        return;
      }
      case 8:
        return this.adopt();
      case 9:
        return this.asksToLeave();
      default:
        return this.becomesOfAMark();
    }
  }

  private arrives(kind: MovementBody['kind'], more: Partial<MovementBody> = {}): void {
    const earliest = this.now();
    const isSure = this.below(10) > 0;
    const touch = { earliest, latest: isSure ? earliest : null, mono: 0, boot: isSure ? 'boot' : 'unknown' };
    const facts = { pupil: this.pick(pupils) ?? null, visit: `v${String(this.records.length)}`, reason: 'bus', touch };
    const ref = this.tell({ type: 'movement', v: 1, kind, ...facts, by: 'pupil', ...more });
    const movement = this.pruned.movements.get(ref);
    if (movement !== undefined && isSure) this.decide(movement.record);
    if (kind !== 'early-departure') return;
    const id = String(10_000_000 + this.below(89_999_999));
    const serial = this.pruned.serial + 1;
    this.tell({ type: 'badge', v: 1, movement: ref, id, date: this.date(), serial, token: 'ab' });
  }

  private comesBack(): void {
    const departure = this.pick(this.pruned.out);
    const pupil = this.pruned.movements.get(departure ?? '')?.record.pupil ?? null;
    if (departure !== undefined) this.arrives('return', { departure, pupil });
    else if (this.below(4) === 0) this.arrives('return', { departure: `badge:${this.date()}:1234`, pupil: null });
  }

  /** The day of a movement whose time was not sure may be any since; that of a change is the day of before. */
  private decide({ ref, pupil }: Movement['record'], date = this.date()): void {
    if (pupil === null) return;
    const session = this.below(2) === 0 ? 'AM' : 'PM';
    const want: DecidedBody['want'] =
      this.below(6) === 0 ? { kind: 'proposal', code: 'U', minutes: 60 } : { kind: 'mark', code: 'L', minutes: 5 };
    const facts = { movement: ref, pupil, date, session, outcome: 'late', comment: null } as const;
    const rule = { rule: 'x', settings: 's', mayReplacePresent: true, afterClose: false };
    this.tell({ type: 'decided', v: 1, ...facts, want: this.below(4) === 0 ? { kind: 'none' } : want, ...rule });
  }

  private undo({ record: { ref } }: Movement): void {
    this.tell({ type: 'correction', v: 1, movement: ref, how: 'staff', by: 'Ms Reed', why: null });
  }

  private alter({ record, decided }: Movement): void {
    const { ref, pupil } = record;
    this.tell({ type: 'change', v: 1, movement: ref, pupil, touch: null, reason: 'dentist', by: 'x', why: null });
    const [was] = decided;
    if (was !== undefined) this.decide(record, was.date);
  }

  private adopt(): void {
    const [from, to] = [this.pick(pupils), this.pick(pupils)];
    if (from === undefined || to === undefined || from === to) return;
    const { adopted, byPupil, marks } = this.pruned;
    const undoes = adopted.get(to) === from;
    if (!undoes && (adopted.has(from) || adopted.has(to) || !byPupil.has(from) || this.below(4) > 0)) return;
    if ([...marks.values()].some(({ pupil, flight }) => (pupil === from || pupil === to) && flight !== null)) return;
    this.tell({ type: 'adopt', v: 1, from, to, by: 'Ms Reed' });
  }

  private asksToLeave(): void {
    const leave = { back: null, minutes: null, withWhom: null, adult: null, photo: 'none' } as const;
    const at = this.now();
    const touch = { earliest: at, latest: at, mono: 0, boot: 'boot' };
    const visit = `r${String(this.records.length)}`;
    const pupil = this.pick(pupils) ?? '';
    const request = this.tell({ type: 'request', v: 1, visit, pupil, reason: 'unwell', leave, touch });
    if (this.below(20) > 0) this.tell({ type: 'answer', v: 1, request, answer: 'no', by: 'nobody' });
  }

  private becomesOfAMark(): void {
    const open = [...this.pruned.marks.values()].filter((mark) => bucketOf[stateOf(mark)] !== 'confirmed');
    const mark = this.pick(this.below(6) === 0 ? this.pruned.marks.values() : open);
    if (mark === undefined) return;
    const { key } = mark;
    if (bucketOf[stateOf(mark)] === 'needsPerson') {
      const verdict = this.below(2) === 0 ? ({ kind: 'keep-theirs' } as const) : ({ kind: 'cleared' } as const);
      this.tell({ type: 'verdict', v: 1, key, verdict, by: 'Ms Reed' });
      return;
    }
    if (stateOf(mark) === 'waiting' && this.below(2) === 0) {
      this.tell({
        type: 'sending',
        v: 1,
        batch: 'b',
        items: [{ key, code: 'L', minutes: 5, comment: null, before: null }],
      });
    }
    const events: readonly MarkEvent[] = ['seen', 'theirs', 'theirs', 'theirs', 'queued', 'foreign', 'lost'];
    this.tell({
      type: 'report',
      v: 1,
      date: this.date(),
      rows: [{ key, event: this.pick(events) ?? 'seen', seen: 'L' }],
    });
  }
}
