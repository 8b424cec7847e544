/**
 * The line to the MIS: every request goes through here, one at a time, at the pace of the gate (`domain/back-off.ts`), with
 * a deadline. Knows in words how the MIS is.
 */
import { gateAfter, openGate } from '../domain/back-off.ts';
import type { Gate, GateEvent } from '../domain/back-off.ts';
import type { Clock, Log, Random, Timers } from '../system/ports.ts';
import type { MisAnswer, MisConnector, MisFailure, MisHealth } from './connector.ts';

/** Connect, send and receive (mis.md 9.2). */
const requestMaxMs = 20_000;
/** The MIS's own state is asked again after this long, and at every probe. */
const healthAgeMaxMs = 5 * 60_000;
/** A school that the MIS cannot reach (its server off at night) is asked again this often. */
const schoolOfflineProbeMs = 60_000;

export interface LinePorts {
  readonly connector: MisConnector;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
}

export interface LineView {
  readonly state: 'online' | 'offline' | 'paused' | 'refused' | 'none';
  /** A sentence that a person can act on. */
  readonly words: string;
  /** When the MIS last answered anything, milliseconds since the epoch. */
  readonly lastContact: number | null;
}

export class Line {
  private gate: Gate;
  private health: { readonly value: MisHealth; readonly at: number } | null = null;
  private words = 'The MIS has not been asked yet.';
  private lastContact: number | null = null;
  private onlineSince: number | null = null;
  private onlineBefore = 0;
  private readonly ports: LinePorts;

  constructor(ports: LinePorts) {
    this.ports = ports;
    this.gate = openGate(ports.clock.mono());
  }

  /** Milliseconds of this run in which the MIS answered us: outages age nothing (durability.md 20). */
  onlineMs(): number {
    const now = this.ports.clock.mono();
    return this.onlineBefore + (this.onlineSince === null ? 0 : now - this.onlineSince);
  }

  /** Is it worth trying now? */
  mayAsk(): boolean {
    return this.gate.state === 'open' || this.ports.clock.mono() >= this.gate.nextAt;
  }

  view(): LineView {
    const { connector } = this.ports;
    const { lastContact } = this;
    if (connector.kind === 'none') {
      return { state: 'none', words: 'No MIS is connected: marks are copied from the day sheet.', lastContact: null };
    }
    const state =
      this.gate.state === 'open' ? (this.onlineSince === null ? 'offline' : 'online') : shown[this.gate.state];
    return { state, words: this.words, lastContact };
  }

  /** The MIS's state, asked anew when old; null when it does not answer. */
  async healthNow(): Promise<MisHealth | null> {
    const now = this.ports.clock.mono();
    if (this.health !== null && this.gate.state === 'open' && now - this.health.at < healthAgeMaxMs)
      return this.health.value;
    const answer = await this.ask((signal) => this.ports.connector.health(signal));
    if (!answer.ok) return null;
    this.health = { value: answer.value, at: this.ports.clock.mono() };
    if (!answer.value.online) this.schoolOffline();
    return answer.value;
  }

  /** One request. Waits for its turn while the gate is open; a closed gate answers `unreachable` without asking. */
  async ask<T extends { readonly ok: true } | { readonly ok: false; readonly failure: MisFailure }>(
    request: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | { readonly ok: false; readonly failure: MisFailure }> {
    if (!this.mayAsk()) return { ok: false, failure: { kind: 'unreachable', words: this.words } };
    await this.turn();
    const answer = await this.withDeadline(request);
    this.note(answer);
    return answer;
  }

  private async turn(): Promise<void> {
    const wait = this.gate.nextAt - this.ports.clock.mono();
    if (wait > 0) await new Promise<void>((resolve) => this.ports.timers.after(wait, resolve));
  }

  private async withDeadline<T>(request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = new AbortController();
    const cancel = this.ports.timers.after(requestMaxMs, () => {
      deadline.abort();
    });
    try {
      return await request(deadline.signal);
    } finally {
      cancel();
    }
  }

  private note(answer: MisAnswer<unknown> | { readonly ok: true }): void {
    const now = this.ports.clock.mono();
    const before = this.gate.state;
    this.gate = gateAfter(
      this.gate,
      answer.ok ? { kind: 'answered' } : eventOf(answer.failure),
      now,
      this.ports.random.uniform(),
    );
    if (answer.ok || answered.has(answer.failure.kind)) this.lastContact = this.ports.clock.now();
    if (this.gate.state === 'open') this.online(now);
    else this.offline(now);
    this.words = answer.ok ? 'The MIS answers.' : answer.failure.words;
    if (this.gate.state !== before) this.ports.log.info('mis-line', { state: this.gate.state });
  }

  /** It answers, but says that the school's own server cannot be reached: writes would wait for hours. */
  private schoolOffline(): void {
    const now = this.ports.clock.mono();
    this.gate = { state: 'down', since: now, nextAt: now + schoolOfflineProbeMs };
    this.words = 'The MIS says that it cannot reach the school.';
    this.offline(now);
  }

  private online(now: number): void {
    this.onlineSince ??= now;
  }
  private offline(now: number): void {
    if (this.onlineSince !== null) this.onlineBefore += now - this.onlineSince;
    this.onlineSince = null;
  }
}

const shown = { down: 'offline', throttled: 'paused', refused: 'refused' } as const;

/** Failures in which the MIS itself answered. */
const answered: ReadonlySet<MisFailure['kind']> = new Set([
  'throttled',
  'server',
  'invalid',
  'no-such-code',
  'unauthorised',
  'forbidden',
  'not-found',
]);

function eventOf(failure: MisFailure): GateEvent {
  switch (failure.kind) {
    case 'unauthorised':
    case 'forbidden':
      return { kind: 'refused' };
    case 'throttled':
      return { kind: 'throttled', retryAfterMs: failure.retryAfterMs };
    case 'server':
      return failure.retryAfterMs === null
        ? { kind: 'down' }
        : { kind: 'throttled', retryAfterMs: failure.retryAfterMs };
    case 'invalid':
    case 'no-such-code':
    case 'not-found':
      return { kind: 'answered' }; // the line is well; it is this request that is not
    case 'unreachable':
    case 'no-answer':
    case 'refused-redirect':
    case 'too-big':
    case 'other':
      return { kind: 'down' };
  }
}
