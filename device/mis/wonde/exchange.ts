/**
 * One HTTP exchange and how far it got. `node:http(s)` and not `fetch`: a connection reset during the TLS handshake (no byte of
 * the request left, a write is safe to repeat) and one after it (the write may have happened) are both `ECONNRESET` from
 * `fetch`; here the socket says which.
 */
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Timers } from '../../system/ports.ts';
import { unpacked } from './content.ts';
import type { Tunnel } from './proxy.ts';

export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** For everything from the connection to the last byte of the answer. */
  readonly deadlineMs: number;
  /** Larger answers are cut off, as they come and unpacked. */
  readonly maxBytes: number;
}

export type Exchange =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }
  | { readonly kind: 'too-big' }
  /** It could not even be put together, as with a header that no request can hold: nothing was asked. */
  | { readonly kind: 'unsendable'; readonly code: string }
  | {
      readonly kind: 'failed';
      /** May bytes of the request have left the box? */
      readonly left: boolean;
      /** Was an old connection used, which the other side may have closed before it saw the request? */
      readonly reused: boolean;
      /** `ECONNREFUSED`, `ENOTFOUND`, `deadline`, `stopped` … */
      readonly code: string;
    };

export interface Connection {
  /** Never rejects. One at a time. */
  exchange(asked: Asked, signal: AbortSignal): Promise<Exchange>;
  /** The next exchange opens a new connection. */
  forget(): void;
}

/** One connection, kept open between exchanges; through a tunnel another one each time. */
export function openConnection(secure: boolean, timers: Timers, tunnel: Tunnel | null = null): Connection {
  // Two addresses and a slow line: Node's own 250 ms for the first would give up on both.
  const options = { keepAlive: true, maxSockets: 1, maxFreeSockets: 1, autoSelectFamilyAttemptTimeout: 3000 };
  const agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
  const begin = secure ? requestHttps : requestHttp;
  // Plain HTTP is this machine: it needs no proxy.
  const way = secure && tunnel !== null ? { createConnection: tunnel } : { agent };
  return {
    exchange: (asked, signal) =>
      exchange((settings) => begin(asked.url, { ...settings, ...way }), asked, signal, secure, timers),
    forget: () => agent.destroy(),
  };
}

function exchange(
  begin: (options: RequestOptions) => ClientRequest,
  asked: Asked,
  signal: AbortSignal,
  secure: boolean,
  timers: Timers,
): Promise<Exchange> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve({ kind: 'failed', left: false, reused: false, code: 'stopped' });
      return;
    }
    let left = false;
    const request = begun(() => begin({ method: asked.method, headers: asked.headers }));
    if ('kind' in request) {
      resolve(request);
      return;
    }

    let settled = false;
    const settle = (end: Exchange): void => {
      if (settled) return;
      settled = true;
      cancelDeadline();
      signal.removeEventListener('abort', stop);
      // An answer read to its end leaves the connection to the next exchange.
      if (end.kind !== 'answered') request.destroy();
      resolve(end);
    };
    const fail = (code: string): void => settle({ kind: 'failed', left, reused: request.reusedSocket, code });
    const stop = (): void => fail('stopped');
    const cancelDeadline = timers.after(asked.deadlineMs, () => fail('deadline'));
    signal.addEventListener('abort', stop);

    request.on('socket', (socket) => {
      // A socket from the pool is past its handshake: what is written on it leaves.
      if (request.reusedSocket) left = true;
      else socket.once(secure ? 'secureConnect' : 'connect', () => (left = true));
    });
    request.on('error', (error) => fail(codeOf(error)));
    request.on('close', () => fail('closed'));
    request.on('response', (response) => collect(response, asked.maxBytes, settle, fail));
    request.end(asked.body ?? undefined);
  });
}

/** `node:http` throws where a header, the method or the address cannot be sent. */
function begun(begin: () => ClientRequest): ClientRequest | Extract<Exchange, { kind: 'unsendable' }> {
  try {
    return begin();
  } catch (error) {
    return { kind: 'unsendable', code: error instanceof Error ? codeOf(error) : 'failed' };
  }
}

function collect(
  response: IncomingMessage,
  maxBytes: number,
  settle: (end: Exchange) => void,
  fail: (code: string) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) settle({ kind: 'too-big' });
  });
  response.on('error', (error) => fail(codeOf(error)));
  response.on('end', () => {
    if (!response.complete) {
      fail('cut off');
      return;
    }
    const { statusCode: status = 0, headers } = response;
    const body = unpacked(Buffer.concat(chunks), headers['content-encoding'], maxBytes);
    settle(body === 'too-big' ? { kind: 'too-big' } : { kind: 'answered', status, headers, body });
  });
}

function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code;
  // Both addresses of a name failed: the first says enough.
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return codeOf(error.errors[0]);
  return 'failed';
}
