import { decode } from 'jpeg-js';
import { beforeEach, describe, expect, it } from 'vitest';
import { createCamera } from '../../device/camera/create.ts';
import { CameraProblem, takeDeadlineMs } from '../../device/camera/port.ts';
import type { Camera } from '../../device/camera/port.ts';
import { cameraFaults, createSimulatedCamera } from '../../device/camera/simulated.ts';
import type { SimulatedCamera } from '../../device/camera/simulated.ts';
import { frameFolder } from '../support/badges.ts';
import { CameraPrograms, until } from '../support/camera-programs.ts';
import { steeredTime } from '../support/steered-time.ts';
import type { SteeredTime } from '../support/steered-time.ts';
import { everyCamera, patient, start } from './camera-contract.ts';

let time: SteeredTime;
beforeEach(() => (time = steeredTime(0)));

function simulated(frames = frameFolder): SimulatedCamera {
  return createSimulatedCamera({ frames, clock: time.clock, timers: time.timers });
}

/** Lets time pass until something holds, and the files be read meanwhile; or until it has passed in vain. */
async function pass(until: () => boolean, withinMs = 60_000): Promise<void> {
  for (let passed = 0; passed < withinMs && !until(); passed += 25) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    time.pass(25);
  }
}

/** So many pictures of a live stream, while time passes; fewer when it ends before `withinMs`. */
async function watch(camera: Camera, count: number, withinMs?: number): Promise<readonly Uint8Array[]> {
  const watching = start(camera, count);
  await pass(watching.ended, withinMs);
  await watching.stop();
  return watching.pictures;
}
const same = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  Buffer.compare(one ?? Buffer.of(), other ?? Buffer.of()) === 0;

describe.each([
  ['simulated', 'good'],
  ['none', 'good'],
  ['auto', 'good'],
  ['auto', 'usb'],
  ['auto', 'gone'],
  ['libcamera', 'good'],
  ['libcamera', 'gone'],
  ['v4l2', 'good'],
  ['v4l2', 'gone'],
] as const)('every camera: %s, its programs %s', (kind, behaviour) =>
  everyCamera(kind, kind === 'none' ? 'absent' : behaviour === 'gone' ? 'failed' : 'ready', () => {
    const machine = new CameraPrograms(behaviour);
    const { camera, simulated: isSimulated } = createCamera(kind, {
      ...machine.parts(),
      frames: frameFolder,
      ...(kind === 'simulated' && time),
    });
    return {
      camera,
      wait: isSimulated ? (holds) => pass(holds) : until,
      left: isSimulated ? () => time.waiting() : () => machine.living().length,
      end: () => machine.close(),
    };
  }),
);

describe('the simulated camera', () => {
  it('shows 640 by 480 dots with light and shade', async () => {
    const { width, height, data } = decode(await simulated().take(patient), { useTArray: true });
    expect([width, height]).toEqual([640, 480]);
    expect(new Set(data.filter((_, i) => i % 4 === 1)).size).toBeGreaterThan(100);
  });

  it('moves: each live picture differs from the one before', async () => {
    const pictures = await watch(simulated(), 12);
    expect(new Set(pictures.map((one) => Buffer.from(one).toString('base64'))).size).toBe(12);
  });

  it('feeds all watchers from one source, which stops when the last has left', async () => {
    const camera = simulated();
    const [one, other] = [start(camera, 3), start(camera, 6)];
    await pass(() => one.ended() && other.ended());
    expect([one.pictures.length, other.pictures.length]).toEqual([3, 6]);
    expect(same(one.pictures[0], other.pictures[0])).toBe(true);
    expect(time.waiting()).toBe(0);
    expect(await watch(camera, 2)).toHaveLength(2);
  });

  it('keeps nothing for a slow watcher but the newest picture', async () => {
    const camera = simulated();
    const stop = new AbortController();
    const watcher = camera.live(stop.signal)[Symbol.asyncIterator]();
    const other = start(camera);
    const first = watcher.next();
    await pass(() => other.pictures.length >= 10);
    expect((await first).done).toBe(false);
    await pass(() => other.pictures.length >= 20);
    await other.stop();
    const second = (await watcher.next()).value as Uint8Array;
    expect(same(second, other.pictures.at(-1))).toBe(true);
    stop.abort();
    expect((await watcher.next()).done).toBe(true);
    expect(time.waiting()).toBe(0);
  });

  it('closing ends the live picture', async () => {
    const camera = simulated();
    const watching = start(camera);
    await pass(() => watching.pictures.length > 3);
    camera.close();
    await pass(watching.ended);
    expect(watching.ended()).toBe(true);
    expect(time.waiting()).toBe(0);
  });

  it('without the pictures that the build makes it says so', async () => {
    const camera = simulated('/nowhere');
    await expect(camera.take(patient)).rejects.toThrow(/scripts\/build/);
    expect(await watch(camera, 1)).toEqual([]);
  });
});

describe('faults of the camera', () => {
  it('are these', () =>
    expect(cameraFaults).toEqual(['none', 'missing', 'hang', 'black', 'covered', 'frozen', 'slow']));

  it('missing: no picture, at once; the live picture ends', async () => {
    const camera = simulated();
    camera.fault('missing');
    expect(camera.status()).toEqual({ state: 'failed', words: 'The camera is not connected' });
    await expect(camera.take(patient)).rejects.toThrow(CameraProblem);
    expect(await watch(camera, 1)).toEqual([]);
  });

  it('pulled out while somebody watches: the live picture ends, and comes back when it is back', async () => {
    const camera = simulated();
    const watching = start(camera);
    await pass(() => watching.pictures.length > 3);
    camera.fault('missing');
    await pass(watching.ended);
    expect(watching.ended()).toBe(true);
    camera.fault('none');
    expect(await watch(camera, 2)).toHaveLength(2);
  });

  it('hanging: given up after five seconds, not for ever', async () => {
    const camera = simulated();
    camera.fault('hang');
    const taking = expect(camera.take(patient)).rejects.toThrow('The camera gave no picture in 5 seconds');
    time.pass(takeDeadlineMs);
    await taking;
    expect(await watch(camera, 1)).toEqual([]);
    expect(time.waiting()).toBe(0);
  });

  it('hanging: whoever does not want to wait need not', async () => {
    const camera = simulated();
    camera.fault('hang');
    const giveUp = new AbortController();
    const taking = expect(camera.take(giveUp.signal)).rejects.toThrow();
    giveUp.abort();
    await taking;
    expect(time.waiting()).toBe(0);
  });

  it('black: a picture of nothing', async () => {
    const camera = simulated();
    camera.fault('black');
    const { data } = decode(await camera.take(patient), { useTArray: true });
    expect(data.some((light, i) => i % 4 !== 3 && light > 32)).toBe(false);
  });

  it('frozen: the same picture, for ever', async () => {
    const camera = simulated();
    camera.fault('frozen');
    const pictures = await watch(camera, 4);
    expect(new Set(pictures.map((one) => Buffer.from(one).toString('base64'))).size).toBe(1);
  });

  it('slow: two seconds a picture', async () => {
    const camera = simulated();
    camera.fault('slow');
    const taking = camera.take(patient);
    time.pass(2000);
    expect((await taking).length).toBeGreaterThan(1000);
    expect((await watch(camera, 100, 8000)).length).toBeLessThan(6);
  });
});
