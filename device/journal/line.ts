/** The line between the journal and its keeper, wherever that sits: every request gets one answer, within a time. */
import type { Clock, Log, Timers } from '../system/ports.ts';
import { JournalError } from './error.ts';
import type { JournalErrorCode } from './error.ts';
import type { Numbered, Reply, Request } from './requests.ts';

export interface Link {
  send(request: Numbered<Request>): void;
  end(): void;
}
export type Connect = (
  receive: (reply: Numbered<Reply>) => void,
  broken: (why: string, errno?: string) => void,
) => Link;

export interface LineOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export class Line {
  private readonly link: Link;
  private readonly options: LineOptions;
  private readonly calls = new Map<number, Call>();
  private lastCall = 0;
  private ended = false;
  dead = false;

  constructor(connect: Connect, options: LineOptions) {
    this.options = options;
    this.link = connect(
      (reply) => this.receive(reply),
      (why, errno) => this.fail(why, errno),
    );
  }

  /** `done` is called once, at once when the reply is there; with a `failed` when none comes within `limitMs`. */
  call(request: Request, limitMs: number, done: (reply: Reply, ms: number) => void): void {
    if (this.dead || this.ended)
      return done({ kind: 'error', code: 'failed', message: 'the journal has failed', errno: null }, 0);
    const { timers, clock } = this.options;
    const call = ++this.lastCall;
    const cancel = timers.after(limitMs, () => this.fail(`no answer to ${request.kind} in ${limitMs} ms`));
    this.calls.set(call, { since: clock.mono(), cancel, done });
    this.link.send({ ...request, call });
  }

  /** The same as a promise; rejects with the keeper's JournalError. */
  ask(request: Request, limitMs: number): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.call(request, limitMs, (reply) => {
        if (reply.kind === 'error') reject(new JournalError(reply.code, reply.message, reply.errno));
        else resolve(reply);
      });
    });
  }

  get oldestMs(): number {
    const [oldest] = this.calls.values();
    return oldest === undefined ? 0 : this.options.clock.mono() - oldest.since;
  }

  end(): void {
    this.ended = true;
    this.link.end();
    this.finishAll('closed', 'the journal is closed');
  }

  private receive({ call: number, ...reply }: Numbered<Reply>): void {
    const call = this.calls.get(number);
    if (call === undefined) return;
    if (reply.kind === 'error' && reply.code === 'failed') return this.fail(reply.message, reply.errno);
    this.finish(number, call, reply);
  }

  private finish(number: number, call: Call, reply: Reply): void {
    this.calls.delete(number);
    call.cancel();
    call.done(reply, this.options.clock.mono() - call.since);
  }

  /** Nobody knows what is on the disk now: everything that waits is void. */
  private fail(why: string, errno: string | null = null): void {
    if (this.dead || this.ended) return;
    this.dead = true;
    this.options.log.error('journal-failed', { why });
    this.finishAll('failed', `the journal has failed: ${why}`, errno);
  }

  private finishAll(code: JournalErrorCode, message: string, errno: string | null = null): void {
    for (const [number, call] of this.calls) this.finish(number, call, { kind: 'error', code, message, errno });
  }
}
interface Call {
  readonly since: number;
  readonly cancel: () => void;
  readonly done: (reply: Reply, ms: number) => void;
}
