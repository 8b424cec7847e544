/** Real cameras, with programs of their names that misbehave: what whoever watches, takes a picture or looks after the box gets. */
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { CameraProblem, stallMs, takeDeadlineMs } from '../../device/camera/port.ts';
import { RealCamera } from '../../device/camera/real.ts';
import type { RealKind } from '../../device/camera/real.ts';
import { scratchFolder, scratchName } from '../../device/camera/scratch.ts';
import { aPhoto } from '../support/badges.ts';
import { CameraPrograms, until } from '../support/camera-programs.ts';
import type { Behaviour } from '../support/camera-programs.ts';
import { steeredTime } from '../support/steered-time.ts';
import type { SteeredTime } from '../support/steered-time.ts';

const patient = new AbortController().signal;
let machine: CameraPrograms;
let camera: RealCamera;
afterEach(() => {
  camera.close();
  machine.close();
});

function begin(kind: RealKind, behaviour: Behaviour): void {
  machine = new CameraPrograms(behaviour);
  camera = new RealCamera(kind, machine.parts());
}
/** A camera whose deadlines come when the test lets time pass. */
function beginSteered(kind: RealKind, behaviour: Behaviour): SteeredTime {
  machine = new CameraPrograms(behaviour);
  const time = steeredTime(0);
  camera = new RealCamera(kind, machine.parts({ clock: time.clock, timers: time.timers }));
  return time;
}
const state = (): string => camera.status().state;
const words = (): string => camera.status().words;
const nothingLives = (): boolean => machine.living().length === 0;
/** Programs that were to give pictures, not lists. */
const pictures = (): readonly string[] => machine.calls().filter((call) => !call.includes(' --list'));

interface Watching {
  readonly pictures: readonly Uint8Array[];
  readonly ended: () => boolean;
}
function watch(signal = patient): Watching {
  const pictures: Uint8Array[] = [];
  let ended = false;
  void (async () => {
    for await (const picture of camera.live(signal)) pictures.push(picture);
    ended = true;
  })();
  return { pictures, ended: () => ended };
}

describe.each(['libcamera', 'v4l2'] as const)('at start, %s', (kind) => {
  it.each([
    ['error', /^The camera program ended with 255 and gave no picture: check the cable/],
    ['busy', /^Another program has the camera: switch the box off and on/],
    ['crash', /gave no picture: check the cable/],
    ['nothing', /^The camera (gave half a picture, or none|program ended with 0 and gave no picture)/],
    ['orphan', /^The camera (gave no picture in 5 seconds|program ended with 0 and gave no picture)/],
    [
      'gone',
      /^(No ribbon camera was found: check its cable$|The camera cannot be opened: check its cable, and that Porter's user)/,
    ],
  ] as const)('%s: it has failed, and staff hear why; nothing of it lives on', async (behaviour, why) => {
    begin(kind, behaviour);
    await until(() => state() === 'failed');
    expect(words()).toMatch(why);
    await until(nothingLives);
  });

  it.each(['hang', 'stubborn', 'half'] as const)(
    '%s: it is killed after five seconds, and has failed',
    async (behaviour) => {
      const time = beginSteered(kind, behaviour);
      await until(() => pictures().length > 0);
      if (behaviour !== 'half' || kind === 'v4l2') time.pass(takeDeadlineMs);
      await until(() => {
        if (state() !== 'failed') time.pass(100);
        return state() === 'failed';
      });
      expect(words()).toMatch(/^The camera gave (half a picture, or none|no picture in 5 seconds): check its cable/);
      await until(() => {
        time.pass(100);
        return nothingLives();
      });
    },
  );

  it.each(['good', 'slow', ...(kind === 'v4l2' ? (['flood', 'grandchild'] as const) : [])] as const)(
    '%s: it is ready, and nothing of it lives on',
    async (behaviour) => {
      begin(kind, behaviour);
      expect((await camera.take(patient)).length).toBeGreaterThan(1000);
      expect(state()).toBe('ready');
      await until(nothingLives);
    },
  );

  it('mended, it is found by itself; and at once, by whoever asks for a picture', async () => {
    begin(kind, 'error');
    await until(() => state() === 'failed');
    machine.set('good');
    await until(() => state() === 'ready');
    machine.set('error');
    await expect(camera.take(patient)).rejects.toThrow(CameraProblem);
    await until(() => state() === 'failed');
    machine.set('good');
    expect((await camera.take(patient)).length).toBeGreaterThan(1000);
    expect(state()).toBe('ready');
  });
});

describe('node-libcamera', () => {
  it.each(['flood', 'grandchild'] as const)(
    'does not bear with %s: failed, and nothing of it lives on',
    async (behaviour) => {
      begin('libcamera', behaviour);
      await until(() => state() === 'failed');
      await until(nothingLives);
    },
  );
});

describe('which camera', () => {
  it.each([
    ['auto', 'good', /^Ready \(imx219 on the ribbon cable\)$/],
    ['auto', 'usb', /^Ready \(USB camera video0\)$/],
    ['v4l2', 'good', /^Ready \(USB camera video0\)$/],
    ['v4l2', 'raw', /^The camera gives no Motion JPEG/],
    ['libcamera', 'usb', /^No ribbon camera was found: check its cable$/],
    ['auto', 'gone', /^The camera cannot be opened: check its cable/],
  ] as const)('%s, programs %s', async (kind, behaviour, said) => {
    begin(kind, behaviour);
    await until(() => state() !== 'absent');
    expect(words()).toMatch(said);
  });

  it('on a machine without camera programs it says which packages are missing', async () => {
    machine = new CameraPrograms('good');
    for (const name of ['rpicam-vid', 'v4l2-ctl'] as const) machine.remove(name);
    camera = new RealCamera('auto', machine.parts());
    await until(() => state() !== 'absent');
    expect(words()).toBe(
      'A USB camera needs the package v4l-utils, which is not installed; A ribbon camera needs the package rpicam-apps, which is not installed',
    );
  });

  it('without the programs of ribbon cameras, as on Debian, it speaks of the one on USB first', async () => {
    machine = new CameraPrograms('good');
    machine.remove('rpicam-vid');
    for (const node of ['video0', 'video1', 'video31']) machine.unplug(node);
    camera = new RealCamera('auto', machine.parts());
    await until(() => state() !== 'absent');
    expect(words()).toBe(
      'No USB camera was found: check its cable; A ribbon camera needs the package rpicam-apps, which is not installed',
    );
  });

  it('with no camera at all it says so, and how to say that there is not meant to be one', async () => {
    machine = new CameraPrograms('usb');
    for (const node of ['video0', 'video1']) machine.unplug(node);
    camera = new RealCamera('auto', machine.parts());
    await until(() => state() !== 'absent');
    expect(words()).toMatch(/^No camera was found: check its cable, or set hardware\.camera to none/);
  });

  it('older systems: the programs are called libcamera-vid and libcamera-still', async () => {
    machine = new CameraPrograms('good');
    machine.rename('rpicam-vid', 'libcamera-vid');
    machine.rename('rpicam-still', 'libcamera-still');
    camera = new RealCamera('libcamera', machine.parts());
    expect((await camera.take(patient)).length).toBeGreaterThan(1000);
    const watching = watch();
    await until(() => watching.pictures.length > 1);
    expect(new Set(machine.calls().map((call) => call.split(' ')[0]))).toEqual(
      new Set(['libcamera-vid', 'libcamera-still']),
    );
  });
});

describe('one of several cameras', () => {
  /** Two on USB, and perhaps one on the ribbon cable, which does as `ribbon` says. */
  const several = (kind: RealKind, first: Behaviour, ribbon: Behaviour = 'usb'): void => {
    machine = new CameraPrograms(ribbon);
    machine.plug('video2');
    machine.set(first, 'video0');
    machine.set('good', 'video2');
    camera = new RealCamera(kind, machine.parts());
  };

  it.each(['error', 'busy', 'crash', 'nothing', 'gone', 'raw'] as const)(
    'the first does not work (%s): the next is taken',
    async (behaviour) => {
      several('v4l2', behaviour);
      await until(() => state() !== 'absent');
      expect(words()).toBe('Ready (USB camera video2)');
      expect((await camera.take(patient)).length).toBeGreaterThan(1000);
    },
  );

  it('the first opens and gives no pictures: after five seconds the next is taken, and nothing of the first lives on', async () => {
    machine = new CameraPrograms('good');
    machine.plug('video2');
    machine.set('hang', 'video0');
    const time = steeredTime(0);
    camera = new RealCamera('v4l2', machine.parts({ clock: time.clock, timers: time.timers }));
    await until(() => pictures().length > 0);
    time.pass(takeDeadlineMs);
    await until(() => {
      if (state() === 'absent') time.pass(10);
      return state() !== 'absent';
    });
    expect(words()).toBe('Ready (USB camera video2)');
    await until(() => {
      time.pass(100);
      return nothingLives();
    });
  });

  it('the one on the ribbon cable does not work: one on USB is taken', async () => {
    several('auto', 'good', 'error');
    await until(() => state() !== 'absent');
    expect(words()).toBe('Ready (USB camera video0)');
  });

  it('the one in use is pulled out: the next takes its place', async () => {
    several('v4l2', 'good');
    await until(() => state() === 'ready');
    expect(words()).toBe('Ready (USB camera video0)');
    machine.unplug('video0');
    await until(() => words() === 'Ready (USB camera video2)');
  });

  it('none works: staff hear of each why', async () => {
    several('v4l2', 'busy');
    machine.set('error', 'video2');
    await until(() => state() === 'failed');
    expect(words()).toMatch(
      /^USB camera video0: Another program has the camera: .*; USB camera video2: The camera program ended with 255/,
    );
  });
});

describe('while somebody watches', () => {
  it('a program that ends is started again, and the picture goes on', async () => {
    begin('libcamera', 'good');
    await until(() => state() === 'ready');
    machine.set('stops');
    const watching = watch();
    await until(() => watching.pictures.length > 0);
    machine.set('good');
    const before = watching.pictures.length;
    await until(() => watching.pictures.length > before + 6);
    expect(watching.ended()).toBe(false);
    expect(pictures().filter((call) => call.startsWith('rpicam-vid')).length).toBeGreaterThan(1);
  });

  it('one that ends again and again is given up: the picture ends, and staff hear of it', async () => {
    begin('libcamera', 'good');
    await until(() => state() === 'ready');
    machine.set('error');
    const watching = watch();
    await until(watching.ended);
    expect(state()).toBe('failed');
    expect(words()).toMatch(/^The camera program ended with 255/);
  });

  it('a USB camera that is pulled out: the picture ends; plugged in, it is back by itself', async () => {
    begin('v4l2', 'good');
    await until(() => state() === 'ready');
    const watching = watch();
    await until(() => watching.pictures.length > 1);
    machine.set('gone');
    for (const node of ['video0', 'video1']) machine.unplug(node);
    await until(watching.ended);
    expect(words()).toBe('The camera is not connected: check its cable');
    await until(nothingLives);
    machine.set('good');
    machine.plug('video0');
    await until(() => state() === 'ready');
  });

  it('hanging, it is killed after five seconds, and those who watch are let go', async () => {
    const time = beginSteered('libcamera', 'good');
    await until(() => state() === 'ready');
    machine.set('hang');
    const watching = watch();
    await until(() => pictures().some((call) => call.startsWith('rpicam-vid')));
    time.pass(stallMs);
    await until(watching.ended);
    expect(words()).toMatch(/^The camera gave no picture in 5 seconds/);
    await until(nothingLives);
  });

  it('one program at a time, however many come and go', async () => {
    begin('libcamera', 'good');
    await until(() => state() === 'ready');
    let most = 0;
    const look = setInterval(() => (most = Math.max(most, machine.heads())), 2);
    for (let i = 0; i < 6; i++) {
      const leaving = new AbortController();
      const [one, other] = [watch(leaving.signal), watch(leaving.signal)];
      if (i % 2 === 0) await until(() => one.pictures.length > 0 && other.pictures.length > 0);
      leaving.abort();
      expect((await camera.take(patient)).length).toBeGreaterThan(1000);
    }
    await until(nothingLives);
    clearInterval(look);
    expect(most).toBe(1);
  });
});

describe('a photo on its way', () => {
  /** Files that hold a picture, wherever this camera could have put one. */
  const picturesOnDisk = (): readonly string[] =>
    [machine.folder, machine.scratch, join('/dev/shm', scratchName(machine.scratch))]
      .flatMap((folder) =>
        existsSync(folder)
          ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
          : [],
      )
      .filter((path) => !given.test(path) && isPicture(path));
  /** What the programs of this test show. */
  const given = /\/(frame-\d\.jpg|half)$/;
  const isPicture = (path: string): boolean => {
    try {
      return readFileSync(path).includes(Buffer.from([0xff, 0xd8, 0xff]));
    } catch {
      return false; // a folder, or gone
    }
  };

  it.each(['good', 'half', 'orphan', 'grandchild'] as const)('lies nowhere afterwards: %s', async (behaviour) => {
    begin('libcamera', behaviour);
    await until(() => state() !== 'absent');
    await camera.take(patient).catch(() => undefined);
    await until(() => picturesOnDisk().length === 0); // one that has failed is looked for again meanwhile
    camera.close();
    await until(nothingLives);
    expect(picturesOnDisk()).toEqual([]);
    expect(readdirSync('/dev/shm').filter((name) => name === scratchName(machine.scratch))).toEqual([]);
  });

  it('what an earlier run left is removed before the first photo', async () => {
    machine = new CameraPrograms('good');
    const folder = await scratchFolder(machine.scratch);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    writeFileSync(join(folder, 'still.jpg'), aPhoto());
    camera = new RealCamera('libcamera', machine.parts());
    await until(() => state() === 'ready');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('programs are called with the same words always, and none of our environment', async () => {
    begin('libcamera', 'good');
    await camera.take(patient);
    const watching = watch();
    await until(() => watching.pictures.length > 0);
    expect([...new Set(machine.calls())]).toEqual([
      'rpicam-vid --list-cameras',
      'rpicam-still --output still.jpg --timeout 500 --width 1280 --height 960 --quality 85 --encoding jpg --nopreview',
      'rpicam-vid --nopreview --flush --timeout 0 --codec mjpeg --width 1280 --height 960 --mode 1640:1232 --framerate 10 --quality 80 --verbose 0 --output -',
    ]);
    const [pid] = machine.living();
    const names = readFileSync(`/proc/${pid ?? ''}/environ`, 'latin1')
      .split('\0')
      .map((one) => one.split('=')[0]);
    expect(
      names.filter((name) => name !== '' && !['PATH', 'LANG', 'PWD', '_', 'OLDPWD', 'SHLVL'].includes(name ?? '')),
    ).toEqual([]);
  });
});
