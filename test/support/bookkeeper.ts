/** Follows every single record, and throws as soon as something does not add up (product.md 4, durability.md 19, 20, 24). */
import type { MarkStateName } from '../../device/contract/staff.ts';
import { Ledger } from '../../device/domain/ledger.ts';
import { bucketOf, standingClaim, stateOf } from '../../device/domain/mark.ts';
import type { Mark } from '../../device/domain/mark.ts';
import { batchMax } from '../../device/domain/outbox.ts';
import type { Recorded, SendingBody } from '../../device/domain/record.ts';

export class Bookkeeper {
  readonly ledger = new Ledger();
  private readonly buckets = { confirmed: 0, waiting: 0, needsPerson: 0 };
  private readonly counted = new Map<
    string,
    { readonly mark: Mark; readonly bucket: (typeof bucketOf)[MarkStateName] }
  >();

  /** Somebody is: of a mark that had come over by mistake nothing may be left but that it was sent under the other key. */
  private isErased = false;
  readonly upTo: number;

  /** `upTo`: until then, nothing needs to add up: what segments told that are gone is told again (`carried`) only there. */
  constructor(upTo = 0) {
    this.upTo = upTo;
  }

  take(record: Recorded): void {
    if (record.type === 'erased') this.isErased = true;
    if (record.n <= this.upTo) {
      this.ledger.apply(record);
      if (record.n === this.upTo) this.recount();
      return;
    }
    if (record.type === 'sending') this.mayLeave(record);
    this.ledger.apply(record);
    // Marks may have gone over to another key.
    if (record.type === 'adopt') this.recount();
    this.addsUp();
  }

  private recount(): void {
    Object.assign(this.buckets, { confirmed: this.ledger.pruned.confirmed, waiting: 0, needsPerson: 0 });
    this.counted.clear();
    // Now: the next record may be the one with which some leave.
    for (const mark of this.ledger.marks.values()) this.count(mark);
  }

  /** One batch is of one register and of fifty marks at most, none of which is on its way already. */
  private mayLeave({ items }: SendingBody): void {
    // All of whom are erased by now.
    if (items.length === 0) return;
    const registers = new Set(items.map(({ key }) => key.split('|').slice(1).join(' ')));
    if (registers.size !== 1 || items.length > batchMax) throw new Error(`a batch of ${String(items.length)} marks`);
    for (const { key } of items) {
      const mark = this.ledger.mark(key);
      if (mark === undefined ? !this.isErased : mark.flight !== null) throw new Error(`${key} is on its way already`);
    }
  }

  /** Every mark is in exactly one bucket, none is forgotten, and the sum says so. */
  private addsUp(): void {
    const { ledger } = this;
    for (const mark of ledger.marks.values()) if (this.counted.get(mark.key)?.mark !== mark) this.count(mark);
    let { waiting } = this.buckets;
    for (const ref of ledger.undecided) {
      if (ledger.movements.get(ref)?.record.kind !== 'early-departure') waiting += 1;
    }
    const { confirmed, needsPerson } = this.buckets;
    const sum = ledger.sum();
    const recorded = confirmed + waiting + needsPerson;
    const same = sum.recorded === recorded && sum.confirmed === confirmed && sum.needsPerson === needsPerson;
    if (!same || sum.waiting !== waiting) {
      const marks = JSON.stringify({ recorded, confirmed, waiting, needsPerson });
      throw new Error(`the sum is ${JSON.stringify(sum)}, the marks say ${marks}`);
    }
  }

  /** A mark that has changed leaves its bucket and goes into another. */
  private count(mark: Mark): void {
    const bucket = bucketOf[stateOf(mark)];
    if (bucket === null && isWanted(mark)) throw new Error(`${mark.key} is wanted and counts nowhere`);
    if (this.ledger.unsettled.has(mark.key) !== (bucket === 'waiting')) throw new Error(`${mark.key} is forgotten`);
    const before = this.counted.get(mark.key)?.bucket ?? null;
    if (before !== null) this.buckets[before] -= 1;
    if (bucket !== null) this.buckets[bucket] += 1;
    this.counted.set(mark.key, { mark, bucket });
  }
}

/** A movement stands for it, and no person has decided for what stands in the MIS. */
function isWanted(mark: Mark): boolean {
  const claim = standingClaim(mark);
  const { said } = mark;
  const given = said !== null && said.verdict.kind !== 'write' && said.movement === claim?.decided.movement;
  return claim !== null && !given;
}
