/**
 * `scripts/bench staff`: what staff pages that are open cost the pupils at the kiosk (a rush of sign-ins, its answers with and
 * without them, in one run). Nothing is asserted.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Result } from '../../device/contract/result.ts';
import type { Role, ViewName } from '../../device/contract/staff.ts';
import { Porter } from '../support/porter.ts';
import type { KioskClient } from '../support/porter.ts';
import { staffSocket } from '../support/staff-client.ts';

const help = `Usage: scripts/bench staff [--pages N] [--sign-ins N] [--every MS]

  --pages N     staff pages open (20): their sockets, in a process beside, half of them at Now, half at Marks
  --sign-ins N  of the rush, half of them with those pages, by turns of ten (400)
  --every MS    a sign-in each (150: 200 in ten minutes, twenty times as fast)

Medians and the slowest of twenty, in ms, from the touch to the answer that stands on the disk; and as ratios.
`;
const { values } = parseArgs({
  allowPositionals: true,
  options: {
    pages: { type: 'string', default: '20' },
    'sign-ins': { type: 'string', default: '400' },
    every: { type: 'string', default: '150' },
    beside: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const turn = 10;

interface Watching {
  readonly url: string;
  readonly cookie: string;
  readonly views: readonly ViewName[];
}

/** The process beside: opens the pages when it is told how, and says how many pushes came when it is to close them. */
function beside(): void {
  process.on('message', (asked: Watching | 'close') => void (asked === 'close' ? close() : open(asked)));
  let sockets: Awaited<ReturnType<typeof staffSocket>>[] = [];
  let pushes = 0;
  async function open({ url, cookie, views }: Watching): Promise<void> {
    pushes = 0;
    for (const view of views) {
      const socket = await staffSocket(url, cookie);
      socket.on('view', () => (pushes += 1));
      await socket.emitWithAck('watch', view);
      sockets.push(socket);
    }
    process.send?.('open');
  }
  function close(): void {
    for (const socket of sockets) socket.close();
    sockets = [];
    process.send?.(pushes);
  }
}

async function told(child: ChildProcess, what: Watching | 'close'): Promise<unknown> {
  child.send(what);
  const [answer] = (await once(child, 'message')) as readonly unknown[];
  return answer;
}

let ids = 0;
const fresh = (): string => `bench-${String((ids += 1))}`;

async function everybody(kiosk: KioskClient): Promise<readonly string[]> {
  const found: string[] = [];
  for (const yearGroup of ['Year 7', 'Year 8', 'Year 9', 'Year 10', 'Year 11'])
    for (let month = 1; month <= 12; month += 1) {
      const of = { visit: fresh(), flow: 'late', yearGroup, month } as const;
      const names = await kiosk.emitWithAck('names', of);
      if (!names.ok) continue;
      found.push(...names.value.pupils.map(({ pupil }) => pupil));
      const [first] = names.value.pupils;
      // Choosing keeps the lists from pausing.
      if (first !== undefined) await kiosk.emitWithAck('choose', { visit: of.visit, flow: 'late', pupil: first.pupil });
    }
  return found;
}

/** From the touch to the answer, ms. */
async function signIn(kiosk: KioskClient, pupil: string): Promise<number> {
  const input = { visit: fresh(), pupil, reason: 'bus', touchAgoMs: 0 };
  const from = performance.now();
  const answer: Result<unknown> = await kiosk.emitWithAck('late', { commandId: fresh(), ageMs: 0, input });
  const ms = performance.now() - from;
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return ms;
}

const at = (times: readonly number[], share: number): number =>
  [...times].sort((one, other) => one - other)[Math.floor(times.length * share)] ?? NaN;

async function main(): Promise<void> {
  const [pages, count, every] = [Number(values.pages), Number(values['sign-ins']), Number(values.every)];
  const porter = await Porter.start({ clock: '2026-11-23T08:45' });
  const child = fork(process.argv[1] ?? '', ['--beside', 'yes']);
  try {
    await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
    const kiosk = await porter.kiosk();
    const people = await everybody(kiosk);
    if (people.length < count) throw new Error(`there are only ${String(people.length)} pupils`);
    const role: Role = 'attendance';
    const cookie = await porter.signIn(role);
    const watching: Watching = {
      url: porter.staffUrl,
      cookie,
      views: Array.from({ length: pages }, (_, n) => (n % 2 === 0 ? 'now' : 'marks')),
    };
    const without: number[] = [];
    const withPages: number[] = [];
    let pushes = 0;
    for (let from = 0; from < count; from += turn) {
      const isWith = (from / turn) % 2 === 1;
      if (isWith) await told(child, watching);
      for (const pupil of people.slice(from, from + turn)) {
        (isWith ? withPages : without).push(await signIn(kiosk, pupil));
        await sleep(every);
      }
      if (isWith) pushes += Number(await told(child, 'close'));
    }
    kiosk.close();
    console.log(
      `${String(without.length)} sign-ins with no page, ${String(withPages.length)} with ${String(pages)} open`,
    );
    for (const [name, share] of [
      ['median', 0.5],
      ['slowest of twenty', 0.95],
    ] as const) {
      const [alone, beside] = [at(without, share), at(withPages, share)];
      console.log(`${name}: ${alone.toFixed(1)} and ${beside.toFixed(1)} ms, ratio ${(beside / alone).toFixed(2)}`);
    }
    console.log(`${String(pushes)} views were pushed`);
  } finally {
    child.kill();
    await porter.stop();
  }
}

if (values.help) process.stdout.write(help);
else if (values.beside !== undefined) beside();
else await main();
