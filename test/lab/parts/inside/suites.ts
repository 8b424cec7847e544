/** The three contracts, each on its real adapter: the kernel's USB, its video devices, its simulated GPIO chips. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from 'vitest';
import { createCamera } from '../../../../device/camera/create.ts';
import { pinsFolder } from '../../../../device/lights/pins.ts';
import { isPluggedIn, usbDevices } from '../../../../device/printer/plugged.ts';
import { createUsbPrinter } from '../../../../device/printer/usb.ts';
import { machineTimers } from '../../../../device/system/outside.ts';
import type { Log } from '../../../../device/system/ports.ts';
import { everyCamera } from '../../../parts/camera-contract.ts';
import type { Placed } from '../../../parts/camera-contract.ts';
import { everyPins } from '../../../parts/lights-contract.ts';
import { everyPrinter, mixed } from '../../../parts/printer-contract.ts';
import type { Bench } from '../../../parts/printer-contract.ts';
import { steeredTime } from '../../../support/steered-time.ts';
import { hand } from './hand.ts';

export function suites(): void {
  describe('printer', () => everyPrinter(printer));
  for (const kind of ['auto', 'v4l2'] as const) {
    describe(`camera, ${kind}`, () => everyCamera(kind, 'ready', () => camera(kind, true)));
    describe(`camera, ${kind}, pulled out`, () => everyCamera(kind, 'failed', () => camera(kind, false)));
  }
  describe('lights', () => everyPins(() => ({ chips: gpioChips, level: levelOf, end: () => undefined })));
}

const dist = join(import.meta.dirname, '../dist');
const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const any = { vendor: null, product: null };

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

const plugged = (): Promise<boolean> => isPluggedIn(usbDevices, any);
const unplugged = async (): Promise<boolean> => !(await plugged());

async function printer(): Promise<Bench> {
  await hand('printer-new', null);
  await until(plugged);
  const time = steeredTime(0);
  const made = createUsbPrinter({
    ids: any,
    profile: { cut: true, density: null },
    program: join(dist, 'printer-child.js'),
    devices: usbDevices,
    timers: mixed(time),
    log,
  });
  return {
    printer: made,
    time,
    fault: async (fault, afterBytes) => {
      await hand('printer-fault', { fault, afterBytes: afterBytes ?? null });
      if (afterBytes === undefined) await until(fault === 'unplugged' ? unplugged : plugged);
    },
    struck: () => hand('printer-struck', null),
    papers: async () =>
      (await hand('printer-papers', null)).map((one) => ({ ...one, bits: Buffer.from(one.bits, 'base64') })),
    end: () => made.close(),
  };
}

const videoFolder = '/sys/class/video4linux';
/** `vivid` and the like are not loaded: what is here is on the USB. */
const isOn = (): boolean => readdirSync('/sys/class').includes('video4linux') && readdirSync(videoFolder).length > 0;

async function camera(kind: 'auto' | 'v4l2', there: boolean): Promise<Placed> {
  await hand('camera-plugged', there);
  await until(() => isOn() === there);
  const made = createCamera(kind, {
    clock: { mono: () => performance.now() },
    timers: machineTimers,
    log,
    path: '/usr/bin:/bin',
    videoFolder,
    scratch: '/run/contract',
    stillProgram: join(dist, 'camera-still.js'),
    shim: join(dist, 'camera-shim'),
    frames: join(dist, 'frames'),
  });
  return { camera: made.camera, wait: until, left: () => running('v4l2-ctl'), end: () => undefined };
}

/** How many processes of this name live. */
function running(name: string): number {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid) === name).length;
}
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
  } catch {
    return ''; // gone
  }
}

function gpioChips(chips: readonly { readonly label: string; readonly count: number }[], taken?: number): void {
  const given = chips.flatMap(({ label, count }) => [label, String(count)]);
  const env = { ...process.env, ...(taken !== undefined && { HOG: String(taken) }) };
  execFileSync('/late/guest/gpio-chip.sh', given, { env });
}

/** Read from the simulated chip's own side. */
function levelOf(label: string, pin: number): boolean | undefined {
  const chips = readdirSync(pinsFolder).filter((name) => name.startsWith('gpiochip'));
  const chip = chips.find((name) => readFileSync(join(pinsFolder, name, 'label'), 'utf8').trim() === label);
  if (chip === undefined) return undefined;
  const [simulator = ''] = /^.*\/gpio-sim\.\d+/.exec(realpathSync(join(pinsFolder, chip))) ?? [];
  const inside = readdirSync(simulator).find((name) => /^gpiochip\d+$/.test(name)) ?? '';
  return readFileSync(join(simulator, inside, `sim_gpio${String(pin)}`, 'value'), 'utf8').trim() === '1';
}
