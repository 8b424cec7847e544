/** Is a printer plugged in? By the kernel's list of what is on the USB: no native code, and no process, is needed for that. */
import { opendir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UsbIds } from './usb-wire.ts';

export const usbDevices = '/sys/bus/usb/devices';

/** `folder`: `usbDevices`. Looks for an interface of the printer class, or for the ids where they are given. */
export async function isPluggedIn(folder: string, { vendor, product }: UsbIds): Promise<boolean> {
  const names = await namesIn(folder).catch(() => []);
  const read = async (name: string, file: string): Promise<number | null> => {
    const text = await readFile(join(folder, name, file), 'utf8').catch(() => '');
    return text === '' ? null : Number.parseInt(text, 16);
  };
  const fits = async (device: string): Promise<boolean> =>
    (vendor === null || (await read(device, 'idVendor')) === vendor) &&
    (product === null || (await read(device, 'idProduct')) === product);
  // `1-2:1.0` is an interface of the device `1-2`.
  for (const name of names.filter((one) => one.includes(':') === (vendor === null))) {
    const device = name.replace(/:.*$/, '');
    if (vendor === null && (await read(name, 'bInterfaceClass')) !== 7) continue;
    if (await fits(device)) return true;
  }
  return false;
}

/** By opendir, which emulated machines answer too (umockdev); scandir, as `readdir` calls it, they do not. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(folder)) names.push(name);
  return names;
}
