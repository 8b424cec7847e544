/** The printer's process, as the daemon holds it: what a slow start may cost, and what a hanging one. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { PrinterChild, startMaxMs } from '../../device/printer/child.ts';
import { createUsbPrinter } from '../../device/printer/usb.ts';
import { steeredTime } from '../support/steered-time.ts';

const folder = mkdtempSync(join(tmpdir(), 'porter-printer-child-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const any = { vendor: null, product: null };
const openMaxMs = 10_000;

const made: PrinterChild[] = [];
afterEach(() => made.splice(0).forEach((child) => child.close()));

/** Listens once the file `gate` is there, answers the first question, and hangs at the next. */
function opened() {
  const gate = join(mkdtempSync(join(folder, 'case-')), 'gate');
  const program = `${gate}.cjs`;
  writeFileSync(
    program,
    `const wait = setInterval(() => {
      if (!require('node:fs').existsSync(${JSON.stringify(gate)})) return;
      clearInterval(wait);
      process.once('message', ({ n }) => process.send({ n, answer: 'none' }));
      process.on('message', () => undefined);
      process.send('listening');
    }, 5);`,
  );
  const time = steeredTime(0);
  const told: string[] = [];
  const quiet = (): void => undefined;
  const child = new PrinterChild({
    program,
    timers: time.timers,
    log: { info: quiet, warn: (_, what) => told.push(String(what?.['why'])), error: quiet },
  });
  made.push(child);
  return { child, time, told, open: () => child.call('open', any, openMaxMs), letStart: () => writeFileSync(gate, '') };
}

it('a start may take longer than an answer', async () => {
  const { child, time, told, open, letStart } = opened();
  const opening = open();
  time.pass(startMaxMs - 1);
  expect(child.pid).not.toBeNull();
  letStart();
  expect(await opening).toBe('none');
  expect(told).toEqual([]);
});

it('one that does not start in time is killed, and it is said that it was too slow', async () => {
  const { child, time, told, open } = opened();
  const opening = expect(open()).rejects.toMatchObject({ name: 'ChildGone', tooSlow: true });
  time.pass(startMaxMs);
  await opening;
  expect(child.pid).toBeNull();
  expect(told).toEqual(['it did not start in time']);
});

it('once it listens, a question that is not answered ends it, after the time for that question', async () => {
  const { child, time, open, letStart, told } = opened();
  letStart();
  expect(await open()).toBe('none');
  const opening = expect(open()).rejects.toMatchObject({ name: 'ChildGone', tooSlow: false });
  time.pass(openMaxMs - 1);
  expect(child.pid).not.toBeNull();
  time.pass(1);
  await opening;
  expect(child.pid).toBeNull();
  expect(told).toEqual(['no answer to open']);
});

it('staff hear that it started too slowly, not that the printer cannot be opened', async () => {
  const devices = mkdtempSync(join(folder, 'devices-'));
  mkdirSync(join(devices, '1-1:1.0'));
  writeFileSync(join(devices, '1-1:1.0/bInterfaceClass'), '07\n');
  const program = join(devices, 'never-listens.cjs');
  writeFileSync(program, 'setInterval(() => undefined, 1000);');
  const time = steeredTime(0);
  const quiet = (): void => undefined;
  const printer = createUsbPrinter({
    ...{ ids: any, profile: { cut: false, density: null }, program, devices, timers: time.timers },
    log: { info: quiet, warn: quiet, error: quiet },
  });
  const looking = printer.status();
  await expect.poll(() => printer.child.pid).not.toBeNull();
  time.pass(startMaxMs);
  expect(await looking).toEqual({
    state: 'offline',
    words: 'Its driver has not started in 30 seconds: wait a minute, then switch the box off and on',
  });
  await printer.close();
});
