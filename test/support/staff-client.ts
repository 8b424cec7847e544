/** The staff page without a screen: its requests and its socket, with whatever headers a test likes. */
import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import type { DeviceToStaff, StaffToDevice } from '../../device/contract/staff.ts';

export type StaffClient = Socket<DeviceToStaff, StaffToDevice>;
export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** With the page's own origin, unless `headers` say otherwise. The box's certificate is its own, and is taken. `from`: an address of this machine. */
export function staffRequest(
  url: string,
  method: string,
  path: string,
  body: object | string | null = null,
  headers: Readonly<Record<string, string>> = {},
  from = '127.0.0.1',
): Promise<Answered> {
  const { hostname, port, host } = new URL(url);
  const origin = `https://${host}`;
  const type = body === null ? {} : { 'Content-Type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        hostname,
        port,
        path,
        method,
        headers: { origin, ...type, ...headers },
        localAddress: from,
        rejectUnauthorized: false,
        agent: false,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      },
    );
    asked.on('error', reject);
    asked.end(body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  });
}

/** Rejects where it is not let in. `onMade`: to listen before anything comes. */
export async function staffSocket(
  url: string,
  cookie: string,
  headers: Readonly<Record<string, string>> = {},
  onMade: (socket: StaffClient) => void = () => undefined,
): Promise<StaffClient> {
  const socket: StaffClient = io(url, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    rejectUnauthorized: false,
    extraHeaders: { origin: new URL(url).origin, cookie, ...headers },
  });
  onMade(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error) => {
      socket.close();
      reject(error);
    });
  });
  return socket;
}
