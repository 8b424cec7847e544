/**
 * The line to the MIS: every request of the outbox goes through here, one at a time, at the pace of the gate
 * (`domain/back-off.ts`). Knows in words how the MIS is.
 */
import { gateAfter, gateAfterRestart, waitToKeep } from '../domain/back-off.ts';
import type { Gate, GateEvent } from '../domain/back-off.ts';
import type { Clock, Log, Random, Timers } from '../system/ports.ts';
import { gateEvent } from './gate-event.ts';
import type { MisConnector, MisFailure, MisHealth, MisRefusal } from './connector.ts';
import type { MemoryTable, MisMemory } from './memory.ts';
import { Troubles } from './troubles.ts';
import type { Question } from './troubles.ts';

/** A whole question with all its pages; each request in it has the connector's own 20 s (mis.md 9.2). */
const questionMaxMs = 2 * 60_000;
/** The MIS's own state is asked again after this long, and after every outage. */
const healthAgeMaxMs = 5 * 60_000;
/** Writing that the MIS does not allow is tried again this often. */
const writesPauseMs = 15 * 60_000;

export interface LinePorts {
  readonly connector: MisConnector;
  readonly memory: MemoryTable;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
}

export interface LineView {
  /** `refused`: the MIS answers, but not as it must; a person has to act. */
  readonly state: 'online' | 'offline' | 'paused' | 'refused' | 'none';
  /** A sentence that a person can act on. */
  readonly words: string;
  /** When the MIS last answered anything, milliseconds since the epoch. */
  readonly lastContact: number | null;
  /** Since when the words say what is wrong, milliseconds since the epoch; null: nothing is, or it is told without. */
  readonly since: number | null;
}

type Answer = { readonly ok: true } | MisRefusal;

export class Line {
  private gate: Gate;
  /** Reading goes on while writing is not allowed (mis.md 9.2). Until a write is taken again. */
  private noWrites: { readonly words: string; readonly nextAt: number } | null = null;
  private health: { readonly value: MisHealth; readonly at: number } | null = null;
  private words = 'The MIS has not been asked yet.';
  private failure: MisFailure | null = null;
  /** When this kind of failure began. */
  private failingSince: number | null = null;
  /** The last question but one was answered well: the MIS is there. */
  private answeredBefore = false;
  private readonly troubles = new Troubles();
  private lastContact: number | null = null;
  private onlineSince: number | null = null;
  private onlineBefore = 0;
  /** When it last was away, refused us or asked us to wait; monotonic milliseconds. */
  private troubledAt = -Infinity;
  private stopped = false;
  /** Ends what is under way. */
  private end = (): void => undefined;
  private readonly ports: LinePorts;

  constructor(ports: LinePorts) {
    this.ports = ports;
    const { clock, memory } = ports;
    // A clock that is not set yet shows the newest record's time at least.
    const waitMs = (memory.data.waitUntil ?? 0) - clock.now();
    this.gate = gateAfterRestart(clock.mono(), waitMs);
    if (this.gate.state !== 'open')
      this.words = 'Porter waits before it asks the MIS again, as it did before it was started.';
  }

  /** Milliseconds of this run in which the MIS answered us: outages age nothing (durability.md 20). */
  onlineMs(): number {
    const now = this.ports.clock.mono();
    return this.onlineBefore + (this.onlineSince === null ? 0 : now - this.onlineSince);
  }

  /** Is it worth trying now? */
  mayAsk(): boolean {
    if (this.stopped) return false;
    return this.gate.state === 'open' || this.ports.clock.mono() >= this.gate.nextAt;
  }
  mayWrite(): boolean {
    const now = this.ports.clock.mono();
    const isAllowed = this.noWrites === null || now >= this.noWrites.nextAt;
    return this.mayAsk() && isAllowed && this.troubles.mayAsk('write', now);
  }

  /** Was it away, or did it refuse us, within so many milliseconds? */
  wasTroubledWithin(ms: number): boolean {
    return this.ports.clock.mono() - this.troubledAt < ms;
  }

  /** Writing was not allowed when it was last tried: the next try is only a question. */
  isProbing(): boolean {
    return this.noWrites !== null;
  }

  /** Why an MIS that answers takes no marks; null: nothing speaks against it, or nobody answers. */
  refusal(): string | null {
    const { failure } = this;
    if (this.gate.state === 'open') return this.noWrites?.words ?? this.troubles.refusal();
    if (failure !== null && refusing.has(failure.kind)) return failure.words;
    return this.answeredBefore ? this.troubles.refusal() : null;
  }

  view(): LineView {
    const { lastContact, gate, noWrites } = this;
    if (this.ports.connector.kind === 'none') {
      const words = 'No MIS is connected: marks are copied from the day sheet.';
      return { state: 'none', words, lastContact: null, since: null };
    }
    const told = { lastContact, since: null };
    if (gate.state !== 'open')
      return { ...told, state: shown[gate.state], words: this.words, since: this.failingSince };
    if (noWrites !== null) return { ...told, state: 'refused', words: noWrites.words };
    const trouble = this.troubles.words();
    if (trouble !== null) return { ...told, state: 'refused', words: trouble };
    return { ...told, state: this.onlineSince === null ? 'offline' : 'online', words: this.words };
  }

  /** Ends the question under way, and takes no more. */
  stop(): void {
    this.stopped = true;
    this.end();
  }

  /** The MIS's state, asked anew when old; null when it does not answer, or cannot reach the school: writes would wait for hours. */
  async healthNow(): Promise<MisHealth | null> {
    const { health } = this;
    if (health !== null && this.ports.clock.mono() - health.at < healthAgeMaxMs) return health.value;
    const answer = await this.ask('health', async (signal) => {
      const said = await this.ports.connector.health(signal);
      return said.ok && !said.value.online ? schoolAway : said;
    });
    if (!answer.ok) return null;
    this.health = { value: answer.value, at: this.ports.clock.mono() };
    if (!answer.value.allowsWriteback || !answer.value.capabilities.mark) this.pauseWrites(notAllowed);
    return answer.value;
  }

  /**
   * One question. Waits for its turn; a closed gate, and a kind that keeps failing, answer `unreachable` without asking.
   * `saysNothing`: failures that are of this question alone, and not of the line.
   */
  async ask<T extends Answer>(
    kind: Question | 'health',
    question: (signal: AbortSignal) => Promise<T>,
    saysNothing: (failure: MisFailure) => boolean = () => false,
  ): Promise<T | MisRefusal> {
    if (!this.mayAsk() || (kind !== 'health' && !this.troubles.mayAsk(kind, this.ports.clock.mono())))
      return { ok: false, failure: { kind: 'unreachable', words: this.words } };
    await this.turn();
    const askedAt = this.ports.clock.mono();
    const answer = await this.withDeadline(question);
    if (answer.ok) await this.note(kind, null, { kind: 'answered' }, askedAt);
    else if (!saysNothing(answer.failure)) await this.note(kind, answer.failure, eventOf(answer.failure), askedAt);
    return answer;
  }

  /** The same for a write: being forbidden it ends writing for a while, and nothing else. */
  async write<T extends Answer>(question: (signal: AbortSignal) => Promise<T>): Promise<T | MisRefusal> {
    if (!this.mayWrite()) return { ok: false, failure: { kind: 'unreachable', words: this.words } };
    await this.turn();
    const askedAt = this.ports.clock.mono();
    const answer = await this.withDeadline(question);
    if (!answer.ok && answer.failure.kind === 'too-late') return answer; // the MIS was not asked
    const forbidden = !answer.ok && answer.failure.kind === 'forbidden';
    if (forbidden) this.pauseWrites(answer.failure.words);
    else if (answer.ok) this.noWrites = null;
    const fine = answer.ok || forbidden;
    const event: GateEvent = fine ? { kind: 'answered' } : eventOf(answer.failure);
    await this.note('write', fine ? null : answer.failure, event, askedAt);
    return answer;
  }

  /** A write without an answer has arrived all the same. */
  wrote(): void {
    this.troubles.worked('write');
  }

  private turn(): Promise<void> {
    const wait = this.gate.nextAt - this.ports.clock.mono();
    if (wait <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.ports.timers.after(wait, resolve);
      this.end = () => {
        cancel();
        resolve();
      };
    });
  }

  private async withDeadline<T>(question: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = new AbortController();
    this.end = () => {
      deadline.abort();
    };
    if (this.stopped) this.end();
    const cancel = this.ports.timers.after(questionMaxMs, this.end);
    try {
      return await question(deadline.signal);
    } finally {
      cancel();
    }
  }

  /** Takes in how it went. `failure` null: well. */
  private async note(
    kind: Question | 'health',
    failure: MisFailure | null,
    event: GateEvent,
    askedAt: number,
  ): Promise<void> {
    const { clock, random, log } = this.ports;
    const before = this.gate.state;
    this.answeredBefore = before === 'open' && this.onlineSince !== null;
    const uniform = random.uniform();
    this.gate = gateAfter(this.gate, event, clock.mono(), uniform, askedAt);
    // A mark that the MIS does not accept is that mark's trouble, not that of writing.
    if (kind !== 'health') {
      if (failure === null || (kind === 'write' && event.kind === 'answered')) this.troubles.worked(kind);
      else this.troubles.failed(kind, failure, clock.mono(), uniform);
    }
    if (failure === null || answered.has(failure.kind)) this.lastContact = clock.now();
    if (failure?.kind !== this.failure?.kind) this.failingSince = failure === null ? null : clock.now();
    this.failure = failure;
    this.words = failure?.words ?? 'The MIS answers.';
    if (this.gate.state === 'open') this.onlineSince ??= clock.mono();
    else this.offline();
    // Who says that it is too much is there: what was said of the school holds on.
    if (this.gate.state !== 'open' && failure?.kind !== 'throttled') this.health = null;
    if (this.gate.state !== 'open') this.troubledAt = clock.mono();
    if (this.gate.state !== before) log.info('mis-line', { state: this.gate.state });
    await this.keepWait();
  }

  private offline(): void {
    if (this.onlineSince !== null) this.onlineBefore += this.ports.clock.mono() - this.onlineSince;
    this.onlineSince = null;
  }

  private pauseWrites(words: string): void {
    this.noWrites = { words, nextAt: this.ports.clock.mono() + writesPauseMs };
  }

  private async keepWait(): Promise<void> {
    const { clock, memory } = this.ports;
    const waitMs = waitToKeep(this.gate, clock.mono());
    const waitUntil = waitMs === null ? null : clock.now() + waitMs;
    if (waitUntil !== memory.data.waitUntil) await this.remember({ waitUntil });
  }

  /** A table that cannot be written is no reason to stop. */
  async remember(part: Partial<MisMemory>): Promise<void> {
    const { memory, log } = this.ports;
    try {
      await memory.write({ ...memory.data, ...part });
    } catch {
      log.warn('mis-memory-not-kept');
    }
  }
}

const schoolAway: MisRefusal = {
  ok: false,
  failure: { kind: 'unreachable', words: 'The MIS says that it cannot reach the school.' },
};
const notAllowed =
  'The school does not let Porter write marks. Allow write-back for Porter in Wonde; until then copy them from the day sheet.';

const shown = { down: 'offline', throttled: 'paused', refused: 'refused' } as const;

/** It answered that it does not take anything now. */
const refusing: ReadonlySet<MisFailure['kind']> = new Set(['throttled', 'unauthorised', 'forbidden', 'not-found']);
/** Failures in which the MIS itself answered. */
const answered: ReadonlySet<MisFailure['kind']> = new Set([...refusing, 'server', 'invalid', 'no-such-code']);

function eventOf(failure: MisFailure): GateEvent {
  switch (failure.kind) {
    case 'not-found': // the school, or its list of marks: a person must look at the settings
      return { kind: 'refused' };
    case 'invalid':
    case 'no-such-code':
      return { kind: 'answered' }; // the line is well; it is this request that is not
    default:
      return gateEvent(failure);
  }
}
