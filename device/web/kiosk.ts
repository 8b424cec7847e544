/** The kiosk's server: on loopback only, for the page in front of the pupil. Parses, hands on, answers. */
import { createServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import express from 'express';
import helmet from 'helmet';
import { Server } from 'socket.io';
import type { ServerOptions, Socket } from 'socket.io';
import type { GenericSchema } from 'valibot';
import { PROTOCOL_VERSION } from '../contract/kiosk.ts';
import type { DeviceToKiosk, KioskSnapshot, KioskToDevice, StaffMenu } from '../contract/kiosk.ts';
import type { Command, Result } from '../contract/result.ts';
import type { Arrivals } from '../desk/arrivals.ts';
import type { Departures } from '../desk/departures.ts';
import type { DeskCommand } from '../desk/desk.ts';
import type { Picker } from '../desk/picker.ts';
import type { Returns } from '../desk/returns.ts';
import { isStorageTrouble } from '../journal/trouble.ts';
import type { Clock } from '../system/ports.ts';
import { hashOfInput } from './input-hash.ts';
import { parse, wire } from './parse.ts';
import { setUpPages } from './set-up-page.ts';
import type { SetUp } from './set-up-page.ts';
import type { StaffAtBox } from './staff-at-box.ts';

/** A command is a few hundred bytes; anything longer never came from the page. */
const messageMaxBytes = 16 * 1024;

/** Messages that a page may send at once, and a second after that. A page sends a few a second at most. */
const burstMax = 200;
const messagesASecond = 20;

export interface KioskPorts {
  readonly port: number;
  readonly clock: Clock;
  readonly pageFolder: string;
  readonly snapshot: () => KioskSnapshot;
  readonly arrivals: Arrivals;
  readonly departures: Departures;
  readonly returns: Returns;
  readonly picker: Picker;
  readonly staffAtBox: StaffAtBox;
  /** Takes a photo and keeps it under the visit. */
  readonly takePhoto: (visit: string) => Promise<Result<{ readonly url: string }>>;
  readonly dropPhoto: (visit: string) => Promise<void>;
  /** Somebody is about to leave, so a badge will be wanted. */
  readonly leaving: () => void;
  readonly photo: (visit: string) => Promise<Uint8Array | null>;
  /** The badge of a visit as it is printed, a PNG; null: there is none. */
  readonly badge: (visit: string) => Promise<Uint8Array | null>;
  /** JPEG frames for the live picture, until the signal; null: no camera. */
  readonly live: (signal: AbortSignal) => AsyncIterable<Uint8Array> | null;
  /** The camera looks for a badge's QR code; `seen` gets what it says, once. */
  readonly look: (visit: string, seen: (code: string) => void) => void;
  readonly lookAway: (visit?: string) => void;
  readonly setUp: SetUp;
  /** A bug: the process must end. */
  readonly onBroken: (error: unknown) => void;
}

export interface KioskServer {
  readonly port: number;
  /** Tells the page that something changed. */
  push(): void;
  /** Has a page the line open, or is a new box set up (`setUpPages`)? */
  connected(): boolean;
  /** The badge of this visit will not print after all. */
  printFailed(visit: string): void;
  close(): Promise<void>;
}

type KioskIo = Server<KioskToDevice, DeviceToKiosk>;

export const socketOptions: Partial<ServerOptions> = {
  transports: ['websocket'],
  serveClient: false,
  maxHttpBufferSize: messageMaxBytes,
  allowRequest: (request, decide) => {
    decide(null, isLocalPage(request.headers.origin, request.headers.host));
  },
};

export async function serveKiosk(ports: KioskPorts): Promise<KioskServer> {
  let isSetUp = (): boolean => false;
  const http = createServer(
    localPages(ports.pageFolder, (app) => {
      pictures(app, ports);
      isSetUp = setUpPages(app, ports.setUp, ports.clock);
    }),
  );
  const io: KioskIo = new Server(http, socketOptions);
  io.on('connection', (socket) => {
    connect(socket, ports);
  });
  const port = await listen(http, ports.port, '127.0.0.1');
  return {
    port,
    push: () => {
      io.emit('snapshot', ports.snapshot());
    },
    connected: () => io.sockets.sockets.size > 0 || isSetUp(),
    printFailed: (visit) => {
      io.emit('printFailed', { visit });
    },
    close: () => io.close(),
  };
}

/** A page from elsewhere, opened by accident or on purpose, must not reach the daemon. */
export function isLocalPage(origin: string | undefined, host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, '') ?? '';
  if (name !== '127.0.0.1' && name !== 'localhost') return false;
  return origin === undefined || origin === `http://${host ?? ''}`;
}

/** The files of a page, for this machine only; `more` adds what else it asks for. */
export function localPages(folder: string, more: (app: express.Express) => void = () => undefined): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((request, response, next) => {
    if (isLocalPage(request.headers.origin, request.headers.host)) next();
    else response.status(403).type('text').send('This page is for the screen of this box only.\n');
  });
  app.use(helmet(strictHeaders));
  more(app);
  // The box's own browser begins there (systemd/kiosk.sh).
  app.get('/set-up', (_request, response) => {
    response.redirect('/');
  });
  app.use(express.static(folder, { cacheControl: false }));
  refusePlainly(app);
  return app;
}

/** Whatever else is asked for: neither the answer nor the log says what it was, or anything of the inside. */
export function refusePlainly(app: express.Express): void {
  app.use((_request, response) => {
    response.status(404).type('text').send('There is no such page.\n');
  });
  app.use((error: unknown, _request: express.Request, response: express.Response, next: express.NextFunction) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : 500;
    const theirs = typeof status === 'number' && status >= 400 && status < 500;
    response
      .status(theirs ? status : 500)
      .type('text')
      .send('This cannot be done.\n');
  });
}

function pictures(app: express.Express, ports: KioskPorts): void {
  app.get('/camera/live', (request, response) => {
    const gone = new AbortController();
    request.on('close', () => {
      gone.abort();
    });
    const frames = ports.live(gone.signal);
    if (frames === null) response.status(404).end();
    else streamFrames(frames, response).catch(ports.onBroken);
  });
  app.get('/photo/:visit', async (request, response) => {
    sendPicture(response, 'jpeg', await ports.photo(request.params.visit));
  });
  app.get('/badge/:visit', async (request, response) => {
    sendPicture(response, 'png', await ports.badge(request.params.visit));
  });
}

export function sendPicture(response: express.Response, type: 'jpeg' | 'png', picture: Uint8Array | null): void {
  if (picture === null) response.status(404).end();
  else response.set('Cache-Control', 'no-store').type(type).send(Buffer.from(picture));
}

/** Nothing from outside, nothing inline (look.md, issue of the kiosk page). */
export const strictHeaders = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
} as const;

/** Motion JPEG: one part a frame, until the page goes away. A slow page gets fewer frames, never a queue. */
async function streamFrames(frames: AsyncIterable<Uint8Array>, response: express.Response): Promise<void> {
  response.set({ 'Content-Type': 'multipart/x-mixed-replace; boundary=frame', 'Cache-Control': 'no-store' });
  for await (const frame of frames) {
    if (response.writableNeedDrain) continue;
    response.write(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${String(frame.byteLength)}\r\n\r\n`);
    response.write(frame);
    response.write('\r\n');
  }
  response.end();
}

type KioskSocket = Socket<KioskToDevice, DeviceToKiosk>;

function connect(socket: KioskSocket, ports: KioskPorts): void {
  hangUpOnFloods(socket, ports.clock);
  const answer = answering(ports.onBroken);
  questions(socket, ports, answer);
  orders(socket, ports, answer);
  socket.on('disconnect', () => {
    ports.lookAway();
  });
}

/** A page gone mad must not keep a pupil at another from signing in. It may come back, with nothing saved up. */
export function hangUpOnFloods(socket: Pick<Socket, 'use' | 'disconnect'>, clock: Clock): void {
  let left = burstMax;
  let since = clock.mono();
  socket.use((_message, next) => {
    const now = clock.mono();
    left = Math.min(burstMax, left + ((now - since) * messagesASecond) / 1000) - 1;
    since = now;
    if (left < 0) socket.disconnect(true);
    else next();
  });
}

type Answer = <T, R>(
  schema: GenericSchema<unknown, T>,
  input: unknown,
  ack: unknown,
  run: (value: T) => Result<R> | Promise<Result<R>>,
) => void;

/** One answer for every message: parse, do, and never leave the page waiting. */
function answering(onBroken: (error: unknown) => void): Answer {
  return <T, R>(
    schema: GenericSchema<unknown, T>,
    input: unknown,
    ack: unknown,
    run: (value: T) => Result<R> | Promise<Result<R>>,
  ): void => {
    if (!isAck<R>(ack)) return;
    const parsed = parse(schema, input);
    if (!parsed.ok) {
      ack(parsed);
      return;
    }
    Promise.resolve(parsed.value)
      .then(run)
      .then(ack, (error: unknown) => {
        ack({ ok: false, error: { code: isStorageTrouble(error) ? 'storage_failed' : 'internal' } });
        onBroken(error);
      });
  };
}

/** Nothing is recorded by these. */
function questions(socket: KioskSocket, ports: KioskPorts, answer: Answer): void {
  const { picker } = ports;
  socket.on('hello', (input, ack) => {
    answer(wire.hello, input, ack, ({ protocol }) => {
      if (protocol !== PROTOCOL_VERSION) socket.emit('reload', 'protocol');
      return { ok: true, value: ports.snapshot() };
    });
  });
  socket.on('names', (input, ack) => {
    answer(wire.names, input, ack, (value) => picker.names(value));
  });
  socket.on('choose', (input, ack) => {
    answer(wire.choose, input, ack, (value) => {
      if (value.flow === 'early') ports.leaving();
      return picker.choose(value);
    });
  });
  socket.on('photo', (input, ack) => {
    answer(wire.visit, input, ack, ({ visit }) => ports.takePhoto(visit));
  });
  socket.on('look', (input, ack) => {
    answer(wire.look, input, ack, ({ visit, on }) => {
      if (on) ports.look(visit, (code) => socket.emit('badgeSeen', { visit, code }));
      else ports.lookAway(visit);
      return { ok: true, value: null };
    });
  });
  socket.on('end', (input, ack) => {
    answer(wire.visit, input, ack, async ({ visit }) => {
      await ports.dropPhoto(visit);
      await picker.ended(visit);
      return { ok: true, value: null };
    });
  });
  socket.on('staff', (input, ack) => {
    answer(wire.staff, input, ack, ({ pin }): Promise<Result<StaffMenu>> => ports.staffAtBox.enter(pin));
  });
}

/** These are recorded, once each. */
function orders(socket: KioskSocket, ports: KioskPorts, answer: Answer): void {
  const { arrivals, departures, returns, picker, staffAtBox } = ports;
  socket.on('late', (input, ack) => {
    answer(wire.late, input, ack, (command) => arrivals.late(asDeskCommand(command), command.input));
  });
  socket.on('undo', (input, ack) => {
    answer(wire.undo, input, ack, (command) => arrivals.undo(asDeskCommand(command), command.input));
  });
  socket.on('early', (input, ack) => {
    answer(wire.early, input, ack, (command) => departures.early(asDeskCommand(command), command.input));
  });
  socket.on('return', (input, ack) => {
    answer(wire.return, input, ack, (command) => returns.back(asDeskCommand(command), command.input));
  });
  socket.on('note', (input, ack) => {
    answer(wire.note, input, ack, (command) => picker.note(asDeskCommand(command), command.input));
  });
  socket.on('staffAct', (input, ack) => {
    answer(wire.staffAct, input, ack, (command) => staffAtBox.act(asDeskCommand(command), command.input));
  });
}

function isAck<R>(ack: unknown): ack is (result: Result<R>) => void {
  return typeof ack === 'function';
}

export function asDeskCommand<T>(command: Command<T>): DeskCommand {
  const { commandId, ageMs, runId, input } = command;
  return { id: commandId, ageMs, hash: hashOfInput(input), ...(runId === undefined ? {} : { runId }) };
}

/** Resolves with the port once it listens; rejects when it is taken. */
export function listen(http: HttpServer | HttpsServer, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      const address = http.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
