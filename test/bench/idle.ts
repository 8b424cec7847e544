/** What a box uses while nobody touches it: in school hours, its kiosk connected, its MIS there; against Express and Socket.IO alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { Porter } from '../support/porter.ts';
import type { Bench, Given } from './bench.ts';
import { bareProgram } from './bare-program.ts';
import type { Figure } from './figures.ts';
import { cpuMsOf } from './programs.ts';
import { takeRegister } from './rush.ts';

const windowMs = 60_000;
/** What the start left to do is done by then. */
const settleMs = 30_000;

async function measure({ runs, quick, nodeFlags, say }: Given): Promise<readonly Figure[]> {
  const bare = await bareProgram(nodeFlags);
  const porter = await Porter.start({ clock: '2026-11-23T10:05', nodeFlags });
  const watching = io(bare.url, { transports: ['websocket'] });
  const kiosk = await porter.kiosk();
  try {
    await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
    await takeRegister(porter, '2026-11-23');
    await sleep(quick ? 0 : settleMs);
    const used = { bare: [] as number[], box: [] as number[] };
    const ms = quick ? 1_000 : windowMs;
    for (let run = 0; run < runs; run += 1) {
      const before = { bare: bare.cpuMs(), box: cpuMsOf(porter.pid) };
      await sleep(ms);
      // At the same time: the same machine for both.
      used.bare.push(((bare.cpuMs() - before.bare) / ms) * 100);
      used.box.push(((cpuMsOf(porter.pid) - before.box) / ms) * 100);
      say(`run ${String(run + 1)} of ${String(runs)}`);
    }
    const against = { what: 'bare', runs: used.bare };
    const what = 'CPU while idle, kiosk connected';
    return [{ what, unit: '% of a core', runs: used.box, against, goal: { times: 1.5, most: 0.5 } }];
  } finally {
    watching.close();
    kiosk.close();
    await bare.stop();
    await porter.stop();
  }
}

export const idle: Bench = {
  about: 'CPU while idle in school hours, kiosk connected and MIS there, against Express and Socket.IO alone',
  runs: 5,
  measure,
};
