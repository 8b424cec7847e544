/** The staff page's server: one whole snapshot, pushed on change. Loopback and read only until the page has accounts. */
import { createServer } from 'node:http';
import express from 'express';
import helmet from 'helmet';
import { Server } from 'socket.io';
import type { DeviceToStaff, StaffSnapshot } from '../contract/staff.ts';
import type { Timers } from '../system/ports.ts';
import { isLocalPage, listen, refusePlainly, strictHeaders } from './kiosk.ts';

/** At most five snapshots a second (architecture.md 3). */
const pushEveryMs = 200;

export interface StaffPorts {
  readonly port: number;
  readonly pageFolder: string;
  readonly timers: Timers;
  readonly snapshot: () => StaffSnapshot;
  readonly photo: (visit: string) => Promise<Uint8Array | null>;
}
export interface StaffServer {
  readonly port: number;
  push(): void;
  close(): Promise<void>;
}

export async function serveStaff(ports: StaffPorts): Promise<StaffServer> {
  const app = express();
  app.disable('x-powered-by');
  app.use((request, response, next) => {
    if (isLocalPage(request.headers.origin, request.headers.host)) next();
    else response.status(403).type('text').send('This page is for this machine only.\n');
  });
  app.use(helmet(strictHeaders));
  app.get('/photo/:visit', async (request, response) => {
    const photo = await ports.photo(request.params.visit);
    if (photo === null) response.status(404).end();
    else response.set('Cache-Control', 'no-store').type('jpeg').send(Buffer.from(photo));
  });
  app.use(express.static(ports.pageFolder, { cacheControl: false }));
  refusePlainly(app);

  const http = createServer(app);
  const io = new Server<Record<string, never>, DeviceToStaff>(http, {
    transports: ['websocket'],
    serveClient: false,
    allowRequest: (request, decide) => {
      decide(null, isLocalPage(request.headers.origin, request.headers.host));
    },
  });
  io.on('connection', (socket) => {
    socket.emit('snapshot', ports.snapshot());
  });
  let due: (() => void) | null = null;
  return {
    port: await listen(http, ports.port, '127.0.0.1'),
    push: () => {
      due ??= ports.timers.after(pushEveryMs, () => {
        due = null;
        if (io.engine.clientsCount > 0) io.emit('snapshot', ports.snapshot());
      });
    },
    close: async () => {
      due?.();
      await io.close();
    },
  };
}
