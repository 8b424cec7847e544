/**
 * The socket to the device, by rules that keep an old tap from arriving late: nothing is sent while the device is away,
 * nothing is buffered, and what was sent without an answer is repeated under its own id until it is too old.
 */
import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';

/** An unanswered call is given up after this; the device refuses older commands anyway (durability.md 4). */
const GIVE_UP_AFTER_MS = 60_000;
const GREET_AGAIN_AFTER_MS = 1_000;
const CONNECT_AGAIN_AFTER_MS = 1_000;
/** A call made while the device is away waits in steps of this. */
const LOOK_AGAIN_AFTER_MS = 100;

/** The device's whole state as it is sent: new at each run, rising within one. */
interface Snapshot {
  readonly runId: string;
  readonly revision: number;
}

/** What is needed of a socket.io socket. */
export interface Line extends Pick<Socket, 'connected' | 'active'> {
  connect(): unknown;
  on(event: 'connect' | 'disconnect' | 'connect_error', listener: () => void): unknown;
}

export interface Connection<S extends Snapshot> {
  /** The newest one; kept while the device is away. Null before the first. */
  readonly snapshot: ReadonlySignal<S | null>;
  /** The device has greeted us on this socket: taps may be taken. */
  readonly here: ReadonlySignal<boolean>;
  /** Takes a snapshot that the device pushed. An older one than the one held is dropped. */
  readonly take: (snapshot: S) => void;
  /**
   * Tries until there is an answer; null after 60 s. `attempt` gets the age of the call in milliseconds and the run that was
   * seen when it was made, and rejects when the device is away or silent.
   */
  readonly send: <T>(attempt: (ageMs: number, runId?: string) => Promise<T>) => Promise<T | null>;
}

/** `ackTimeoutMs`: how long one try waits. The page's own address is the device's. */
export function openSocket(ackTimeoutMs: number): Socket {
  return io({
    transports: ['websocket'],
    ackTimeout: ackTimeoutMs,
    reconnectionDelay: 200,
    reconnectionDelayMax: 1_000,
    timeout: 4_000,
  });
}

/** `greet` says hello and brings the first snapshot; it rejects, or gives null, where it is to be said again. */
export function connect<S extends Snapshot>(socket: Line, greet: () => Promise<S | null>): Connection<S> {
  const snapshot = signal<S | null>(null);
  const here = signal(false);

  const take = (next: S): void => {
    const held = snapshot.value;
    if (held?.runId === next.runId && next.revision <= held.revision) return;
    snapshot.value = next;
  };
  const hello = async (): Promise<void> => {
    const first = await greet().catch(() => null);
    if (!socket.connected) return;
    if (first === null) {
      setTimeout(() => void hello(), GREET_AGAIN_AFTER_MS);
      return;
    }
    take(first);
    here.value = true;
  };
  socket.on('connect', () => void hello());
  socket.on('disconnect', () => (here.value = false));
  // Where the device itself ended or refused the connection, the library leaves it at that.
  const tryAgain = (): void => {
    if (!socket.active) setTimeout(() => socket.connect(), CONNECT_AGAIN_AFTER_MS);
  };
  socket.on('disconnect', tryAgain);
  socket.on('connect_error', tryAgain);

  return {
    snapshot,
    here,
    take,
    send: async (attempt) => {
      const madeAt = performance.now();
      const runId = snapshot.value?.runId;
      for (;;) {
        const ageMs = Math.round(performance.now() - madeAt);
        if (ageMs >= GIVE_UP_AFTER_MS) return null;
        if (here.value) {
          try {
            return await attempt(ageMs, runId);
          } catch {
            // Away or silent: the same call again, under the same id.
          }
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_AFTER_MS));
      }
    },
  };
}
