import { listenOn } from './loopback.ts';
import type { Loopback } from './loopback.ts';

/**
 * The other host that a redirect or a `next` page may lead to: still loopback, under another name. It answers like a
 * friendly Wonde, and counts who came and whether they brought the token, which nobody should.
 */
export interface ForeignHost extends Loopback {
  readonly visits: () => { requests: number; with_token: number };
}

export async function startForeignHost(): Promise<ForeignHost> {
  const visits = { requests: 0, with_token: 0 };
  const serve: Parameters<typeof listenOn>[2] = (request, response) => {
    request.resume();
    visits.requests += 1;
    if (request.headers.authorization !== undefined) visits.with_token += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: [], meta: {} }));
  };
  // Every address of 127.0.0.0/8 is loopback on Linux; elsewhere it may not be, and then only the port differs.
  const listening = await listenOn('127.0.0.2', 0, serve).catch(() => listenOn('127.0.0.1', 0, serve));
  return { ...listening, visits: () => ({ ...visits }) };
}
