/** Draws badges on a thread that is there only while badges are drawn: its memory is the machine's again afterwards. */
import { Worker } from 'node:worker_threads';
import type { Bitmap } from '../domain/badge.ts';
import type { Timers } from '../system/ports.ts';
import type { BadgePainter } from './painter.ts';
import type { PaintReply, PaintRequest, ThreadData } from './thread-wire.ts';

export interface PaintingThread extends BadgePainter {
  /** Rejects what is not painted yet. */
  close(): Promise<void>;
}

export interface PaintingThreadParts extends ThreadData {
  /** `thread.ts`, built. */
  readonly threadFile: string;
  readonly timers: Timers;
}

/**
 * From the request to the picture, with the thread's start; one that takes longer is ended, and the next badge gets a new one.
 * Half a second on a Pi; a machine with much else to do is given its time, since nobody but the badge waits.
 */
export const paintDeadlineMs = 30_000;
/** Badges that may be under way. */
export const paintingMax = 20;
/** With nothing to draw for so long, the thread goes. */
export const idleMs = 60_000;
/** Heap of the thread; the renderer's own memory comes on top, some 15 MB while it draws. */
const heapMaxMb = 64;

interface Painting {
  readonly done: (picture: Bitmap) => void;
  readonly fail: (why: string) => void;
}

/** `paint` rejects with an error whose message says only what happened to the thread. */
export function createPaintingThread({ threadFile, timers, fonts, paperMm }: PaintingThreadParts): PaintingThread {
  const under = new Map<number, Painting>();
  let thread: Worker | null = null;
  let count = 0;
  let closed = false;
  let stayAwake: () => void = () => undefined;

  const start = (): Worker => {
    const data: ThreadData = { fonts, paperMm };
    const started = new Worker(threadFile, { workerData: data, resourceLimits: { maxOldGenerationSizeMb: heapMaxMb } });
    started.unref();
    started.on('message', (reply: PaintReply) => {
      if ('picture' in reply) under.get(reply.n)?.done(reply.picture);
      else under.get(reply.n)?.fail(`the badge could not be drawn: ${reply.problem}`);
    });
    started.on('error', () => end(started, 'the thread that draws badges failed'));
    started.on('exit', () => end(started, 'the thread that draws badges ended'));
    return started;
  };
  const end = (which: Worker | null, why: string): void => {
    if (which === null || which !== thread) return;
    thread = null;
    for (const painting of under.values()) painting.fail(why);
    void which.terminate();
  };
  const sleepLater = (): void => {
    stayAwake();
    if (under.size === 0 && thread !== null) stayAwake = timers.after(idleMs, () => end(thread, 'idle'));
  };

  return {
    paint: async (slip, photo) => {
      if (closed) throw new Error('no more badges are drawn');
      if (under.size >= paintingMax) throw new Error(`${paintingMax} badges are being drawn already`);
      thread ??= start();
      stayAwake();
      const n = (count += 1);
      const request: PaintRequest = { n, slip, photo };
      const late = timers.after(paintDeadlineMs, () => end(thread, 'drawing the badge took too long'));
      thread.postMessage(request);
      try {
        return await new Promise<Bitmap>((done, reject) => {
          under.set(n, { done, fail: (why) => reject(new Error(why)) });
        });
      } finally {
        late();
        under.delete(n);
        sleepLater();
      }
    },
    close: async () => {
      closed = true;
      stayAwake();
      const last = thread;
      end(last, 'no more badges are drawn');
      await last?.terminate();
    },
  };
}
