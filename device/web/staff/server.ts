/** The staff page's server: HTTPS on the school network. Parses, asks the table of roles, hands on, answers. */
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { Server as HttpsServer } from 'node:https';
import { Socket as TcpSocket } from 'node:net';
import { Server } from 'socket.io';
import type { Socket } from 'socket.io';
import * as v from 'valibot';
import type { Host } from '../../host.ts';
import type { Result } from '../../contract/result.ts';
import { viewNames } from '../../contract/staff.ts';
import type { DeviceToStaff, Me, StaffToDevice, ViewName } from '../../contract/staff.ts';
import { isStorageTrouble } from '../../journal/trouble.ts';
import type { Clock, Timers } from '../../system/ports.ts';
import type { Commands } from '../giver.ts';
import type { TakeBackup } from '../restore-commands.ts';
import { hashOfInput } from '../input-hash.ts';
import { hangUpOnFloods, listen } from '../kiosk.ts';
import { command as commandOf, parse } from '../parse.ts';
import type { Access } from './access.ts';
import { addressesHere, isOurHost } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import type { EvacuationFile } from './evacuation-file.ts';
import type { Files } from './files.ts';
import { isSameOrigin, staffPages, tokenIn } from './http.ts';
import { Pushing, lockedRoom, nameless, topRoom, viewRoom } from './push.ts';
import type { Shown } from './push.ts';
import type { Queries } from './queries.ts';
import { allows, mayAsk, mayCommand, mayWatch } from './roles.ts';
import type { Rule } from './roles.ts';
import type { Session } from './sessions.ts';

/** A hundred marks settled at once are 20 kB; nothing the page sends is longer. */
const messageMaxBytes = 64 * 1024;
/** Twenty pages with a few connections each, and room. */
const connectionsMax = 300;
const perAddressMax = 60;
const headersMaxMs = 10_000;
const requestMaxMs = 30_000;
const idleMaxMs = 20_000;
/**
 * Authenticated encryption with forward secrecy only; TLS 1.3 has nothing else. ChaCha20 first: a Pi 4 has no instructions for AES,
 * and what is pushed to open pages it encrypts between one touch and the next.
 */
const ciphers =
  'TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:ECDHE+CHACHA20:ECDHE+AESGCM';
const tls = {
  minVersion: 'TLSv1.2',
  ciphers,
  handshakeTimeout: headersMaxMs,
  headersTimeout: headersMaxMs,
  requestTimeout: requestMaxMs,
  keepAliveTimeout: idleMaxMs,
  maxHeaderSize: 8 * 1024,
} as const;
/** Sessions that are over are looked for. */
const sweepEveryMs = 15_000;

export interface StaffPorts {
  readonly port: number;
  /** An address of this machine; `0.0.0.0`: all of them. */
  readonly bind: string;
  readonly certificate: Certificate;
  readonly pageFolder: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly access: Access;
  readonly shown: Shown;
  readonly commands: Commands;
  readonly queries: Queries;
  readonly files: Pick<Files, 'find'>;
  readonly photo: (visit: string) => Promise<Uint8Array | null>;
  /** As it is printed, a PNG. */
  readonly badge: (visit: string) => Promise<Uint8Array | null>;
  readonly evacuation: (by: string) => EvacuationFile;
  readonly dayExport: (date: string) => Promise<Uint8Array | null>;
  readonly debugBundle: () => Promise<string>;
  readonly host: Host | null;
  readonly takeBackup: TakeBackup;
  /** Why the box does not serve; null: it does. */
  readonly trouble: () => string | null;
  /** A bug: the process must end. */
  readonly onBroken: (error: unknown) => void;
}
export interface StaffServer {
  readonly port: number;
  push(): void;
  /** From now on; connections that are open keep the one before. */
  useCertificate(next: Certificate): void;
  close(): Promise<void>;
}

type StaffIo = Server<StaffToDevice, DeviceToStaff, Record<string, never>, Opened>;
interface Opened {
  session: Session;
  me: Me;
}
type StaffSocket = Socket<StaffToDevice, DeviceToStaff, Record<string, never>, Opened>;

export async function serveStaff(ports: StaffPorts): Promise<StaffServer> {
  const { access, clock, timers } = ports;
  let { certificate } = ports;
  const ourHost = (host: string | undefined): boolean => isOurHost(certificate, host);
  /** Connections on which a long request is on its way: a backup. */
  const long = new WeakSet<object>();
  const takesLong = ({ socket }: IncomingMessage): (() => void) => {
    long.add(socket);
    return () => void long.delete(socket);
  };
  const app = staffPages({ ...ports, takesLong, isOurHost: ourHost, hasRealCertificate: certificate.isReal });
  const https = createServer({ ...pemOf(certificate), ...tls }, app);
  refuseBroken(https, (socket) => long.has(socket));
  boundConnections(https);
  const io: StaffIo = new Server(https, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: messageMaxBytes,
    connectTimeout: headersMaxMs,
    allowRequest: ({ headers, socket }, decide) => {
      const isOurs = ourHost(headers.host) && isSameOrigin(headers);
      const token = tokenIn(headers.cookie);
      // An old token is that of a page which has not heard yet that its session is over.
      if (!isOurs || token === null) {
        const what = isOurs ? 'nobody is signed in' : 'a page from elsewhere';
        access.refusedStranger(what, socket.remoteAddress).catch(ports.onBroken);
      }
      decide(null, isOurs && access.whoIs(token) !== null);
    },
  });
  const pushing = new Pushing({ io, shown: ports.shown, clock, timers });
  io.on('connection', (socket) => {
    // Over since `allowRequest`, or never begun.
    const who = access.whoIs(tokenIn(socket.handshake.headers.cookie));
    if (who === null) {
      socket.disconnect(true);
      return;
    }
    socket.data = who;
    connect(socket, who, ports, pushing);
  });
  followSessions(io, access, pushing);
  const stopSweep = timers.every(sweepEveryMs, () => {
    access.sessions.sweep();
  });
  return {
    port: await listen(https, ports.port, ports.bind),
    push: () => {
      pushing.changed();
    },
    useCertificate: (next) => {
      certificate = next;
      https.setSecureContext(pemOf(next));
    },
    close: async () => {
      stopSweep();
      pushing.stop();
      https.closeAllConnections();
      await io.close();
    },
  };
}

/** A session that locks or ends takes what is shown with it, at once. */
function followSessions(io: StaffIo, { sessions }: Access, pushing: Pushing): void {
  const socketsOf = (session: string): readonly StaffSocket[] =>
    [...io.sockets.sockets.values()].filter(({ data }) => data.session.id === session);
  const leaveAll = (socket: StaffSocket): void => {
    for (const room of socket.rooms) if (room !== socket.id) void socket.leave(room);
  };
  sessions.onLocked = ({ id }) => {
    for (const socket of socketsOf(id)) {
      leaveAll(socket);
      void socket.join(lockedRoom(socket.data.me.role));
      socket.emit('locked');
    }
    pushing.changed();
  };
  sessions.onEnded = ({ id }, why) => {
    for (const socket of socketsOf(id)) {
      if (why === 'taken-over') {
        leaveAll(socket); // the page comes again by itself
        continue;
      }
      socket.emit('signedOut', why);
      socket.disconnect(true);
    }
    pushing.changed();
  };
}

/** Where browsers of the school find it; of all addresses, the first on a network. */
export function staffAddress(bind: string, port: number): string {
  const host = bind === '0.0.0.0' || bind === '::' ? (addressesHere()[0] ?? '127.0.0.1') : bind;
  return `https://${host.includes(':') ? `[${host}]` : host}:${String(port)}/`;
}

const pemOf = ({ cert, key }: Certificate) => ({ cert, key });

/** As Node does where nobody asks, but for requests that are known to take longer than `requestTimeout`. */
function refuseBroken(https: HttpsServer, takesLong: (socket: object) => boolean): void {
  https.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    if (isLate && takesLong(socket)) return;
    const status = isLate ? '408 Request Timeout' : '400 Bad Request';
    if (!socket.writable) socket.destroy();
    else socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
  });
}

/** One address alone must not take all connections. */
function boundConnections(https: HttpsServer): void {
  https.maxConnections = connectionsMax;
  const open = new Map<string, number>();
  https.on('connection', (socket) => {
    const address = socket instanceof TcpSocket ? (socket.remoteAddress ?? '') : '';
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
    if (count > perAddressMax) socket.destroy();
  });
  https.on('tlsClientError', (_error, socket) => {
    socket.destroy();
  });
}

const viewName = v.nullable(v.picklist(viewNames));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(40));
const anyCommand = commandOf(v.unknown());

function connect(socket: StaffSocket, { session, me }: Opened, ports: StaffPorts, pushing: Pushing): void {
  const { access, shown, trouble } = ports;
  hangUpOnFloods(socket, ports.clock);
  const { role } = me;
  const isLocked = access.sessions.isLocked(session.id);
  void socket.join(isLocked ? lockedRoom(role) : topRoom(role));
  socket.emit('top', isLocked ? nameless(shown.top(role)) : shown.top(role));
  // It may have been locked while this page was away.
  if (isLocked) socket.emit('locked');
  let watched: ViewName | null = null;
  /** The session lasts, the role is the one it began with (another ends all sessions), and what is asked for is allowed. */
  const answer = (what: string, ack: unknown, rule: () => Rule | null, run: () => Promise<Result<unknown>>): void => {
    if (typeof ack !== 'function') return;
    const say = (result: Result<unknown>): void => {
      Reflect.apply(ack, null, [result]);
    };
    const allowed = refusalOf(access, session, me, what, rule());
    if (!allowed.ok) {
      if (allowed.error.code === 'forbidden') access.refused(what, me.name, session.address).catch(ports.onBroken);
      say(allowed);
      return;
    }
    access.sessions.touch(session.id);
    run().then(say, (error: unknown) => {
      say({ ok: false, error: { code: isStorageTrouble(error) ? 'storage_failed' : 'internal' } });
      ports.onBroken(error);
    });
  };
  socket.on('lock', () => {
    access.sessions.lock(session.id);
  });
  socket.on('stay', () => {
    access.sessions.touch(session.id);
  });
  socket.on('watch', (given: unknown, ack: unknown) => {
    const view = parse(viewName, given);
    const wanted = view.ok ? view.value : null;
    const rule = (): Rule | null => (view.ok ? { roles: wanted === null ? [role] : mayWatch[wanted] } : null);
    answer(`watch ${wanted ?? ''}`, ack, rule, async () => {
      // Before anything is waited for: of two that come together the later one holds.
      const left = watched === null ? undefined : socket.leave(viewRoom(watched, role));
      const joined = wanted === null ? undefined : socket.join(viewRoom(wanted, role));
      watched = wanted;
      await Promise.all([left, joined]);
      if (wanted === null) return { ok: true, value: null };
      pushing.joined(viewRoom(wanted, role));
      return { ok: true, value: shown.view(wanted, role) };
    });
  });
  socket.on('command', (given: unknown, input: unknown, ack: unknown) => {
    const called = parse(name, given);
    const command = parse(anyCommand, input);
    const key = called.ok ? called.value : '';
    const run = Object.hasOwn(ports.commands, key) ? ports.commands[key] : undefined;
    const rule = (): Rule | null => (run === undefined && trouble() === null ? null : ruleIn(mayCommand, key));
    answer(key, ack, rule, async () => {
      if (run === undefined || !command.ok) return command.ok ? outOfService(trouble()) : command;
      const { commandId, ageMs, runId } = command.value;
      const hash = hashOfInput({ key, input: command.value.input });
      const once = { id: commandId, ageMs, hash, ...(runId === undefined ? {} : { runId }) };
      return run(command.value.input, { by: me.name, command: once, session: session.id });
    });
  });
  socket.on('query', (given: unknown, input: unknown, ack: unknown) => {
    const called = parse(name, given);
    const key = called.ok ? called.value : '';
    const run = Object.hasOwn(ports.queries, key) ? ports.queries[key] : undefined;
    const rule = (): Rule | null => (run === undefined && trouble() === null ? null : ruleIn(mayAsk, key));
    answer(key, ack, rule, () => run?.(input, me) ?? Promise.resolve(outOfService(trouble())));
  });
}

const notThere: Result<never> = { ok: false, error: { code: 'not_found' } };
/** What the box does on any other day is not gone: it says why it cannot be done now. */
const outOfService = (trouble: string | null): Result<never> =>
  trouble === null ? notThere : { ok: false, error: { code: 'storage_failed', detail: trouble } };

const ruleIn = (table: Readonly<Record<string, Rule>>, key: string): Rule | null =>
  Object.hasOwn(table, key) ? (table[key] ?? null) : null;

function refusalOf(access: Access, session: Session, me: Me, what: string, rule: Rule | null): Result<null> {
  if (!access.sessions.isAlive(session.id)) return { ok: false, error: { code: 'signed_out' } };
  if (access.sessions.isLocked(session.id)) return { ok: false, error: { code: 'pin_wanted' } };
  if (rule === null) return notThere;
  if (!allows(rule, me.role)) return { ok: false, error: { code: 'forbidden', detail: `${me.role} may not do this` } };
  if (rule.dangerous === true && !access.sessions.isConfirmed(session.id)) {
    return { ok: false, error: { code: 'password_again', detail: what } };
  }
  return { ok: true, value: null };
}
