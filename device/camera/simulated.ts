/** A camera without hardware: shows the pictures that `buildFrames` made, over and over. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timers } from '../system/ports.ts';
import { frameCount, frameName } from './frames.ts';
import { CameraProblem, liveEveryMs, stallMs, takeDeadlineMs } from './port.ts';
import type { Camera, CameraStatus } from './port.ts';
import { createPictureStream } from './stream.ts';

/** `hang`: no picture comes and no error. `slow`: each takes two seconds. */
export const cameraFaults = ['none', 'missing', 'hang', 'black', 'covered', 'frozen', 'slow'] as const;
export type CameraFault = (typeof cameraFaults)[number];

export interface SimulatedCamera extends Camera {
  fault(fault: CameraFault): void;
  /** Something held before the lens (a JPEG picture) until null takes it away. */
  hold(picture: Uint8Array | null): void;
}

export interface SimulatedCameraParts {
  /** What `buildFrames` made. */
  readonly frames: string;
  readonly clock: Pick<Clock, 'mono'>;
  readonly timers: Timers;
}

const slowMs = 2_000;

export function createSimulatedCamera({ frames, clock, timers }: SimulatedCameraParts): SimulatedCamera {
  let fault: CameraFault = 'none';
  let held: Uint8Array | null = null;
  let loop: Promise<readonly Uint8Array[]> | null = null;
  let stopTicking: () => void = () => undefined;

  const pictures = async (): Promise<readonly Uint8Array[]> => {
    loop ??= Promise.all(
      [...Array.from({ length: frameCount }, (_, i) => frameName(i)), frameName('black'), frameName('covered')].map(
        (name) => readFile(join(frames, name)),
      ),
    );
    try {
      return await loop;
    } catch {
      loop = null;
      throw new CameraProblem('The simulated camera has no pictures: they are made by scripts/build');
    }
  };
  /** What is before the lens now. */
  const picture = async (): Promise<Uint8Array> => {
    if (fault === 'missing') throw new CameraProblem('The camera is not connected');
    if (held !== null && fault === 'none') return withNoise(held, clock.mono());
    const all = await pictures();
    const shown = all[frameNow(fault, clock.mono())];
    if (shown === undefined) throw new CameraProblem('The simulated camera has no pictures');
    return Uint8Array.from(shown);
  };

  const tick = (since: number): void => {
    if (fault === 'missing') return stream.end();
    if (fault === 'hang' && clock.mono() - since > stallMs) return stream.end();
    const shownAt = fault === 'hang' ? since : clock.mono();
    if (fault !== 'hang') picture().then(stream.push, stream.end);
    stopTicking = timers.after(fault === 'slow' ? slowMs : liveEveryMs, () => tick(shownAt));
  };
  const stream = createPictureStream(
    () => tick(clock.mono()),
    () => stopTicking(),
  );

  return {
    kind: 'simulated',
    status: () => simulatedStatus(fault),
    take: async (signal) => {
      signal.throwIfAborted();
      const waitMs = fault === 'hang' ? null : fault === 'slow' ? slowMs : 0;
      await wait(timers, waitMs, signal);
      return await picture();
    },
    live: (signal) => stream.watch(signal),
    fault: (next) => {
      fault = next;
    },
    hold: (next) => {
      held = next;
    },
    close: () => stream.end(),
  };
}

function frameNow(fault: CameraFault, now: number): number {
  if (fault === 'black') return frameCount;
  if (fault === 'covered') return frameCount + 1;
  return fault === 'frozen' ? 0 : Math.floor(now / liveEveryMs) % frameCount;
}

/** A comment in the JPEG: no two pictures of a real camera are the same. */
function withNoise(jpeg: Uint8Array, now: number): Uint8Array {
  const noise = Buffer.from([0xff, 0xfe, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0]);
  noise.writeDoubleBE(now, 4);
  return Buffer.concat([jpeg.subarray(0, 2), noise, jpeg.subarray(2)]);
}

function simulatedStatus(fault: CameraFault): CameraStatus {
  if (fault === 'missing') return { state: 'failed', words: 'The camera is not connected' };
  return { state: 'ready', words: 'Ready (simulated)' };
}

/** Null: no picture ever comes, so the deadline ends it. */
async function wait(timers: Timers, ms: number | null, signal: AbortSignal): Promise<void> {
  if (ms === 0) return;
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      cancel();
      reject(signal.reason instanceof Error ? signal.reason : new CameraProblem('Given up'));
    };
    const cancel = timers.after(ms ?? takeDeadlineMs, () => {
      signal.removeEventListener('abort', stop);
      if (ms === null) reject(new CameraProblem(`The camera gave no picture in ${takeDeadlineMs / 1000} seconds`));
      else resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}
