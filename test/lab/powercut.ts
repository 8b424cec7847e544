/**
 * Power cuts of a virtual box under load. Each round: power on, compare with what was promised, let pupils sign in and out
 * while the outbox works, cut the power at the planned instant, decide what the disk's cache leaves, check the file system.
 */
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../../device/demo/random.ts';
import type { Box } from './box.ts';
import { compare } from './checks.ts';
import type { Findings } from './checks.ts';
import { damageOf } from './file-system.ts';
import { failuresFolder } from './cache.ts';
import { journalOutside } from './journal-outside.ts';
import type { Outside } from './journal-outside.ts';
import { keepCut } from './kept-cut.ts';
import { instantWords, planOf } from './plan.ts';
import type { Instant, Plan } from './plan.ts';
import { isWell } from './report.ts';
import type { Round } from './report.ts';
import { arm, cutOf } from './rig.ts';
import type { Cut, Rig } from './rig.ts';
import { visitors } from './visitors.ts';
import type { CutMode } from './volatile-disk.ts';

export interface PowercutOptions {
  readonly rig: Rig;
  readonly cuts: number;
  readonly seed: number;
  readonly modes: readonly CutMode[];
  /** At the end the outbox may take this long to settle. Milliseconds. */
  readonly drainMs: number;
  /** Told after each cut, and of the last start. */
  readonly told: (round: Round) => void;
}

const loadMaxMs = 30_000;
const rosterMaxMs = 300_000;
/** Rounds in one register: the next is opened while the power is off. */
const roundsPerSession = 8;

/** A box that does not start any more ends the rounds early. */
export async function powercuts(options: PowercutOptions): Promise<void> {
  const { rig } = options;
  const tell = (round: Round): boolean => {
    options.told(isWell(round) ? round : { ...round, kept: keepFailure(rig, round, options.seed) });
    if (round.number !== null) renameSync(join(rig.folder, 'this-cut'), replaced(join(rig.folder, 'last-cut')));
    return round.starts;
  };
  try {
    for (let number = 1; number <= options.cuts; number += 1) {
      const plan = planOf(options.seed * 10_000 + number, options.modes);
      if (!tell(await oneRound(rig, number, plan))) return;
    }
    tell(await lastStart(rig, options.drainMs));
  } finally {
    await rig.close();
  }
}

/** The cut that did the damage, or the one before the start that found something wrong. @returns where it is kept */
function keepFailure({ folder }: Rig, { number, seed, damage }: Round, runSeed: number): string | undefined {
  const cut = join(folder, damage === null ? 'last-cut' : 'this-cut');
  const place = join(failuresFolder, `${String(seed ?? runSeed)}-${number === null ? 'end' : String(number)}`);
  if (!existsSync(cut)) return undefined;
  cpSync(cut, replaced(place), { recursive: true });
  return place;
}

function replaced(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

async function oneRound(rig: Rig, number: number, plan: Plan): Promise<Round> {
  const { book, disk, nbd, time, on, folder, image } = rig;
  const began = Date.now();
  if (number % roundsPerSession === 0) time.next();
  else time.goOn(5);
  nbd.powerUp();
  const cut = cutOf(rig);
  // The first start takes the roster; before that nobody can sign in.
  if (number > 1) arm(rig, plan.instant, cut, 'start');
  const box = await rig.start();
  cut.for(box);
  const seen = await underLoad(rig, box, plan, cut, `c${String(number)}`);
  cut.fire();
  await box.machine.gone;
  Object.assign(on, { disk: () => undefined, wire: () => true });

  const { seed, mode } = plan;
  keepCut(join(folder, 'this-cut'), image, disk, seed, mode);
  const left = disk.cut(mode, seeded(seed));
  const damage = damageOf(rig.copy());
  const round: Round = {
    ...seen,
    number,
    seed,
    mode,
    when: instantWords(plan.instant),
    left,
    damage,
    acknowledged: book.acknowledged,
    seconds: (Date.now() - began) / 1000,
  };
  return round;
}

type Seen = Findings & Pick<Round, 'faults' | 'startSeconds' | 'starts' | 'damage'>;

/** What was found at the start, if it came so far, and then the load until the cut. */
async function underLoad(rig: Rig, box: Box, plan: Plan, cut: Cut, name: string): Promise<Seen> {
  const { book, time } = rig;
  const { instant, random } = plan;
  const began = Date.now();
  let seen: Seen = {
    found: 0,
    lost: [],
    wrong: [],
    doubled: [],
    faults: [],
    startSeconds: null,
    starts: true,
    damage: null,
  };
  try {
    await box.ready;
    const startSeconds = (Date.now() - began) / 1000;
    seen = { ...seen, startSeconds, ...(await look(rig, box)) };
    const kiosk = await box.kiosk();
    arm(rig, instant, cut, 'load');
    let answers = 0;
    const acknowledged = (): void => {
      answers += 1;
      if (instant.on === 'answer' && answers >= instant.n) cut.fire();
    };
    const late = setTimeout(() => cut.fire(), loadForMs(instant));
    await visitors({ box, kiosk, book, random, session: time.session(), acknowledged, name, cut: cut.signal });
    clearTimeout(late);
    kiosk.close();
    return seen;
  } catch (error) {
    if (cut.signal.aborted) return seen;
    const why = error instanceof Error ? error.message : String(error);
    return { ...seen, wrong: [...seen.wrong, why], starts: seen.startSeconds !== null };
  }
}

/** Until the cut, at most: what the plan waits for may never come, or have been missed during the start. */
function loadForMs(instant: Instant): number {
  if (instant.on === 'clock') return instant.ms;
  return 'during' in instant && instant.during === 'start' ? 2000 : loadMaxMs;
}

async function look({ book, mis }: Rig, box: Box): Promise<Findings & Pick<Round, 'faults' | 'sum'>> {
  let state = await box.state();
  for (const until = Date.now() + rosterMaxMs; state.roster.pupils === 0; state = await box.state()) {
    if (Date.now() > until) throw new Error(`no roster came: ${state.mis.words} ${box.said().slice(-1000)}`);
    await sleep(500);
  }
  return { ...compare(book, state, await mis.control.marks()), faults: state.faults, sum: state.sum };
}

/** One more cut, while the box was idle; then the disk as it lies there. */
async function lookOutside(rig: Rig): Promise<Outside & { readonly damage: string | null }> {
  const { disk, folder, book, mis } = rig;
  disk.cut('none', seeded(0));
  const copy = rig.copy();
  const damage = damageOf(copy);
  return { damage, ...journalOutside(copy, folder, book, await mis.control.marks(), rig.recoveryKey()) };
}

/** After the last cut: everything is looked at once more, the outbox settles, and all is looked at again. */
async function lastStart(rig: Rig, drainMs: number): Promise<Round> {
  const began = Date.now();
  rig.nbd.powerUp();
  const box = await rig.start();
  const shared = { number: null, seed: null, mode: null, when: 'the last start', left: null };
  const round = (seen: Seen): Round => ({
    ...shared,
    ...seen,
    acknowledged: rig.book.acknowledged,
    seconds: (Date.now() - began) / 1000,
  });
  const nothing: Seen = {
    found: 0,
    lost: [],
    wrong: [],
    doubled: [],
    faults: [],
    startSeconds: null,
    starts: true,
    damage: null,
  };
  try {
    await box.ready;
    const startSeconds = (Date.now() - began) / 1000;
    const first = await look(rig, box);
    rig.book.runs.clear(); // the second look is of the same run
    const until = Date.now() + drainMs;
    for (let { sum } = first; (sum?.waiting ?? 0) > 0 && Date.now() < until; { sum } = await box.state())
      await sleep(1000);
    const last = await look(rig, box);
    await box.machine.kill();
    const outside = await lookOutside(rig);
    const all = (of: (one: Findings) => readonly string[]): readonly string[] => [...of(first), ...of(last)];
    return round({
      ...{ ...nothing, startSeconds, ...last, damage: outside.damage },
      lost: [...all((one) => one.lost), ...outside.lost],
      wrong: [...all((one) => one.wrong), ...outside.wrong],
      doubled: all((one) => one.doubled),
      faults: [...last.faults, ...outside.remarks],
    });
  } catch (error) {
    return round({ ...nothing, wrong: [error instanceof Error ? error.message : String(error)], starts: false });
  } finally {
    await box.machine.kill();
  }
}
