import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { daemonDead, lamps, starting } from '../../device/domain/lights.ts';
import type { Lamp, LightState } from '../../device/domain/lights.ts';
import { createLights } from '../../device/lights/create.ts';
import type { Lights } from '../../device/lights/port.ts';
import { createSimulatedLights } from '../../device/lights/simulated.ts';
import { steeredTime } from '../support/steered-time.ts';
import type { SteeredTime } from '../support/steered-time.ts';
import { fakeSysfs, withoutEpoll } from './lights-sysfs.ts';
import type { FakeChip, FakeSysfs } from './lights-sysfs.ts';

withoutEpoll();

const pins = { kind: 'gpio', green: 17, amber: 27, red: 22, activeLow: false } as const;
const waiting: LightState = { green: 'steady', amber: 'slow', red: 'off' };

const pi4: readonly FakeChip[] = [
  { label: 'raspberrypi-exp-gpio', base: 504, count: 8 },
  { label: 'pinctrl-bcm2711', base: 512, count: 58 },
];
/** Where the header's pin 0 is, on each generation and kernel. */
const generations: Readonly<Record<string, { readonly chips: readonly FakeChip[]; readonly base: number }>> = {
  'Pi 3, kernel before 6.6': { chips: [{ label: 'pinctrl-bcm2835', base: 0, count: 54 }], base: 0 },
  'Pi 3, kernel 6.6': {
    chips: [
      { label: 'pinctrl-bcm2835', base: 512, count: 54 },
      { label: 'raspberrypi-exp-gpio', base: 566, count: 8 },
    ],
    base: 512,
  },
  'Pi 4, kernel 6.6': { chips: pi4, base: 512 },
  'Pi 5, kernel 6.1': {
    chips: [
      { label: 'pinctrl-rp1', base: 399, count: 54 },
      { label: 'gpio-brcmstb@107d508500', base: 512, count: 32 },
    ],
    base: 399,
  },
  'Pi 5, kernel 6.6': {
    chips: [
      { label: 'pinctrl-bcm2712', base: 512, count: 54 },
      { label: 'pinctrl-rp1', base: 571, count: 54 },
    ],
    base: 571,
  },
  'Pi 5, its chips in another order': {
    chips: [
      { label: 'gpio-brcmstb@107d517c00', base: 512, count: 15 },
      { label: 'gpio-brcmstb@107d508500', base: 527, count: 32 },
      { label: 'pinctrl-rp1', base: 569, count: 54 },
    ],
    base: 569,
  },
};

let time: SteeredTime;
let run: string;
let sysfs: FakeSysfs | null;
beforeEach(() => {
  time = steeredTime(0);
  run = mkdtempSync(join(tmpdir(), 'porter-run-'));
  sysfs = null;
});
afterEach(() => {
  sysfs?.remove();
  rmSync(run, { recursive: true });
});

function machine(chips: readonly FakeChip[] | null): FakeSysfs {
  sysfs?.remove();
  sysfs = fakeSysfs(chips);
  return sysfs;
}

async function lightsOn(change: Partial<Parameters<typeof createLights>[0]> = {}): Promise<Lights> {
  return (await createLights({ ...pins, ...change }, time.clock, time.timers, run)).lights;
}

/** Levels of the green, amber and red light's wires. */
const levels = (base: number): readonly unknown[] => lamps.map((lamp) => sysfs?.level(base + pins[lamp]));

const kinds: Readonly<Record<string, () => Promise<Lights>>> = {
  none: () => lightsOn({ kind: 'none' }),
  simulated: () => lightsOn({ kind: 'simulated' }),
  gpio: () => {
    machine(pi4);
    return lightsOn();
  },
  'gpio, not on a Pi': () => {
    machine(null);
    return lightsOn();
  },
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

describe('lights on the pins of a Raspberry Pi, by onoff as published', () => {
  it.each(Object.entries(generations))('%s: the right wires', async (_, { chips, base }) => {
    machine(chips);
    const lights = await lightsOn();
    expect(lights.status()).toEqual({ state: 'ready', words: 'Ready' });
    lights.show({ green: 'steady', amber: 'off', red: 'off' });
    expect(levels(base)).toEqual([true, false, false]);
    lights.show({ green: 'off', amber: 'steady', red: 'off' });
    expect(levels(base)).toEqual([false, true, false]);
    lights.close();
    expect(levels(base)).toEqual([false, false, true]);
  });

  it('lights that are on when their pin is low', async () => {
    machine(pi4);
    const lights = await lightsOn({ activeLow: true });
    lights.show({ green: 'steady', amber: 'off', red: 'off' });
    expect(levels(512)).toEqual([false, true, true]);
    lights.close();
    expect(levels(512)).toEqual([true, true, false]);
  });

  it('keep their rhythm on the wire', async () => {
    machine(pi4);
    const lights = await lightsOn();
    lights.show(waiting);
    const seen: unknown[] = [];
    for (let i = 0; i < 6; i++, time.pass(500)) seen.push(sysfs?.level(512 + pins.amber));
    expect(seen).toEqual([true, true, false, false, true, true]);
    lights.close();
  });

  it.each<[string, () => void, Partial<typeof pins>, string]>([
    [
      'no GPIO at all',
      () => machine(null),
      {},
      'This machine has no GPIO pins, or its kernel does not offer them: set hardware.lights to none in porter.toml if there are not meant to be lights',
    ],
    [
      'another computer',
      () => machine([{ label: 'INT34C5:00', base: 0, count: 360 }]),
      {},
      'This machine has no GPIO pins that Porter knows: set hardware.lights to none in porter.toml if there are not meant to be lights',
    ],
    [
      'a pin of another driver',
      () => machine(pi4).claim(512 + 27),
      {},
      'Pin 27 for the amber light is in use by something else: look in config.txt, or choose another in porter.toml',
    ],
    [
      'a number that the chip has not',
      () => machine([{ label: 'pinctrl-rp1', base: 571, count: 20 }]),
      {},
      'Pin 27 for the amber light is not on this machine: choose another in porter.toml',
    ],
    ['one pin for two lights', () => machine(pi4), { red: 17 as 22 }, 'Pin 17 is given to two lights: green and red'],
  ])('%s: the box works on without lights, and says why', async (_, prepare, change, words) => {
    prepare();
    const lights = await lightsOn(change);
    expect(lights.status()).toEqual({ state: 'failed', words });
    lights.close();
  });

  it('pins that a killed run has left behind are taken over', async () => {
    machine(pi4);
    const first = await lightsOn();
    first.show({ green: 'steady', amber: 'steady', red: 'off' });
    sysfs?.killed();
    time = steeredTime(0); // its timers went with it
    const second = await lightsOn({ activeLow: false });
    expect(second.status().state).toBe('ready');
    second.show({ green: 'off', amber: 'off', red: 'steady' });
    expect(levels(512)).toEqual([false, false, true]);
    second.close();
  });

  it.each([false, true])('killed, systemd sets red (lights on when low: %s)', async (activeLow) => {
    machine(pi4);
    const lights = await lightsOn({ activeLow });
    lights.show(waiting);
    sysfs?.killed();
    // The script's own writes meet no fake kernel: what it would write is looked at, then written.
    const note = readFileSync(join(run, 'lights'), 'utf8');
    const files = note.split('\n').filter((line) => line !== '');
    writeFileSync(
      join(run, 'lights'),
      files.map((line) => line.replace(' /sys/class/gpio/', ` ${run}/`)).join('\n') + '\n',
    );
    for (const lamp of lamps) execFileSync('mkdir', ['-p', join(run, `gpio${String(512 + pins[lamp])}`)]);
    execFileSync(join(import.meta.dirname, '../../systemd/lights-red.sh'), {
      env: { ...process.env, RUNTIME_DIRECTORY: run },
    });
    const written = lamps.map((lamp) =>
      readFileSync(join(run, `gpio${String(512 + pins[lamp])}/value`), 'utf8').trim(),
    );
    expect(written).toEqual(['0', '0', '1']);
  });

  it('without lights, systemd leaves them alone', () => {
    const script = join(import.meta.dirname, '../../systemd/lights-red.sh');
    expect(() => execFileSync(script, { env: { ...process.env, RUNTIME_DIRECTORY: run } })).not.toThrow();
  });

  it('a pin that fails later is tried again', async () => {
    machine(pi4);
    const lights = await lightsOn();
    lights.show(waiting);
    sysfs?.broken(512 + 17, true);
    time.pass(10_000);
    expect(lights.status()).toEqual({
      state: 'failed',
      words: 'The lights cannot be switched: switch the box off and on',
    });
    sysfs?.broken(512 + 17, false);
    time.pass(10_000);
    expect(lights.status().state).toBe('ready');
    expect(levels(512)[0]).toBe(true);
    lights.close();
  });
});

describe('the test of the lights', () => {
  it('shows each alone, then goes on as before', async () => {
    machine(pi4);
    const lights = await lightsOn();
    lights.show({ green: 'steady', amber: 'steady', red: 'off' });
    const done = lights.test();
    const seen: (readonly unknown[])[] = [];
    for (let i = 0; i < 3; i++) {
      seen.push(levels(512));
      await time.passSlowly(500, 500);
    }
    expect(seen).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ]);
    expect(await done).toEqual({ state: 'ready', words: 'Ready' });
    expect(levels(512)).toEqual([true, true, false]);
    lights.close();
  });

  it.each([
    [false, 'The amber light stays off: look at its wires'],
    [true, 'The amber light stays on: look at its wires'],
  ])('finds a wire that does not follow (high: %s)', async (high, words) => {
    machine(pi4).shorted(512 + 27, high);
    const lights = await lightsOn();
    const done = lights.test();
    await time.passSlowly(2_000, 500);
    expect(await done).toEqual({ state: 'failed', words });
    lights.close();
  });

  it('asked for twice at a time is made once', async () => {
    machine(pi4);
    const lights = await lightsOn();
    const both = Promise.all([lights.test(), lights.test()]);
    await time.passSlowly(2_000, 500);
    const ready = { state: 'ready', words: 'Ready' };
    expect(await both).toEqual([ready, ready]);
    lights.close();
  });

  it('ends with the lights', async () => {
    machine(pi4);
    const lights = await lightsOn();
    const done = lights.test();
    lights.close();
    await time.passSlowly(500, 500);
    await done;
    expect(levels(512)).toEqual([false, false, true]);
    expect(time.waiting()).toBe(0);
  });
});
