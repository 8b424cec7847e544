/**
 * When each boot of the machine was, by what its records say (durability.md 17): a time that became known in a boot holds for all
 * of it, by the monotonic time in between, and bounds the boots around it. A fold like the ledger's: records only, in order.
 */
import { carried, common, isTrusted } from './clock-trust.ts';
import type { Bounds, Span } from './clock-trust.ts';
import type { Instant, TimeBody } from './record.ts';

/** A person's watch may be a minute off. */
export const personOffMs = 60_000;

/** The newest, whatever happens to the rest. */
const bootsKept = 30;

/** It was so then: an instant with both ends. */
type Sure = Pick<Instant, 'mono'> & Bounds;

interface Boot {
  readonly boot: string;
  /** Of its last record. */
  lastMono: number;
  /** What is known of it: the first sure time after each while that was not sure, and whatever somebody said later. */
  known: readonly Sure[];
  /** The newest sure time. */
  newest: Sure | null;
  wasSure: boolean;
}

export class Timeline {
  /** In the order of the journal. */
  private boots: Boot[] = [];

  copy(): Timeline {
    const copy = new Timeline();
    copy.boots = this.boots.map((boot) => ({ ...boot }));
    return copy;
  }

  /** Takes in the time of a record. True: more is known of what was not sure. */
  seen({ boot, mono, earliest, latest }: Instant): boolean {
    const isNew = this.boots.at(-1)?.boot !== boot;
    const here = this.boots.at(-1)?.boot === boot ? this.boots.at(-1) : this.begin(boot);
    if (here === undefined) return false;
    here.lastMono = Math.max(here.lastMono, mono);
    const sure = latest === null ? null : { earliest, latest, mono };
    const isFirst = sure !== null && isTrusted(sure) && !here.wasSure;
    if (sure !== null && (isFirst || here.known.length === 0)) here.known = [...here.known, sure];
    here.newest = sure ?? here.newest;
    here.wasSure = sure !== null && isTrusted(sure);
    return isNew || isFirst;
  }

  /** Takes in what somebody said of a moment of a boot that the records know: of one movement, for the others to a minute. */
  said({ boot, mono, earliest, latest, movement }: TimeBody): void {
    const there = this.boots.find((one) => one.boot === boot);
    const off = movement === undefined ? 0 : personOffMs;
    if (there !== undefined) there.known = [...there.known, { earliest: earliest - off, latest: latest + off, mono }];
  }

  /** Old boots that nothing asks about any more; their neighbours say enough of those that stay. */
  forget(needed: ReadonlySet<string>): void {
    const near = (index: number): boolean =>
      [index - 1, index, index + 1].some((one) => needed.has(this.boots[one]?.boot ?? ''));
    this.boots = this.boots.filter((_, index) => index >= this.boots.length - bootsKept || near(index));
  }

  /** Is the time of that boot known from one of its own records? */
  knows(boot: string): boolean {
    return (this.boots.find((one) => one.boot === boot)?.known.length ?? 0) > 0;
  }

  /** That boot began at this time or later, by the boots before it: milliseconds since the epoch, 0 where nothing is known. */
  beganAfter(boot: string): number {
    const index = this.boots.findIndex((one) => one.boot === boot);
    return index === -1 ? this.endBefore(this.boots.length) : this.endBefore(index);
  }

  /**
   * When that was, as far as the records tell: what all of them have in common. Where they contradict each other its own time
   * counts, if that has both ends, else what is known nearest to it; an open end where nothing is.
   */
  spanOf(instant: Instant): Span {
    const index = this.boots.findIndex(({ boot }) => boot === instant.boot);
    const boot = this.boots[index];
    if (boot === undefined) return instant;
    const known = [...boot.known, ...(boot.newest === null ? [] : [boot.newest])]
      .toSorted((one, other) => Math.abs(one.mono - instant.mono) - Math.abs(other.mono - instant.mono))
      .map((sure): Span => carried<Bounds>(sure, instant.mono - sure.mono));
    const start = this.startOf(index);
    const around = start === null ? [] : [carried(start, instant.mono)];
    const own: Span = { earliest: instant.earliest, latest: instant.latest };
    const all = [...(own.latest === null ? [] : [own]), ...known, ...around, own];
    return all.reduce((rest, one) => common(rest, one) ?? rest);
  }

  private begin(boot: string): Boot {
    const here: Boot = { boot, lastMono: 0, known: [], newest: null, wasSure: false };
    this.boots.push(here);
    return here;
  }

  /** When a boot began, by the boots around it: after the one before had ended, and early enough to have ended before the next. */
  private startOf(index: number): Span | null {
    const after = this.endBefore(index);
    const before = this.latestStart(index + 1);
    const ran = this.boots[index]?.lastMono ?? 0;
    const latest = before === null ? null : carried({ earliest: before, latest: before }, -ran).latest;
    if (latest !== null && latest < after) return null;
    return { earliest: after, latest };
  }

  /** The boot before `index` ended at this time or later; 0 where nothing is known. */
  private endBefore(index: number): number {
    const boot = this.boots[index - 1];
    if (boot === undefined) return 0;
    const sure = boot.newest ?? boot.known.at(-1);
    const start = sure === undefined ? this.endBefore(index - 1) : carried<Bounds>(sure, -sure.mono).earliest;
    return carried({ earliest: start, latest: null }, boot.lastMono).earliest;
  }

  /** The boot at `index` began at this time or earlier; null where nothing is known. */
  private latestStart(index: number): number | null {
    const boot = this.boots[index];
    if (boot === undefined) return null;
    const starts = [...boot.known, ...(boot.newest === null ? [] : [boot.newest])].map(
      (sure) => carried<Bounds>(sure, -sure.mono).latest,
    );
    if (starts.length > 0) return Math.min(...starts);
    const next = this.latestStart(index + 1);
    return next === null ? null : carried<Bounds>({ earliest: next, latest: next }, -boot.lastMono).latest;
  }
}
