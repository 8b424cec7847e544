/** What every camera does, whatever it is: run on the simulated one, on programs that stand in, and on a real one on a real USB. */
import { decode } from 'jpeg-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CameraProblem } from '../../device/camera/port.ts';
import type { Camera, CameraState } from '../../device/camera/port.ts';

export const patient = new AbortController().signal;

/** Somebody who watches the live picture, up to so many pictures. */
interface Watching {
  readonly pictures: readonly Uint8Array[];
  readonly ended: () => boolean;
  readonly stop: () => Promise<void>;
}
export function start(camera: Camera, count = Infinity): Watching {
  const pictures: Uint8Array[] = [];
  const enough = new AbortController();
  const state = { ended: false };
  const all = (async () => {
    for await (const picture of camera.live(enough.signal)) {
      pictures.push(picture);
      if (pictures.length >= count) break;
    }
    state.ended = true;
  })();
  const stop = async (): Promise<void> => {
    enough.abort();
    await all;
  };
  return { pictures, ended: () => state.ended, stop };
}

/** A camera in the place where it would be: how time passes there, and what is left of it. */
export interface Placed {
  readonly camera: Camera;
  readonly wait: (until: () => boolean) => Promise<void>;
  /** Timers that run, processes that live. */
  readonly left: () => number;
  readonly end: () => void;
}

/** @param state how it must be, once it has been looked for */
export function everyCamera(kind: Camera['kind'], state: CameraState, open: () => Placed | Promise<Placed>): void {
  let place: Placed;
  const ready = (): boolean => place.camera.status().state === 'ready';
  beforeEach(async () => {
    place = await open();
    await place.wait(() => state === 'absent' || place.camera.status().state !== 'absent');
    await place.wait(() => place.left() === 0);
  });
  afterEach(() => {
    place.camera.close();
    place.end();
  });

  it('says how it is, in a word and in a sentence', () => {
    expect(place.camera.kind).toBe(kind);
    expect(place.camera.status().state).toBe(state);
    expect(place.camera.status().words).toMatch(/^[A-Z]/);
  });

  it('takes a JPEG if it is ready, else says that there is none to be had', async () => {
    if (ready()) {
      const jpeg = await place.camera.take(patient);
      expect([...jpeg.subarray(0, 2), ...jpeg.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
      expect(decode(jpeg, { useTArray: true }).width).toBe(640);
    } else await expect(place.camera.take(patient)).rejects.toThrow(CameraProblem);
  });

  it('shows live pictures if it is ready, else ends at once; leaves nothing running', async () => {
    const watching = start(place.camera, 3);
    await place.wait(watching.ended);
    expect(watching.pictures).toHaveLength(ready() ? 3 : 0);
    expect(new Set(watching.pictures.map((one) => Buffer.from(one).toString('base64'))).size).toBe(ready() ? 3 : 0);
    await place.wait(() => place.left() === 0);
  });

  it('takes a picture while others watch, and they see on', async () => {
    const watching = start(place.camera);
    await place.wait(() => watching.ended() || watching.pictures.length > 1);
    const seen = watching.pictures.length;
    const taken = await place.camera.take(patient).catch(() => null);
    expect(taken === null).toBe(!ready());
    await place.wait(() => watching.ended() || watching.pictures.length > seen);
    await watching.stop();
    await place.wait(() => place.left() === 0);
  });

  it('does nothing for whoever has gone already', async () => {
    await expect(place.camera.take(AbortSignal.abort())).rejects.toThrow();
    for await (const _ of place.camera.live(AbortSignal.abort())) expect.unreachable();
    expect(place.left()).toBe(0);
  });

  it('closed, it shows nothing and leaves nothing; and may be closed twice', async () => {
    const watching = start(place.camera);
    await place.wait(() => watching.ended() || watching.pictures.length > 1);
    place.camera.close();
    await place.wait(watching.ended);
    expect(() => place.camera.close()).not.toThrow();
    await place.wait(() => place.left() === 0);
  });
}
