/**
 * A device for work on the kiosk page: serves the built page under the strict policy of the real one and speaks the
 * contract, with a small made-up school and situations that can be switched while it runs. Nothing is stored.
 */
import { createServer } from 'node:http';
import type { Server as HttpServer, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import jpeg from 'jpeg-js';
import { Server } from 'socket.io';
import type {
  ChooseAnswer,
  DeviceToKiosk,
  EarlyAnswer,
  KioskSnapshot,
  KioskToDevice,
  LateAnswer,
  PartReport,
  ReturnAnswer,
  StaffMenu,
  WaitingApproval,
} from '../../device/contract/kiosk.ts';
import type { Ack, Command, ErrorCode, Result } from '../../device/contract/result.ts';
import { badgePicture } from './badges.ts';
import { pupils, school } from './kiosk-fake-school.ts';
import { servePage } from './page-files.ts';

/** Badges of the made-up school: what each answers, typed or as a QR. */
export const badges = {
  right: '18391270',
  used: '11112222',
  anotherDay: '33334444',
  mistyped: '18391271',
  alreadyBack: '55556666',
} as const;
export const STAFF_PIN = '246810';

/** What the device does next; change any of it at any time. */
export interface Situation {
  late: Partial<LateAnswer>;
  /** Null: by the pupil's year and the reason. */
  early: EarlyAnswer | null;
  printing: boolean;
  welcome: Extract<ReturnAnswer, { state: 'welcome-back' }>;
  waiting: readonly WaitingApproval[];
  parts: readonly PartReport[];
  /** Every call of this name is refused with this. */
  refuse: Partial<Record<keyof KioskToDevice, ErrorCode>>;
  /** Calls of these names are heard and never answered. */
  silent: Set<keyof KioskToDevice>;
}

export interface Heard {
  readonly name: keyof KioskToDevice;
  readonly commandId: string | null;
  readonly input: unknown;
}

export class FakeDevice {
  readonly heard: Heard[] = [];
  readonly situation: Situation = startingSituation();
  #snapshot: KioskSnapshot = school('run-1');
  #answered = new Map<string, Result<unknown>>();
  #http: HttpServer;
  #io: Server<KioskToDevice, DeviceToKiosk>;
  #streams = new Set<ServerResponse>();
  #frames = [0, 1, 2, 3].map((tick) => frame(tick));
  #port = 0;
  #runs = 1;

  constructor() {
    [this.#http, this.#io] = this.#make();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#http.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#http.address() as AddressInfo).port;
  }

  /** As when the process dies: sockets cut, nothing listens. */
  async stop(): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    this.#io.disconnectSockets(true);
    this.#http.closeAllConnections();
    await this.#io.close();
  }

  /** The process is back: a new run, the same port, no memory of unfinished visits. */
  async restart(): Promise<void> {
    [this.#http, this.#io] = this.#make();
    this.#runs += 1;
    this.#snapshot = { ...this.#snapshot, runId: `run-${this.#runs}`, revision: 1 };
    await this.start();
  }

  /** Back to an ordinary school morning. */
  reset(): void {
    this.heard.length = 0;
    this.#answered.clear();
    Object.assign(this.situation, startingSituation());
    this.show(school(''));
  }

  show(changes: Partial<KioskSnapshot>): void {
    const { runId, revision } = this.#snapshot;
    this.#snapshot = { ...this.#snapshot, ...changes, runId, revision: revision + 1 };
    this.#io.emit('snapshot', this.#snapshot);
  }

  /** The camera reads a QR: shown to the visit that asked to look last. */
  readBadge(code: string): void {
    const look = this.heard.findLast(({ name }) => name === 'look');
    const { visit } = look?.input as { visit: string };
    this.#io.emit('badgeSeen', { visit, code });
  }

  printerFails(): void {
    const early = this.heard.findLast(({ name }) => name === 'early');
    const { visit } = early?.input as { visit: string };
    this.#io.emit('printFailed', { visit });
  }

  reload(why: 'protocol' | 'new-build'): void {
    this.#io.emit('reload', why);
  }

  #make(): [HttpServer, Server<KioskToDevice, DeviceToKiosk>] {
    const http = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://box').pathname;
      if (path === '/camera/live') return void this.#stream(response);
      if (path.startsWith('/badge/')) return void badgePicture().then((png) => response.end(png));
      servePage('kiosk', path, response);
    });
    // Tests set the page's clock forward; that must not look like a dead connection.
    const io = new Server<KioskToDevice, DeviceToKiosk>(http, { pingInterval: 3_600_000, pingTimeout: 3_600_000 });
    io.on('connection', (socket) => {
      socket.on('hello', (input, ack) => this.#answer('hello', input, ack, () => this.#snapshot));
      socket.on('names', (input, ack) =>
        this.#answer('names', input, ack, () => {
          const listed = pupils.filter(({ year, month }) => year === input.yearGroup && month === input.month);
          return {
            pupils: listed.map(({ key, label }) => ({ pupil: key, label })),
            someHidden: listed.some(({ twin }) => twin === true),
          };
        }),
      );
      socket.on('choose', (input, ack) => this.#answer('choose', input, ack, () => choose(input.flow, input.pupil)));
      socket.on('photo', (input, ack) => this.#answer('photo', input, ack, () => ({ url: '/camera/live' })));
      socket.on('look', (input, ack) => this.#answer('look', input, ack, () => null));
      socket.on('end', (input, ack) => this.#answer('end', input, ack, () => null));
      socket.on('late', (command, ack) => this.#command('late', command, ack, ({ pupil }) => this.#late(pupil)));
      socket.on('undo', (command, ack) => this.#command('undo', command, ack, () => null));
      socket.on('early', (command, ack) =>
        this.#command('early', command, ack, ({ pupil, reason }) => this.#early(pupil, reason)),
      );
      socket.on('return', (command, ack) =>
        this.#command('return', command, ack, (input) =>
          input.by === 'name' ? this.situation.welcome : this.#return(input.by === 'typed' ? input.badge : input.code),
        ),
      );
      socket.on('note', (command, ack) => this.#command('note', command, ack, () => null));
      socket.on('staff', (input, ack) => {
        if (input.pin === STAFF_PIN) return this.#answer('staff', input, ack, () => this.#menu());
        this.heard.push({ name: 'staff', commandId: null, input });
        ack({ ok: false, error: { code: 'unauthorised' } });
      });
      socket.on('staffAct', (command, ack) =>
        this.#command('staffAct', command, ack, (input) => {
          if (input.act === 'self-test') return { parts: this.situation.parts, menu: this.#menu() };
          if (input.act !== 'switch-off') {
            this.situation.waiting = this.situation.waiting.filter(({ visit }) => visit !== input.visit);
          }
          return { menu: this.#menu() };
        }),
      );
    });
    return [http, io];
  }

  #answer<T>(name: keyof KioskToDevice, input: unknown, ack: Ack<T>, value: () => T): void {
    this.heard.push({ name, commandId: null, input });
    if (this.situation.silent.has(name)) return;
    const code = this.situation.refuse[name];
    ack(code === undefined ? { ok: true, value: value() } : { ok: false, error: { code } });
  }

  /** A repeat gets the answer of the first time. */
  #command<I, T>(name: keyof KioskToDevice, command: Command<I>, ack: Ack<T>, value: (input: I) => T): void {
    const { commandId, input } = command;
    this.heard.push({ name, commandId, input });
    const code = this.situation.refuse[name];
    const fresh = (): Result<T> =>
      code === undefined ? { ok: true, value: value(input) } : { ok: false, error: { code } };
    const result = (this.#answered.get(commandId) as Result<T> | undefined) ?? fresh();
    this.#answered.set(commandId, result);
    if (!this.situation.silent.has(name)) ack(result);
  }

  #late(key: string): LateAnswer {
    const { forename } = find(key);
    return {
      movement: `movement of ${key}`,
      forename,
      time: '08:52',
      outcome: 'late',
      undoForMs: 30_000,
      ...this.situation.late,
    };
  }

  #early(key: string, reason: string): EarlyAnswer {
    const { forename } = find(key);
    if (this.situation.early !== null) return this.situation.early;
    if (approvalReasons(key).includes(reason)) return { state: 'waiting', forename };
    return { state: 'departed', forename, badge: badges.right, printing: this.situation.printing };
  }

  #return(code: string): ReturnAnswer {
    switch (code.slice(0, 8)) {
      case badges.right:
        return this.situation.welcome;
      case badges.used:
        return { state: 'used' };
      case badges.anotherDay:
        return { state: 'another-day' };
      case badges.mistyped:
        return { state: 'mistyped' };
      case badges.alreadyBack:
        return { state: 'already-back' };
      default:
        return { state: 'unknown' };
    }
  }

  #menu(): StaffMenu {
    return { staff: 'Mrs Lewis', pass: 'pass-1', waiting: this.situation.waiting };
  }

  async #stream(response: ServerResponse): Promise<void> {
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
    response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace; boundary=frame' });
    for (let tick = 0; !response.destroyed; tick += 1) {
      const picture = this.#frames[tick % this.#frames.length];
      response.write(`--frame\r\nContent-Type: image/jpeg\r\n\r\n`);
      response.write(picture);
      response.write('\r\n');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function startingSituation(): Situation {
  return {
    late: {},
    early: null,
    printing: true,
    welcome: { state: 'welcome-back', forename: 'Amara', time: '13:28' },
    waiting: [],
    parts: [
      { part: 'printer', ok: false, words: 'Out of paper: put in a new roll' },
      { part: 'camera', ok: true, words: 'Ready (imx219 on the ribbon cable)' },
      { part: 'lights', ok: true, words: 'Ready' },
      { part: 'mis', ok: true, words: 'The MIS answers.' },
      { part: 'storage', ok: true, words: 'Records are kept, 23 GB free' },
      { part: 'clock', ok: true, words: 'The time is known' },
    ],
    refuse: {},
    silent: new Set(),
  };
}

function find(key: string) {
  const pupil = pupils.find((one) => one.key === key);
  if (pupil === undefined) throw new Error(`no made-up pupil ${key}`);
  return pupil;
}

function approvalReasons(key: string): readonly string[] {
  const young = ['Year 1', 'Year 2', 'Year 3', 'Year 4', 'Year 5', 'Year 6'].includes(find(key).year);
  return young ? school('').leaveReasons.map(({ id }) => id) : ['unwell', 'tell-staff'];
}

function choose(flow: 'late' | 'early', key: string): ChooseAnswer {
  const { forename, caught, sixthForm, noPhoto } = find(key);
  if (caught === 'reception') return { next: 'see-reception' };
  if (caught === 'in' && flow === 'late') return { next: 'already-signed-in', forename, time: '08:41' };
  if (caught === 'out') return flow === 'late' ? { next: 'sign-back-in', forename } : { next: 'already-out', forename };
  return {
    next: 'ask',
    forename,
    approvalReasons: flow === 'early' ? approvalReasons(key) : [],
    photo: flow === 'early' && noPhoto !== true,
    asksRegistration: flow === 'late' && sixthForm === true,
  };
}

/** A head and shoulders that sway: enough to see that the picture lives. */
function frame(tick: number): Buffer {
  const width = 320;
  const height = 240;
  const data = Buffer.alloc(width * height * 4);
  const sway = [0, 6, 0, -6][tick] ?? 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const head = Math.hypot(x - 160 - sway, (y - 95) * 0.85) < 46;
      const body = Math.hypot((x - 160 - sway) * 0.75, y - 235) < 85;
      const [r, g, b] = head ? [176, 124, 92] : body ? [38, 62, 105] : [196 - y / 4, 205 - y / 4, 208 - y / 5];
      data.set([r, g, b, 255], (y * width + x) * 4);
    }
  }
  return jpeg.encode({ data, width, height }, 70).data;
}
