/** Lamps on the Raspberry Pi's pins, by onoff and the kernel's /sys/class/gpio. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { daemonDead, lamps } from '../domain/lights.ts';
import type { Lamp } from '../domain/lights.ts';
import type { Settings } from '../domain/settings.ts';
import type { Clock, Timers } from '../system/ports.ts';
import { createAbsentLights } from './absent.ts';
import { createBlinker } from './blinker.ts';
import { PinProblem, exportPin, headerBase, pinsFolder } from './pins.ts';
import type { Lights } from './port.ts';

type Pins = Settings['hardware']['lights'];

/** It stays as it was set last when the daemon ends. Both may throw. */
interface Pin {
  set(on: boolean): void;
  isOn(): boolean;
}
type OpenPin = (number: number) => Pin;

/**
 * Lights that say why where they can't be had. Pins that a killed run has left exported are taken over. `runFolder` gets
 * what systemd's unit needs to set red when the daemon is killed (`lights`, a line each: value and file).
 */
export async function createGpioLights(
  pins: Pins,
  clock: Pick<Clock, 'mono'>,
  timers: Timers,
  runFolder: string | null,
): Promise<Lights> {
  try {
    return lightsOf(await openPins(pins, timers, runFolder), clock, timers);
  } catch (error) {
    if (error instanceof PinProblem) return createAbsentLights({ state: 'failed', words: error.message });
    throw error;
  }
}

function lightsOf(opened: Readonly<Record<Lamp, Pin>>, clock: Pick<Clock, 'mono'>, timers: Timers): Lights {
  const blinker = createBlinker(clock, timers, {
    set: (lamp, on) => opened[lamp].set(on),
    isOn: (lamp) => opened[lamp].isOn(),
  });
  return { kind: 'gpio', ...blinker };
}

/** @throws PinProblem */
async function openPins(pins: Pins, timers: Timers, runFolder: string | null): Promise<Record<Lamp, Pin>> {
  for (const [i, lamp] of lamps.entries()) {
    const other = lamps.slice(0, i).find((one) => pins[one] === pins[lamp]);
    if (other !== undefined)
      throw new PinProblem(`Pin ${String(pins[lamp])} is given to two lights: ${other} and ${lamp}`);
  }
  const base = await headerBase();
  const open = await loadOnoff(pins.activeLow);
  const opened = async (lamp: Lamp): Promise<Pin> => {
    const words = `Pin ${String(pins[lamp])} for the ${lamp} light`;
    await exportPin(base + pins[lamp], words, timers);
    try {
      return open(base + pins[lamp]);
    } catch {
      throw new PinProblem(`${words} cannot be used: choose another in porter.toml`);
    }
  };
  const all = { green: await opened('green'), amber: await opened('amber'), red: await opened('red') };
  if (runFolder !== null) {
    const line = (lamp: Lamp): string =>
      `${daemonDead[lamp] === 'steady' ? '1' : '0'} ${join(pinsFolder, `gpio${String(base + pins[lamp])}`, 'value')}\n`;
    await writeFile(join(runFolder, 'lights'), lamps.map(line).join(''));
  }
  return all;
}

/** @throws PinProblem where epoll, native code that onoff needs for inputs, was not built for this Node */
async function loadOnoff(activeLow: boolean): Promise<OpenPin> {
  const { Gpio } = await import('onoff').catch(() => {
    throw new PinProblem('The driver for the lights is not built for this version of Node: install Porter again');
  });
  return (number) => {
    // The direction's own low and high are of the wire, whatever `activeLow` says: this is off.
    const gpio = new Gpio(number, activeLow ? 'high' : 'low', 'none', { activeLow });
    return {
      set: (on) => gpio.writeSync(on ? Gpio.HIGH : Gpio.LOW),
      isOn: () => gpio.readSync() === Gpio.HIGH,
    };
  };
}
