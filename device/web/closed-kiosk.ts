/** The kiosk's page while the box is out of service: it shows "Please see reception", and whatever is asked is refused. */
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import type { KioskSnapshot } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import { listen, localPages, socketOptions } from './kiosk.ts';

const refusal: Result<never> = { ok: false, error: { code: 'storage_failed' } };

export async function serveClosedKiosk(ports: {
  readonly port: number;
  readonly pageFolder: string;
  readonly snapshot: () => KioskSnapshot;
}): Promise<{ readonly port: number; close(): Promise<void> }> {
  const http = createServer(localPages(ports.pageFolder));
  const io = new Server(http, socketOptions);
  io.on('connection', (socket) => {
    socket.onAny((event: string, ...args: readonly unknown[]) => {
      const ack = args.at(-1);
      if (typeof ack !== 'function') return;
      Reflect.apply(ack, null, [event === 'hello' ? { ok: true, value: ports.snapshot() } : refusal]);
    });
  });
  const port = await listen(http, ports.port, '127.0.0.1');
  return { port, close: () => io.close() };
}
