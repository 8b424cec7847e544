/** A real camera's programs fail under the real daemon: what the pupil meets, what staff and lights say, and how soon it is back. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scratchName } from '../../device/camera/scratch.ts';
import { PROTOCOL_VERSION } from '../../device/contract/kiosk.ts';
import type { ChooseAnswer, EarlyAnswer, KioskSnapshot, NamesAnswer } from '../../device/contract/kiosk.ts';
import type { Ack, Result } from '../../device/contract/result.ts';
import { CameraPrograms, until } from '../support/camera-programs.ts';
import type { Behaviour } from '../support/camera-programs.ts';
import { Porter } from '../support/porter.ts';
import type { KioskClient } from '../support/porter.ts';

let machine: CameraPrograms;
let porter: Porter;
let kiosk: KioskClient;
let snapshot: KioskSnapshot | null = null;

beforeAll(async () => {
  machine = new CameraPrograms('good');
  porter = await Porter.start({
    clock: '2026-11-23T08:52',
    hardware: { camera: 'libcamera' },
    under: ['env', `PATH=${machine.parts().path}`],
  });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  kiosk = await porter.kiosk();
  kiosk.on('snapshot', (next) => (snapshot = next));
  const first = await answer<KioskSnapshot>((ack) => kiosk.emit('hello', { protocol: PROTOCOL_VERSION }, ack));
  snapshot ??= first.ok ? first.value : null;
});
afterAll(async () => {
  kiosk.close();
  await porter.stop();
  machine.close();
});

async function answer<T>(run: (ack: Ack<T>) => void): Promise<Result<T>> {
  return await new Promise<Result<T>>((resolve) => run(resolve));
}
const isCamera = (fault: string): boolean => fault.startsWith('Camera');
const hasCamera = (): boolean => snapshot?.camera === true;

/** A photo of a visit that goes Home. */
async function photo(visit: string): Promise<boolean> {
  const taken = await answer<{ readonly url: string }>((ack) => kiosk.emit('photo', { visit }, ack));
  await answer<null>((ack) => kiosk.emit('end', { visit }, ack));
  return taken.ok;
}

test('a pupil signs out with a photo; it lies in the vault and nowhere else, and no program or log hears of the pupil', async () => {
  await until(hasCamera);
  const visit = 'with-photo';
  const find = { visit, flow: 'early', yearGroup: 'Year 10', month: 3 } as const;
  const names = await answer<NamesAnswer>((ack) => kiosk.emit('names', find, ack));
  const entry = names.ok ? names.value.pupils[0] : undefined;
  if (entry === undefined) throw new Error('nobody was born in March');
  await answer<ChooseAnswer>((ack) => kiosk.emit('choose', { visit, flow: 'early', pupil: entry.pupil }, ack));
  expect((await answer((ack) => kiosk.emit('photo', { visit }, ack))).ok).toBe(true);
  const input = {
    visit,
    pupil: entry.pupil,
    reason: 'medical',
    back: 'after-lunch',
    withWhom: null,
    photo: 'taken',
    touchAgoMs: 0,
  } as const;
  const left = await answer<EarlyAnswer>((ack) => kiosk.emit('early', { commandId: 'early-1', ageMs: 0, input }, ack));
  expect(left.ok && left.value.state).toBe('departed');
  const state = await porter.until('the pupil is out', ({ out }) => out.length === 1);
  const forename = state.out[0]?.pupil.split(' ')[0] ?? '';

  const isPicture = (path: string): boolean => readFileSync(path).includes(Buffer.from([0xff, 0xd8, 0xff]));
  const files = readdirSync(porter.folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  expect(files.map(({ parentPath, name }) => join(parentPath, name)).filter(isPicture)).toEqual([]);
  const inMemory = join('/dev/shm', scratchName(join(porter.folder, 'data/camera')));
  expect(readdirSync(inMemory)).toEqual([]); // it is there, so this is where the still of the start lay
  expect(files.some(({ parentPath }) => parentPath.endsWith('photos'))).toBe(true);
  expect(forename).not.toBe('');
  expect(`${machine.calls().join('\n')}\n${porter.said}`).not.toContain(forename);
});

test.each([
  ['busy', /^Camera: Another program has the camera: switch the box off and on\.$/],
  ['gone', /^Camera: (The camera is not connected|No ribbon camera was found): check its cable\.$/],
  ['error', /^Camera: The camera program ended with 255 and gave no picture: check the cable/],
  ['hang', /^Camera: The camera gave no picture in 5 seconds: check its cable/],
] as const satisfies readonly (readonly [Behaviour, RegExp])[])(
  '%s: the pupil goes on without a photo, staff hear why, and it comes back by itself',
  async (fault, told) => {
    await until(hasCamera);
    machine.set(fault);
    const began = performance.now();
    expect(await photo(`visit-${fault}`)).toBe(false);
    const waited = performance.now() - began;
    // The lights follow within a second.
    await porter.until('staff hear of it', ({ faults, lights }) => faults.some(isCamera) && lights.red === 'slow');
    expect((await porter.state()).faults.filter(isCamera).join()).toMatch(told);
    await until(() => !hasCamera()); // the next pupil is not asked to look at it
    machine.set('good');
    const mended = performance.now();
    await porter.until('it is back', ({ faults }) => !faults.some(isCamera), 60_000);
    await until(hasCamera);
    console.log(
      `${fault}: no photo after ${(waited / 1000).toFixed(1)} s, back ${((performance.now() - mended) / 1000).toFixed(1)} s after it was mended`,
    );
    expect(await photo(`again-${fault}`)).toBe(true);
  },
);

test('it ends while a pupil looks at the picture: the picture ends, and the page hears that there is none', async () => {
  await until(hasCamera);
  machine.set('stops');
  const watched = await fetch(new URL('camera/live', porter.kioskUrl));
  expect((await watched.arrayBuffer()).byteLength).toBeGreaterThan(1000);
  await until(() => !hasCamera());
  machine.set('good');
  await until(hasCamera);
});

test('a covered lens: the photo is taken all the same, staff and lights tell, until there is something to see again', async () => {
  await until(hasCamera);
  machine.shows('black');
  expect(await photo('visit-black')).toBe(true);
  const told = 'Camera: Its pictures are black: is the lens covered, or the room dark?';
  await porter.until('staff hear of it', ({ faults, lights }) => faults.includes(told) && lights.red === 'slow');
  expect(hasCamera()).toBe(true); // the next pupil is asked to look at it
  machine.shows('somebody');
  expect(await photo('visit-seen')).toBe(true);
  await porter.until('it is well', ({ faults, lights }) => !faults.some(isCamera) && lights.red === 'off');
});
