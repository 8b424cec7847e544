/** Through a school's proxy: the MIS is reached, its certificate counts, and what left the box is known as well as without. */
import { createServer as createHttp } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openConnection } from '../../device/mis/wonde/exchange.ts';
import { tunnelThrough } from '../../device/mis/wonde/proxy.ts';
import { machineTimers } from '../../device/system/outside.ts';
import { makeCertificate } from '../../device/web/staff/certificate.ts';

const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
let mis: NetServer;
let proxy: Server;
let how: 'well' | 'refuses' | 'answers itself' | 'cut at once' | 'MIS cuts' = 'well';
const seen: string[] = [];

const listening = (server: NetServer): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });

let ports: { readonly mis: number; readonly proxy: number };
beforeAll(async () => {
  // The certificate is made here: what is tested is whose it is asked for.
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  const { cert, key } = await makeCertificate(['localhost'], Date.now());
  mis = createHttps({ cert, key }, (request, response) => {
    seen.push(`MIS: ${request.method ?? ''} ${request.url ?? ''} ${String(request.headers.authorization)}`);
    if (how === 'MIS cuts') request.socket.destroy();
    else response.end('marks');
  });
  proxy = createHttp((_request, response) => response.end('an advertisement'));
  proxy.on('connect', (request, socket) => {
    seen.push(`proxy: ${request.url ?? ''} ${String(request.headers['proxy-authorization'])}`);
    if (how === 'cut at once') socket.destroy();
    else if (how === 'refuses') socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
    else if (how === 'answers itself') socket.end('HTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n');
    else {
      const onward = connect(ports.mis, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      for (const end of [onward, socket]) end.on('error', () => undefined);
    }
  });
  ports = { mis: await listening(mis), proxy: await listening(proxy) };
});
afterAll(() => {
  if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  mis.close();
  proxy.close();
});

async function asked(way: typeof how, proxyUrl = `http://box:p%20w@127.0.0.1:${String(ports.proxy)}`) {
  how = way;
  seen.length = 0;
  const connection = openConnection(true, machineTimers, tunnelThrough(new URL(proxyUrl)));
  const url = new URL(`https://localhost:${String(ports.mis)}/v1.0/schools`);
  const headers = { authorization: 'Bearer secret' };
  const question = { method: 'POST', url, headers, body: '{}', deadlineMs: 5_000, maxBytes: 1000 } as const;
  return connection.exchange(question, new AbortController().signal);
}

it('the MIS is asked, and the proxy sees its name and no token', async () => {
  const end = await asked('well');
  expect(end).toMatchObject({ kind: 'answered', status: 200 });
  expect(seen).toEqual([
    `proxy: localhost:${String(ports.mis)} Basic ${Buffer.from('box:p w').toString('base64')}`,
    'MIS: POST /v1.0/schools Bearer secret',
  ]);
});

it.each([
  ['refuses', 'PROXY_407'],
  ['answers itself', 'PROXY_302'],
  ['cut at once', 'ECONNRESET'],
] as const)('a proxy that %s: nothing left the box, and it is no answer of the MIS', async (way, code) => {
  expect(await asked(way)).toEqual({ kind: 'failed', left: false, reused: false, code });
});

it('no proxy there: nothing left the box', async () => {
  expect(await asked('well', 'http://127.0.0.1:1')).toMatchObject({
    kind: 'failed',
    left: false,
    code: 'ECONNREFUSED',
  });
});

it('an answer that never comes, after the question went: it may have happened', async () => {
  expect(await asked('MIS cuts')).toMatchObject({ kind: 'failed', left: true });
});

it('a certificate that is not the MIS’s own ends it before anything is said: a proxy that looks inside needs the school’s authority', async () => {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '1';
  const end = await asked('well').finally(() => (process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'));
  expect(end).toMatchObject({ kind: 'failed', left: false, code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  expect(seen).toHaveLength(1);
});
