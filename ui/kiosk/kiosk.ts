/** Runs the visit: gives its rules time, ids and the device's answers, and sends what they ask for. */
import { effect, signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import type { KioskSnapshot } from '../../device/contract/kiosk.ts';
import { PROTOCOL_VERSION, limits } from '../../device/contract/kiosk.ts';
import { connect, openSocket } from '../shared/connection.ts';
import type { Connection } from '../shared/connection.ts';
import type { KioskSocket } from './device.ts';
import { emit, noAnswer } from './device.ts';
import { step } from './visit.ts';
import type { Tap, VisitEvent } from './visit/event.ts';
import { waitOf } from './visit/patience.ts';
import type { Effect, State } from './visit/state.ts';
import { atHome } from './visit/state.ts';

/** "One moment please" only when it takes longer than this. */
const SLOW_AFTER_MS = 1_000;
const FORGOTTEN_AFTER_MS = 120_000;
/** A page that has only just been loaded is not loaded again at once. */
const RELOAD_NOT_BEFORE_MS = 10_000;

export interface Kiosk {
  readonly state: ReadonlySignal<State>;
  /** The newest snapshot; null until the device has said hello once. */
  readonly device: ReadonlySignal<KioskSnapshot | null>;
  /** The device is away, or an answer is late: nothing can be touched. */
  readonly slow: ReadonlySignal<boolean>;
  readonly tap: (tap: Tap) => void;
  /** A finger came down, or a key: milliseconds of the page's own clock. */
  readonly touched: (at: number) => void;
}

export function startKiosk(): Kiosk {
  const socket: KioskSocket = openSocket(limits.commandTimeoutMs);
  const connection = connect<KioskSnapshot>(socket, async () => {
    const reply = await socket.emitWithAck('hello', { protocol: PROTOCOL_VERSION });
    return reply.ok ? reply.value : null;
  });
  const state = signal<State>(atHome);
  let touchedAt = 0;

  const happen = (event: VisitEvent): void => {
    const device = connection.snapshot.value;
    if (device === null) return;
    const world = { now: performance.now(), touchedAt, id: crypto.randomUUID(), device };
    const next = step(state.value, event, world);
    state.value = next.state;
    for (const one of next.effects) void carryOut(one);
  };
  const carryOut = async ({ call, commandId, number }: Effect): Promise<void> => {
    const reply = await connection.send((ageMs, runId) =>
      emit(socket, call, runId === undefined ? { commandId, ageMs } : { commandId, ageMs, runId }),
    );
    happen({ type: 'reply', number, reply: reply ?? noAnswer(call) });
  };

  socket.on('snapshot', connection.take);
  socket.on('badgeSeen', ({ visit, code }) => happen({ type: 'badge-seen', visit, code }));
  socket.on('printFailed', ({ visit }) => happen({ type: 'print-failed', visit }));
  reloadWhenFree(socket, state);
  const rearm = waitForPupils(state, connection, happen);

  return {
    state,
    device: connection.snapshot,
    slow: slowness(state, connection),
    tap: (tap) => {
      if (connection.here.value) happen(tap);
    },
    touched: (at) => {
      touchedAt = at;
      if (waitOf(state.value)?.touchRestarts === true) rearm();
    },
  };
}

/** One timer for the screen that is shown. It stands still while the device is away. Returns how to begin it anew. */
function waitForPupils(
  state: ReadonlySignal<State>,
  { here }: Connection<KioskSnapshot>,
  happen: (event: VisitEvent) => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const arm = (): void => {
    clearTimeout(timer);
    if (!here.value) {
      timer = setTimeout(() => happen({ type: 'forgotten' }), FORGOTTEN_AFTER_MS);
      return;
    }
    const wait = waitOf(state.value);
    if (wait !== null) timer = setTimeout(() => happen({ type: 'waited' }), wait.ms);
  };
  effect(arm);
  return arm;
}

function slowness(state: ReadonlySignal<State>, { here }: Connection<KioskSnapshot>): ReadonlySignal<boolean> {
  const slow = signal(false);
  effect(() => {
    if (here.value && state.value.waiting === null) {
      slow.value = false;
      return;
    }
    const timer = setTimeout(() => (slow.value = true), SLOW_AFTER_MS);
    return () => clearTimeout(timer);
  });
  return slow;
}

/** A new build waits until nobody is in the middle of something; another protocol cannot. */
function reloadWhenFree(socket: KioskSocket, state: ReadonlySignal<State>): void {
  const wanted = signal<'protocol' | 'new-build' | null>(null);
  socket.on('reload', (why) => (wanted.value = why));
  effect(() => {
    if (wanted.value === null || (wanted.value === 'new-build' && state.value.step.at !== 'home')) return;
    const timer = setTimeout(() => location.reload(), Math.max(0, RELOAD_NOT_BEFORE_MS - performance.now()));
    return () => clearTimeout(timer);
  });
}
