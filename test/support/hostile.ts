/** What a broken or malicious page, program or network may send: valid messages with something wrong about them. */
import fc from 'fast-check';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { KioskClient } from './porter.ts';

/** Stands for a name, a photo or a token: whatever holds it must come up in no log and no error. */
export const planted = 'Zebedee-Quux';

const visit = 'visit-h';
const command = (input: object): object => ({ commandId: 'command-h', ageMs: 0, input });
/** Every command of the kiosk's socket as the page sends it, about pupils that do not exist. */
const good: Readonly<Record<string, readonly object[]>> = {
  hello: [{ protocol: 1 }],
  names: [{ visit, flow: 'late', yearGroup: 'Year 9', month: 5 }],
  choose: [{ visit, flow: 'early', pupil: planted }],
  photo: [{ visit }],
  look: [{ visit, on: false }],
  end: [{ visit }],
  late: [command({ visit, pupil: planted, reason: 'bus', touchAgoMs: 1 })],
  undo: [command({ visit, movement: 'a:1' })],
  early: [
    command({ visit, pupil: planted, reason: 'medical', back: null, withWhom: null, photo: 'none', touchAgoMs: 0 }),
  ],
  return: [
    command({ visit, by: 'typed', badge: '18391270', touchAgoMs: 1 }),
    command({ visit, by: 'qr', code: 'P1:18391270:0123456789ABCDEF', touchAgoMs: 1 }),
    command({ visit, by: 'name', pupil: planted, touchAgoMs: 1 }),
  ],
  note: [command({ visit, kind: 'not-on-list', yearGroup: planted, month: 5, touchAgoMs: 0 })],
  staff: [{ pin: '135790' }],
  staffAct: [
    command({ act: 'let-go', visit, adult: planted, pass: 'p' }),
    command({ act: 'switch-off', pass: 'p' }),
    command({ act: 'self-test', pass: 'p' }),
  ],
};

const deep = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}1${']'.repeat(levels)}`) as unknown;
/** `__proto__` as JSON can carry it, where a literal cannot. */
const ofProto: unknown = JSON.parse(`{"__proto__":{"ok":true,"pupil":"${planted}"},"constructor":{"prototype":1}}`);
const evil = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    0,
    -0,
    -1,
    1e308,
    Number.NaN,
    Infinity,
    '',
    '\0',
    '\ud800',
    '..',
    '../../etc/passwd',
  ),
  fc.constantFrom<unknown>(
    '__proto__',
    'constructor',
    'toString',
    planted,
    `${planted}\n${planted}`,
    'x'.repeat(15_000),
    'x'.repeat(40_000),
  ),
  fc.constantFrom<unknown>(deep(2_000), ofProto, [], {}, [[]], Buffer.from(planted), new Uint8Array(3_000), () => 1),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.double(),
  fc.jsonValue({ maxDepth: 4 }),
);

export interface Hostile {
  readonly event: string;
  readonly args: readonly unknown[];
  /** Does the page want an answer? */
  readonly ack: boolean;
}

/** The message with another value somewhere in it. */
function spoilt(message: object, path: readonly string[], value: unknown): object {
  const [first, ...rest] = path;
  if (first === undefined) return message;
  const inner: unknown = Reflect.get(message, first);
  const next =
    rest.length === 0 ? value : spoilt(typeof inner === 'object' && inner !== null ? inner : {}, rest, value);
  return { ...message, [first]: next };
}
const pathsOf = (message: object): string[][] =>
  Object.entries(message).flatMap(([key, value]: [string, unknown]) => [
    [key],
    ...(typeof value === 'object' && value !== null ? pathsOf(value).map((path) => [key, ...path]) : []),
  ]);

/** A command of the kiosk with something wrong about it, or nothing. */
export const hostileCommands: fc.Arbitrary<Hostile> = fc
  .constantFrom(...Object.entries(good).flatMap(([event, messages]) => messages.map((message) => ({ event, message }))))
  .chain(({ event, message }) => {
    const path = fc.constantFrom(...pathsOf(message), ['more'], ['input', 'more']);
    const oneWrong = fc.tuple(path, evil).map(([at, value]) => [spoilt(message, at, value)]);
    const args = fc.oneof(
      { weight: 6, arbitrary: oneWrong },
      {
        weight: 1,
        arbitrary: fc
          .tuple(path, evil, path, evil)
          .map(([a, one, b, other]) => [spoilt(spoilt(message, a, one), b, other)]),
      },
      { weight: 1, arbitrary: fc.array(evil, { maxLength: 3 }) },
      { weight: 1, arbitrary: fc.constant([message]) },
    );
    const named = fc.oneof(
      { weight: 12, arbitrary: fc.constant(event) },
      { weight: 1, arbitrary: fc.constantFrom('__proto__', 'snapshot', planted, '') },
    );
    const ack = fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });
    return fc.record({ event: named, args, ack });
  });

/** What no type allows. */
export function emitAny(kiosk: KioskClient, event: string, ...args: readonly unknown[]): void {
  (kiosk.emit as (event: string, ...args: readonly unknown[]) => void).call(kiosk, event, ...args);
}

/** Sends it; resolves with the answer, `none` where none is due, `closed` where the line was cut for it. */
export function sendHostile(kiosk: KioskClient, { event, args, ack }: Hostile): Promise<unknown> {
  return new Promise((resolve) => {
    const closed = (): void => {
      resolve('closed');
    };
    kiosk.once('disconnect', closed);
    const answered = (answer: unknown): void => {
      kiosk.off('disconnect', closed);
      resolve(answer);
    };
    if (!kiosk.connected) closed();
    // Only a known command with one input and an ack is a question; everything else must merely do no harm.
    if (ack && args.length === 1 && Object.hasOwn(good, event)) emitAny(kiosk, event, ...args, answered);
    else {
      emitAny(kiosk, event, ...args);
      answered('none');
    }
  });
}

/** Bytes to a port, and what comes back until it closes or `ms` have passed. */
export function rawRequest(port: number, bytes: string | Buffer, ms: number, secure = false): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const send = (): void => {
      socket.write(bytes);
    };
    const socket: Socket = secure
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, send)
      : connect(port, '127.0.0.1', send);
    const done = (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ms, done);
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', done);
    socket.on('close', done);
  });
}

/** Requests over HTTP that no browser makes, and some that lead a server astray. */
export const hostileRequests: fc.Arbitrary<string> = (() => {
  const way = fc.constantFrom(
    '/',
    '/photo',
    '/photo/visit',
    '/camera/live',
    '/index.html',
    '/socket.io/?EIO=4&transport=websocket',
    '/socket.io/?EIO=4&transport=polling',
  );
  const trick = fc.constantFrom(
    ...[
      '',
      `/${planted}`,
      '/..%2f..%2fetc/passwd',
      '/%00',
      '/%E0%A4%A',
      '/%',
      '/../../../etc/passwd',
      '/__proto__',
      '/constructor',
    ],
    ...[`?${'a'.repeat(9_000)}`, `/${'b'.repeat(20_000)}`, '?[]=[', '/%252e%252e', '/\\..\\..'],
  );
  const header = fc.constantFrom(
    ...[
      'Content-Length: 5\r\nTransfer-Encoding: chunked',
      'Content-Length: -1',
      'Content-Length: 99999999',
      'Transfer-Encoding: chunked, identity',
    ],
    ...[
      'Host: evil.example',
      'Host: 127.0.0.1.evil.example',
      'Origin: http://evil.example',
      `Cookie: ${planted}`,
      `Range: bytes=${'0-,'.repeat(500)}`,
    ],
    ...[
      'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x',
      `X: ${'y'.repeat(20_000)}`,
      'If-None-Match: *',
      'Expect: 100-continue',
      ' folded: 1',
      ': empty',
    ],
  );
  const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'TRACE', 'CONNECT', 'PRI', 'G\0T', planted);
  const body = fc.constantFrom(
    '',
    '0\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    'x'.repeat(100_000),
    '\0\0\0',
  );
  return fc
    .tuple(method, way, trick, fc.array(header, { maxLength: 3 }), body)
    .map(([verb, path, more, headers, rest]) =>
      [`${verb} ${path}${more} HTTP/1.1`, 'Host: 127.0.0.1', ...headers, 'Connection: close', '', rest].join('\r\n'),
    );
})();

/** Frames of a web socket that engine.io and socket.io must live with, as text and as bytes. */
export const hostileFrames: fc.Arbitrary<Buffer> = fc
  .oneof(
    fc.constantFrom(
      '4',
      '40',
      '42',
      '42[',
      '42["late"]',
      '42["late",{"_placeholder":true,"num":0}]',
      '451-["late",{"_placeholder":true,"num":0}]',
    ),
    fc.constantFrom(
      '4599999999-["late"]',
      '40/admin,',
      '41',
      '43999999999999999999[]',
      '44',
      '45',
      '3',
      '1',
      '2probe',
      '6',
      '42/x,["late"]',
      '42["__proto__",{}]',
      '42["disconnect"]',
      '42["error"]',
    ),
    fc.string({ unit: 'binary', maxLength: 60 }).map((text) => `42${text}`),
  )
  .chain((text) =>
    fc
      .tuple(fc.constantFrom(0x81, 0x82, 0x01, 0x80, 0xc1, 0x88, 0x89, 0x8b, 0x8f), fc.boolean())
      .map(([first, masked]) => {
        const payload = Buffer.from(text).subarray(0, 120);
        const head = Buffer.from([first, payload.length | (masked ? 0x80 : 0)]);
        return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
      }),
  );
