/** Pins of the kernel's /sys/class/gpio, made ready for onoff: its own waiting holds the loop, and drops what went wrong. */
import { constants } from 'node:fs';
import { access, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Timers } from '../system/ports.ts';

export const pinsFolder = '/sys/class/gpio';

const orNone = 'set hardware.lights to none in porter.toml if there are not meant to be lights';
const another = 'choose another in porter.toml';

/** Why the pins cannot be had. Its message is for staff. */
export class PinProblem extends Error {
  override readonly name = 'PinProblem';
}

/**
 * The kernel's number of the header's pin 0: it moves with the kernel (0, 399, 512, 569, 571 …), so it is looked up by
 * the chip's name at every start. @throws PinProblem where there is no such chip
 */
export async function headerBase(): Promise<number> {
  const names = await readdir(pinsFolder).catch(() => null);
  if (names === null)
    throw new PinProblem(`This machine has no GPIO pins, or its kernel does not offer them: ${orNone}`);
  const chips = await Promise.all(
    names
      .filter((name) => /^gpiochip\d+$/.test(name))
      .map(async (name) => {
        const read = async (file: string): Promise<string> =>
          (await readFile(join(pinsFolder, name, file), 'utf8')).trim();
        const [label, base, count] = await Promise.all(['label', 'base', 'ngpio'].map(read)).catch(() => ['', '', '']);
        return { label: label ?? '', base: Number(base), count: Number(count) };
      }),
  );
  // The Pi 5 has both: its header hangs on the RP1.
  const chip =
    chips.find(({ label }) => label === 'pinctrl-rp1') ??
    chips.find(({ label, count }) => /^pinctrl-(bcm2711|bcm2712|bcm2835)$/.test(label) && count >= 28);
  if (chip === undefined) throw new PinProblem(`This machine has no GPIO pins that Porter knows: ${orNone}`);
  return chip.base;
}

/** udev gives the pin's files to the group gpio some time after they appear, later on a machine that is just starting. */
const usableMaxMs = 5_000;
const lookEveryMs = 20;

/** Exports the pin unless it is: a run that was killed leaves its pins behind, and they are taken over. @throws PinProblem */
export async function exportPin(number: number, words: string, timers: Timers): Promise<void> {
  const folder = join(pinsFolder, `gpio${String(number)}`);
  if (!(await may(folder, constants.F_OK))) {
    try {
      await writeFile(join(pinsFolder, 'export'), String(number));
    } catch (error) {
      throw new PinProblem(exportWords(error, words));
    }
  }
  for (let waited = 0; !(await isUsable(folder)); waited += lookEveryMs) {
    if (waited >= usableMaxMs) throw new PinProblem(exportWords({ code: 'EACCES' }, words));
    await new Promise<void>((resolve) => timers.after(lookEveryMs, resolve));
  }
}

function exportWords(error: unknown, pin: string): string {
  switch (error instanceof Object && 'code' in error ? error.code : undefined) {
    case 'EINVAL':
      return `${pin} is not on this machine: ${another}`;
    case 'EBUSY':
      return `${pin} is in use by something else: look in config.txt, or ${another}`;
    case 'EACCES':
    case 'EPERM':
      return `${pin} may not be used: Porter's user is not in the group gpio`;
    default:
      return `${pin} cannot be used: ${another}`;
  }
}

async function isUsable(folder: string): Promise<boolean> {
  const files = ['value', 'direction', 'active_low'].map((name) => join(folder, name));
  return (await Promise.all(files.map((file) => may(file, constants.W_OK)))).every(Boolean);
}

const may = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );
