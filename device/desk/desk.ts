/**
 * The desk: commands in, records out. Decisions run one after another against what the journal will hold (`ahead`);
 * answers, snapshots, effects and the sender see only what is on the disk (`durable`). durability.md 4 and 6.
 */
import { isKnown } from '../domain/known-records.ts';
import { Ledger } from '../domain/ledger.ts';
import type { Body, Recorded, Ref } from '../domain/record.ts';
import { takeIn } from '../domain/take-in.ts';
import { Turns } from '../domain/turns.ts';
import type { ErrorCode, Refusal, Result } from '../contract/result.ts';

/** What the desk needs of the journal. */
export interface JournalPort {
  readonly id: string;
  /** Id of this run of the daemon. */
  readonly run: string;
  /** Number that the next record will get. */
  readonly next: number;
  commit(
    bodies: readonly Body[],
    command?: { readonly id: string; readonly hash: string },
  ): { readonly records: readonly Recorded[]; readonly durable: Promise<void> };
}

/** A command as the desk takes it: parsed, with a hash of its input. */
export interface DeskCommand {
  readonly id: string;
  readonly hash: string;
  /** Milliseconds since it was made, by the page's own elapsed time. */
  readonly ageMs: number;
  /** The run of the daemon that the page had seen when it made the command. */
  readonly runId?: string;
}

/** Commands older than this are never carried out: a tap made minutes ago must not arrive now. */
const commandAgeMaxMs = 60_000;

/** Thrown by a decision: nothing is recorded, and the command is refused. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(code: ErrorCode, detail?: string) {
    super(code);
    this.name = 'Refused';
    this.refusal = detail === undefined ? { code } : { code, detail };
  }
}

/** What a decision comes to: records, or an answer for which nothing is to be recorded. */
export type Decided<T> = readonly Body[] | { readonly say: T };

export class Desk {
  /** Of everything that is on the disk. Another object after `restore`. */
  durable = new Ledger();
  private ahead = new Ledger();
  /** Commits that the disk does not have yet, oldest first. */
  private readonly pending = new Set<readonly Recorded[]>();
  /** What has come to the disk since everything began to be taken in anew. */
  private since: Recorded[] | null = null;
  private readonly turns = new Turns();
  private aloneNow = 0;
  private readonly inFlight = new Map<string, { readonly hash: string; readonly done: Promise<Result<unknown>> }>();
  private readonly listeners = new Set<(records: readonly Recorded[]) => void>();
  private readonly journal: JournalPort;

  constructor(journal: JournalPort) {
    this.journal = journal;
  }

  /** Begins from what earlier records add up to: before `replay`. */
  restore(ledger: Ledger): void {
    this.durable = ledger;
    this.ahead = ledger.copy();
  }

  /**
   * All records once more, while commands go on: what they say by now takes the place of what they said; what is known of other
   * boxes stays. Whoever holds the ledger of before holds an old one. Where they cannot be read, nothing changes.
   */
  async takeInAnew(all: AsyncIterable<readonly Recorded[]>): Promise<void> {
    const ledger = new Ledger();
    const since: Recorded[] = [];
    this.since = since;
    try {
      for await (const records of all) takeIn(ledger, records);
    } finally {
      this.since = null;
    }
    takeIn(ledger, since);
    for (const [box, other] of this.durable.others) ledger.others.set(box, other);
    this.restore(ledger);
    for (const records of this.pending) for (const record of records) this.ahead.apply(record);
  }

  /**
   * One after another, what reads all records and goes by them: somebody is erased, segments go. Between the two, what stays would
   * be held against a ledger of before, and whoever is erased be carried on.
   */
  alone<T>(work: () => Promise<T>): Promise<T> {
    this.aloneNow += 1;
    return this.turns.take(work).finally(() => (this.aloneNow -= 1));
  }

  /** Would it have to wait, for as long as years of records take to be read? */
  get isAlone(): boolean {
    return this.aloneNow > 0;
  }

  /** Somebody has given a command and is not answered yet. */
  get isAsked(): boolean {
    return this.inFlight.size > 0;
  }

  /** Does `durable` hold every record up to that number? */
  holds(n: number): boolean {
    return [...this.pending].every(([first]) => first === undefined || first.n > n);
  }

  /**
   * Takes in records that were read back at start, in order. One that cannot be taken in is set aside by number, so that it does
   * not end every start, and named until a person has heard of it: a checkpoint keeps the number too (durability.md 28).
   */
  replay(records: readonly Recorded[]): void {
    takeIn(this.durable, records);
    takeIn(this.ahead, records);
  }

  /**
   * Takes in records of another box, of the data folder whose journal has the id `box` now, in its order. Whoever brings them
   * keeps them: this box's journal does not, and after a start they are brought again.
   */
  learn(box: string, records: readonly Recorded[]): void {
    for (const record of records.filter(isKnown)) {
      this.durable.learn(box, record);
      this.ahead.learn(box, record);
    }
  }

  /** The journal refused what it would have numbered `next` and up: what was decided on top of it must not stand. */
  refused(): void {
    this.ahead = this.durable.copy();
    for (const records of this.pending) {
      for (const record of records) if (record.n < this.journal.next) this.ahead.apply(record);
    }
  }

  /** Called with each commit once it is on the disk. The answer ends that. */
  onDurable(listener: (records: readonly Recorded[]) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Identity of the record at `offset` of the next commit. */
  placeOfNext(offset = 0): { readonly ref: Ref; readonly n: number } {
    const n = this.journal.next + offset;
    return { ref: `${this.journal.id}:${String(n)}`, n };
  }

  /**
   * Carries out a command. `decide` sees everything decided so far, and gives the records or throws `Refused`; `answer`
   * tells from the first record what to say, so that a repeat, also after a restart, gets the same answer.
   */
  async execute<T>(
    command: DeskCommand,
    decide: (ahead: Ledger) => Decided<T>,
    answer: (first: Recorded, durable: Ledger) => T,
  ): Promise<Result<T>> {
    const flying = this.inFlight.get(command.id);
    const known = flying ?? this.durable.commands.get(command.id);
    if (known !== undefined && known.hash !== command.hash) {
      return refuse('invalid_input', 'this command id was used for another input');
    }
    if (flying !== undefined) {
      const first = await flying.done;
      // Refused for the one, refused for the other: carried out now, its age would be that of a while ago.
      return first.ok ? this.execute(command, decide, answer) : first;
    }
    const done = this.carryOut(command, decide, answer).finally(() => this.inFlight.delete(command.id));
    this.inFlight.set(command.id, { hash: command.hash, done });
    return done;
  }

  private async carryOut<T>(
    command: DeskCommand,
    decide: (ahead: Ledger) => Decided<T>,
    answer: (first: Recorded, durable: Ledger) => T,
  ): Promise<Result<T>> {
    try {
      let first = this.durable.commands.get(command.id)?.first;
      if (first === undefined) {
        if (command.ageMs > commandAgeMaxMs || !this.isOfThisTime(command)) return refuse('too_late');
        const decided = decide(this.ahead);
        if ('say' in decided) return { ok: true, value: decided.say };
        [first] = await this.commit(decided, { id: command.id, hash: command.hash });
      }
      if (first === undefined) return refuse('internal', 'nothing was recorded');
      return { ok: true, value: answer(first, this.durable) };
    } catch (error) {
      if (error instanceof Refused) return { ok: false, error: error.refusal };
      if (isStorageError(error)) return refuse('storage_failed');
      throw error;
    }
  }

  /**
   * Made in this run, or in one of the few before it since the machine started: a daemon that restarts in the middle of a visit
   * must not lose the pupil's command, and the page's own elapsed time says that it is young. Any other run is of another box,
   * another data folder or an older page, and its command was not made for what stands here (durability.md 4).
   */
  private isOfThisTime({ runId }: DeskCommand): boolean {
    const { runs } = this.durable;
    if (runId === undefined || runId === this.journal.run) return true;
    return runs.has(runId) && runs.get(runId) === runs.get(this.journal.run);
  }

  /** Resolves when the records are on the disk; rejects with the journal's error when it refuses. */
  async commit(
    bodies: readonly Body[],
    command?: { readonly id: string; readonly hash: string },
  ): Promise<readonly Recorded[]> {
    const { records, durable } = this.journal.commit(bodies, command);
    this.pending.add(records);
    for (const record of records) this.ahead.apply(record);
    try {
      await durable;
    } finally {
      this.pending.delete(records);
    }
    this.since?.push(...records);
    for (const record of records) this.durable.apply(record);
    for (const listener of this.listeners) listener(records);
    return records;
  }

  /** Records what no command asked for. Empty: there was nothing to record, or no room; whoever needs it asks again. */
  async record(decide: (ahead: Ledger) => readonly Body[]): Promise<readonly Recorded[]> {
    try {
      const bodies = decide(this.ahead);
      return bodies.length === 0 ? [] : await this.commit(bodies);
    } catch (error) {
      if (isStorageError(error)) return [];
      throw error;
    }
  }
}

const refuse = (code: ErrorCode, detail?: string): { readonly ok: false; readonly error: Refusal } => ({
  ok: false,
  error: detail === undefined ? { code } : { code, detail },
});

/**
 * The journal's errors carry this name (`journal/error.ts`); any other error is a bug and ends the process. So is too much at
 * once: it would be too much for ever.
 */
function isStorageError(error: unknown): boolean {
  return error instanceof Error && error.name === 'JournalError' && !('code' in error && error.code === 'too_large');
}
