/** Follows every single record, and throws as soon as something does not add up (product.md 4, durability.md 19, 20, 24). */
import { Ledger } from '../../device/domain/ledger.ts';
import { bucketOf, standingClaim, stateOf } from '../../device/domain/mark.ts';
import type { Mark } from '../../device/domain/mark.ts';
import { batchMax } from '../../device/domain/outbox.ts';
import type { Recorded, SendingBody } from '../../device/domain/record.ts';

export class Bookkeeper {
  private readonly ledger = new Ledger();

  take(record: Recorded): void {
    if (record.type === 'sending') this.mayLeave(record);
    this.ledger.apply(record);
    this.addsUp();
  }

  /** One batch is of one register and of fifty marks at most, none of which is on its way already. */
  private mayLeave({ items }: SendingBody): void {
    const registers = new Set(items.map(({ key }) => key.split('|').slice(1).join(' ')));
    if (registers.size !== 1 || items.length > batchMax) throw new Error(`a batch of ${String(items.length)} marks`);
    for (const { key } of items) {
      if (this.ledger.mark(key)?.flight !== null) throw new Error(`${key} is on its way already`);
    }
  }

  /** Every mark is in exactly one bucket, none is forgotten, and the sum says so. */
  private addsUp(): void {
    const { ledger } = this;
    const buckets = { confirmed: 0, waiting: 0, needsPerson: 0 };
    for (const mark of ledger.marks.values()) {
      const bucket = bucketOf[stateOf(mark)];
      if (bucket !== null) buckets[bucket] += 1;
      else if (isWanted(mark)) throw new Error(`${mark.key} is wanted and counts nowhere`);
      if (ledger.unsettled.has(mark.key) !== (bucket === 'waiting')) throw new Error(`${mark.key} is forgotten`);
    }
    for (const ref of ledger.undecided) {
      if (ledger.movements.get(ref)?.record.kind !== 'early-departure') buckets.waiting += 1;
    }
    const recorded = buckets.confirmed + buckets.waiting + buckets.needsPerson;
    if (JSON.stringify(ledger.sum()) !== JSON.stringify({ recorded, ...buckets })) {
      throw new Error(`the sum is ${JSON.stringify(ledger.sum())}, the marks say ${JSON.stringify(buckets)}`);
    }
  }
}

/** A movement stands for it, and no person has decided for what stands in the MIS. */
function isWanted(mark: Mark): boolean {
  const claim = standingClaim(mark);
  const { said } = mark;
  const given = said !== null && said.verdict.kind !== 'write' && said.movement === claim?.decided.movement;
  return claim !== null && !given;
}
