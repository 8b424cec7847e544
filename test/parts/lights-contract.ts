/** What lights do, whatever they are, and those on pins besides: run on fake trees of /sys/class/gpio and on a real kernel's. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { daemonDead, lamps, starting } from '../../device/domain/lights.ts';
import type { LightState } from '../../device/domain/lights.ts';
import { createLights } from '../../device/lights/create.ts';
import type { Lights } from '../../device/lights/port.ts';
import { steeredTime } from '../support/steered-time.ts';
import type { SteeredTime } from '../support/steered-time.ts';

export const pins = { kind: 'gpio', green: 17, amber: 27, red: 22, activeLow: false } as const;
export const waiting: LightState = { green: 'steady', amber: 'slow', red: 'off' };

/** `base`: where the fake puts it; a kernel decides by itself. */
export interface Chip {
  readonly label: string;
  readonly base: number;
  readonly count: number;
}

export const pi4: readonly Chip[] = [
  { label: 'raspberrypi-exp-gpio', base: 504, count: 8 },
  { label: 'pinctrl-bcm2711', base: 512, count: 58 },
];
/** Chips of each generation and kernel. */
const generations: Readonly<Record<string, readonly Chip[]>> = {
  'Pi 3, kernel before 6.6': [{ label: 'pinctrl-bcm2835', base: 0, count: 54 }],
  'Pi 3, kernel 6.6': [
    { label: 'pinctrl-bcm2835', base: 512, count: 54 },
    { label: 'raspberrypi-exp-gpio', base: 566, count: 8 },
  ],
  'Pi 4, kernel 6.6': pi4,
  'Pi 5, kernel 6.1': [
    { label: 'pinctrl-rp1', base: 399, count: 54 },
    { label: 'gpio-brcmstb@107d508500', base: 512, count: 32 },
  ],
  'Pi 5, kernel 6.6': [
    { label: 'pinctrl-bcm2712', base: 512, count: 54 },
    { label: 'pinctrl-rp1', base: 571, count: 54 },
  ],
  'Pi 5, its chips in another order': [
    { label: 'gpio-brcmstb@107d517c00', base: 512, count: 15 },
    { label: 'gpio-brcmstb@107d508500', base: 527, count: 32 },
    { label: 'pinctrl-rp1', base: 569, count: 54 },
  ],
};

/** A machine with pins, and its wires. */
export interface PinsBench {
  /** The machine has these chips from now on, and no others; another driver has the pin `taken` of each. */
  chips(chips: readonly Chip[], taken?: number): void;
  /** Is the wire of this pin at its high level? The header is on the chip of this label. */
  level(label: string, pin: number): boolean | undefined;
  end(): void;
}

export function everyLights(make: (time: SteeredTime) => Promise<Lights>): void {
  let time: SteeredTime;
  let lights: Lights;
  beforeEach(async () => {
    time = steeredTime(0);
    lights = await make(time);
  });
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
}

export function everyPins(open: () => PinsBench): void {
  let time: SteeredTime;
  let bench: PinsBench;
  beforeEach(() => {
    time = steeredTime(0);
    bench = open();
  });
  afterEach(() => bench.end());
  const lightsOn = async (change: Partial<Parameters<typeof createLights>[0]> = {}): Promise<Lights> =>
    (await createLights({ ...pins, ...change }, time.clock, time.timers, null)).lights;
  /** Levels of the green, amber and red light's wires. */
  const levels = (label = 'pinctrl-bcm2711'): readonly unknown[] => lamps.map((lamp) => bench.level(label, pins[lamp]));

  describe('as all lights', () => {
    beforeEach(() => bench.chips(pi4));
    everyLights((its) => {
      time = its;
      return lightsOn();
    });
  });

  it.each(Object.entries(generations))('%s: the right wires', async (_, chips) => {
    bench.chips(chips);
    const label = (chips.find((chip) => chip.label === 'pinctrl-rp1') ?? chips.find(({ count }) => count > 50))?.label;
    const lights = await lightsOn();
    expect(lights.status()).toEqual({ state: 'ready', words: 'Ready' });
    lights.show({ green: 'steady', amber: 'off', red: 'off' });
    expect(levels(label)).toEqual([true, false, false]);
    lights.show({ green: 'off', amber: 'steady', red: 'off' });
    expect(levels(label)).toEqual([false, true, false]);
    lights.close();
    expect(levels(label)).toEqual([false, false, true]);
  });

  it('lights that are on when their pin is low', async () => {
    bench.chips(pi4);
    const lights = await lightsOn({ activeLow: true });
    lights.show({ green: 'steady', amber: 'off', red: 'off' });
    expect(levels()).toEqual([false, true, true]);
    lights.close();
    expect(levels()).toEqual([true, true, false]);
  });

  it('keep their rhythm on the wire', async () => {
    bench.chips(pi4);
    const lights = await lightsOn();
    lights.show(waiting);
    const seen: unknown[] = [];
    for (let i = 0; i < 6; i++, time.pass(500)) seen.push(bench.level('pinctrl-bcm2711', pins.amber));
    expect(seen).toEqual([true, true, false, false, true, true]);
    lights.close();
  });

  it.each<[string, () => void, Partial<typeof pins>, string]>([
    [
      'another computer',
      () => bench.chips([{ label: 'INT34C5:00', base: 0, count: 360 }]),
      {},
      'This machine has no GPIO pins that Porter knows: set hardware.lights to none in porter.toml if there are not meant to be lights',
    ],
    [
      'a pin of another driver',
      () => bench.chips([{ label: 'pinctrl-bcm2711', base: 512, count: 58 }], 27),
      {},
      'Pin 27 for the amber light is in use by something else: look in config.txt, or choose another in porter.toml',
    ],
    [
      'a number that the chip has not',
      () => bench.chips([{ label: 'pinctrl-rp1', base: 571, count: 20 }]),
      {},
      'Pin 27 for the amber light is not on this machine: choose another in porter.toml',
    ],
    [
      'one pin for two lights',
      () => bench.chips(pi4),
      { red: 17 as 22 },
      'Pin 17 is given to two lights: green and red',
    ],
  ])('%s: the box works on without lights, and says why', async (_, prepare, change, words) => {
    prepare();
    const lights = await lightsOn(change);
    expect(lights.status()).toEqual({ state: 'failed', words });
    lights.close();
  });

  it('pins that a killed run has left behind are taken over', async () => {
    bench.chips(pi4);
    const first = await lightsOn();
    first.show({ green: 'steady', amber: 'steady', red: 'off' });
    time = steeredTime(0); // its timers went with it
    const second = await lightsOn();
    expect(second.status().state).toBe('ready');
    second.show({ green: 'off', amber: 'off', red: 'steady' });
    expect(levels()).toEqual([false, false, true]);
    second.close();
  });

  it('their test shows each alone, then they go on as before', async () => {
    bench.chips(pi4);
    const lights = await lightsOn();
    lights.show({ green: 'steady', amber: 'steady', red: 'off' });
    const done = lights.test();
    const seen: (readonly unknown[])[] = [];
    for (let i = 0; i < 3; i++) {
      seen.push(levels());
      await time.passSlowly(500, 500);
    }
    expect(seen).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ]);
    expect(await done).toEqual({ state: 'ready', words: 'Ready' });
    expect(levels()).toEqual([true, true, false]);
    lights.close();
  });
}
