/**
 * Starts the printer's own process when it is wanted, kills it when it hangs, lets it go when nobody asks
 * (durability.md 26). Its heap is bounded, of what it says on standard error only the end is kept.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Log, Timers } from '../system/ports.ts';
import type { Answer, CallName, Calls, Said } from './usb-wire.ts';

/** From its start until it listens: a slow card, or a machine with much else to do, takes its time over Node and libusb. */
export const startMaxMs = 30_000;
/** With nothing to do for so long, the process goes. */
export const idleMs = 60_000;
/** Between its end and the next start, from the second failure in a row on; doubled each time. */
const restFirstMs = 500;
const restMaxMs = 30_000;
const lastWordsChars = 300;
const notStarted = 'it did not start in time';
const flags = ['--max-old-space-size=32', '--max-semi-space-size=1', '--optimize-for-size'];

/** The process ended, or was ended because it did not answer. What it was asked to do may have been done or not. */
export class ChildGone extends Error {
  override readonly name = 'ChildGone';
  /** It had all its time to start: there is no use in another try at once. */
  readonly tooSlow: boolean;

  constructor(why: string) {
    super(why);
    this.tooSlow = why === notStarted;
  }
}

export interface ChildParts {
  /** `usb-child.ts`, built. */
  readonly program: string;
  /** Of the process; the daemon's own unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly timers: Timers;
  readonly log: Log;
}

interface Pending {
  readonly n: number;
  readonly answered: (answer: Answer['answer']) => void;
  readonly gone: (error: ChildGone) => void;
  /** The process hears the question from now on: its time begins. */
  readonly heard: () => void;
}

export class PrinterChild {
  private readonly parts: ChildParts;
  private process: ChildProcess | null = null;
  private listens = false;
  private pending: Pending | null = null;
  private endLimit: () => void = () => undefined;
  private count = 0;
  private failures = 0;
  private resting = false;
  private stayAwake: () => void = () => undefined;
  private endRest: () => void = () => undefined;

  constructor(parts: ChildParts) {
    this.parts = parts;
  }

  /** Null: there is none. */
  get pid(): number | null {
    return this.process?.pid ?? null;
  }

  /**
   * Starts the process if need be. Rejects with ChildGone; `maxMs` after it listens, or if it does not come to that, the
   * process is killed. One call at a time.
   */
  async call<Name extends CallName>(
    call: Name,
    ask: Calls[Name]['ask'],
    maxMs: number,
  ): Promise<Calls[Name]['answer']> {
    const child = this.started();
    this.stayAwake();
    const n = (this.count += 1);
    const heard = (): void => this.limit(maxMs, child, `no answer to ${call}`);
    if (this.listens) heard();
    else this.limit(startMaxMs, child, notStarted);
    try {
      return await new Promise<Calls[Name]['answer']>((resolve, reject) => {
        const answered = (answer: Answer['answer']): void => resolve(answer);
        this.pending = { n, answered, gone: reject, heard };
        child.send({ n, call, ask }, (error) => {
          if (error !== null) this.fail(child, 'it cannot be asked');
        });
      });
    } finally {
      this.endLimit();
      if (this.pending?.n === n) this.pending = null;
      this.stayAwake = this.parts.timers.after(idleMs, () => this.end());
    }
  }

  /** It has done its work well: the next failure is a first one. */
  worked(): void {
    this.failures = 0;
  }

  /** Ends the process; the next call starts another. */
  end(): void {
    this.stayAwake();
    this.forget('ended')?.kill('SIGKILL');
  }

  close(): void {
    this.end();
    this.endRest();
  }

  private started(): ChildProcess {
    if (this.process !== null) return this.process;
    if (this.resting) throw new ChildGone('it rests after failures');
    const { program, environment } = this.parts;
    const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const;
    const child = fork(program, [], {
      serialization: 'advanced',
      execArgv: flags,
      stdio: [...stdio],
      ...(environment && { env: environment }),
    });
    let words = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-lastWordsChars)));
    child.on('message', (said: Said) => {
      if (this.process !== child) return;
      if (said === 'listening') {
        this.listens = true;
        this.pending?.heard();
      } else if (this.pending?.n === said.n) this.pending.answered(said.answer);
    });
    child.on('error', () => this.fail(child, 'it cannot be started'));
    child.on('exit', (code, signal) => this.fail(child, `it ended with ${signal ?? String(code)}`, words));
    // A forgotten process must not keep the daemon from ending.
    child.unref();
    child.channel?.unref();
    this.process = child;
    this.listens = false;
    return child;
  }

  private limit(ms: number, child: ChildProcess, why: string): void {
    this.endLimit();
    this.endLimit = this.parts.timers.after(ms, () => this.fail(child, why));
  }

  private fail(child: ChildProcess, why: string, words = ''): void {
    if (child !== this.process) return;
    this.forget(why);
    child.kill('SIGKILL');
    this.parts.log.warn('printer-process', { pid: child.pid, why, words });
    this.failures += 1;
    if (this.failures === 1) return;
    this.resting = true;
    const restMs = Math.min(restMaxMs, restFirstMs * 2 ** (this.failures - 2));
    this.endRest = this.parts.timers.after(restMs, () => (this.resting = false));
  }

  private forget(why: string): ChildProcess | null {
    const child = this.process;
    this.process = null;
    this.pending?.gone(new ChildGone(why));
    this.pending = null;
    return child;
  }
}
