/** What `porter journal stats` tells of retention: what is kept, since when, and what goes next and when. */
import { lockedMs, segmentName } from './domain/expiry.ts';
import { takeIn } from './domain/take-in.ts';
import { Ledger } from './domain/ledger.ts';
import type { Recorded } from './domain/record.ts';
import { fateOf } from './domain/retention.ts';
import type { Closed, Fate, KeepRules } from './domain/retention.ts';
import { localTime } from './domain/school-day.ts';
import { heldOf } from './journal/held.ts';

export interface KeptSegment {
  readonly segment: number;
  readonly from: number;
  readonly to: number;
  /** First and last day on which its records were made; null: not sure. */
  readonly days: readonly [string, string] | null;
  /** Null: the last one, still written to. */
  readonly fate: Fate | { readonly kind: 'marked'; readonly hoursLeft: number } | null;
}

/** Takes in the records of one segment after the other, in order. */
export class Keeping {
  private readonly ledger = new Ledger();
  private readonly segments: (Closed & { readonly held: ReturnType<typeof heldOf> })[] = [];

  take(segment: number, records: readonly Recorded[]): void {
    takeIn(this.ledger, records);
    const [first, last] = [records[0]?.n ?? 0, records.at(-1)?.n ?? 0];
    this.segments.push({ segment, first, last, held: heldOf(records), removed: null });
  }

  /** As of the newest record whose time was sure. */
  kept(rules: KeepRules): readonly KeptSegment[] {
    const { ledger, segments } = this;
    const zone = rules.timeZone;
    const today = localTime(ledger.running.newest, zone).date;
    return segments.map((one) => {
      const { segment, first, last, held } = one;
      const { from, to } = held;
      const marked = ledger.expiring.get(segmentName(segment));
      const left = marked === undefined ? 0 : Math.max(0, lockedMs - (ledger.running.ms - marked));
      const fate =
        one === segments.at(-1)
          ? null
          : marked === undefined
            ? fateOf(one, segments, ledger, today, rules)
            : { kind: 'marked' as const, hoursLeft: Math.ceil(left / 3_600_000) };
      const days = from === null || to === null ? null : ([from, to] as const).map((at) => localTime(at, zone).date);
      return { segment, from: first, to: last, days: days === null ? null : [days[0] ?? '', days[1] ?? ''], fate };
    });
  }
}

/** A line for what is kept, and one for each fate, of neighbours together. */
export function keptWords(kept: readonly KeptSegment[], { events }: KeepRules): readonly string[] {
  const filled = kept.filter(({ to }) => to > 0);
  const [oldest] = filled;
  if (oldest === undefined) return [];
  const long = events === 'school-year' ? 'until the end of the school year' : `for ${String(events)} days`;
  const since = oldest.days === null ? 'a day that is not sure' : oldest.days[0];
  const groups: { from: number; to: number; words: string }[] = [];
  for (const { from, to, fate } of filled) {
    const words = fateWords(fate);
    const before = groups.at(-1);
    if (before?.words === words) before.to = to;
    else groups.push({ from, to, words });
  }
  return [
    `Kept since ${since}, from number ${String(oldest.from)} on; movements stay ${long}.`,
    ...groups.map(({ from, to, words }) => `  ${String(from)} to ${String(to)}: ${words}`),
  ];
}

function fateWords(fate: KeptSegment['fate']): string {
  switch (fate?.kind) {
    case undefined:
      return 'written to now';
    case 'goes':
      return 'over: marked at the next look';
    case 'marked':
      return `marked: goes when the box has run for ${String(fate.hoursLeft)} more hours`;
    case 'young':
      return fate.goesOn === null ? 'its days are not sure yet' : `goes on ${fate.goesOn}, if exported by then`;
    case 'not-exported':
      return `over, and stays: ${fate.day} is not exported`;
    case 'held':
      return 'over, and stays: held for safeguarding';
    case 'unreadable':
      return 'stays: this version does not understand all of it';
  }
}
