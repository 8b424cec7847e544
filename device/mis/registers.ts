/**
 * What stands in the MIS's registers, as last read. Every read goes through here, so that the kiosk's "please see reception"
 * and the watch over our own marks live off the same pages.
 */
import type { Pupil } from '../domain/pupil.ts';
import type { SessionName } from '../domain/settings.ts';
import { unreadable } from './connector.ts';
import type { MisAnswer, MisConnector, SeenMark } from './connector.ts';
import type { Line } from './line.ts';
import type { Clock } from '../system/ports.ts';

/** Registers kept: today's two, and what a backlog reads besides. */
const registersMax = 16;
/** What took longer to read is used once: a write that goes by it must soon leave. */
const sharedAgeMaxMs = 30_000;

/** Pupil key to what stands; null: read, and no mark. */
export type Register = ReadonlyMap<string, SeenMark | null>;

interface Entry {
  readonly mark: SeenMark | null;
  /** The number that the pupil was asked for by. */
  readonly misId: string;
  /** When it was read, milliseconds since the epoch. */
  readonly at: number;
  /** Monotonic: when its first page was asked for, and when its last one was there. */
  readonly askedAt: number;
  readonly readAt: number;
}

/** What stands, as old as this, monotonic milliseconds. */
export interface Seen {
  readonly marks: Register;
  readonly askedAt: number;
}

/** Who else is to be seen where a register is read: it comes with all its rows, whoever is asked for (mis.md 2.6). */
export type Onlookers = (date: string, session: SessionName) => readonly Pupil[];

export class Registers {
  private readonly read = new Map<string, Map<string, Entry>>();
  private readonly connector: MisConnector;
  private readonly line: Line;
  private readonly clock: Pick<Clock, 'now' | 'mono'>;
  private readonly onlookers: Onlookers;

  constructor(connector: MisConnector, line: Line, clock: Pick<Clock, 'now' | 'mono'>, onlookers: Onlookers) {
    this.connector = connector;
    this.line = line;
    this.clock = clock;
    this.onlookers = onlookers;
  }

  /** As all of them were read since then (monotonic); else, and where it is one alone, they are read now. */
  async readSince(
    since: number,
    date: string,
    session: SessionName,
    wanted: readonly Pupil[],
  ): Promise<MisAnswer<Seen>> {
    const kept = this.seenSince(since, date, session, wanted);
    return kept === null ? this.readNow(date, session, wanted) : { ok: true, value: kept };
  }

  /** The same, without reading; null: not all of them were (by the numbers they have now), or it is one alone, a row of its own. */
  seenSince(since: number, date: string, session: SessionName, wanted: readonly Pupil[]): Seen | null {
    const marks = new Map<string, SeenMark | null>();
    const asked = wanted.filter(hasId);
    if (asked.length === 1) return null;
    const now = this.clock.mono();
    let askedAt = now;
    for (const { key, misId } of asked) {
      const entry = this.entry(key, date, session);
      if (entry?.misId !== misId || entry.readAt < since || now - entry.askedAt > sharedAgeMaxMs) return null;
      marks.set(key, entry.mark);
      askedAt = Math.min(askedAt, entry.askedAt);
    }
    return { marks, askedAt };
  }

  /** Reads these pupils' marks now. An MIS may answer with what stood a while ago: of two answers the newer one counts. */
  async readNow(date: string, session: SessionName, wanted: readonly Pupil[]): Promise<MisAnswer<Seen>> {
    const asked = wanted.filter(hasId);
    let askedAt = this.clock.mono();
    if (asked.length === 0) return { ok: true, value: { marks: new Map(), askedAt } };
    const misIds = asked.map(({ misId }) => misId);
    const known = new Set(misIds);
    const onlookers = asked.length === 1 ? [] : this.onlookers(date, session);
    const besides = onlookers.filter((pupil) => hasId(pupil) && !known.has(pupil.misId));
    const answer = await this.line.ask('register', (signal) => {
      askedAt = this.clock.mono();
      return this.connector.readMarks({ date, session, misIds, besides: besides.map(({ misId }) => misId) }, signal);
    });
    if (!answer.ok) return answer;
    const register = this.registerOf(date, session);
    const [at, readAt] = [this.clock.now(), this.clock.mono()];
    const marks = new Map<string, SeenMark | null>();
    // An onlooker's mark that could not be read is not known: it is read anew when it matters.
    const clear = besides.filter(({ misId }) => answer.value.get(misId)?.code !== unreadable);
    for (const { key, misId } of [...asked, ...clear]) {
      const before = register.get(key);
      const mark = newer(answer.value.get(misId) ?? null, before?.misId === misId ? before.mark : null);
      marks.set(key, mark);
      register.set(key, { mark, misId, at, askedAt, readAt });
    }
    return { ok: true, value: { marks, askedAt } };
  }

  /** What stood at the last read; null when nothing did, undefined when nobody read. */
  last(pupil: string, date: string, session: SessionName): SeenMark | null | undefined {
    return this.entry(pupil, date, session)?.mark;
  }

  /** When that was, milliseconds since the epoch by the wall clock; null when nobody read. */
  readAt(pupil: string, date: string, session: SessionName): number | null {
    return this.entry(pupil, date, session)?.at ?? null;
  }

  /** The code that stood at the last read; null when none did or nobody read. */
  lastCode(pupil: string, date: string, session: SessionName): string | null {
    return this.last(pupil, date, session)?.code ?? null;
  }

  private entry(pupil: string, date: string, session: SessionName): Entry | undefined {
    return this.read.get(`${date} ${session}`)?.get(pupil);
  }

  /** The one asked for last is dropped last. */
  private registerOf(date: string, session: SessionName): Map<string, Entry> {
    const name = `${date} ${session}`;
    const register = this.read.get(name) ?? new Map<string, Entry>();
    this.read.delete(name);
    this.read.set(name, register);
    const [oldest] = this.read.keys();
    if (this.read.size > registersMax && oldest !== undefined) this.read.delete(oldest);
    return register;
  }
}

const hasId = ({ misId }: Pupil): boolean => misId !== '';

function newer(now: SeenMark | null, known: SeenMark | null): SeenMark | null {
  const [at, knownAt] = [now?.changedAt ?? null, known?.changedAt ?? null];
  return at !== null && knownAt !== null && at < knownAt ? known : now;
}
