import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Asked } from './answer.ts';
import { jsonAnswer } from './answer.ts';
import { controlAnswer } from './control.ts';
import type { Simulation } from './control.ts';
import { Faults } from './faults.ts';
import { startForeignHost } from './foreign-host.ts';
import { listenOn } from './loopback.ts';
import { misControl } from './mis-control.ts';
import type { MisControl } from './mis-control.ts';
import type { SavedMis } from './mis-records.ts';
import { RequestLog } from './request-log.ts';
import { demoSchool } from './school.ts';
import { SimulatedMis } from './simulated-mis.ts';
import { spoiltAnswer } from './spoilt-answer.ts';
import type { Ending } from './spoiling.ts';
import type { WondeService } from './wonde.ts';

export interface MisSimulatorOptions {
  /** Unix ms: the only clock of the simulated MIS. */
  readonly now: () => number;
  /** 0, the usual, for any free one. */
  readonly port?: number;
  readonly seed?: number;
  readonly schoolId?: string;
  readonly schoolName?: string;
  readonly token?: string;
  /** From a write to its mark: 0 to 900,000 ms, usually 2,000. */
  readonly delayMs?: number;
  /** Dates (`YYYY-MM-DD`) that are no school days, beside Saturdays and Sundays. */
  readonly closed?: readonly string[];
  /** Waits; ends early, with an error, when the signal says that the simulator stops. */
  readonly wait?: (ms: number, stop: AbortSignal) => Promise<unknown>;
  /** Where to go on from; that of another school or seed is left alone. */
  readonly saved?: SavedMis | null;
  /** Told after every change. */
  readonly save?: (state: SavedMis) => void;
}

export interface MisSimulator {
  /** `http://127.0.0.1:PORT/v1.0` */
  readonly baseUrl: string;
  readonly schoolId: string;
  readonly token: string;
  readonly seed: number;
  readonly control: MisControl;
  readonly stop: () => Promise<void>;
}

const mostBodyBytes = 1_000_000;

/** @returns null where the body is too long */
function bodyOf(request: IncomingMessage): Promise<string | null> {
  return new Promise((done, failed) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= mostBodyBytes) chunks.push(chunk);
    });
    request.on('end', () => {
      done(bytes <= mostBodyBytes ? Buffer.concat(chunks).toString('utf8') : null);
    });
    request.on('error', failed);
  });
}

function askedBy(request: IncomingMessage, body: string): Asked {
  const path = request.url ?? '/';
  const { pathname, searchParams } = new URL(path, 'http://127.0.0.1');
  const { host, authorization, origin } = request.headers;
  return {
    method: request.method ?? 'GET',
    path,
    pathname: pathname.replace(/\/+$/, ''),
    query: searchParams,
    host: host ?? '127.0.0.1',
    headers: { authorization, origin, 'content-type': request.headers['content-type'] },
    body,
  };
}

/** A TLS record: fatal alert, handshake failure. */
const tlsAlert = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28]);

function send(response: ServerResponse, answer: Answer | null, ending: Ending, at: number): void {
  const { socket } = response;
  if (ending === 'tls-alert') {
    socket?.end(tlsAlert);
    return;
  }
  if (ending === 'reset' || answer === null) {
    socket?.resetAndDestroy();
    return;
  }
  const body = Buffer.from(answer.body);
  const date = new Date(at).toUTCString();
  response.writeHead(answer.status, { date, ...answer.headers, 'content-length': String(body.length) });
  if (ending === 'whole') response.end(body);
  else response.write(body.subarray(0, Math.floor(body.length / 2)), () => socket?.destroy());
}

interface Running {
  readonly simulation: Simulation;
  readonly service: WondeService;
  readonly wait: (ms: number) => Promise<unknown>;
  /** Saves what has changed: before the client hears of it. */
  readonly keep: () => void;
}

/** One request to `/v1.0`, with whatever faults are on. */
async function serveWonde(running: Running, asked: Asked, response: ServerResponse): Promise<void> {
  const { simulation, service, wait, keep } = running;
  const { answer, ending, waitMs } = spoiltAnswer(simulation, service, asked);
  keep();
  try {
    if (waitMs > 0) await wait(waitMs);
    send(response, answer, ending, simulation.mis.now());
  } finally {
    simulation.log.end();
  }
}

async function serve(running: Running, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  const asked = askedBy(request, body ?? '');
  if (body === null) {
    send(response, jsonAnswer(413, { error: 'Payload Too Large' }), 'whole', running.simulation.mis.now());
  } else if (asked.pathname.startsWith('/_sim/')) {
    const answer = controlAnswer(running.simulation, asked);
    running.keep();
    send(response, answer, 'whole', running.simulation.mis.now());
  } else {
    await serveWonde(running, asked, response);
  }
}

/**
 * Starts an MIS that speaks Wonde on loopback, with a made-up school, asynchronous write-backs and faults on command
 * (mis.md 9.2). It has no clock but `now`, so a test with delay 0 or a clock of its own never waits.
 * @throws the system's error where the port is taken
 */
export async function startMisSimulator(options: MisSimulatorOptions): Promise<MisSimulator> {
  const { now, seed = 2026, token = 'demo-token', saved = null, save } = options;
  const school = demoSchool(seed, options.schoolId, options.schoolName);
  const mis = new SimulatedMis({
    school,
    now,
    delayMs: options.delayMs ?? 2000,
    closed: options.closed ?? [],
    saved: saved?.schoolId === school.id && saved.seed === seed ? saved : null,
  });
  const foreign = await startForeignHost();
  const simulation: Simulation = {
    mis,
    faults: new Faults(now),
    log: new RequestLog(),
    online: true,
    foreign: foreign.visits,
  };
  let savedRevision = mis.revision;
  const stopping = new AbortController();
  const waiting = options.wait ?? ((ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }));
  const running: Running = {
    simulation,
    service: { mis, token, foreign: foreign.origin },
    wait: (ms) => waiting(ms, stopping.signal),
    keep: () => {
      if (mis.revision === savedRevision) return;
      savedRevision = mis.revision;
      save?.(mis.save());
    },
  };
  const server = await listenOn('127.0.0.1', options.port ?? 0, (request, response) => {
    serve(running, request, response).catch((error: unknown) => {
      if (!stopping.signal.aborted && !request.errored) console.error('MIS simulator:', error);
      response.socket?.destroy();
    });
  }).catch(async (error: unknown) => {
    await foreign.stop();
    throw error;
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.all([server.stop(), foreign.stop()]);
    mis.settle();
    running.keep();
  };
  return {
    baseUrl: `${server.origin}/v1.0`,
    schoolId: school.id,
    token,
    seed,
    control: misControl(server.origin),
    stop,
  };
}
