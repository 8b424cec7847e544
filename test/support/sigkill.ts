/**
 * Rounds of load through the real kiosk socket, each ended by SIGKILL at a random instant, start-up included. Several pages
 * sign pupils in, undo it, let them leave and come back; who gets no answer sends the same command again after the restart.
 * At the end the books are compared.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { NamesAnswer } from '../../device/contract/kiosk.ts';
import type { Result } from '../../device/contract/result.ts';
import type { StaffSnapshot } from '../../device/contract/staff.ts';
import { seeded } from '../../device/demo/random.ts';
import { Porter, inShort } from './porter.ts';
import type { KioskClient } from './porter.ts';
import { compared } from './sigkill-books.ts';
import { Page, holdMs } from './sigkill-page.ts';
import type { Tally } from './sigkill-page.ts';

const pages = 6;
/** After the start: load for at most so long, then the kill. As long as the start on a slow machine. */
const loadMs = 1_300;
/** Sign-ins that stay, in a round: a school has only so many pupils. */
const keptAtMost = 8;

/** The keys of pupils who may leave without approval, as a page finds them. */
async function pupilsOf(kiosk: KioskClient): Promise<readonly string[]> {
  const found: string[] = [];
  for (const yearGroup of ['Year 7', 'Year 8', 'Year 9', 'Year 10', 'Year 11', 'Year 12', 'Year 13']) {
    for (let month = 1; month <= 12; month += 1) {
      await sleep(60); // a page that asks faster is cut off
      const visit = `list-${yearGroup.slice(5)}-${String(month)}`;
      const names = await new Promise<Result<NamesAnswer>>((resolve) => {
        kiosk.emit('names', { visit, flow: 'late', yearGroup, month }, resolve);
      });
      if (!names.ok) throw new Error(`names: ${JSON.stringify(names.error)}`);
      const keys = names.value.pupils.map(({ pupil }) => pupil);
      found.push(...keys);
      // Choosing keeps the lists from pausing.
      const [pupil] = keys;
      if (pupil !== undefined) {
        await new Promise((resolve) => {
          kiosk.emit('choose', { visit, flow: 'late', pupil }, resolve);
        });
      }
    }
  }
  return found;
}

export interface SigkillOptions {
  readonly rounds: number;
  readonly seed: number;
  /** How long the MIS may take at the end, milliseconds. */
  readonly drainMs: number;
  readonly say: (line: string) => void;
}

/** Runs the rounds; `wrong` of the answer is empty when nothing was lost, doubled or invented. */
export async function sigkillRounds(options: SigkillOptions): Promise<Tally> {
  const { rounds, seed, say } = options;
  const chance = seeded(seed);
  const by = { late: 0, undo: 0, early: 0, return: 0 };
  const counts = { killsInStart: 0, answered: 0, answeredLater: 0, repeated: 0, marks: 0, unsure: 0, undoneUnsent: 0 };
  const tally: Tally = { rounds, ...counts, by, wrong: [] };
  const beforeStart = performance.now();
  const porter = await Porter.start({
    clock: '2026-11-23T08:42',
    settings: `[late]\nhold_seconds = ${String(holdMs / 1000)}\n`,
  });
  let startMs = performance.now() - beforeStart;
  try {
    await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
    const first = await porter.kiosk();
    const pupils = await pupilsOf(first);
    first.close();
    await porter.kill('SIGKILL');
    const [leavers, late] = [pupils.slice(0, pages * 8), pupils.slice(pages * 8)];
    const share = (all: readonly string[], page: number): string[] => all.filter((_, at) => at % pages === page);
    const all = Array.from(
      { length: pages },
      (_, page) =>
        new Page(`${String(seed)}-${String(page)}`, seeded(seed + page), share(late, page), share(leavers, page)),
    );
    const kept = Math.min(keptAtMost, Math.floor((late.length - pages * 20) / rounds));

    for (let round = 1; round <= rounds; round += 1) {
      for (let n = 0; n < kept; n += 1) {
        const page = all[chance.below(pages)];
        if (page !== undefined) page.keepMore += 1;
      }
      const killAt = chance.next() * (startMs + Math.max(loadMs, startMs));
      const before = performance.now();
      const began = porter.run().then(
        () => performance.now() - before,
        () => null,
      );
      const load = began.then((ms) => (ms === null ? undefined : loaded(porter, all, tally)));
      await sleep(killAt);
      await porter.kill('SIGKILL');
      await load;
      const ms = await began;
      if (ms === null) tally.killsInStart += 1;
      startMs = ms ?? Math.max(startMs, killAt);
      const { late: arrived, undo, early, return: back } = tally.by;
      if (round % 20 === 0 || round === rounds)
        say(
          `round ${String(round)}: ${String(tally.answered)} answered, of them ${String(arrived)} late, ${String(undo)} undone, ${String(early)} out, ${String(back)} back`,
        );
    }
    await porter.run();
    await settled(porter, all, tally, options);
    await porter.kill('SIGTERM');
    // Once more from the disk alone.
    await porter.run();
    await compared(porter, all, tally);
  } finally {
    await porter.stop();
  }
  return tally;
}

/** All pages at work until the line breaks. */
async function loaded(porter: Porter, all: readonly Page[], tally: Tally): Promise<void> {
  await Promise.all(
    all.map(async (page) => {
      const kiosk = await porter.kiosk().catch(() => null);
      if (kiosk === null) return;
      await page.work(kiosk, tally);
      kiosk.close();
    }),
  );
}

/** Every page gets its last answers, then the MIS what is due to it. Says every quarter of a minute what still waits, and for what. */
async function settled(porter: Porter, all: readonly Page[], tally: Tally, options: SigkillOptions): Promise<void> {
  const { drainMs, say } = options;
  const kiosk = await porter.kiosk();
  for (const page of all) await page.finish(kiosk, tally);
  kiosk.close();
  const due = ({ sum, marks }: StaffSnapshot): boolean =>
    sum.waiting === marks.filter(({ state }) => state === 'unknown').length;
  const start = performance.now();
  let told = 0;
  await porter.until(
    'all marks are settled',
    (state) => {
      const gone = performance.now() - start;
      if (gone > (told + 1) * 15_000) say(`after ${String((told += 1) * 15)} s: ${inShort(state)}`);
      return due(state) && (state.sum.waiting === 0 || gone > drainMs - 5_000);
    },
    drainMs,
  );
}

/** For people. */
export function tableOf(tally: Tally, seed: number): string {
  const rows: readonly (readonly [string, number])[] = [
    ['seed', seed],
    ['rounds, each ended by SIGKILL', tally.rounds],
    ['  of them during start-up', tally.killsInStart],
    ['commands answered', tally.answered],
    ['  late', tally.by.late],
    ['  undone', tally.by.undo],
    ['  left', tally.by.early],
    ['  came back', tally.by.return],
    ['  only after a restart', tally.answeredLater],
    ['commands repeated, answered alike', tally.repeated],
    ['marks written once and right', tally.marks],
    ['marks whose write is not settled yet', tally.unsure],
    ['pupils undone and never sent', tally.undoneUnsent],
    ['lost, doubled or wrong', tally.wrong.length],
  ];
  return rows.map(([words, count]) => `${words.padEnd(38)} ${String(count).padStart(8)}`).join('\n');
}
