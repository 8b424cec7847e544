/** Erasures that are recorded and that the card did not take at once: tried again until it does, and then there is the receipt. */
import type { Ref } from '../domain/record.ts';
import { isStorageTrouble } from '../journal/trouble.ts';
import type { Timers } from '../system/ports.ts';

const retryMs = 60_000;

export class EraseLater<Receipt> {
  private readonly timers: Timers;
  private readonly open = new Set<Ref>();
  private readonly cancels = new Set<() => void>();
  /** Of those carried out since; and whether somebody has it. */
  private readonly receipts = new Map<Ref, { readonly receipt: Receipt; readonly given: boolean }>();

  constructor(timers: Timers) {
    this.timers = timers;
  }

  /** `carryOut` may be called again after it failed half-way. */
  add(record: Ref, carryOut: () => Promise<Receipt>): void {
    this.open.add(record);
    const cancel = this.timers.after(retryMs, () => {
      this.cancels.delete(cancel);
      void this.retry(record, carryOut);
    });
    this.cancels.add(cancel);
  }

  isOpen(record: Ref): boolean {
    return this.open.has(record);
  }

  /** Null: it is not one of these. */
  receipt(record: Ref): Receipt | null {
    const there = this.receipts.get(record)?.receipt ?? null;
    if (there !== null) this.receipts.set(record, { receipt: there, given: true });
    return there;
  }

  /** Sentences for staff: what is not carried out yet, and which receipts nobody has asked for. */
  words(): readonly string[] {
    const waiting = [...this.receipts].flatMap(([record, { given }]) => (given ? [] : [record]));
    return [
      ...[...this.open].map(
        (record) =>
          `Erasing a pupil (${record}) is recorded, but the card has not taken all of it. It is tried again every minute.`,
      ),
      ...waiting.map(
        (record) => `Erasing a pupil (${record}) is carried out now: its receipt is there (receipt ${record}).`,
      ),
    ];
  }

  stop(): void {
    for (const cancel of this.cancels) cancel();
  }

  private async retry(record: Ref, carryOut: () => Promise<Receipt>): Promise<void> {
    try {
      const receipt = await carryOut();
      this.open.delete(record);
      this.receipts.set(record, { receipt, given: false });
    } catch (error) {
      if (!isStorageTrouble(error)) throw error;
      this.add(record, carryOut);
    }
  }
}
