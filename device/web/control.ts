/**
 * The control socket: a Unix socket in the data folder, for `scripts/sim` and the technician's shell on this machine. Only the
 * user that runs Porter can open it. One request a command: `POST /NAME` with JSON, answered by a `Result`.
 */
import { rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { tmpdir } from 'node:os';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Result } from '../contract/result.ts';
import type { ShellCommands } from './commands.ts';

const bodyMaxBytes = 16 * 1024;
/** The kernel's limit for a socket's path is 108 bytes. */
const pathMaxBytes = 100;

/** Where the control socket of a data folder is: in it, else (too deep, or a card that takes nothing) in the temporary folder. */
export function controlPaths(dataFolder: string): readonly string[] {
  const path = join(resolve(dataFolder), 'control.sock');
  const short = createHash('sha256').update(path).digest('hex').slice(0, 24);
  const spare = join(tmpdir(), `porter-${short}.sock`);
  return Buffer.byteLength(path) <= pathMaxBytes ? [path, spare] : [spare];
}

export async function serveControl(
  dataFolder: string,
  commands: ShellCommands,
  onBroken: (error: unknown) => void,
): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, commands).then(
      (result) => {
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify(result));
      },
      (error: unknown) => {
        response.statusCode = 500;
        response.end();
        onBroken(error);
      },
    );
  });
  await listenAtFirst(server, controlPaths(dataFolder));
  return {
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => {
          done();
        });
      }),
  };
}

/** Gives a command to whoever serves this data folder. Rejects where nobody does, or no answer comes in time. */
export function tellControl(dataFolder: string, name: string, input: object, maxMs: number): Promise<unknown> {
  const tell = ([socketPath = '', ...others]: readonly string[]): Promise<unknown> =>
    new Promise((done, fail) => {
      const asked = request({ socketPath, path: `/${name}`, method: 'POST', timeout: maxMs }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          done(response.statusCode === 200 ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : null);
        });
      });
      asked.on('timeout', () => asked.destroy(new Error('no answer')));
      asked.on('error', (error) => {
        if (others.length > 0) tell(others).then(done, fail);
        else fail(error);
      });
      asked.end(JSON.stringify(input));
    });
  return tell(controlPaths(dataFolder));
}

/** At the first path that can be had. Rejects when none can. */
async function listenAtFirst(server: Server, [path, ...others]: readonly string[]): Promise<void> {
  const mask = process.umask(0o077);
  try {
    // The journal's lock is ours: a socket that lies here belongs to a daemon that is no more.
    if (path !== undefined) rmSync(path, { force: true });
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(path, () => {
        server.off('error', fail);
        done();
      });
    });
  } catch (error) {
    if (others.length === 0) throw error;
    await listenAtFirst(server, others);
  } finally {
    process.umask(mask);
  }
}

async function answer(request: IncomingMessage, commands: ShellCommands): Promise<Result<unknown>> {
  const name = (request.url ?? '').slice(1);
  const run = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (request.method !== 'POST' || run === undefined) {
    return { ok: false, error: { code: 'not_found', detail: `commands: ${Object.keys(commands).join(' ')}` } };
  }
  const body = await readBody(request);
  if (body === null) return { ok: false, error: { code: 'invalid_input', detail: 'not JSON, or too long' } };
  return run(body);
}

/** Null: too long, no JSON, or broken off by who sent it. */
async function readBody(request: IncomingMessage): Promise<object | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) continue;
      length += chunk.byteLength;
      if (length > bodyMaxBytes) return null;
      chunks.push(chunk);
    }
    const body: unknown = JSON.parse(length === 0 ? '{}' : Buffer.concat(chunks).toString('utf8'));
    return typeof body === 'object' ? body : null;
  } catch {
    return null;
  }
}
