/** The line to the box: what it pushes, and what the page asks of it. Nothing is kept to be sent later. */
import { signal } from '@preact/signals';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import type { Result } from '../../device/contract/result.ts';
import { withChange } from '../../device/contract/view-change.ts';
import type { ViewChange } from '../../device/contract/view-change.ts';
import type { DeviceToStaff, StaffToDevice, StaffTop, StaffViews, ViewName } from '../../device/contract/staff.ts';
import { ended, me } from './access/session.ts';
import { hidden } from './idle.ts';

export const top = signal<StaffTop | null>(null);
/** What was seen of each view last; only the watched one goes on. */
export const views = signal<Partial<StaffViews>>({});
/** No connection: what is shown is old. */
export const away = signal(false);

const connectAgainAfterMs = 1_000;

type Line = Socket<DeviceToStaff, StaffToDevice>;
let socket: Line | null = null;
let watched: ViewName | null = null;
/** The number of the push that brought what is shown of each view. */
let broughtBy: Partial<Record<ViewName, number>> = {};

/** A command of the desk is known by its id, and is tried twice (durability.md 4): one try waits so long for its answer. */
const answerMaxMs = 5_000;
const tries = 2;
/** What reads years of records. */
export const longMs = 120_000;
/**
 * Every other command is done anew wherever it comes again, and may take as long as a roster, or a list on paper, page by page: it is
 * sent once. A line that is cut answers for it at once.
 */
const onceMaxMs = 11 * 60_000;
const ofTheDesk: ReadonlySet<string> = new Set([
  'answer',
  'correct',
  'record-for',
  'hold-arrivals',
  'note-done',
  'void-badge',
  'adopt',
  'settle',
  'settle-all',
  'freeze',
  'thaw',
  'confirm-time',
  'close-out',
  'drill',
  'exported',
  'hold-movement',
  'set-aside-seen',
  'change-setting',
  'undo-setting',
]);
/** Known by their ids too, and they go through many records. */
const ofTheDeskAndLong: ReadonlySet<string> = new Set(['close-day', 'close-days', 'access-export', 'erase']);

/** With the session of the cookie. */
export function connect(): void {
  const line: Line = io({
    transports: ['websocket'],
    forceNew: true,
    reconnectionDelay: 200,
    reconnectionDelayMax: 2_000,
    timeout: 4_000,
  });
  socket = line;
  line.on('top', (next) => {
    const now = top.value;
    if (now === null || now.runId !== next.runId || next.revision >= now.revision) top.value = next;
  });
  line.on('view', (name, change, n, since) => {
    if (since !== null && since !== broughtBy[name]) return;
    broughtBy[name] = n;
    const before = since === null ? undefined : views.value[name];
    // The box and this page are of one build.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
    views.value = { ...views.value, [name]: withChange(before, JSON.parse(change) as ViewChange) };
  });
  line.on('connect', () => {
    away.value = false;
    broughtBy = {};
    if (watched !== null) watch(watched);
  });
  line.on('disconnect', (why) => {
    away.value = true;
    if (why === 'io server disconnect') void cutOff(line, 'expired');
  });
  line.on('connect_error', () => {
    away.value = true;
    // The box is not there; or it is again, and knows no session of before.
    void cutOff(line, 'gone');
  });
  line.on('locked', () => {
    hidden.value = true;
  });
  line.on('signedOut', (why) => {
    disconnect();
    void signedOut(why);
  });
}

/** Where the box itself ended or refused the line, the library leaves it at that: whoever is still signed in gets another. */
async function cutOff(line: Line, why: 'expired' | 'gone'): Promise<void> {
  await ended(why);
  if (me.value !== null && !line.active) setTimeout(() => socket === line && line.connect(), connectAgainAfterMs);
}

/** In another tab somebody may have signed in again meanwhile. */
async function signedOut(why: Parameters<typeof ended>[0]): Promise<void> {
  await ended(why);
  if (me.value !== null && socket === null) connect();
}

export function disconnect(): void {
  socket?.close();
  socket = null;
  top.value = null;
  views.value = {};
  away.value = false;
}

/** Names are hidden: on a registered computer the box sends counts only, until it has a PIN. */
export function lock(): void {
  socket?.emit('lock');
}

/** With the session of the cookie, which is another now. */
export function reconnect(): void {
  disconnect();
  connect();
}

/** From now on this view is pushed, and no other; null: none. */
export function watch(name: ViewName | null): void {
  watched = name;
  // Changes are to what was pushed, and the next push to whoever begins to watch is a whole view.
  broughtBy = {};
  if (socket?.connected !== true) return;
  socket.emit('watch', name, (result) => {
    if (name === null || !result.ok || result.value === null || broughtBy[name] !== undefined) return;
    views.value = { ...views.value, [name]: result.value };
  });
}

/** A command is young: it is made as it is sent. `busy` where there is no line. */
export async function command(name: string, input: unknown): Promise<Result<unknown>> {
  const runId = top.value?.runId;
  const commandId = crypto.randomUUID();
  const madeAt = performance.now();
  const made = () => ({
    commandId,
    ageMs: Math.round(performance.now() - madeAt),
    ...(runId === undefined ? {} : { runId }),
    input,
  });
  // Of another session, it would be somebody else's command.
  const line = socket;
  const isLong = ofTheDeskAndLong.has(name);
  const isOnce = !isLong && !ofTheDesk.has(name);
  const waitMs = isOnce ? onceMaxMs : isLong ? longMs : answerMaxMs;
  for (let left = isOnce ? 1 : tries; left > 0 && socket === line; left -= 1) {
    if (left < tries && !isOnce) await backAgain(line);
    const result = await answered((line) => line.emitWithAck('command', name, made()), waitMs);
    if (result !== null) return result;
  }
  return nobodyAnswers;
}

export async function query(name: string, input: unknown, waitMs = answerMaxMs): Promise<Result<unknown>> {
  return (await answered((line) => line.emitWithAck('query', name, input), waitMs)) ?? nobodyAnswers;
}

/** A line that was cut answers nothing more; it comes again within seconds, or not at all. */
async function backAgain(line: Line | null): Promise<void> {
  if (line === null || line.connected) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, answerMaxMs);
    line.once('connect', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const nobodyAnswers = { ok: false, error: { code: 'busy' } } as const;

/** Null: no line, or no answer. */
async function answered(
  send: (line: ReturnType<Line['timeout']>) => Promise<Result<unknown>>,
  waitMs: number,
): Promise<Result<unknown> | null> {
  if (socket?.connected !== true) return null;
  try {
    return await send(socket.timeout(waitMs));
  } catch {
    return null;
  }
}

/** Somebody touches the page: told once a minute at most. */
let toldAt = Number.NEGATIVE_INFINITY;
const stayEveryMs = 60_000;
export function stay(): void {
  const now = performance.now();
  if (now - toldAt < stayEveryMs) return;
  toldAt = now;
  socket?.emit('stay');
}
