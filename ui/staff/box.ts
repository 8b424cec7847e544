/** The line to the box: what it pushes, and what the page asks of it. */
import { signal } from '@preact/signals';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import type { Result } from '../../device/contract/result.ts';
import type { DeviceToStaff, StaffToDevice, StaffTop, StaffViews, ViewName } from '../../device/contract/staff.ts';
import { ended } from './access/session.ts';

export const top = signal<StaffTop | null>(null);
/** What was seen of each view last; only the watched one goes on. */
export const views = signal<Partial<StaffViews>>({});
/** No connection: what is shown is old. */
export const away = signal(false);

let socket: Socket<DeviceToStaff, StaffToDevice> | null = null;
let watched: ViewName | null = null;

/** With the session of the cookie. */
export function connect(): void {
  const line: Socket<DeviceToStaff, StaffToDevice> = io({ transports: ['websocket'], forceNew: true });
  socket = line;
  line.on('top', (next) => {
    const now = top.value;
    if (now === null || now.runId !== next.runId || next.revision >= now.revision) top.value = next;
  });
  line.on('view', (name, view) => {
    views.value = { ...views.value, [name]: view };
  });
  line.on('connect', () => {
    away.value = false;
    if (watched !== null) watch(watched);
  });
  line.on('disconnect', (why) => {
    away.value = true;
    // Cut off by the box: it does not come again by itself.
    if (why === 'io server disconnect') void ended('expired');
  });
  line.on('connect_error', () => {
    away.value = true;
  });
  line.on('signedOut', (why) => {
    disconnect();
    void ended(why);
  });
}

export function disconnect(): void {
  socket?.close();
  socket = null;
  top.value = null;
  views.value = {};
  away.value = false;
}

/** From now on this view is pushed, and no other. */
export function watch(name: ViewName): void {
  watched = name;
  socket?.emit('watch', name, (result) => {
    if (result.ok && result.value !== null) views.value = { ...views.value, [name]: result.value };
  });
}

/** A command is young: it is made as it is sent. `busy` where there is no line. */
export function command(name: string, input: unknown): Promise<Result<unknown>> {
  const runId = top.value?.runId;
  const made = { commandId: crypto.randomUUID(), ageMs: 0, ...(runId === undefined ? {} : { runId }), input };
  return new Promise((resolve) => {
    if (socket === null) resolve({ ok: false, error: { code: 'busy' } });
    else socket.emit('command', name, made, resolve);
  });
}

export function query(name: string, input: unknown): Promise<Result<unknown>> {
  return new Promise((resolve) => {
    if (socket === null) resolve({ ok: false, error: { code: 'busy' } });
    else socket.emit('query', name, input, resolve);
  });
}

/** Somebody touches the page: told once a minute at most. */
let toldAt = Number.NEGATIVE_INFINITY;
export function stay(): void {
  const now = performance.now();
  if (now - toldAt < 60_000) return;
  toldAt = now;
  socket?.emit('stay');
}
