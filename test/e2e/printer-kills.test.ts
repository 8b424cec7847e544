/** The printer's process is killed again and again while the real daemon prints: what pupils and staff have afterwards. */
import { readFileSync, readdirSync } from 'node:fs';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../../device/contract/kiosk.ts';
import type { ChooseAnswer, EarlyAnswer, NamesAnswer } from '../../device/contract/kiosk.ts';
import type { OutRow, StaffSnapshot } from '../../device/contract/staff.ts';
import type { Ack, Result } from '../../device/contract/result.ts';
import { seeded } from '../../device/demo/random.ts';
import { parseQr } from '../../device/domain/badge.ts';
import type { Bitmap } from '../../device/domain/badge.ts';
import { readQrCodes } from '../support/badges.ts';
import { Porter } from '../support/porter.ts';
import type { KioskClient } from '../support/porter.ts';
import { usbPrinterFake, onPaper } from '../support/usb-printer.ts';
import type { UsbPrinterFake } from '../support/usb-printer.ts';

const kills = Number(process.env['PORTER_PRINTER_KILLS'] ?? 5);
const seed = Number(process.env['SEED'] ?? 20_261_129);

let usb: UsbPrinterFake;
let porter: Porter;
let kiosk: KioskClient;
beforeAll(async () => {
  usb = await usbPrinterFake();
  await usb.plug();
  await usb.set({ bytes_a_second: 20_000 }); // a badge takes a second
  porter = await Porter.start({
    clock: '2026-11-23T10:40',
    hardware: { printer: 'usb' },
    under: ['env', ...Object.entries(usb.preload).map(([name, value]) => `${name}=${value}`)],
  });
  await porter.until('the roster is there', ({ roster }) => roster.pupils > 1000);
  kiosk = await porter.kiosk();
  await asked((ack) => kiosk.emit('hello', { protocol: PROTOCOL_VERSION }, ack));
});
afterAll(async () => {
  kiosk.close();
  await porter.stop();
  await usb.end();
});

function asked<T>(run: (ack: Ack<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    run((result: Result<T>) => (result.ok ? resolve(result.value) : reject(new Error(result.error.code))));
  });
}

/** Visits whose pupil was told to write the number down, at once or later. */
const told = new Set<string>();
/** The badge's number. */
async function leaves(visit: string, pupil: string): Promise<string> {
  await asked<ChooseAnswer>((ack) => kiosk.emit('choose', { visit, flow: 'early', pupil }, ack));
  const answers = { reason: 'medical', back: 'after-lunch', withWhom: null, photo: 'none', touchAgoMs: 0 } as const;
  const left = await asked<EarlyAnswer>((ack) =>
    kiosk.emit('early', { commandId: visit, ageMs: 0, input: { visit, pupil, ...answers } }, ack),
  );
  if (left.state !== 'departed') throw new Error(`${visit} was not let go`);
  if (!left.printing) told.add(visit);
  return left.badge;
}

const isOf = (badge: string, row: OutRow): boolean => row.badge === badge;

/** As many as there are. */
async function pupilsOf(yearGroup: string): Promise<readonly string[]> {
  const pupils: string[] = [];
  for (let month = 1; month <= 12; month++) {
    const find = { visit: 'look', flow: 'early', yearGroup, month } as const; // one visit: more would pause the lists
    const names = await asked<NamesAnswer>((ack) => kiosk.emit('names', find, ack));
    pupils.push(...names.pupils.map(({ pupil }) => pupil));
  }
  return pupils;
}

/** Of the printer's process, a child of the daemon; null: there is none. */
function printerPid(): number | null {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return Number(pids.find((pid) => parentOf(pid) === porter.pid && isPrinter(pid)) ?? 0) || null;
}
function parentOf(pid: string): number {
  return Number(/\) \S (\d+)/.exec(read(`/proc/${pid}/stat`))?.[1]);
}
const isPrinter = (pid: string): boolean => read(`/proc/${pid}/cmdline`).includes('printer-child.js');
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // gone
  }
}

async function badgeOn({ width, height, bits }: Bitmap): Promise<string | null> {
  const png = new PNG({ width, height });
  for (let dot = 0; dot < width * height; dot++) {
    const black = ((bits[dot >> 3] ?? 0) >> (7 - (dot & 7))) & 1;
    png.data.fill(black === 1 ? 0 : 255, dot * 4, dot * 4 + 3);
    png.data[dot * 4 + 3] = 255;
  }
  const [text] = await readQrCodes(PNG.sync.write(png));
  return parseQr(text ?? '')?.badgeId ?? null;
}
/** The word stands in a black band across the paper. */
const saysReprint = ({ width, height, bits }: Bitmap): boolean =>
  Array.from({ length: height }, (_, y) => bits.subarray((y * width) / 8, ((y + 1) * width) / 8)).some((row) =>
    row.every((byte) => byte === 0xff),
  );

test(
  'every departure stands, every badge is on paper or told as not printed, none twice without REPRINT',
  { timeout: 100_000 + kills * 20_000 },
  async () => {
    const random = seeded(seed);
    console.info(`seed ${seed}`);
    const daemon = porter.pid;
    const pupils = await pupilsOf('Year 10');
    kiosk.on('printFailed', ({ visit }) => told.add(visit));
    const badges = new Map<string, string>();
    const leave = async (): Promise<(state: StaffSnapshot, how?: OutRow['badgeState']) => boolean> => {
      const visit = `visit-${badges.size + 1}`;
      const badge = await leaves(visit, pupils[badges.size] ?? '');
      badges.set(visit, badge);
      return ({ out }, how = 'printed') =>
        told.has(visit) || out.some((row) => isOf(badge, row) && row.badgeState === how);
    };
    let killed = 0;
    for (let i = 0; i < kills; i++) {
      const is = await leave();
      // Most kills meet a badge half printed, some come before.
      if (random.below(4) > 0) await porter.until('it is printing', (state) => is(state, 'printing') || is(state));
      await new Promise((resolve) => setTimeout(resolve, random.below(1_000)));
      const pid = printerPid();
      if (pid !== null) {
        process.kill(pid, 'SIGKILL');
        killed += 1;
      }
      await porter.until('the badge is printed, or its number written down', (state) => is(state), 60_000);
    }
    await porter.until(
      'the printer is well',
      ({ faults }) => !faults.some((fault) => fault.startsWith('Printer')),
      60_000,
    );
    const last = await leave(); // what is to be printed once more is before it in the queue
    await porter.until('the last badge is printed', (state) => last(state), 60_000);

    const { out } = await porter.state();
    expect(out.map(({ badge }) => badge).sort()).toEqual([...badges.values()].sort());
    expect(porter.pid).toBe(daemon);
    expect(killed).toBeGreaterThan(kills / 2);

    const papers = await Promise.all(
      usb.papers.map(onPaper).map(async (paper) => ({ badge: await badgeOn(paper), reprint: saysReprint(paper) })),
    );
    for (const [visit, badge] of badges) {
      const own = papers.filter((paper) => paper.badge === badge);
      const state = out.find((row) => isOf(badge, row))?.badgeState;
      const what = `${visit}, ${state ?? 'not out'}, papers: ${JSON.stringify(own)}`;
      expect(
        own.slice(1).every(({ reprint }) => reprint),
        what,
      ).toBe(true);
      expect(own.length, what).toBeLessThan(3);
      expect(state === 'printed' ? own.length > 0 : state === 'not-printed' && told.has(visit), what).toBe(true);
    }
    const again = papers.filter(({ reprint }) => reprint).length;
    console.info(`${badges.size} badges, ${killed} kills, ${papers.length} papers, ${again} of them say REPRINT`);
    expect(again).toBeGreaterThan(0); // else no kill met a badge
    expect(papers.every(({ badge }) => badge !== null)).toBe(true);
  },
);
