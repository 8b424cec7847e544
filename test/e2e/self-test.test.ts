/** Staff test the parts at the box, and switch it off: what they read is what `porter check` says, of what is there. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import type { PartReport, StaffMenu } from '../../device/contract/kiosk.ts';
import type { Ack, Result } from '../../device/contract/result.ts';
import { switchOffStatus } from '../../device/endings.ts';
import { CameraPrograms } from '../support/camera-programs.ts';
import { Porter } from '../support/porter.ts';

const daemon = join(import.meta.dirname, '../../dist/porter.js');
const pin = '135790';
let porter: Porter | null = null;
let machine: CameraPrograms | null = null;
afterEach(async () => {
  await porter?.stop();
  machine?.close();
  machine = null;
});

/** With the PIN, at the touchscreen. */
async function atTheBox(box: Porter, act: 'self-test' | 'switch-off'): Promise<Readonly<Record<string, string>>> {
  await box.tell('pin', { name: 'Ms Reed', pin });
  const kiosk = await box.kiosk();
  const asked = <T>(run: (ack: Ack<T>) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      run((result: Result<T>) => (result.ok ? resolve(result.value) : reject(new Error(result.error.code))));
    });
  const { pass } = await asked<StaffMenu>((ack) => kiosk.emit('staff', { pin }, ack));
  const { parts = [] } = await asked<{ readonly parts?: readonly PartReport[] }>((ack) =>
    kiosk.emit('staffAct', { commandId: randomUUID(), ageMs: 0, input: { act, pass } }, ack),
  );
  kiosk.close();
  return Object.fromEntries(parts.map(({ part, ok, words }) => [part, `${ok ? 'ok' : 'FAILED'}: ${words}`]));
}

const selfTest = (box: Porter) => atTheBox(box, 'self-test');

/** `porter check` of the same file. */
async function check(box: Porter, path?: string): Promise<Readonly<Record<string, string>>> {
  const env = { ...process.env, ...(path !== undefined && { PATH: path }) };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [daemon, 'check', '--config', join(box.folder, 'porter.toml')],
    { env },
  ).catch((error: unknown) => error as { readonly stdout: string });
  const lines = [...stdout.matchAll(/^(ok|FAILED) +(\w+): (.*)$/gm)];
  return Object.fromEntries(lines.map(([, how = '', part = '', words = '']) => [part, `${how}: ${words}`] as const));
}

test('of parts that do not work: what is wrong, and what to do', async () => {
  machine = new CameraPrograms('busy');
  const { path } = machine.parts();
  const hardware = { printer: 'usb', camera: 'libcamera', lights: 'gpio' };
  porter = await Porter.start({ clock: '2026-11-23T08:52', hardware, under: ['env', `PATH=${path}`] });
  const told = await selfTest(porter);
  expect(told).toMatchObject({
    printer: 'FAILED: Not connected or switched off: look at its cables and its switch',
    camera: 'FAILED: Another program has the camera: switch the box off and on',
    lights: expect.stringMatching(/^FAILED: This machine has no GPIO pins.*: set hardware.lights to none/) as string,
    storage: expect.stringMatching(/^ok: Records are kept/) as string,
    clock: 'ok: The time is known',
  });
  const { printer, camera, lights } = told;
  expect(await check(porter, path)).toMatchObject({ printer, camera, lights });
});

test('of parts that work, and one that is black: a picture is taken, each lamp lit alone, and nobody sees it', async () => {
  porter = await Porter.start({ clock: '2026-11-23T08:52' });
  await porter.tell('simulate', { part: 'camera', fault: 'black' });
  const told = await selfTest(porter);
  expect(told).toMatchObject({
    printer: 'ok: Ready',
    camera: 'FAILED: Its pictures are black: is the lens covered, or the room dark?',
    lights: 'ok: Ready (simulated)',
  });
  await porter.tell('simulate', { part: 'camera', fault: null });
  expect((await selfTest(porter))['camera']).toBe('ok: Ready (simulated)');
});

test('parts that the settings leave out are not there, and have not failed', async () => {
  porter = await Porter.start({
    clock: '2026-11-23T08:52',
    hardware: { printer: 'none', camera: 'none', lights: 'none' },
  });
  expect(Object.keys(await selfTest(porter))).toEqual(['mis', 'storage', 'clock']);
  expect(await check(porter)).toMatchObject({
    printer: 'ok: There is no printer',
    camera: 'ok: There is no camera',
    lights: 'ok: There are no lights',
  });
});

test('switched off at the box it ends by itself, cleanly, and says so to what started it (systemd/switch-off.sh)', async () => {
  porter = await Porter.start({ clock: '2026-11-23T08:52' });
  await atTheBox(porter, 'switch-off');
  expect(await porter.ended()).toBe(switchOffStatus);
  await porter.run();
  expect(await porter.kill('SIGTERM')).toBe(0);
});

test('a new box shows the technician where to go on, and what works, until there is an administrator', async () => {
  porter = await Porter.start({ clock: '2026-11-23T08:52' });
  const open = async (): Promise<string> => (await fetch(`${porter?.kioskUrl ?? ''}set-up`)).text();
  const page = await open();
  expect(page).toContain(porter.staffUrl);
  expect(page).toMatch(/[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}/);
  expect(page.match(/works<span>/g)?.length).toBeGreaterThan(4);
  await porter.staff('administrator');
  expect(await open()).toContain('<div id="kiosk">');
});
