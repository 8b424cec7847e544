/**
 * The real box against hostile input at all its doors: no crash, no answer that does not come, no memory that grows, no name
 * or token in a log or an error; and while one page floods it, a pupil signs in at another. `FUZZ_MS` (of each part) and
 * `SEED` change the run.
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { NamesAnswer } from '../../device/contract/kiosk.ts';
import type { Result } from '../../device/contract/result.ts';
import { controlPaths } from '../../device/web/control.ts';
import {
  emitAny,
  hostileCommands,
  hostileFrames,
  hostileRequests,
  planted,
  rawRequest,
  sendHostile,
} from '../support/hostile.ts';
import { Porter } from '../support/porter.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const partMs = Number(process.env['FUZZ_MS'] ?? 6_000);
/** The page gives a command up after 4 s; a machine under load gets more than that before a test calls it a hang. */
const answerMaxMs = 10_000;
const growthMaxKb = 200_000;

let porter: Porter;
let runId = '';
const pupils: string[] = [];
/** What was answered to hostile input: searched for what nobody may read there. */
const refusals: string[] = [];
beforeAll(async () => {
  console.log(`seed ${String(seed)}`);
  porter = await Porter.start({ clock: '2026-11-23T08:52', settings: '[late]\nhold_seconds = 3600\n' });
  const state = await porter.until('the roster is there', ({ roster }) => roster.pupils > 1000);
  ({ runId } = state);
  // Before anything hostile: whoever opens one list after the other pauses them, as is right.
  const kiosk = await porter.kiosk();
  for (const month of [5, 6]) {
    const names = await new Promise<Result<NamesAnswer>>((ack) =>
      kiosk.emit('names', { visit: 'list', flow: 'late', yearGroup: 'Year 9', month }, ack),
    );
    pupils.push(...(names.ok ? names.value.pupils.map(({ pupil }) => pupil) : []));
  }
  kiosk.close();
});
afterAll(async () => {
  console.log(`slowest answer ${slowestMs.toFixed(0)} ms, ${String(memoryKb())} kB in memory at the end`);
  await porter.stop();
});
afterEach(async () => {
  // The same run still answers, and has said nothing that it must not.
  expect((await porter.state()).runId).toBe(runId);
  expect(porter.said).not.toMatch(/broken|    at /);
  for (const secret of [planted, porter.mis.token]) {
    expect(porter.said).not.toContain(secret);
    expect(refusals.filter((text) => text.includes(secret))).toEqual([]);
  }
});

/** Runs the property until its time is over; a failure is shrunk and printed with its path. */
async function fuzz<T>(what: string, input: fc.Arbitrary<T>, holds: (value: T) => Promise<void>): Promise<void> {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(input, async (value) => {
      runs += 1;
      await holds(value);
    }),
    { seed, numRuns: 10_000_000, interruptAfterTimeLimit: partMs, endOnFailure: false },
  );
  console.log(`${what}: ${String(runs)} tries in ${String(partMs)} ms`);
}
let slowestMs = 0;
const within = async <T>(what: string, answer: Promise<T>): Promise<T> => {
  let late: ReturnType<typeof setTimeout> | undefined;
  const hang = new Promise<never>((_, reject) => {
    late = setTimeout(() => {
      reject(new Error(`no answer: ${what}`));
    }, answerMaxMs);
  });
  const began = performance.now();
  return Promise.race([answer, hang]).finally(() => {
    slowestMs = Math.max(slowestMs, performance.now() - began);
    clearTimeout(late);
  });
};
const memoryKb = (): number => {
  const [, pid = ''] = /(\d+)/.exec(readFileSync(join(porter.folder, 'data/journal/lock'), 'utf8')) ?? [];
  const [, kb = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb);
};

test(
  'every command of the kiosk, spoilt: each is answered, and memory does not grow',
  { timeout: partMs + 60_000 },
  async () => {
    let kiosk = await porter.kiosk();
    await fuzz('commands', fc.array(hostileCommands, { minLength: 1, maxLength: 12 }), async (commands) => {
      if (!kiosk.connected) kiosk = await porter.kiosk();
      const answers = await within(
        commands.map(({ event }) => event).join(),
        Promise.all(commands.map((hostile) => sendHostile(kiosk, hostile))),
      );
      for (const answer of answers) {
        // The line is cut where a message is too long, or there are too many.
        if (answer === 'closed' || answer === 'none') continue;
        expect(answer).toHaveProperty('ok');
        if (typeof answer === 'object' && answer !== null && 'error' in answer) refusals.push(JSON.stringify(answer));
      }
      if (refusals.length > 2_000) refusals.splice(0, 1_000);
    });
    kiosk.close();
  },
);

test(
  'requests over HTTP to the kiosk and the staff page: refused plainly, without a word of the inside',
  { timeout: partMs + 60_000 },
  async () => {
    const doors = [porter.kioskUrl, porter.staffUrl].map((url) => new URL(url));
    await fuzz('HTTP', hostileRequests, async (text) => {
      for (const { port, protocol } of doors) {
        const answer = await rawRequest(Number(port), text, 200, protocol === 'https:');
        expect(answer).not.toMatch(/node_modules|\bat \S+ \(|Error:|HTTP\/1\.1 5/);
        expect(answer).not.toContain(porter.folder);
      }
    });
  },
);

test('frames that no socket.io client sends', { timeout: partMs + 60_000 }, async () => {
  const port = Number(new URL(porter.kioskUrl).port);
  const upgrade = [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `Host: 127.0.0.1:${String(port)}`,
    'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  ].join('\r\n');
  const joined = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30]);
  await fuzz('frames', fc.array(hostileFrames, { minLength: 1, maxLength: 5 }), async (frames) => {
    const answer = await rawRequest(port, Buffer.concat([Buffer.from(upgrade), joined, ...frames]), 60);
    expect(answer).not.toContain(planted);
  });
});

test('every command of the control socket, spoilt', { timeout: partMs + 60_000 }, async () => {
  const [socketPath = ''] = controlPaths(join(porter.folder, 'data'));
  const post = (name: string, body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = request({ socketPath, path: `/${encodeURIComponent(name)}`, method: 'POST' }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          resolve(text);
        });
      });
      asked.on('error', reject);
      asked.end(body);
    });
  const listed = JSON.parse(await post('', '{}')) as { readonly error: { readonly detail: string } };
  const names = listed.error.detail
    .replace('commands: ', '')
    .split(' ')
    .filter((name) => name !== 'pin');
  const field = fc.constantFrom(
    ...[
      'visit',
      'answer',
      'adult',
      'movement',
      'correction',
      'how',
      'pupil',
      'key',
      'verdict',
      'kind',
      'hold',
      'reason',
      'agoMs',
      'note',
      'badge',
      'part',
      'fault',
      'by',
      'code',
      'minutes',
      'seen',
    ],
  );
  const word = fc.constantFrom<unknown>(
    planted,
    'undo',
    'another-pupil',
    'write',
    'let-go',
    'printer',
    '__proto__',
    'constructor',
    '',
    1,
    -1,
    1e308,
    null,
    true,
    [],
    '18391270',
    'x'.repeat(20_000),
  );
  const value = fc.oneof(word, fc.dictionary(field, word, { maxKeys: 4 }), fc.jsonValue({ maxDepth: 3 }));
  const body = fc.oneof(
    fc.dictionary(field, value, { maxKeys: 6 }).map((input) => JSON.stringify(input)),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('[', 'null', '"x"', '['.repeat(9_000)),
  );
  await fuzz('control', fc.tuple(fc.constantFrom(...names, '__proto__', 'constructor'), body), async ([name, text]) => {
    const answer = await within(name, post(name, text));
    const result = JSON.parse(answer) as Result<unknown>;
    if (!result.ok) refusals.push(answer);
  });
});

/** A pupil signs in over a socket of its own; rejects when the page would have given up. */
async function signIn(): Promise<void> {
  const pupil = pupils.pop();
  if (pupil === undefined) throw new Error('no pupil is left');
  const kiosk = await within('connection', porter.kiosk());
  const input = { visit: `visit-${pupil}`, pupil, reason: 'bus', touchAgoMs: 0 };
  const late = await within(
    'a pupil',
    new Promise<Result<unknown>>((ack) => kiosk.emit('late', { commandId: `late-${pupil}`, ageMs: 0, input }, ack)),
  );
  kiosk.close();
  expect(late).toMatchObject({ ok: true, value: { outcome: 'late' } });
}

/** Sends without waiting for answers, for as long as `on` says; comes back whenever it was cut off. */
async function flood(on: () => boolean, message: (n: number) => readonly [string, unknown]): Promise<number> {
  let sent = 0;
  let kiosk = await porter.kiosk();
  while (on()) {
    if (!kiosk.connected) kiosk = await porter.kiosk();
    for (let n = 0; n < 500; n += 1) {
      const [event, input] = message((sent += 1));
      emitAny(kiosk, event, input, () => undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  kiosk.close();
  return sent;
}

test.each<[string, (n: number) => readonly [string, unknown]]>([
  ['malformed commands', (n) => ['late', { commandId: 7, ageMs: 'x', input: { visit: String(n) } }]],
  [
    'commands about nobody',
    (n) => [
      'late',
      {
        commandId: `nobody-${String(n)}`,
        ageMs: 0,
        input: { visit: `nobody-${String(n)}`, pupil: planted, reason: 'bus', touchAgoMs: 0 },
      },
    ],
  ],
  [
    'notes, each recorded',
    (n) => [
      'note',
      {
        commandId: `note-${String(n)}`,
        ageMs: 0,
        input: { visit: `note-${String(n)}`, kind: 'no-badge', touchAgoMs: 0 },
      },
    ],
  ],
  ['PINs', (n) => ['staff', { pin: String(100_000 + (n % 800_000)) }]],
])(
  'while a page floods the box with %s, a pupil signs in, and memory does not grow',
  { timeout: 60_000 },
  async (what, message) => {
    const before = memoryKb();
    let on = true;
    const flooding = flood(() => on, message);
    try {
      for (let n = 0; n < 3; n += 1) await signIn();
    } finally {
      on = false;
    }
    console.log(`${what}: ${String(await flooding)} sent, ${String(memoryKb() - before)} kB more`);
    expect(memoryKb() - before).toBeLessThan(growthMaxKb);
  },
);
