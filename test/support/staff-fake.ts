/**
 * A box for work on the staff page: serves the built page under the strict policy of the real one and speaks the contract, with the
 * real desk and presenters on a made-up day in memory. Whoever opens it is signed in as the role that the test says.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { normalize } from 'node:path';
import jpeg from 'jpeg-js';
import { Server } from 'socket.io';
import type { Result } from '../../device/contract/result.ts';
import type { ErasePreview } from '../../device/contract/staff-views.ts';
import type {
  DeviceToStaff,
  Myself,
  SessionAnswer,
  StaffToDevice,
  StaffTop,
  ViewName,
} from '../../device/contract/staff.ts';
import { viewChange, viewText } from '../../device/contract/view-change.ts';
import { PupilRecords } from '../../device/desk/about-pupil.ts';
import { papers } from '../../device/web/staff/papers/papers.ts';
import { settingsDesk } from '../../device/desk/settings.ts';
import { on } from '../../device/web/commands.ts';
import { deskCommands } from '../../device/web/desk-commands.ts';
import type { Commands } from '../../device/web/giver.ts';
import { queries } from '../../device/web/staff/queries.ts';
import { presenters } from '../../device/web/staff/views/all.ts';
import type { StaffSituation } from '../../device/web/staff/views/situation.ts';
import { topOf } from '../../device/web/staff/views/top.ts';
import { badgePicture } from './badges.ts';
import { monday } from './desk-day.ts';
import type { Day } from './desk-day.ts';
import { servePage } from './page-files.ts';
import { bookOf } from './settings-book.ts';

export interface FakeStaffOptions {
  readonly day: Day;
  readonly me: Myself;
  readonly situation: Partial<StaffSituation>;
  /** Commands of the desk are carried out, and what they change is pushed; else every command is refused. */
  readonly acts?: true;
}

/** What is asked of whoever is not signed in. */
export type Door = 'sign-in' | 'first-use';

/** How the box is, where it is otherwise than the day says. */
export interface Shown {
  readonly situation?: Partial<StaffSituation>;
  readonly top?: Partial<StaffTop>;
  /** Nobody is signed in. */
  readonly door?: Door;
  /** Over what the presenter makes of the day, by view. */
  readonly views?: Partial<Record<ViewName, object>>;
  /** Of commands and queries, by name; `backup-sent`: of a file that is sent to be restored. */
  readonly answers?: Readonly<Record<string, Result<unknown>>>;
}

export class FakeStaff {
  private readonly options: FakeStaffOptions;
  private readonly http = createServer((request, response) => {
    this.serve(request, response);
  });
  private readonly io = new Server<StaffToDevice, DeviceToStaff>(this.http, { transports: ['websocket'] });
  private revision = 1;
  private shown: Shown = {};
  private readonly book: ReturnType<typeof bookOf>;
  /** To each page. */
  private readonly pushes: (() => void)[] = [];
  /** Of the page that it serves. */
  build = 'one';
  /** Every command that came, oldest first. */
  readonly heard: { readonly name: string; readonly input: unknown }[] = [];

  constructor(options: FakeStaffOptions) {
    this.options = options;
    this.book = bookOf(options.day.box.school.settings);
    const { day, me } = options;
    const asked = queries({
      school: day.box.school,
      ledger: () => day.ledger,
      staffDesk: day.box.staff,
      eraseDesk: { preview: () => Promise.resolve(previewed), receipt: () => Promise.resolve(refused) },
      settingsDesk: settingsDesk({ ...day.box, book: this.book, misCodes: () => Promise.resolve(null) }),
      pupilRecords: new PupilRecords({ journal: day.box.journal, durable: () => day.ledger }),
      photos: { kept: () => Promise.resolve(new Set([...day.ledger.visits.keys()])) },
      waitsForPrinter: () => false,
      papers: () => papers(day.box.school.settings, monday, 'test'),
      journal: day.box.journal,
      chain: () =>
        Promise.resolve({ isWhole: true, upTo: 120, head: 'ab'.repeat(32), words: [], at: '2026-11-23 12:12' }),
    });
    const { departures, staff } = day.box;
    const exportDays = () => Promise.resolve();
    const acts: Commands = options.acts
      ? deskCommands({ departures, staffDesk: staff, exportDays, exportDaysLater: () => undefined }, on)
      : {};
    this.io.on('connection', (socket) => {
      let watched: ViewName | null = null;
      this.pushes.push(() => {
        socket.emit('top', this.top());
        if (watched !== null)
          socket.emit(
            'view',
            watched,
            viewChange(undefined, viewText(this.view(watched), undefined)) ?? '',
            this.revision,
            null,
          );
      });
      socket.emit('top', this.top());
      socket.on('watch', (name, answer) => {
        watched = name;
        answer({ ok: true, value: name === null ? null : this.view(name) });
      });
      socket.on('query', (name, input, answer) => {
        const given = this.shown.answers?.[name];
        const ask = Object.entries(asked).find(([one]) => one === name)?.[1];
        if (given !== undefined) answer(given);
        else if (ask !== undefined) void ask(input, me).then(answer);
        else answer(refused);
      });
      socket.on('command', (name, command, answer) => {
        this.heard.push({ name, input: command.input });
        const given = this.shown.answers?.[name];
        const act = acts[name];
        if (given !== undefined || act === undefined) {
          answer(given ?? refused);
          return;
        }
        const { commandId: id, input } = command;
        const giver = { by: me.name, command: { id, hash: id, ageMs: 0 } };
        void act(input, giver).then((result) => {
          answer(result);
          this.push();
        });
      });
    });
  }

  get day(): Day {
    return this.options.day;
  }

  get me(): Myself {
    return this.options.me;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.http.address() as AddressInfo).port)}/`;
  }

  /** From the next view on; who is signed in, from the next page on. */
  showing(shown: Shown): void {
    this.shown = shown;
  }

  /** The box starts anew, and nobody is connected. */
  hangUp(): void {
    this.io.disconnectSockets(true);
  }

  /** Something has changed on that day. */
  push(): void {
    this.revision += 1;
    for (const one of this.pushes) one();
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.http.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.io.disconnectSockets(true);
    this.http.closeAllConnections();
    await this.io.close();
  }

  private situation(): StaffSituation {
    return {
      runId: 'run-1',
      revision: this.revision,
      demo: false,
      build: '0.1.0+20261123.1a2b3c4',
      lights: { green: 'steady', amber: 'double', red: 'off' },
      mis: {
        state: 'online',
        words: 'The MIS answers.',
        lastContact: this.options.day.time.clock.now() - 20_000,
        since: null,
      },
      roster: rosterOf(this.options.day),
      parts: [
        { part: 'printer', ok: true, soon: true, words: 'The paper is nearly used up: have a new roll ready' },
        { part: 'camera', ok: true, words: 'Ready' },
        { part: 'lights', ok: true, words: 'Ready' },
        { part: 'mis', ok: true, words: 'The MIS answers.' },
        { part: 'storage', ok: true, words: 'Records are kept, 24 GB free' },
        { part: 'clock', ok: true, words: 'The time is known' },
      ],
      faults: [],
      storage: {
        state: 'ok',
        words: 'Records are kept, 24 GB free',
        freeBytes: 24e9,
        totalBytes: 32e9,
        readOnly: false,
        lastSyncMs: 7.2,
        slowestSyncMs: 61,
        fileSystemErrors: 0,
        usedLifePercent: 3,
        writtenTodayBytes: 4_200_000,
      },
      people: { people: [], computers: [] },
      asInFile: this.options.day.box.school.settings,
      waitsForPrinter: () => false,
      exportSize: () => null,
      restore: () => ({ refused: null, aside: [] }),
      host: {
        degrees: () => 55,
        memory: () => ({ usedBytes: 142e6, freeBytes: 1_310e6, totalBytes: 1_890e6 }),
        versions: { Porter: '0.1.0', 'Node.js': '20.19.0' },
        canRestart: true,
        newToken: { refused: null },
        takesStick: true,
        takenAtConsole: () => null,
        update: {
          ...{ trial: false, address: null, progress: null, last: null },
          found: [
            {
              from: 'stick',
              where: '/dev/sda1',
              file: 'porter.raucb',
              version: '0.2.0+20261201.1a2b3c4',
              refused: null,
            },
          ],
        },
      },
      ...this.options.situation,
      ...this.shown.situation,
    };
  }

  private view<N extends ViewName>(name: N) {
    const { day, me } = this.options;
    const { settings } = this.book.on(day.ledger.settings, monday);
    const made = presenters[name]({ ...day.box.school, settings }, day.ledger, this.situation(), me.role);
    return { ...made, ...this.shown.views?.[name] };
  }

  private top(): StaffTop {
    const { day, me } = this.options;
    return { ...topOf(day.box.school, day.ledger, this.situation(), me.role), ...this.shown.top };
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const path = normalize((request.url ?? '/').split('?')[0] ?? '/');
    if (path === '/session') {
      response.setHeader('Content-Type', 'application/json');
      const none = {
        firstUse: this.shown.door === 'first-use',
        computer: null,
        locked: false,
        build: this.build,
        trouble: null,
      };
      const answer: SessionAnswer = { me: this.shown.door === undefined ? this.options.me : null, ...none };
      // With 200, where the box says 401: the browser would complain of that.
      response.end(JSON.stringify(request.method === 'GET' ? answer : nobody));
      return;
    }
    if (path.startsWith('/restore/')) {
      request.resume();
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(this.shown.answers?.['backup-sent'] ?? refused));
      return;
    }
    if (path.startsWith('/photo/')) {
      response.setHeader('Content-Type', 'image/jpeg');
      response.end(portrait(path));
      return;
    }
    if (path.startsWith('/badge/')) return void badgePicture().then((png) => response.end(png));
    servePage('staff', path, response);
  }
}

/** As the MIS gave it this morning at five. */
export function rosterOf(day: Day): StaffSituation['roster'] {
  const takenAt = day.time.clock.now() - 7 * 3_600_000;
  const changes = {
    at: takenAt - 3 * 86_400_000,
    joined: ['p11'],
    left: [{ key: 'p99', pupil: 'Noor Aziz', group: '8C' }],
    moved: [
      { key: 'p3', from: '7B' },
      { key: 'p7', from: '10D' },
    ],
  };
  const none = {
    source: 'mis',
    pulledAt: takenAt,
    unmatched: 0,
    failure: null,
    problems: [],
    heldChanges: null,
  } as const;
  return { takenAt, held: null, sync: { ...none, changes } };
}

/** The same, and a new one that lost a year group and waits. */
export function heldRosterOf(day: Day): StaffSituation['roster'] {
  const { sync, takenAt } = rosterOf(day);
  const left = ['p3', 'p6', 'p12', 'p17'].map((key) => ({
    key,
    pupil: day.box.school.roster.byKey(key)?.surname ?? '',
    group: '7A',
  }));
  return {
    takenAt,
    held: 'The new roster has 15 pupils instead of 23. The old one stays until somebody decides.',
    sync: sync && {
      ...sync,
      heldChanges: { joined: [], left, moved: [] },
      problems: ['line 14, birth_month: found 13, expected a month from 1 to 12.'],
    },
  };
}

export const previewed: Result<ErasePreview> & { readonly ok: true } = {
  ok: true,
  value: {
    records: 12,
    movements: 2,
    marks: 1,
    badges: 1,
    photos: 1,
    onRoster: true,
    blocks: [{ words: 'the pupil is out', todo: 'record the return under Now' }],
  },
};
const nobody: Result<never> = { ok: false, error: { code: 'unauthorised' } };
const refused: Result<never> = { ok: false, error: { code: 'wrong_state', detail: 'this is a picture only' } };

/** A head and shoulders; another for each name. */
function portrait(name: string): Buffer {
  const size = 200;
  const shade = [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 90;
  const data = Buffer.alloc(size * size * 4);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const hair = Math.hypot(x - 100, (y - 66) * 0.9) < 46 && y < 78;
      const head = Math.hypot(x - 100, (y - 84) * 0.85) < 42;
      const body = Math.hypot((x - 100) * 0.8, y - 205) < 72;
      const skin = [214 - shade, 168 - shade, 138 - shade];
      const [r = 0, g = 0, b = 0] = hair
        ? [60 + shade / 3, 44, 36]
        : head
          ? skin
          : body
            ? [38 + shade, 62, 125 - shade]
            : [206 - y / 5, 210 - y / 5, 206 - y / 5];
      data.set([r, g, b, 255], (y * size + x) * 4);
    }
  }
  return jpeg.encode({ data, width: size, height: size }, 75).data;
}
