/**
 * The desk: commands in, records out. Decisions run one after another against what the journal will hold (`ahead`);
 * answers, snapshots, effects and the sender see only what is on the disk (`durable`). durability.md 4 and 6.
 */
import { Ledger, isKnown } from '../domain/ledger.ts';
import type { Body, Recorded } from '../domain/record.ts';
import type { ErrorCode, Refusal, Result } from '../contract/result.ts';

/** What the desk needs of the journal. */
export interface JournalPort {
  readonly id: string;
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
  readonly ageMs: number;
}

/** Commands older than this are never carried out: a tap made minutes ago must not arrive now. */
const commandAgeMaxMs = 60_000;

export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(code: ErrorCode, detail?: string) {
    super(code);
    this.name = 'Refused';
    this.refusal = detail === undefined ? { code } : { code, detail };
  }
}

export class Desk {
  readonly durable = new Ledger();
  private ahead = new Ledger();
  private readonly inFlight = new Map<string, { readonly hash: string; readonly answer: Promise<Result<unknown>> }>();
  private readonly listeners: ((records: readonly Recorded[]) => void)[] = [];
  private readonly journal: JournalPort;

  constructor(journal: JournalPort) {
    this.journal = journal;
  }

  /** Takes in records that were read back at start, in order. */
  replay(records: readonly { readonly type: string }[]): void {
    for (const record of records) {
      if (!isKnown(record)) continue;
      this.durable.apply(record as Recorded);
      this.ahead.apply(record as Recorded);
    }
  }

  /** The journal refused: what was decided on top of records that never reached the disk must not stand. */
  refused(): void {
    this.ahead = this.durable.copy();
  }

  /** Called with each commit once it is on the disk. */
  onDurable(listener: (records: readonly Recorded[]) => void): void {
    this.listeners.push(listener);
  }

  /** The ref that the record at `offset` of the next commit will have. */
  refOfNext(offset = 0): string {
    return `${this.journal.id}:${String(this.journal.next + offset)}`;
  }
  get nextNumber(): number {
    return this.journal.next;
  }

  /**
   * Carries out a command. `decide` gives the records or throws `Refused`; `answer` tells from the first record what to
   * say, so that a repeat of the command, also after a restart, gets the same answer.
   */
  async execute<T>(
    command: DeskCommand,
    decide: (ahead: Ledger) => readonly Body[],
    answer: (first: Recorded, durable: Ledger) => T,
  ): Promise<Result<T>> {
    const known = this.ahead.commands.get(command.id) ?? this.inFlight.get(command.id);
    if (known !== undefined && known.hash !== command.hash) {
      return refuse('invalid_input', 'this command id was used for another input');
    }
    const flying = this.inFlight.get(command.id);
    if (flying !== undefined) return (await flying.answer) as Result<T>;
    const stored = this.durable.commands.get(command.id);
    if (stored !== undefined) return { ok: true, value: answer(stored.first, this.durable) };
    if (command.ageMs > commandAgeMaxMs) return refuse('too_late');

    const run = this.carryOut(command, decide, answer);
    this.inFlight.set(command.id, { hash: command.hash, answer: run });
    try {
      return await run;
    } finally {
      this.inFlight.delete(command.id);
    }
  }

  private async carryOut<T>(
    command: DeskCommand,
    decide: (ahead: Ledger) => readonly Body[],
    answer: (first: Recorded, durable: Ledger) => T,
  ): Promise<Result<T>> {
    try {
      const records = await this.commit(decide(this.ahead), { id: command.id, hash: command.hash });
      const [first] = records;
      if (first === undefined) return refuse('internal', 'nothing was recorded');
      return { ok: true, value: answer(first, this.durable) };
    } catch (error) {
      if (error instanceof Refused) return { ok: false, error: error.refusal };
      if (isStorageError(error)) return refuse('storage_failed');
      throw error;
    }
  }

  /** Records what no command asked for: the sender's and the watch's. Rejects when the journal refuses. */
  async commit(
    bodies: readonly Body[],
    command?: { readonly id: string; readonly hash: string },
  ): Promise<readonly Recorded[]> {
    const { records, durable } = this.journal.commit(bodies, command);
    for (const record of records) this.ahead.apply(record);
    await durable;
    for (const record of records) {
      this.durable.apply(record);
      this.ahead.apply(record);
    }
    for (const listener of this.listeners) listener(records);
    return records;
  }

  /** Decides and records without a command: `decide` sees everything decided so far. */
  async decide(decide: (ahead: Ledger) => readonly Body[]): Promise<readonly Recorded[]> {
    const bodies = decide(this.ahead);
    return bodies.length === 0 ? [] : this.commit(bodies);
  }
}

const refuse = (code: ErrorCode, detail?: string): { readonly ok: false; readonly error: Refusal } => ({
  ok: false,
  error: detail === undefined ? { code } : { code, detail },
});

/** The journal's errors carry a code (`journal/journal.ts`); any other error is a bug and ends the process. */
function isStorageError(error: unknown): boolean {
  return error instanceof Error && error.name === 'JournalError';
}
