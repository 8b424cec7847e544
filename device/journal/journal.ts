/**
 * The journal as the daemon sees it: numbers are given at once, promises are kept when the disk has them. The file work
 * happens behind a link, on a thread (`openJournal`) or in this process (`openJournalOn`).
 */
import { Worker } from 'node:worker_threads';
import type { Body, Recorded } from '../domain/record.ts';
import type { Clock, Log, Random, Timers } from '../system/ports.ts';
import type { Place } from './checkpoint-file.ts';
import type { Disk } from './disk.ts';
import { JournalError, causeOf } from './error.ts';
import type { NumberRange } from './frame.ts';
import { Keeper } from './keeper.ts';
import type { Cursor, Numbered, Opened, Reply, Request } from './requests.ts';
import { Line } from './line.ts';
import type { Connect } from './line.ts';
import type { Masters } from './masters.ts';
import { envelope, readFrame, writeCommit } from './records.ts';
import type { CommandMark } from './records.ts';
import type { JournalFault } from './recover.ts';
import type { Removal, SpineEntry } from './spine.ts';
import type { Sizes } from './writer.ts';

export { JournalError } from './error.ts';
export type { JournalFault } from './recover.ts';

export interface Journal {
  /** Journal id, 32 hex digits: with a number, the identity of a record for ever. */
  readonly id: string;
  /** Id of this run of the daemon. */
  readonly run: string;
  /** Number that the next record will get. */
  readonly next: number;
  /**
   * What was found when it was opened; records that must be understood are added while `replay` meets them. A `replay` of all records
   * that came to its end tells anew what they hold.
   */
  readonly opened: { readonly faults: readonly JournalFault[]; readonly cleanStop: boolean };
  /**
   * Takes one commit: stored as a whole or not at all. Numbers and refs are given at once, so that decisions can run
   * ahead; `durable` resolves when it is on the disk, and rejects with `refused` or `failed`. A refusal voids every
   * commit still waiting, and their numbers are given again: nobody outside has seen them, since only what is durable is
   * shown, and numbers without holes mean that a missing one is always a loss. Throws `busy`, `too_large`, `closed`, `failed`.
   */
  commit(
    bodies: readonly Body[],
    command?: CommandMark,
  ): { readonly records: readonly Recorded[]; readonly durable: Promise<void> };
  /**
   * Every durable record from the first, or from a place that `knows` confirmed, in order, about a mebibyte at a time; as if the
   * segments `without` were not there.
   */
  replay(from?: Place, without?: readonly number[]): AsyncIterable<readonly Recorded[]>;
  /** Some of the newest durable records before that number, newest first; none: there are none. */
  before(n: number | null): Promise<readonly Recorded[]>;
  /** What the closed segments hold, those too that have gone. */
  closed(): Promise<readonly SpineEntry[]>;
  /** Segments go for good, and the spine says why. Again for those that have gone: nothing happens. */
  remove(segments: readonly number[], removal: Removal): Promise<void>;
  /** Makes keys for those of these pupils who have none, ahead of their first record: that one then need not wait for it. */
  makeKeys(pupils: readonly string[]): Promise<void>;
  /** Ids of the keys of these pupils: none for those of whom nothing was recorded. */
  keysOf(pupils: readonly string[]): Promise<readonly string[]>;
  /**
   * Resolves when both copies, read back, are without these keys. From the call on, `replay` gives outlines (`erased`) for what
   * stood under them. Rejects where the card does not take it: it is tried again in quiet moments, and may be asked for again.
   * The answer: those of which not even the id was known to be destroyed.
   */
  destroyKeys(keys: readonly string[]): Promise<readonly string[]>;
  /** A person knows that keys of pupils were lost: it is no fault any more, nor what cannot be read for it by now. */
  lossSeen(): Promise<void>;
  /** Where the journal stands, behind every commit made so far. */
  place(): Promise<Place>;
  /** Is this a place of this journal, with this chain? */
  knows(place: Place): Promise<boolean>;
  /**
   * `slow`: a sync took or takes over 2 s; `refusing`: the last one found no room; `failed`: over 60 s or a failed sync,
   * end the process. Times run from hand-over to answer, in ms.
   */
  state(): JournalState;
  /** To be told when there is room again: the bytes held back for a full disk are taken, if they are not. */
  holdReserve(): void;
  /** Writes what waits and a witness of the clean stop. Rejects with `failed` when that takes over 5 s (`Stops` waits for 1 s). */
  close(): Promise<void>;
}

export interface JournalState {
  readonly kind: 'ok' | 'slow' | 'refusing' | 'failed';
  readonly lastSyncMs: number;
  readonly oldestWaitMs: number;
}

export interface JournalOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly build: string;
  readonly log: Log;
  readonly masters: Masters;
  /**
   * Called at a refusal, before any promise is rejected and before another commit is taken: nothing from number `from`
   * on has happened, so whatever was decided on it must be rebuilt.
   */
  readonly onRefused?: (from: number) => void;
}

/** Records that may wait for the disk. */
const WAITING_RECORDS = 1000;
const SLOW_MS = 2_000;
const FAILED_MS = 60_000;
const OPEN_MS = 120_000;
const CLOSE_MS = 5_000;
/** Quiet time after which an empty frame vouches for the last commit. */
const IDLE_MS = 2_000;

/**
 * Opens the journal in `folder` on a thread of its own (`threadFile`: the bundled `thread.ts`), repairs it, and writes
 * the `run` record. Throws `locked`, `newer`, `refused`, `failed`, `key_missing`, `wrong_key`, `forged`.
 */
export function openJournal(
  options: JournalOptions & { readonly folder: string; readonly threadFile: string },
): Promise<Journal> {
  return open((receive, broken) => {
    const thread = new Worker(options.threadFile, { workerData: { folder: options.folder, masters: options.masters } });
    thread.on('message', receive);
    thread.on('error', (error) => broken(causeOf(error), causeOf(error)));
    thread.on('exit', () => broken('thread ended'));
    return {
      send: (request) => thread.postMessage(request),
      // Not awaited: a thread that hangs in the kernel cannot be ended, only left.
      end: () => void thread.terminate(),
    };
  }, options);
}

/**
 * The same in this process, over any disk: commits of one turn of the loop share a frame. `later` says when a turn ends; it is
 * asked once before the disk is touched and once before the replies are heard.
 */
export function openJournalOn(
  disk: Disk,
  options: JournalOptions & { readonly sizes?: Sizes; readonly later?: (run: () => void) => void },
): Promise<Journal> {
  const { later = queueMicrotask } = options;
  return open((receive) => {
    const keeper = new Keeper(
      disk,
      { masters: options.masters, random: (count) => options.random.bytes(count) },
      options.sizes,
    );
    let requests: Numbered<Request>[] = [];
    return {
      send(request) {
        requests.push(request);
        if (requests.length > 1) return;
        later(() => {
          const batch = requests;
          requests = [];
          const replies = [...keeper.handle(batch)];
          later(() => replies.forEach(receive));
        });
      },
      end: () => undefined,
    };
  }, options);
}

async function open(connect: Connect, options: JournalOptions): Promise<Journal> {
  const line = new Line(connect, options);
  try {
    const run = options.random.id();
    const opened = await line.ask({ kind: 'open', newId: options.random.id(), run }, OPEN_MS);
    if (opened.kind !== 'opened') throw new JournalError('failed', 'the journal did not open');
    for (const fault of opened.faults) options.log.warn('journal-fault', { fault: JSON.stringify(fault) });
    const journal = new OpenJournal(line, options, run, opened);
    await journal.begin(opened);
    return journal;
  } catch (error) {
    line.end();
    throw error;
  }
}

/** A commit that waits for the disk. */
interface Waiting {
  readonly first: number;
  readonly count: number;
  readonly resolve: () => void;
  readonly reject: (error: JournalError) => void;
}

class OpenJournal implements Journal {
  readonly id: string;
  readonly run: string;
  readonly opened: { readonly faults: JournalFault[]; readonly cleanStop: boolean };
  private readonly line: Line;
  private readonly options: JournalOptions;
  private foundAtOpen: readonly JournalFault[];
  /** Records up to this number may be under lost keys, and a person knows that. */
  private lossSeenUpTo: number;
  private readonly waiting = new Set<Waiting>();
  private waitingRecords = 0;
  private nextNumber: number;
  private lastSyncMs = 0;
  private refusing = false;
  private cancelWitness: () => void = () => undefined;
  private closing: Promise<void> | null = null;

  constructor(line: Line, options: JournalOptions, run: string, opened: Opened) {
    this.line = line;
    this.options = options;
    this.run = run;
    this.id = opened.id;
    this.nextNumber = opened.next;
    this.foundAtOpen = opened.faults;
    this.lossSeenUpTo = opened.lossSeen;
    this.opened = { faults: [...opened.faults], cleanStop: opened.cleanStop };
  }

  /** The first record of every run. On a full disk the first try frees the reserve, the second uses it. */
  async begin({ gap, cleanStop, serialsLost, follows }: Opened): Promise<void> {
    const { build, clock } = this.options;
    const lost = { ...(gap !== null && { gap }), ...(serialsLost !== null && { serialsLost }) };
    const named = { ...lost, ...(follows !== null && { follows }) };
    const body: Body = { type: 'run', v: 1, build, boot: clock.boot, cleanStop, ...named };
    try {
      await this.commit([body]).durable;
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== 'refused') throw error;
      await this.commit([body]).durable;
    }
  }

  get next(): number {
    return this.nextNumber;
  }

  commit(bodies: readonly Body[], command?: CommandMark): { records: readonly Recorded[]; durable: Promise<void> } {
    if (bodies.length === 0) throw new RangeError('a commit holds at least one record');
    if (this.line.dead) throw new JournalError('failed', 'the journal has failed');
    if (this.closing !== null) throw new JournalError('closed', 'the journal is closed');
    const [first, count] = [this.nextNumber, bodies.length];
    if (this.waitingRecords + count > WAITING_RECORDS)
      throw new JournalError('busy', 'too many records wait for the disk');
    const at = this.options.clock.reading();
    const written = writeCommit(at, command, bodies);
    const place = { journal: this.id, run: this.run };
    const records = bodies.map((body, index) => envelope(body, { ...place, n: first + index }, at, command));
    this.nextNumber += count;
    this.cancelWitness();
    const durable = new Promise<void>((resolve, reject) => {
      const waiting: Waiting = { first, count, resolve, reject };
      this.waiting.add(waiting);
      this.waitingRecords += count;
      this.line.call({ kind: 'append', first, count, ...written }, FAILED_MS, (reply, ms) =>
        this.settle(waiting, reply, ms),
      );
    });
    // Who does not wait for it must not end the process by that; the state tells.
    durable.catch(() => undefined);
    return { records, durable };
  }

  private settle(commit: Waiting, reply: Reply, ms: number): void {
    if (!this.waiting.has(commit)) return;
    this.lastSyncMs = ms;
    if (reply.kind !== 'error') {
      this.leave(commit);
      this.refusing = false;
      commit.resolve();
    } else {
      this.voidAll(commit.first, new JournalError(reply.code, reply.message, reply.errno));
    }
    this.rest();
  }

  /** Commits behind a refused one were decided on top of it: the keeper does not take them either. */
  private voidAll(from: number, error: JournalError): void {
    this.options.log.error('journal-void', { code: error.code, why: error.message, commits: this.waiting.size });
    const voided = [...this.waiting];
    for (const commit of voided) this.leave(commit);
    this.nextNumber = from;
    this.refusing = true;
    this.options.onRefused?.(from);
    for (const commit of voided) commit.reject(error);
  }

  private leave(commit: Waiting): void {
    this.waiting.delete(commit);
    this.waitingRecords -= commit.count;
  }

  /** After the last commit, an empty frame vouches for it; after a refusal, it finds out whether there is room again. */
  private rest(): void {
    if (this.waiting.size > 0 || this.closing !== null) return;
    this.cancelWitness();
    this.cancelWitness = this.options.timers.after(IDLE_MS, () =>
      this.line.call({ kind: 'witness' }, FAILED_MS, (reply, ms) => {
        this.lastSyncMs = ms;
        this.refusing = reply.kind === 'error';
        if (this.refusing) this.rest();
      }),
    );
  }

  async place(): Promise<Place> {
    const reply = await this.line.ask({ kind: 'place' }, FAILED_MS);
    if (reply.kind !== 'place') throw new JournalError('failed', 'the journal does not say where it stands');
    return reply.place;
  }

  async makeKeys(pupils: readonly string[]): Promise<void> {
    await this.line.ask({ kind: 'make-keys', pupils }, FAILED_MS);
  }

  async keysOf(pupils: readonly string[]): Promise<readonly string[]> {
    const reply = await this.line.ask({ kind: 'keys-of', pupils }, FAILED_MS);
    return reply.kind === 'keys' ? reply.keys : [];
  }

  async destroyKeys(keys: readonly string[]): Promise<readonly string[]> {
    const reply = await this.line.ask({ kind: 'destroy-keys', keys }, FAILED_MS);
    return reply.kind === 'keys' ? reply.keys : [];
  }

  async lossSeen(): Promise<void> {
    this.lossSeenUpTo = Math.max(this.lossSeenUpTo, this.nextNumber - 1);
    await this.line.ask({ kind: 'loss-seen' }, FAILED_MS);
    const others = (faults: readonly JournalFault[]) => faults.filter(({ kind }) => kind !== 'keys-lost');
    this.foundAtOpen = others(this.foundAtOpen);
    this.opened.faults.splice(0, Infinity, ...others(this.opened.faults));
  }

  async knows(place: Place): Promise<boolean> {
    const reply = await this.line.ask({ kind: 'know', place }, FAILED_MS);
    return reply.kind === 'known' && reply.known;
  }

  async closed(): Promise<readonly SpineEntry[]> {
    const reply = await this.line.ask({ kind: 'closed' }, FAILED_MS);
    return reply.kind === 'closed' ? reply.segments : [];
  }

  async remove(segments: readonly number[], removal: Removal): Promise<void> {
    await this.line.ask({ kind: 'remove', segments, removal }, FAILED_MS);
  }

  async *replay(from?: Place, without: readonly number[] = []): AsyncGenerator<readonly Recorded[]> {
    const { faults } = this.opened;
    const met: JournalFault[] = [];
    let cursor: Cursor | null = from ?? null;
    do {
      const reply: Reply = await this.line.ask({ kind: 'read', cursor, without }, FAILED_MS);
      if (reply.kind !== 'frames') throw new JournalError('failed', 'the journal cannot be read');
      const frames = reply.frames.map(readFrame);
      for (const fault of frames.flatMap((frame) => frame.faults)) {
        met.push(fault);
        if (!this.isSeen(fault)) add(faults, fault);
      }
      yield frames.flatMap(({ records }) => records);
      ({ cursor } = reply);
    } while (cursor !== null);
    if (from !== undefined || without.length > 0) return;
    // Not before: what an earlier reading met may stop decisions (durability.md 3).
    faults.splice(0, Infinity, ...this.foundAtOpen);
    for (const fault of met) if (!this.isSeen(fault)) add(faults, fault);
  }

  async before(n: number | null): Promise<readonly Recorded[]> {
    let limit = n;
    for (;;) {
      const reply = await this.line.ask({ kind: 'read-back', before: limit }, FAILED_MS);
      if (reply.kind !== 'frames') throw new JournalError('failed', 'the journal cannot be read');
      const records = reply.frames.flatMap((frame) => readFrame(frame).records);
      const found = records.filter((record) => limit === null || record.n < limit).reverse();
      const [oldest] = reply.frames;
      // Frames that cannot be read are passed over.
      if (found.length > 0 || oldest === undefined) return found;
      limit = oldest.first;
    }
  }

  private isSeen(fault: JournalFault): boolean {
    return fault.kind === 'keys-lost' && fault.among !== null && fault.among.to <= this.lossSeenUpTo;
  }

  state(): JournalState {
    const { lastSyncMs } = this;
    const { oldestMs: oldestWaitMs, dead } = this.line;
    const slow = lastSyncMs > SLOW_MS || oldestWaitMs > SLOW_MS;
    const failed = dead || oldestWaitMs > FAILED_MS;
    return { kind: failed ? 'failed' : this.refusing ? 'refusing' : slow ? 'slow' : 'ok', lastSyncMs, oldestWaitMs };
  }

  holdReserve(): void {
    if (this.closing === null) this.line.call({ kind: 'reserve' }, FAILED_MS, () => undefined);
  }

  close(): Promise<void> {
    this.closing ??= this.stop();
    return this.closing;
  }

  private async stop(): Promise<void> {
    this.cancelWitness();
    try {
      if (!this.line.dead) await this.line.ask({ kind: 'close' }, CLOSE_MS);
    } finally {
      this.line.end();
    }
  }
}

function add(faults: JournalFault[], fault: JournalFault): void {
  if (fault.kind === 'keys-lost') {
    const at = faults.findIndex(({ kind }) => kind === 'keys-lost');
    const before = faults[at];
    const among = before?.kind === 'keys-lost' ? spanning(before.among, fault.among) : fault.among;
    faults.splice(at === -1 ? faults.length : at, 1, { kind: 'keys-lost', among });
  } else if (!faults.some((one) => JSON.stringify(one) === JSON.stringify(fault))) faults.push(fault);
}

/** From the first to the last of both. */
function spanning(one: NumberRange | null, other: NumberRange | null): NumberRange | null {
  if (one === null || other === null) return one ?? other;
  return { from: Math.min(one.from, other.from), to: Math.max(one.to, other.to) };
}
