import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lamps } from '../../device/domain/lights.ts';
import type { Lamp, LightState } from '../../device/domain/lights.ts';
import { createLights } from '../../device/lights/create.ts';
import type { Lights } from '../../device/lights/port.ts';
import { createSimulatedLights } from '../../device/lights/simulated.ts';
import { steeredTime } from '../support/steered-time.ts';
import type { SteeredTime } from '../support/steered-time.ts';
import { everyLights, everyPins, pi4, pins, waiting } from './lights-contract.ts';
import type { Chip } from './lights-contract.ts';
import { fakeSysfs, withoutEpoll } from './lights-sysfs.ts';
import type { FakeSysfs } from './lights-sysfs.ts';

withoutEpoll();

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

function machine(chips: readonly Chip[] | null): FakeSysfs {
  sysfs?.remove();
  sysfs = fakeSysfs(chips);
  return sysfs;
}

async function lightsOn(change: Partial<Parameters<typeof createLights>[0]> = {}): Promise<Lights> {
  return (await createLights({ ...pins, ...change }, time.clock, time.timers, run)).lights;
}

/** Levels of the green, amber and red light's wires. */
const levels = (base: number): readonly unknown[] => lamps.map((lamp) => sysfs?.level(base + pins[lamp]));

describe('all lights: none', () => everyLights(() => lightsOn({ kind: 'none' })));
describe('all lights: simulated', () =>
  everyLights(async (its) => (await createLights({ ...pins, kind: 'simulated' }, its.clock, its.timers, run)).lights));
describe('all lights: gpio, not on a Pi', () =>
  everyLights((its) => {
    time = its;
    machine(null);
    return lightsOn();
  }));
describe('all lights, on fake pins', () =>
  everyPins(() => {
    let chips: readonly Chip[] = [];
    return {
      chips: (given, taken) => {
        chips = given;
        const fake = machine(given);
        for (const { base } of given) if (taken !== undefined) fake.claim(base + taken);
      },
      level: (label, pin) => sysfs?.level((chips.find((chip) => chip.label === label)?.base ?? 0) + pin),
      end: () => undefined,
    };
  }));

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
  it('no GPIO at all: the box works on without lights, and says why', async () => {
    machine(null);
    const lights = await lightsOn();
    expect(lights.status()).toEqual({
      state: 'failed',
      words:
        'This machine has no GPIO pins, or its kernel does not offer them: set hardware.lights to none in porter.toml if there are not meant to be lights',
    });
    lights.close();
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
