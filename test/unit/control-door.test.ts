/** The control socket against what no `scripts/sim` sends: every request is answered, and none ends the daemon. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { controlPaths, serveControl } from '../../device/web/control.ts';

const folder = mkdtempSync(join(tmpdir(), 'porter-control-'));
const socketPath = controlPaths(folder)[0] ?? '';
const broken: unknown[] = [];
let control: { close(): Promise<void> };
beforeAll(async () => {
  const commands = { echo: (input: unknown) => Promise.resolve({ ok: true, value: input } as const) };
  control = await serveControl(folder, commands, (error) => broken.push(error));
});
afterAll(async () => {
  await control.close();
  rmSync(folder, { recursive: true, force: true });
});

function post(path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, method: 'POST' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        resolve(`${String(response.statusCode)} ${text}`);
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

test.each(['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty', '', '%2e%2e', 'echo/echo'])(
  'there is no command called %j',
  async (name) => {
    expect(await post(`/${name}`, '{"a":1}')).toMatch(/^200 \{"ok":false,"error":\{"code":"not_found"/);
    expect(broken).toEqual([]);
  },
);

test('who hangs up in the middle of a command breaks nothing', async () => {
  for (const after of [
    'POST /echo HTTP/1.1\r\n',
    'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{"half":',
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(socketPath, () => {
        socket.write(after, () => {
          setTimeout(() => socket.destroy(), 20);
        });
      });
      socket.on('close', () => {
        resolve();
      });
    });
  }
  expect(await post('/echo', '{"still":"there"}')).toBe('200 {"ok":true,"value":{"still":"there"}}');
  expect(broken).toEqual([]);
});
