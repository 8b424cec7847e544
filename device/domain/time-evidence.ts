/**
 * What time it is, by what others say (durability.md 17): evidence in, an interval out, nothing remembered in between. All of
 * one boot of the machine; `mono` is its monotonic clock, in milliseconds since it started.
 */
import { carried, common } from './clock-trust.ts';
import type { Bounds, Span } from './clock-trust.ts';

/**
 * `system`: the wall clock of a machine where nothing can tell whether it is right. `kernel`: the wall clock, said to be
 * synchronised. `rtc`: a battery clock that was right when it was last seen. `mis`: the MIS's `Date`. `record`: what this boot's
 * own records say, after a restart of the daemon.
 */
export const timeSources = ['system', 'kernel', 'rtc', 'mis', 'person', 'record'] as const;
export type TimeSource = (typeof timeSources)[number];

/** It was between `earliest` and `latest`, milliseconds since the epoch, when the monotonic clock showed `mono`. */
export interface Evidence extends Bounds {
  readonly source: TimeSource;
  readonly mono: number;
}

/** What the box has to go by. */
export interface Known {
  /** The newest word of each source. */
  readonly evidence: readonly Evidence[];
  /** It is surely not before the program was built, milliseconds since the epoch. */
  readonly builtAt: number;
  /** Nor before its newest record of a sure time; `mono` 0 for one of an earlier boot. Null: no such record. */
  readonly newest: { readonly earliest: number; readonly mono: number } | null;
  /** How far the wall clock alone may be from the newest record: more needs a second source. */
  readonly jumpMaxMs: number;
}

export interface Estimate extends Span {
  /** Whose word it is; empty while the latest is open. */
  readonly sources: readonly TimeSource[];
}

/** Sources further apart than this do not agree. */
const agreeWithinMs = 2 * 60_000;
/** With a second source at hand, the wall clock alone may jump so far. */
export const jumpMaxMs = 24 * 3_600_000;
/** Where there is none, a box that was off over the summer holiday still goes by its wall clock. */
export const jumpAloneMaxMs = 60 * 24 * 3_600_000;

/**
 * A source's new word replaces its last one. A person settles what the others disagree about: whoever contradicts them is not
 * heard until it speaks again. What the records say counts only until somebody speaks.
 */
export function learnt(known: Known, word: Evidence): Known {
  // The battery clock is set from a synchronised wall clock: it has nothing to add, and may be the one that was wrong.
  const isPast = (source: TimeSource): boolean =>
    source === word.source || source === 'record' || (source === 'rtc' && word.source === 'kernel');
  const others = known.evidence.filter(({ source }) => !isPast(source));
  if (word.source === 'record') return others.length > 0 ? known : { ...known, evidence: [word] };
  const heard = word.source === 'person' ? others.filter((other) => apart(at(other, word.mono), word) === 0) : others;
  return { ...known, evidence: [...heard, word] };
}

/**
 * The interval in which the present surely lies. Open, from the floors on, while nobody has spoken, while sources are over two
 * minutes apart and no two of them outvote the others, and while the wall clock alone has jumped too far.
 */
export function estimate(known: Known, mono: number): Estimate {
  const floor = floorAt(known, mono);
  const spoken = known.evidence
    .map((one) => ({ ...one, ...at(one, mono) }))
    .filter(({ latest }) => latest >= known.builtAt);
  const agreed = agreeing(spoken);
  const believed = voices(agreed) > 1 || (agreed.length > 0 && !contradictsRecords(known, agreed, floor));
  if (!believed) return { earliest: floor, latest: null, sources: [] };
  const { earliest, latest } = within(agreed);
  return { earliest: floor <= latest ? Math.max(floor, earliest) : earliest, latest, sources: sourcesOf(agreed) };
}

/** It is not earlier than this, milliseconds since the epoch. */
function floorAt({ builtAt, newest }: Known, mono: number): number {
  if (newest === null) return builtAt;
  return Math.max(builtAt, carried({ earliest: newest.earliest, latest: null }, mono - newest.mono).earliest);
}

const at = (word: Evidence, mono: number): Bounds => carried<Bounds>(word, mono - word.mono);

/** How far apart two intervals are; 0 where they have something in common. */
const apart = (one: Bounds, other: Bounds): number =>
  Math.max(0, Math.max(one.earliest, other.earliest) - Math.min(one.latest, other.latest));

/** Those who agree and outvote everybody else; nobody, where there is no such majority. */
function agreeing(spoken: readonly Evidence[]): readonly Evidence[] {
  // Intervals that pairwise agree have an instant in common once each is made wider by half of what they may be apart: one of
  // their beginnings. (Marzullo's algorithm, as NTP uses it.)
  const half = agreeWithinMs / 2;
  const groups = spoken.map(({ earliest }) =>
    spoken.filter((other) => other.earliest - half <= earliest - half && earliest - half <= other.latest + half),
  );
  const [best = []] = groups.toSorted((one, other) => voices(other) - voices(one));
  const isOutvoted = (group: readonly Evidence[]): boolean =>
    group.every((one) => best.includes(one)) || voices(group) < voices(best);
  if (!groups.every(isOutvoted)) return [];
  return best.length === spoken.length || voices(best) > 1 ? best : [];
}

/** The battery clock is set from the wall clock: the two have one voice. */
function voices(group: readonly Evidence[]): number {
  return new Set(group.map(({ source }) => (source === 'mis' || source === 'person' ? source : 'machine'))).size;
}

/** Alone against what is recorded: before the newest record, or too long after it for a wall clock that anybody may set. */
function contradictsRecords({ newest, jumpMaxMs: most }: Known, agreed: readonly Evidence[], floor: number): boolean {
  if (newest === null) return false;
  const { earliest, latest } = within(agreed);
  if (latest < floor - agreeWithinMs) return true;
  return agreed.every(({ source }) => source !== 'mis' && source !== 'person') && earliest > floor + most;
}

/** What all of them say; where they agree only roughly, from the first to the last. */
function within(agreed: readonly Evidence[]): Bounds {
  const shared = agreed.reduce<Span | null>((rest, one) => rest && common(rest, one), {
    earliest: -Infinity,
    latest: null,
  });
  if (shared !== null && shared.latest !== null) return { earliest: shared.earliest, latest: shared.latest };
  return {
    earliest: Math.min(...agreed.map(({ earliest }) => earliest)),
    latest: Math.max(...agreed.map(({ latest }) => latest)),
  };
}

const sourcesOf = (agreed: readonly Evidence[]): readonly TimeSource[] =>
  timeSources.filter((source) => agreed.some((one) => one.source === source));

/** A `Date` as an answer of the MIS had it, and the monotonic time around the exchange. */
export interface DateHeard {
  /** Milliseconds since the epoch, a whole second. */
  readonly date: number;
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** Slower exchanges say too little. */
const exchangeMaxMs = 10_000;

/** Two answers make evidence; each more makes it narrower. One that does not fit starts anew. */
export interface DatesHeard {
  readonly word: Evidence | null;
  readonly answers: number;
}
export const noDates: DatesHeard = { word: null, answers: 0 };

export function heard(before: DatesHeard, { date, askedAt, answeredAt }: DateHeard): DatesHeard {
  const roundTripMs = answeredAt - askedAt;
  if (!Number.isFinite(date) || roundTripMs > exchangeMaxMs) return before;
  const off = 1_000 + roundTripMs;
  const now: Evidence = { source: 'mis', earliest: date - off, latest: date + off, mono: answeredAt };
  const both = before.word === null ? null : common(at(before.word, answeredAt), now);
  if (both === null || both.latest === null) return { word: now, answers: 1 };
  return { word: { ...now, earliest: both.earliest, latest: both.latest }, answers: before.answers + 1 };
}
/** What the MIS says, once two of its answers agree. */
export const saidByMis = ({ word, answers }: DatesHeard): Evidence | null => (answers > 1 ? word : null);

/** A battery clock this near to the time counts as right: it shows whole seconds, and is set once in eleven minutes. */
export const rtcRightWithinMs = 2_000;
/** The time must be known as well as this to say so. */
export const rtcJudgedWithinMs = 5_000;

/**
 * What a battery clock says that was right at `rightAt` and shows `shows`, a whole second, when the monotonic clock shows `mono`.
 * It runs as well as any quartz. Null: it went back, so its battery was empty.
 */
export function rtcWord(rightAt: number, shows: number, mono: number): Evidence | null {
  if (shows < rightAt - rtcRightWithinMs) return null;
  const off = rtcRightWithinMs + rtcJudgedWithinMs / 2;
  const then = { earliest: rightAt - off - 1_000, latest: rightAt + off + 1_000 };
  return { source: 'rtc', ...carried<Bounds>(then, Math.max(0, shows - rightAt)), mono };
}

/** The wall clock of the machine, seen at `mono`. */
export interface WallSeen {
  readonly wall: number;
  readonly mono: number;
  /** What the machine says of it: nothing, not yet, or when it was last synchronised (by itself, milliseconds since the epoch). */
  readonly synchronised: 'cannot-tell' | 'not-yet' | number;
}
export interface WallKnown {
  readonly seen: WallSeen;
  /** Somebody set it since it was last synchronised. */
  readonly stepped: boolean;
}

/** What a synchronised wall clock may be off by: time synchronisation keeps it within a few hundredths of a second. */
const wallOffMs = 100;
/** Twice the longest interval of systemd-timesyncd: as long as that, the clock is kept right. */
const syncFreshMs = 2 * 2_048_000;
const stepMs = 1_000;

/** What the wall clock is worth now; `word` null: nothing new. One that was set by hand counts again when it is synchronised. */
export function wallWord(
  before: WallKnown | null,
  seen: WallSeen,
): { readonly known: WallKnown; readonly word: Evidence | null } {
  const { wall, mono, synchronised } = seen;
  if (synchronised === 'cannot-tell') {
    return { known: { seen, stepped: false }, word: { source: 'system', earliest: wall, latest: wall, mono } };
  }
  const since = before === null ? 0 : wall - before.seen.wall - (mono - before.seen.mono);
  const stepped = before?.seen.synchronised === synchronised && (before.stepped || Math.abs(since) > stepMs);
  const known = { seen, stepped };
  const age = synchronised === 'not-yet' ? 0 : wall - synchronised;
  if (synchronised === 'not-yet' || stepped || age < -stepMs) return { known, word: null };
  const then = age > syncFreshMs ? synchronised : wall;
  return {
    known,
    word: { source: 'kernel', earliest: then - wallOffMs, latest: then + wallOffMs, mono: mono - (wall - then) },
  };
}
