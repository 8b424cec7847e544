/**
 * Asks Wonde: one question at a time on one connection, at most two a second, each with a deadline and a bound, the token only
 * ever to the configured address (mis.md 2.1, 2.2, 2.9).
 */
import type { DateHeard } from '../../domain/time-evidence.ts';
import type { Clock, Timers } from '../../system/ports.ts';
import type { MisAnswer, MisFailure, MisRefusal } from '../connector.ts';
import { openConnection } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import * as failure from './failure.ts';
import { tunnelThrough } from './proxy.ts';

export interface WondeAddress {
  /** `https://api.wonde.com/v1.0` */
  readonly baseUrl: string;
  readonly token: string;
  /** Porter's version, for `User-Agent`. */
  readonly version: string;
}

/** A decoded answer. `bytes`: its length, unpacked. */
export interface Decoded {
  readonly json: unknown;
  readonly bytes: number;
}

export interface WondeClient {
  /** An address under the base URL; `path` segments are escaped here. */
  address(path: readonly string[], query?: Readonly<Record<string, string>>): URL;
  /** A `next` link of a page; null where it leads to another origin, where the token must not go. */
  onward(link: string, from: URL): URL | null;
  get(url: URL, signal: AbortSignal): Promise<MisAnswer<Decoded>>;
  /** A further page: what came before it would be lost, so where it is refused without a time it is asked for three times more. */
  getMore(url: URL, signal: AbortSignal): Promise<MisAnswer<Decoded>>;
  /** The only success is 200 with JSON. A success that cannot be read is `no-answer`: the write may have happened. */
  post(url: URL, body: unknown, signal: AbortSignal, leaveBy: number): Promise<MisAnswer<Decoded>>;
}

const unasked = { busy: failure.busy, 'too-late': failure.tooLate } satisfies Record<Unasked, () => MisFailure>;

const deadlineMs = 20_000;
/** Start to start: at most two requests a second (mis.md 2.9). */
const gapMs = 500;
const maxBytes = 4 * 1024 * 1024;
const maxRedirects = 3;
/** Before a page that was refused is asked for again. No whole seconds: who counts by the second would be met at the same place in it. */
const pageWaitsMs = [2_300, 4_700, 8_600];
const movedStatus: ReadonlySet<number> = new Set([301, 302, 307, 308]);
/** Questions waiting for the connection. The daemon has fewer askers than this. */
const maxWaiting = 32;

interface Question {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly body: string | null;
  /** Milliseconds of the clock's `mono`: later it is not asked any more. */
  readonly leaveBy?: number;
}
/** Why a question was not asked. */
type Unasked = 'busy' | 'too-late';

/**
 * `heard`: told what time it is by answers whose certificate was checked (durability.md 17). `open`: another way to the
 * server than the network, in tests.
 */
export interface WondePorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly heard?: (date: DateHeard) => void;
  readonly open?: typeof openConnection;
  /** `http://host:port` of the school's proxy; null: straight out. */
  readonly proxy?: string | null;
}

export function createWondeClient(address: WondeAddress, ports: WondePorts): WondeClient {
  const { clock, timers, heard, open = openConnection, proxy = null } = ports;
  const base = new URL(address.baseUrl);
  // Only the token speaks for us.
  base.username = base.password = '';
  const connection = open(base.protocol === 'https:', timers, proxy === null ? null : tunnelThrough(new URL(proxy)));
  const headers = {
    authorization: `Bearer ${address.token}`,
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': `Porter/${address.version}`,
  };
  const takeTurn = turns(maxWaiting);
  let nextAt = clock.mono();
  /** Does the server choose the page size itself? */
  let ownPages = false;
  /** Addresses for writes, of which there is one per school, and where they are with or without their last slash. */
  const moved = new Map<string, URL>();

  /** Waits for its turn and for the pace, then asks. */
  function ask(question: Question, signal: AbortSignal): Promise<Exchange | Unasked> {
    return takeTurn(async () => {
      await pause(nextAt - clock.mono(), timers, signal);
      if (clock.mono() > (question.leaveBy ?? Infinity)) return 'too-late';
      nextAt = clock.mono() + gapMs;
      // On a new connection nobody can have closed it before the request arrived: fewer writes end in doubt.
      if (question.method === 'POST') connection.forget();
      return exchange(question, signal);
    });
  }

  async function exchange(question: Question, signal: AbortSignal): Promise<Exchange> {
    const content = question.body === null ? {} : { 'content-type': 'application/json' };
    const length = question.body === null ? {} : { 'content-length': String(Buffer.byteLength(question.body)) };
    const asked = { ...question, headers: { ...headers, ...content, ...length }, deadlineMs, maxBytes };
    const askedAt = clock.mono();
    const end = await connection.exchange(asked, signal);
    if (end.kind === 'answered' && base.protocol === 'https:') tell(end, askedAt);
    const stale = end.kind === 'failed' && end.reused && end.code !== 'deadline' && end.code !== 'stopped';
    return stale && question.method === 'GET' ? connection.exchange(asked, signal) : end;
  }

  /** An answer from a cache is as old as it says, if not older. */
  function tell({ headers: { date, age } }: Extract<Exchange, { kind: 'answered' }>, askedAt: number): void {
    if (date !== undefined && age === undefined) heard?.({ date: Date.parse(date), askedAt, answeredAt: clock.mono() });
  }

  async function get(url: URL, signal: AbortSignal, redirects = 0): Promise<MisAnswer<Decoded>> {
    const end = await ask({ method: 'GET', url, body: null }, signal);
    if (typeof end === 'string') return refused(unasked[end]());
    if (end.kind === 'too-big') return refused(failure.tooBig());
    if (end.kind === 'unsendable') return refused(failure.unsendable(end.code));
    if (end.kind === 'failed') return refused(failure.broken(end, url.host));
    const onwards = end.status >= 300 && end.status < 400 ? onward(end.headers.location ?? '', url) : null;
    if (onwards !== null && redirects < maxRedirects) return get(onwards, signal, redirects + 1);
    if (end.status !== 200) return refused(failure.answered(end, clock.now()));
    return decoded(end.body) ?? refused(failure.unreadable());
  }

  async function post(url: URL, body: unknown, signal: AbortSignal, leaveBy: number): Promise<MisAnswer<Decoded>> {
    const text = JSON.stringify(body);
    const at = moved.get(url.href) ?? url;
    let end = await ask({ method: 'POST', url: at, body: text, leaveBy }, signal);
    const other = typeof end !== 'string' && end.kind === 'answered' ? slashTwin(end, at) : null;
    if (other !== null) {
      // A redirect took nothing in: to send it again writes once.
      moved.set(url.href, other);
      end = await ask({ method: 'POST', url: other, body: text, leaveBy }, signal);
    }
    if (typeof end === 'string') return refused(unasked[end]());
    if (end.kind === 'too-big') return refused(failure.doubtful());
    if (end.kind === 'unsendable') return refused(failure.unsendable(end.code));
    if (end.kind === 'failed') return refused(failure.broken(end, url.host));
    if (end.status !== 200) return refused(failure.answeredWrite(end, clock.now()));
    return decoded(end.body) ?? refused(failure.doubtful());
  }

  /** Where a write is redirected to the same address with or without its last slash; null for any other redirect. */
  function slashTwin(end: Extract<Exchange, { kind: 'answered' }>, from: URL): URL | null {
    const to = movedStatus.has(end.status) ? onward(end.headers.location ?? '', from) : null;
    const bare = ({ pathname, search }: URL): string => pathname.replace(/\/$/, '') + search;
    return to !== null && to.pathname !== from.pathname && bare(to) === bare(from) ? to : null;
  }

  /** Some servers take no page size, or not ours: asked again without, and so from then on. */
  async function sized(url: URL, signal: AbortSignal): Promise<MisAnswer<Decoded>> {
    const bare = new URL(url);
    bare.searchParams.delete('per_page');
    if (bare.href === url.href) return get(url, signal);
    if (ownPages) return get(bare, signal);
    const first = await get(url, signal);
    if (first.ok || first.failure.kind !== 'other') return first;
    const again = await get(bare, signal);
    ownPages = again.ok;
    return again.ok ? again : first;
  }

  function onward(link: string, from: URL): URL | null {
    const url = link !== '' && URL.canParse(link, from.href) ? new URL(link, from) : null;
    return url?.origin === base.origin ? url : null;
  }

  return {
    address: (path, query = {}) => {
      const url = new URL(base);
      const under = base.pathname.replace(/\/+$/, '');
      url.pathname = [under, ...path.map(encodeURIComponent)].join('/');
      url.search = new URLSearchParams(query).toString();
      return url;
    },
    onward,
    get: sized,
    getMore: patient(sized, timers),
    post,
  };
}

export const refused = (why: MisFailure): MisRefusal => ({ ok: false, failure: why });

/** Null: not JSON, or not UTF-8. */
function decoded(body: Buffer): MisAnswer<Decoded> | null {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return { ok: true, value: { json, bytes: body.length } };
  } catch {
    return null;
  }
}

/** One at a time, in the order of asking, at most `most` waiting. */
function turns(most: number): <T>(run: () => Promise<T>) => Promise<T | 'busy'> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (run) => {
    if (waiting >= most) return 'busy';
    waiting += 1;
    const turn = last.then(run);
    last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      waiting -= 1;
    }
  };
}

function patient(get: WondeClient['get'], timers: Timers): WondeClient['getMore'] {
  return async (url, signal) => {
    for (const waitMs of pageWaitsMs) {
      const answer = await get(url, signal);
      if (answer.ok || answer.failure.kind !== 'throttled' || answer.failure.retryAfterMs !== null) return answer;
      await pause(waitMs, timers, signal);
      if (signal.aborted) return answer;
    }
    return get(url, signal);
  };
}

function pause(ms: number, timers: Timers, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = timers.after(ms, end);
    signal.addEventListener('abort', end);
  });
}
