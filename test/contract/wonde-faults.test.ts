/** What the connector says of each way in which a request can go wrong (mis.md 9.2), against servers made by hand. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { MarkWrite } from '../../device/mis/connector.ts';
import { createWondeConnector } from '../../device/mis/wonde/connector.ts';
import { handMade, neverAborted } from '../support/hand-made-wonde.ts';
import type { HandMade, Handler } from '../support/hand-made-wonde.ts';

let servers: { readonly stop: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});
async function start(...given: Parameters<typeof handMade>): Promise<HandMade> {
  const server = await handMade(...given);
  servers.push(server);
  return server;
}

const late: MarkWrite = {
  misId: 'P1',
  date: '2026-11-23',
  session: 'AM',
  code: 'L',
  minutesLate: 5,
  comment: 'Pupil said: Bus.',
};
const students = 'GET /schools/S1/students';
const attendance = 'POST /schools/S1/attendance/session';
const status =
  (code: number, body = '', headers: Readonly<Record<string, string>> = {}): Handler =>
  (_request, response) => {
    response.writeHead(code, headers).end(body);
  };

/** `kind` of the failure of a pull and of a write when both routes answer so. */
async function kinds(handler: Handler): Promise<readonly [string, string]> {
  const { connector } = await start({ [students]: handler, [attendance]: handler });
  const pull = await connector.pupils(neverAborted);
  const write = await connector.write([late], neverAborted);
  return [pull.ok ? 'ok' : pull.failure.kind, write.ok ? 'ok' : write.failure.kind];
}

describe('every fault has its own kind, for a question and for a write', () => {
  const page = '<!DOCTYPE html><title>Sign in to the network</title>';
  const reset: Handler = (_request, response) => {
    response.socket?.resetAndDestroy();
  };
  const half: Handler = (_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"data": [', () => response.socket?.destroy());
  };
  it.each<[string, Handler, string, string]>([
    ['a revoked token', status(401), 'unauthorised', 'unauthorised'],
    ['no permission', status(403), 'forbidden', 'forbidden'],
    ['an unknown school', status(404), 'not-found', 'not-found'],
    ['malformed, it says', status(400), 'other', 'invalid'],
    ['rows that it does not take', status(422, '{}'), 'other', 'invalid'],
    ['too many requests', status(429), 'throttled', 'throttled'],
    ['a fault of its own', status(500, page), 'server', 'server'],
    ['a gateway that gave up', status(504, page), 'server', 'server'],
    ['a web page with 200', status(200, page), 'server', 'no-answer'],
    ['nothing with 200', status(200), 'server', 'no-answer'],
    ['half the JSON with 200', status(200, '{"data": [{"id":'), 'server', 'no-answer'],
    ['JSON that is no object', status(200, '"fine"'), 'server', 'no-answer'],
    ['another success than 200', status(201, '{"writeback_id":"W1"}'), 'other', 'no-answer'],
    ['a connection reset after the request', reset, 'no-answer', 'no-answer'],
    ['a connection cut in the middle of the answer', half, 'no-answer', 'no-answer'],
  ])('%s', async (_what, handler, pull, write) => {
    expect(await kinds(handler)).toEqual([pull, write]);
  });

  it('a revoked token: who is to do what', async () => {
    const { connector } = await start({ [students]: status(401) });
    const answer = await connector.pupils(neverAborted);
    if (answer.ok) throw new Error('an answer');
    expect(answer.failure.words).toMatch(/token .* administrator asks Wonde for a new one and enters it under Box/);
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['GZIP', gzipSync],
  ])('an answer is asked for as it is, and read all the same when a server packs it as %s', async (name, pack) => {
    const packed: Handler = (_request, response) => {
      response.setHeader('content-encoding', name).end(pack('{"data":[],"writeback_id":"W1"}'));
    };
    expect(await kinds(packed)).toEqual(['ok', 'ok']);
    const { connector, requests } = await start();
    await connector.health(neverAborted);
    expect(requests.map(({ headers }) => headers['accept-encoding'])).toEqual(['identity', 'identity']);
  });

  it('one packed in a way nobody knows, or packed badly, cannot be read; the status counts all the same', async () => {
    const bad =
      (code: number, name: string): Handler =>
      (_request, response) => {
        response.writeHead(code, { 'content-encoding': name }).end('no such thing');
      };
    expect(await kinds(bad(200, 'gzip'))).toEqual(['server', 'no-answer']);
    expect(await kinds(bad(200, 'zebra'))).toEqual(['server', 'no-answer']);
    expect(await kinds(bad(401, 'br'))).toEqual(['unauthorised', 'unauthorised']);
  });

  it('one that unpacks to more than 4 MB is cut off', async () => {
    const bomb: Handler = (_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync(`"${'x'.repeat(5_000_000)}"`));
    };
    expect(await kinds(bomb)).toEqual(['too-big', 'no-answer']);
  });

  it('a name in a page that is not valid UTF-8 is refused, not garbled', async () => {
    const latin1: Handler = (_request, response) => {
      response.end(
        Buffer.concat([Buffer.from('{"data":[{"id":"P1","forename":"Zo'), Buffer.from([0xeb]), Buffer.from('"}]}')]),
      );
    };
    expect(await kinds(latin1)).toEqual(['server', 'no-answer']);
  });

  it('an answer beyond 4 MB is cut off; as the answer to a write it leaves the write in doubt', async () => {
    const big: Handler = (_request, response) => {
      response.end(`"${'x'.repeat(5_000_000)}"`);
    };
    expect(await kinds(big)).toEqual(['too-big', 'no-answer']);
  });
});

describe('a token that cannot be sent', () => {
  it.each([
    ['a letter beyond U+00FF', 'made\u2013up'],
    ['a line break', 'made\nup'],
    ['a control character', 'made\u0007up'],
  ])('with %s is a refusal in words, for a question and for a write, and nothing was asked', async (_what, token) => {
    const { origin, time, requests } = await start();
    const settings = { baseUrl: `${origin}/v1.0`, schoolId: 'S1', token, version: '0.1.0' };
    const connector = createWondeConnector(settings, time);
    for (const answer of [await connector.pupils(neverAborted), await connector.write([late], neverAborted)]) {
      if (answer.ok) throw new Error('an answer');
      expect(answer.failure.kind).toBe('unauthorised');
      expect(answer.failure.words).toContain('token');
      expect(answer.failure.words).not.toContain('made');
    }
    expect(requests).toEqual([]);
  });
});

describe('a page size that the server does not take', () => {
  it.each([400, 422])('(%i) is left out from then on', async (code) => {
    const { connector, requests } = await start({
      [students]: ({ query }, response) =>
        query.has('per_page')
          ? void response.writeHead(code).end()
          : { data: [{ id: 'P1', upi: 'U1', forename: 'A' }] },
    });
    expect((await connector.pupils(neverAborted)).ok).toBe(true);
    expect((await connector.pupils(neverAborted)).ok).toBe(true);
    expect(requests.map(({ query }) => query.has('per_page'))).toEqual([true, false, false]);
    expect(requests[1]?.query.get('include')).toBe('year,registration');
  });
});

describe('nobody there', () => {
  const closedPort = async (): Promise<number> => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  };

  it('a refused connection is unreachable: nothing can have happened', async () => {
    const { connector } = await start({}, { baseUrl: `http://127.0.0.1:${String(await closedPort())}/v1.0` });
    expect(await connector.health(neverAborted)).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
    expect(await connector.write([late], neverAborted)).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
  });

  it('a connection reset within the TLS handshake is unreachable, though bytes of the handshake left', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push({ stop: () => new Promise((resolve) => server.close(() => resolve())) });
    const { port } = server.address() as AddressInfo;
    const { connector } = await start({}, { baseUrl: `https://127.0.0.1:${String(port)}/v1.0` });
    expect(await connector.health(neverAborted)).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
  });

  it('TLS that fails is unreachable, and the words name the certificate', async () => {
    const server = createTlsServer({});
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push({ stop: () => new Promise((resolve) => server.close(() => resolve())) });
    const { port } = server.address() as AddressInfo;
    const { connector } = await start({}, { baseUrl: `https://127.0.0.1:${String(port)}/v1.0` });
    const answer = await connector.health(neverAborted);
    expect(answer).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
    expect(answer.ok || answer.failure.words).toContain('certificate');
  });

  it('a server that never answers is given up after 20 s', async () => {
    let arrived = (): void => undefined;
    const request = new Promise<void>((resolve) => (arrived = resolve));
    const { connector, time } = await start({ [students]: () => arrived() });
    const answer = connector.pupils(neverAborted);
    await request;
    time.pass(19_000);
    time.pass(1_500);
    expect(await answer).toMatchObject({ ok: false, failure: { kind: 'no-answer' } });
  });

  it('a question that is called off ends at once', async () => {
    const stop = new AbortController();
    let arrived = (): void => undefined;
    const request = new Promise<void>((resolve) => (arrived = resolve));
    const { connector } = await start({ [students]: () => arrived() });
    const answer = connector.pupils(stop.signal);
    await request;
    stop.abort();
    expect(await answer).toMatchObject({ ok: false, failure: { kind: 'no-answer' } });
    expect(await connector.pupils(stop.signal)).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
  });
});

describe('a server that asks to wait', () => {
  const wait = async (code: number, headers: Readonly<Record<string, string>>): Promise<unknown> => {
    const { connector } = await start({ [students]: status(code, '', headers) });
    const answer = await connector.pupils(neverAborted);
    return answer.ok || ('retryAfterMs' in answer.failure && answer.failure.retryAfterMs);
  };
  const date = 'Mon, 23 Nov 2026 12:00:00 GMT';
  it.each<[string, number, Readonly<Record<string, string>>, number | null]>([
    ['seconds', 429, { 'retry-after': '30' }, 30_000],
    ['not at all', 429, {}, null],
    ['a date, by its own clock and not by ours', 429, { 'retry-after': 'Mon, 23 Nov 2026 12:01:30 GMT', date }, 90_000],
    ['a date that has passed', 429, { 'retry-after': 'Mon, 23 Nov 2026 11:59:00 GMT', date }, 0],
    ['nonsense', 429, { 'retry-after': 'soon' }, null],
    ['more than a day', 429, { 'retry-after': '9999999' }, 86_400_000],
    ['a fault with seconds', 503, { 'retry-after': '120' }, 120_000],
  ])('%s', async (_what, code, headers, ms) => {
    expect(await wait(code, headers)).toBe(ms);
  });
});

describe('the token stays with the configured address', () => {
  const redirect =
    (location: string, code = 302): Handler =>
    (_request, response: ServerResponse) => {
      response.writeHead(code, { location }).end();
    };

  it('goes as Bearer with every request, with the name of Porter', async () => {
    const { connector, requests } = await start();
    await connector.health(neverAborted);
    for (const { headers } of requests) {
      expect(headers.authorization).toBe('Bearer made-up-token');
      expect(headers['user-agent']).toBe('Porter/0.1.0');
      expect(headers.accept).toBe('application/json');
    }
    expect(requests).toHaveLength(2);
  });

  it.each([301, 302, 307, 308])('a %i to another host is refused, for a pull and for a write', async (code) => {
    const other = await start();
    const to = redirect(`${other.origin}/v1.0/schools/S1/students`, code);
    expect(await kinds(to)).toEqual(['refused-redirect', 'refused-redirect']);
    expect(other.requests).toEqual([]);
  });

  it('a redirect within the same host is followed for a pull, never for a write', async () => {
    const { connector, requests } = await start({
      [students]: redirect('/v1.0/schools/S1/students-moved'),
      'GET /schools/S1/students-moved': () => ({ data: [] }),
      [attendance]: redirect('/v1.0/elsewhere', 307),
    });
    expect((await connector.pupils(neverAborted)).ok).toBe(true);
    expect(await connector.write([late], neverAborted)).toMatchObject({ failure: { kind: 'refused-redirect' } });
    expect(requests.map(({ path }) => path)).not.toContain('/elsewhere');
  });

  it.each([301, 302, 307, 308])(
    'a %i that only adds a slash is followed for a write, once and for good',
    async (code) => {
      const slashed: Handler = ({ url }, response) => {
        if (url.endsWith('/')) return { writeback_id: 'W1' };
        return void response.writeHead(code, { location: `${url}/` }).end();
      };
      const { connector, requests } = await start({ [attendance]: slashed });
      for (const round of [1, 2]) {
        expect(await connector.write([late], neverAborted)).toEqual({ ok: true, writeback: 'W1' });
        expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(round + 1);
      }
    },
  );

  it('a redirect in a circle ends', async () => {
    const { connector, requests } = await start({ [students]: redirect('/v1.0/schools/S1/students') });
    expect((await connector.pupils(neverAborted)).ok).toBe(false);
    expect(requests).toHaveLength(4);
  });

  it('a next link to another host is refused', async () => {
    const other = await start();
    const next = `${other.origin}/v1.0/schools/S1/students?page=2`;
    const { connector } = await start({
      [students]: () => ({
        data: [{ id: 'P1', upi: 'U1', forename: 'Amara' }],
        meta: { pagination: { next, more: true } },
      }),
    });
    expect(await connector.pupils(neverAborted)).toMatchObject({ failure: { kind: 'refused-redirect' } });
    expect(other.requests).toEqual([]);
  });

  it('stands in no failure', async () => {
    const { connector } = await start({
      [students]: status(401, 'made-up-token'),
      [attendance]: status(500, 'made-up-token'),
    });
    const told = [await connector.pupils(neverAborted), await connector.write([late], neverAborted)];
    expect(JSON.stringify(told)).not.toContain('made-up-token');
  });
});

describe('one connection', () => {
  it('asks one question at a time, at most two a second', async () => {
    let under = 0;
    let most = 0;
    const { connector, time, requests } = await start({
      [students]: (_request, response) => {
        under += 1;
        most = Math.max(most, under);
        setImmediate(() => {
          under -= 1;
          response.end('{"data":[]}');
        });
      },
    });
    const before = time.clock.mono();
    await Promise.all([1, 2, 3, 4, 5].map(() => connector.pupils(neverAborted)));
    expect(requests).toHaveLength(5);
    expect(most).toBe(1);
    expect(time.clock.mono() - before).toBeGreaterThanOrEqual(2000);
  });

  it('is kept between questions; a write gets a new one, so that a closed old one never puts it in doubt', async () => {
    const { connector, requests } = await start({ [attendance]: () => ({ writeback_id: 'W1' }) });
    await connector.health(neverAborted);
    await connector.write([late], neverAborted);
    await connector.codes(neverAborted);
    expect(requests.map(({ method, connection }) => `${method} ${connection}`)).toEqual([
      'GET 1',
      'GET 1',
      'GET 1',
      'POST 2',
    ]);
  });

  it('that the server closed between two questions is opened anew', async () => {
    const { connector } = await start({
      'GET /meta/schools/S1': ({ connection }, response) => {
        if (connection > 1) return { data: { online: true } };
        response.socket?.destroy();
        return undefined;
      },
    });
    expect(await connector.health(neverAborted)).toMatchObject({ ok: true, value: { online: true } });
  });

  it('does not pile up questions without end', async () => {
    const { connector } = await start({ [students]: () => ({ data: [] }) });
    const answers = await Promise.all(Array.from({ length: 40 }, () => connector.pupils(neverAborted)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(32);
    expect(answers.find(({ ok }) => !ok)).toMatchObject({ failure: { kind: 'unreachable' } });
  });
});
