/** A camera that gives pictures of nothing: staff hear of it, and nobody is kept from signing out. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCamera } from '../../device/camera/create.ts';
import { frameName } from '../../device/camera/frames.ts';
import { concernOf } from '../../device/camera/look.ts';
import { tryCamera } from '../../device/camera/try.ts';
import type { Camera } from '../../device/camera/port.ts';
import type { SimulatedCamera } from '../../device/camera/simulated.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aPhoto, frameFolder } from '../support/badges.ts';
import { CameraPrograms } from '../support/camera-programs.ts';
import { steeredTime } from '../support/steered-time.ts';

const patient = new AbortController().signal;
const black = 'Its pictures are black: is the lens covered, or the room dark?';
const covered = 'Its pictures show nothing: is something before the lens?';
const frozen = 'Its picture does not move: switch the box off and on';

let machine: CameraPrograms;
let camera: Camera;
let scene: SimulatedCamera;
let pass: () => Promise<void>;
beforeEach(() => {
  machine = new CameraPrograms('good');
  const time = steeredTime(0);
  const { clock, timers } = time;
  const made = createCamera('simulated', { ...machine.parts(), clock, timers, frames: frameFolder });
  if (made.simulated === null) throw new Error('no simulated camera');
  ({ camera, simulated: scene } = made);
  pass = async () => {
    time.pass(125);
    await new Promise((resolve) => setTimeout(resolve, 1));
  };
});
afterEach(() => {
  camera.close();
  machine.close();
});

/** Somebody watches until staff are told this, or for so many pictures in vain. */
async function watchUntil(told: string | undefined, most = Infinity): Promise<number> {
  const leaving = new AbortController();
  let seen = 0;
  const watching = (async () => {
    for await (const _ of camera.live(leaving.signal)) seen += 1;
  })();
  while (camera.status().concern !== told && seen < most) await pass();
  leaving.abort();
  await watching;
  return seen;
}

describe('what staff are told', () => {
  it.each([
    ['black', black],
    ['covered', covered],
    ['frozen', frozen],
  ] as const)('%s: while somebody watches; and no more when it is well again', async (fault, told) => {
    scene.fault(fault);
    await watchUntil(told);
    expect(camera.status()).toEqual({ state: 'ready', words: 'Ready (simulated)', concern: told });
    scene.fault('none');
    await watchUntil(undefined);
    expect(camera.status().concern).toBeUndefined();
  });

  it.each([
    ['black', black],
    ['covered', covered],
  ] as const)('%s: by one photo, which is taken all the same', async (fault, told) => {
    scene.fault(fault);
    expect((await camera.take(patient)).length).toBeGreaterThan(1000);
    while (camera.status().concern !== told) await pass();
    scene.fault('none');
    await camera.take(patient);
    while (camera.status().concern !== undefined) await pass();
  });

  it('nothing, of somebody at the desk and of a badge held still', async () => {
    await watchUntil(black, 60);
    scene.hold(aPhoto());
    await watchUntil(frozen, 60);
    expect(camera.status().concern).toBeUndefined();
  });

  it('by the self-test, at once', async () => {
    expect(await tryCamera(camera)).toEqual({ state: 'ready', words: 'Ready (simulated)' });
    scene.fault('black');
    expect(await tryCamera(camera)).toEqual({ state: 'failed', words: black });
    scene.fault('missing');
    expect(await tryCamera(camera)).toEqual({ state: 'failed', words: 'The camera is not connected' });
  });
});

describe('what is to be seen', () => {
  it.each([
    [frameName(0), null],
    [frameName('black'), 'black'],
    [frameName('covered'), 'covered'],
  ] as const)('in %s', async (file, found) => {
    expect(await concernOf(readFileSync(join(frameFolder, file)))).toBe(found);
  });

  it('nothing is said of what is no picture', async () => {
    expect(await concernOf(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9))).toBeNull();
  });
});
