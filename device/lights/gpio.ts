/** Lamps on the Raspberry Pi's pins, by onoff and the kernel's /sys/class/gpio. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lamps } from '../domain/lights.ts';
import type { Lamp } from '../domain/lights.ts';
import type { Settings } from '../domain/settings.ts';
import type { Clock, Timers } from '../system/ports.ts';
import { createAbsentLights } from './absent.ts';
import { createBlinker } from './blinker.ts';
import type { Lights } from './port.ts';

type Pins = Settings['hardware']['lights'];

/** It stays as it was set last when the daemon ends: red. May throw. */
export type SetPin = (on: boolean) => void;

/** Opens an output that starts off. `number` is the kernel's, not the pin's own. Throws when it can't be had. */
export type OpenPin = (number: number, activeLow: boolean) => SetPin;

/**
 * Lights that say why where they can't be had: no such chip (not a Raspberry Pi, or a kernel without sysfs for GPIO), a
 * pin in use, a package that was not built for this Node.
 */
export async function createGpioLights(
  pins: Pins,
  clock: Pick<Clock, 'mono'>,
  timers: Timers,
  {
    root = '/sys/class/gpio',
    load = loadOnoff,
  }: { readonly root?: string; readonly load?: () => Promise<OpenPin> } = {},
): Promise<Lights> {
  const failed = (words: string): Lights => createAbsentLights({ state: 'failed', words });
  const base = await baseOf(root);
  if (base === null) return failed('This machine has no GPIO pins that Porter knows');
  let open: OpenPin;
  try {
    open = await load();
  } catch {
    return failed('The driver for the lights is not built for this version of Node');
  }
  const opened: Partial<Record<Lamp, SetPin>> = {};
  for (const lamp of lamps) {
    try {
      opened[lamp] = open(base + pins[lamp], pins.activeLow);
    } catch {
      return failed(`Pin ${pins[lamp]} for the ${lamp} light cannot be used: wrong number, or in use`);
    }
  }
  const blinker = createBlinker(clock, timers, (lamp, on) => opened[lamp]?.(on));
  return {
    kind: 'gpio',
    show: blinker.show,
    view: blinker.view,
    status: () =>
      blinker.works()
        ? { state: 'ready', words: 'Ready' }
        : { state: 'failed', words: 'The lights cannot be switched' },
    close: blinker.close,
  };
}

/**
 * The kernel's number of the header's pin 0: it moves with the kernel (0, 399, 512, 569, 571 …), so it is looked up by
 * the chip's name. Null where there is no such chip.
 */
export async function baseOf(root: string): Promise<number | null> {
  const names = await readdir(root).catch(() => []);
  const chips = await Promise.all(
    names
      .filter((name) => /^gpiochip\d+$/.test(name))
      .map(async (name) => {
        const read = async (file: string): Promise<string> => (await readFile(join(root, name, file), 'utf8')).trim();
        const [label, base, count] = await Promise.all(['label', 'base', 'ngpio'].map(read)).catch(() => ['', '', '']);
        return { label: label ?? '', base: Number(base), count: Number(count) };
      }),
  );
  // The Pi 5 has both: its header hangs on the RP1.
  const chip =
    chips.find(({ label }) => label === 'pinctrl-rp1') ??
    chips.find(({ label, count }) => /^pinctrl-(bcm2711|bcm2712|bcm2835)$/.test(label) && count >= 28);
  return chip?.base ?? null;
}

/** Rejects where epoll was not built for this Node. */
async function loadOnoff(): Promise<OpenPin> {
  const { Gpio } = await import('onoff');
  return (number, activeLow) => {
    // The direction's own low and high are of the wire, whatever `activeLow` says: this is off.
    const gpio = new Gpio(number, activeLow ? 'high' : 'low', 'none', { activeLow });
    return (on) => gpio.writeSync(on ? Gpio.HIGH : Gpio.LOW);
  };
}
