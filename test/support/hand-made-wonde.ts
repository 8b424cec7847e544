import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createWondeConnector } from '../../device/mis/wonde/connector.ts';
import type { MisConnector } from '../../device/mis/connector.ts';
import { steeredTime } from './steered-time.ts';
import type { SteeredTime } from './steered-time.ts';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** As it came, with its last slash. */
  readonly url: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The connection, counted from 1. */
  readonly connection: number;
}

/** JSON with status 200, or the answer by hand. */
export type Handler = (request: SeenRequest, response: ServerResponse) => unknown;

/** What a school needs besides the thing under test. Paths are those after `/v1.0`. */
export const codes = [
  { id: 'C-slash', code: '/', description: 'Present (AM)', type: 'PRESENT' },
  { id: 'C-L', code: 'L', description: 'Late', type: 'PRESENT' },
  { id: 'C-U', code: 'U', description: 'Late after close', type: 'ABSENT' },
  { id: 'C-N', code: 'N', description: 'No reason', type: 'ABSENT' },
  { id: 'C-C1', code: 'C1', description: 'Performance', type: 'ABSENT' },
  { id: 'C-dash', code: '-', description: 'No mark', type: '' },
];
const usual: Readonly<Record<string, Handler>> = {
  'GET /schools/S1': () => ({ data: { id: 'S1', mis: 'SIMS', extended: { allows_writeback: true } } }),
  'GET /meta/schools/S1': () => ({ data: { online: true } }),
  'GET /schools/S1/attendance-codes': () => ({ data: codes }),
};

export interface HandMade {
  readonly origin: string;
  readonly connector: MisConnector;
  readonly requests: readonly SeenRequest[];
  readonly time: SteeredTime;
  readonly stop: () => Promise<void>;
}

export const neverAborted = new AbortController().signal;

/**
 * A small server of the test's own and a connector to it. `routes`: `GET /schools/S1/students` and so on; no trailing slash. `hurryMs`: waits
 * of the connector that cost no time (`steered-time.ts`).
 */
export async function handMade(
  routes: Readonly<Record<string, Handler>> = {},
  { baseUrl, hurryMs = 500 }: { readonly baseUrl?: string; readonly hurryMs?: number } = {},
): Promise<HandMade> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const numbers = new WeakMap<Socket, number>();
  let connections = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
      const path = pathname.replace(/^\/v1\.0/, '').replace(/\/$/, '');
      const method = request.method ?? '';
      const seen: SeenRequest = {
        method,
        path,
        url: request.url ?? '/',
        query: searchParams,
        headers: request.headers,
        body,
        connection: numbers.get(request.socket) ?? 0,
      };
      requests.push(seen);
      const handler = routes[`${method} ${path}`] ?? usual[`${method} ${path}`];
      const answer = handler === undefined ? missing(response) : handler(seen, response);
      if (answer !== undefined) response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    numbers.set(socket, (connections += 1));
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const time = steeredTime(Date.UTC(2026, 10, 23, 9, 0), hurryMs);
  const connector = createWondeConnector(
    { baseUrl: baseUrl ?? `${origin}/v1.0`, schoolId: 'S1', token: 'made-up-token', version: '0.1.0' },
    time,
  );
  return {
    origin,
    connector,
    requests,
    time,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function missing(response: ServerResponse): undefined {
  response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not Found"}');
}
