/** The real adapter and a printer on a real USB bus: pulled out, out of paper, open, stuck, before, during and after a badge. */
import type { StaffSnapshot } from '../../../device/contract/staff.ts';
import type { Kiosk } from '../box.ts';
import type { Bench } from './bench.ts';
import { badgeOf, copiesOf, paperOf, pupilWords, rowOf, stands } from './leaving.ts';
import { comeBack, signOut } from './pupils.ts';
import type { Row } from './report.ts';
import { rhythmWords } from './wires.ts';

const yearGroup = 'Year 9';

export async function* printerScenario(bench: Bench): AsyncGenerator<Row> {
  await bench.startBox('printer-only.toml');
  const kiosk = await bench.kiosk();
  const { printer } = bench;

  yield await unpluggedBefore(bench, kiosk);
  yield await wellRow(bench, kiosk, 'none');
  const bytes = await badgeBytes(bench, kiosk);
  const unplugged = { begin: () => printer.unplug(), end: () => printer.plug() };
  yield await during(bench, kiosk, {
    ...{ fault: 'unplugged when the badge is cut off', at: 'cut', copies: ['plain', 'REPRINT'] },
    ...unplugged,
  });
  const at = Math.floor(bytes / 2);
  yield await during(bench, kiosk, {
    ...{ fault: 'out of paper in the middle', at, copies: ['plain'] },
    ...{ begin: () => printer.paper('out'), end: () => printer.paper('ok') },
  });
  yield await during(bench, kiosk, {
    ...{ fault: 'cover opened in the middle', at, copies: ['plain'] },
    ...{ begin: () => printer.cover(true), end: () => printer.cover(false) },
  });
  yield await during(bench, kiosk, {
    ...{ fault: 'transfers stall in the middle', at, copies: ['REPRINT'] },
    ...{ begin: () => printer.stall(true), end: () => printer.stall(false) },
  });
  yield await killed(bench, kiosk, bytes);
  for (let point = 1; point <= 10; point += 1) {
    const after = Math.floor((bytes * (point - 0.5)) / 10);
    yield await during(bench, kiosk, {
      ...{ fault: `unplugged after ${String(after)} of ${String(bytes)} bytes`, at: after, copies: ['REPRINT'] },
      ...unplugged,
    });
  }
  kiosk.close();
}

const printerFault = ({ faults }: StaffSnapshot): string | undefined => faults.find((one) => one.startsWith('Printer'));
const staffWords = (state: StaffSnapshot, badge: string): string =>
  `${printerFault(state) ?? 'no fault'}; out, badge ${rowOf(state, badge)?.badgeState ?? 'UNKNOWN'}`;

/** A badge comes out, its QR code brings its pupil back. */
async function wellRow(bench: Bench, kiosk: Kiosk, fault: string): Promise<Row> {
  const before = bench.printer.papers.length;
  const leaver = await signOut(kiosk, yearGroup, false);
  const badge = badgeOf(leaver);
  const { seconds, code } = await paperOf(bench, badge, before, `printer-${fault}`);
  const { state } = await bench.until('printed', (now) => rowOf(now, badge)?.badgeState === 'printed');
  const wrong: string[] = [...stands(state, badge), ...bench.printer.complaints];
  const back = await comeBack(kiosk, code);
  if (back.state !== 'welcome-back') wrong.push(`its QR code: ${back.state}`);
  return {
    scenario: 'printer',
    fault,
    pupil: `${pupilWords(leaver.answer)}; badge out after ${seconds.toFixed(1)} s; its QR: ${back.state}`,
    staff: staffWords(state, badge),
    lights: rhythmWords(state.lights),
    recovery: null,
    wrong,
  };
}

async function badgeBytes(bench: Bench, kiosk: Kiosk): Promise<number> {
  await bench.until('no job under way', (state) => printerFault(state) === undefined);
  const from = bench.printer.taken();
  const row = await wellRow(bench, kiosk, 'none');
  if (row.wrong.length > 0) throw new Error(row.wrong.join('; '));
  return bench.printer.taken() - from;
}

async function unpluggedBefore(bench: Bench, kiosk: Kiosk): Promise<Row> {
  bench.printer.unplug();
  await bench.until('staff see it', (state) => printerFault(state) !== undefined);
  const leaver = await signOut(kiosk, yearGroup, false);
  const badge = badgeOf(leaver);
  const { state } = await bench.until('not printed', (now) => rowOf(now, badge)?.badgeState === 'not-printed');
  const wrong = [...stands(state, badge)];
  if (state.lights.red !== 'slow') wrong.push(`red is ${state.lights.red}`);
  bench.printer.plug();
  const { seconds } = await well(bench);
  wrong.push(...(await nextIsWhole(bench, kiosk)));
  return {
    scenario: 'printer',
    fault: 'unplugged before',
    pupil: pupilWords(leaver.answer),
    staff: staffWords(state, badge),
    lights: rhythmWords(state.lights),
    recovery: seconds,
    wrong,
  };
}

const well = (bench: Bench): Promise<{ readonly state: StaffSnapshot; readonly seconds: number }> =>
  bench.until('the printer is well', (state) => printerFault(state) === undefined && state.lights.red === 'off');

/** The next pupil's badge comes out whole and nothing of the broken one is on it. */
async function nextIsWhole(bench: Bench, kiosk: Kiosk): Promise<readonly string[]> {
  const row = await wellRow(bench, kiosk, 'next');
  return row.wrong.map((what) => `the next badge: ${what}`);
}

const kills = 5;

/**
 * Its own process is killed in the middle of badges: the daemon goes on, and each badge comes out marked as a reprint; once
 * without that mark before it where the kernel had handed on the whole badge before the kill.
 */
async function killed(bench: Bench, kiosk: Kiosk, bytes: number): Promise<Row> {
  const { printer } = bench;
  const daemon = (): Promise<string> => bench.guest('systemctl show -P MainPID porter');
  const pid = await daemon();
  const wrong: string[] = [];
  const [shown, papers] = [new Set<string>(), new Set<string>()];
  let slowest = 0;
  for (let point = 1; point <= kills; point += 1) {
    const before = printer.papers.length;
    let isHalf = false;
    printer.after(Math.floor((bytes * (point - 0.5)) / kills), () => {
      printer.stuck(true); // until it is killed: the rest takes no time
      isHalf = true;
    });
    const leaver = await signOut(kiosk, yearGroup, false);
    const badge = badgeOf(leaver);
    await bench.wait('half of the badge', () => (isHalf ? true : null));
    await bench.guest("pkill -KILL -f '[p]rinter-child'");
    printer.stuck(false);
    const { state, seconds } = await bench.until('printed', (now) => rowOf(now, badge)?.badgeState === 'printed');
    slowest = Math.max(slowest, seconds);
    shown.add(pupilWords(leaver.answer));
    const out = await copiesOf(bench, badge, before);
    papers.add(out.join(', '));
    wrong.push(
      ...stands(state, badge),
      ...(/^(plain,)?REPRINT$/.test(out.join()) ? [] : [`${badge} came out ${out.join(', ')}`]),
    );
  }
  const { state, seconds } = await well(bench);
  if ((await daemon()) !== pid) wrong.push('the daemon is another process');
  return {
    scenario: 'printer',
    fault: `its process killed in the middle of ${String(kills)} badges`,
    pupil: [...shown].join('; '),
    staff: `out, badge printed; afterwards ${printerFault(state) ?? 'no fault'}, on paper: ${[...papers].join('; ')}`,
    lights: rhythmWords(state.lights),
    recovery: slowest + seconds,
    wrong,
  };
}

interface During {
  readonly fault: string;
  /** Bytes of the badge that the printer takes before, or all of it. */
  readonly at: number | 'cut';
  /** What must have come out of it in the end, torn-off pieces without its QR code left out. */
  readonly copies: readonly ('plain' | 'REPRINT')[];
  readonly begin: () => void;
  readonly end: () => void;
}

async function during(bench: Bench, kiosk: Kiosk, { fault, at, copies, begin, end }: During): Promise<Row> {
  const wrong: string[] = [];
  const before = bench.printer.papers.length;
  let begun = false;
  const now = (): void => {
    begin();
    begun = true;
  };
  if (at === 'cut') bench.printer.afterCut(now);
  else bench.printer.after(at, now);
  const leaver = await signOut(kiosk, yearGroup, false);
  const badge = badgeOf(leaver);
  await bench.wait('the fault', () => (begun ? true : null));
  const { state } = await bench.until('staff see it', (now) => printerFault(now) !== undefined);
  wrong.push(...stands(state, badge));
  if (state.lights.red !== 'slow') wrong.push(`red is ${state.lights.red}`);
  end();
  const { seconds } = await well(bench);
  const printed = await bench.until('printed', (now) => rowOf(now, badge)?.badgeState === 'printed');
  const out = await copiesOf(bench, badge, before);
  if (out.join() !== copies.join()) wrong.push(`came out ${out.join(', ')}, expected ${copies.join(', ')}`);
  return {
    scenario: 'printer',
    fault,
    pupil: pupilWords(leaver.answer),
    staff: `${staffWords(state, badge)}; afterwards ${rowOf(printed.state, badge)?.badgeState ?? 'gone'}, on paper: ${out.join(', ')}`,
    lights: rhythmWords(state.lights),
    recovery: seconds,
    wrong,
  };
}
