import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { daemonDead, lamps, starting } from '../../device/domain/lights.ts';
import type { Lamp, LightState } from '../../device/domain/lights.ts';
import { createLights } from '../../device/lights/create.ts';
import { baseOf, createGpioLights } from '../../device/lights/gpio.ts';
import type { OpenPin } from '../../device/lights/gpio.ts';
import type { Lights } from '../../device/lights/port.ts';
import { createSimulatedLights } from '../../device/lights/simulated.ts';
import { steeredTime } from '../support/steered-time.ts';
import type { SteeredTime } from '../support/steered-time.ts';

const pins = { kind: 'gpio', green: 17, amber: 27, red: 22, activeLow: false } as const;
const waiting: LightState = { green: 'steady', amber: 'slow', red: 'off' };

let root: string;
let time: SteeredTime;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'porter-gpio-'));
  time = steeredTime(0);
});
afterEach(() => rmSync(root, { recursive: true }));

function chip(name: string, label: string, base: number, ngpio: number): void {
  mkdirSync(join(root, name));
  for (const [file, text] of Object.entries({ label, base, ngpio })) writeFileSync(join(root, name, file), `${text}\n`);
}

/** Pins that remember; `broken` ones cannot be opened or no longer be set. */
function fakePins(): { readonly level: Map<number, boolean>; readonly broken: Set<number>; readonly open: OpenPin } {
  const level = new Map<number, boolean>();
  const broken = new Set<number>();
  const open: OpenPin = (number) => {
    if (broken.has(number)) throw new Error('EINVAL');
    level.set(number, false);
    return (on) => {
      if (broken.has(number)) throw new Error('EIO');
      level.set(number, on);
    };
  };
  return { level, broken, open };
}

const kinds: Readonly<Record<string, () => Promise<Lights>>> = {
  none: async () => (await createLights({ ...pins, kind: 'none' }, time.clock, time.timers)).lights,
  simulated: async () => (await createLights({ ...pins, kind: 'simulated' }, time.clock, time.timers)).lights,
  gpio: async () => {
    chip('gpiochip512', 'pinctrl-bcm2711', 512, 58);
    return await createGpioLights(pins, time.clock, time.timers, {
      root,
      load: () => Promise.resolve(fakePins().open),
    });
  },
  'gpio, not on a Pi': () => createGpioLights(pins, time.clock, time.timers, { root }),
};

describe.each(Object.entries(kinds))('all lights: %s', (_, make) => {
  let lights: Lights;
  beforeEach(async () => (lights = await make()));
  afterEach(() => lights.close());

  it('begin as starting, then show what they are told', () => {
    expect(lights.view()).toEqual(starting);
    lights.show(waiting);
    expect(lights.view()).toEqual(waiting);
  });

  it('say how they are', () => {
    expect(['ready', 'failed', 'absent']).toContain(lights.status().state);
    expect(lights.status().words).toMatch(/^[A-Z]/);
  });

  it('closed, they say that there is no daemon, and leave no timer behind', () => {
    lights.show(waiting);
    lights.close();
    expect(lights.view()).toEqual(daemonDead);
    expect(time.waiting()).toBe(0);
    expect(() => lights.close()).not.toThrow();
  });
});

describe('the simulated lights', () => {
  /** When a lamp changed, in milliseconds from the start. */
  function changes(lamp: Lamp, state: LightState, forMs: number, stepMs: number): readonly number[] {
    const lights = createSimulatedLights(time.clock, time.timers);
    lights.show(state);
    const begin = time.clock.mono();
    const seen: number[] = [];
    for (let on = lights.isOn(lamp); time.clock.mono() < begin + forMs; time.pass(stepMs)) {
      if (lights.isOn(lamp) === on) continue;
      on = !on;
      seen.push(time.clock.mono() - begin);
    }
    lights.close();
    return seen;
  }

  it('blink in their rhythm', () => {
    const begin = time.clock.mono();
    expect(begin % 2000).toBe(0);
    expect(changes('amber', waiting, 4500, 10)).toEqual([1000, 2000, 3000, 4000]);
  });

  it('do not drift, however late the timers are', () => {
    const seen = changes('red', { ...waiting, red: 'fast' }, 600_000, 1);
    expect(seen.slice(0, 4)).toEqual([250, 500, 750, 1000]);
    expect(seen.at(-1)).toBe(599_750);
  });

  it('lamps of one rhythm blink together, whenever each began', () => {
    const lights = createSimulatedLights(time.clock, time.timers);
    lights.show({ green: 'off', amber: 'slow', red: 'off' });
    time.pass(777);
    lights.show({ green: 'off', amber: 'slow', red: 'slow' });
    for (let i = 0; i < 100; i++) {
      expect(lights.isOn('red')).toBe(lights.isOn('amber'));
      time.pass(93);
    }
    lights.close();
  });

  it('steady is on, off is off', () => {
    const lights = createSimulatedLights(time.clock, time.timers);
    lights.show({ green: 'steady', amber: 'off', red: 'off' });
    expect(lamps.map((lamp) => lights.isOn(lamp))).toEqual([true, false, false]);
    lights.close();
    expect(lamps.map((lamp) => lights.isOn(lamp))).toEqual([false, false, true]);
  });

  it('broken, they say so, and mend by themselves', () => {
    const lights = createSimulatedLights(time.clock, time.timers);
    lights.fault('broken');
    lights.show(waiting);
    expect(lights.status().state).toBe('failed');
    lights.fault('none');
    time.pass(10_000);
    expect(lights.status().state).toBe('ready');
    expect(lights.isOn('green')).toBe(true);
    lights.close();
  });
});

describe('lights on the pins of a Raspberry Pi', () => {
  it.each<[string, readonly (readonly [string, string, number, number])[], number | null]>([
    ['Pi 3, old kernel', [['gpiochip0', 'pinctrl-bcm2835', 0, 54]], 0],
    [
      'Pi 4, kernel 6.6',
      [
        ['gpiochip504', 'raspberrypi-exp-gpio', 504, 8],
        ['gpiochip512', 'pinctrl-bcm2711', 512, 58],
      ],
      512,
    ],
    [
      'Pi 5, kernel 6.1',
      [
        ['gpiochip399', 'pinctrl-rp1', 399, 54],
        ['gpiochip512', 'gpio-brcmstb@107d508500', 512, 32],
      ],
      399,
    ],
    [
      'Pi 5, kernel 6.6',
      [
        ['gpiochip512', 'pinctrl-bcm2712', 512, 54],
        ['gpiochip571', 'pinctrl-rp1', 571, 54],
      ],
      571,
    ],
    ['another computer', [['gpiochip0', 'INT34C5:00', 0, 360]], null],
    ['a chip without a name', [], null],
  ])('%s', async (_, chips, base) => {
    for (const [name, label, number, count] of chips) chip(name, label, number, count);
    mkdirSync(join(root, 'gpiochip7'));
    writeFileSync(join(root, 'export'), '');
    expect(await baseOf(root)).toBe(base);
  });

  it('no such folder: no chip', async () => expect(await baseOf(join(root, 'nowhere'))).toBeNull());

  it('drive the right pins', async () => {
    chip('gpiochip571', 'pinctrl-rp1', 571, 54);
    const { level, open } = fakePins();
    const lights = await createGpioLights(pins, time.clock, time.timers, { root, load: () => Promise.resolve(open) });
    lights.show({ green: 'steady', amber: 'off', red: 'off' });
    expect([...level].sort()).toEqual([
      [571 + 17, true],
      [571 + 22, false],
      [571 + 27, false],
    ]);
    lights.close();
    expect(level.get(571 + 22)).toBe(true);
  });

  it('say which pin cannot be used', async () => {
    chip('gpiochip0', 'pinctrl-bcm2835', 0, 54);
    const { broken, open } = fakePins();
    broken.add(27);
    const lights = await createGpioLights(pins, time.clock, time.timers, { root, load: () => Promise.resolve(open) });
    expect(lights.status()).toEqual({
      state: 'failed',
      words: 'Pin 27 for the amber light cannot be used: wrong number, or in use',
    });
  });

  it('a driver that was not built: the box works on without lights, and says why', async () => {
    chip('gpiochip0', 'pinctrl-bcm2835', 0, 54);
    const load = (): Promise<never> => Promise.reject(new Error('NODE_MODULE_VERSION 115'));
    const lights = await createGpioLights(pins, time.clock, time.timers, { root, load });
    expect(lights.status().state).toBe('failed');
    expect(lights.status().words).toMatch(/not built/);
  });

  it('a pin that fails later is tried again', async () => {
    chip('gpiochip0', 'pinctrl-bcm2835', 0, 54);
    const { broken, level, open } = fakePins();
    const lights = await createGpioLights(pins, time.clock, time.timers, { root, load: () => Promise.resolve(open) });
    lights.show(waiting);
    broken.add(17);
    time.pass(10_000);
    expect(lights.status().state).toBe('failed');
    broken.delete(17);
    time.pass(10_000);
    expect(lights.status().state).toBe('ready');
    expect(level.get(17)).toBe(true);
    lights.close();
  });
});
