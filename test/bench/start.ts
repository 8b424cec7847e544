/** How soon the kiosk page is served, and in how much memory: after years of service, against a program that does nothing else. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bareProgram } from './bare-program.ts';
import type { Bench, Given } from './bench.ts';
import type { Figure } from './figures.ts';
import { oldBox } from './old-box.ts';
import type { OldBox } from './old-box.ts';
import { Program } from './programs.ts';

const seed = 7;
/** After the start: what was needed for it has been given back by then. */
const settleMs = 6_000;

interface Started {
  readonly servedMs: number;
  readonly cpuMs: number;
  readonly memoryMb: number;
}
/** Starts it, looks, and stops it. */
type Start = () => Promise<Started>;

async function looked(program: Program, quick: boolean): Promise<Started> {
  try {
    await sleep(quick ? 100 : settleMs);
    return { servedMs: program.servedMs, cpuMs: program.servedCpuMs, memoryMb: program.memoryMb() };
  } finally {
    await program.stop();
  }
}

const startOf =
  ({ options }: OldBox, { quick }: Given): Start =>
  async () =>
    looked(await Program.start(options), quick);

export const start: Bench = {
  about:
    'start to the kiosk page and memory after it, against Express and Socket.IO alone, and against ten years of history',
  runs: 7,
  async measure(given) {
    const small = given.quick ? { pupils: 200, years: 1, seed } : { pupils: 2_000, years: 1, seed };
    const large = given.quick ? small : { pupils: 20_000, years: 10, seed };
    const boxes = [await oldBox(given, 'box', small), await oldBox(given, 'large', large)] as const;
    const starts = {
      bare: async () => looked(await bareProgram(given.nodeFlags), given.quick),
      box: startOf(boxes[0], given),
      large: startOf(boxes[1], given),
    };
    const runs: Record<keyof typeof starts, Started[]> = { bare: [], box: [], large: [] };
    for (let run = 0; run < given.runs; run += 1) {
      for (const name of ['bare', 'box', 'large'] as const) runs[name].push(await starts[name]());
      given.say(`run ${String(run + 1)} of ${String(given.runs)}`);
    }
    for (const box of boxes) await box.stop();
    const figure = (
      what: string,
      of: 'box' | 'large',
      to: 'bare' | 'box',
      key: keyof Started,
      unit: string,
      times: number | null,
    ): Figure => ({
      ...{ what, unit, runs: runs[of].map((one) => one[key]) },
      against: { what: to === 'bare' ? 'bare' : '2,000 pupils, 200 days', runs: runs[to].map((one) => one[key]) },
      ...(times === null ? {} : { goal: { times } }),
    });
    return [
      figure('start to kiosk page, 2,000 pupils, 200 days', 'box', 'bare', 'servedMs', 'ms', 1.3),
      figure('CPU time of that start, all threads', 'box', 'bare', 'cpuMs', 'ms', null),
      figure('start to kiosk page, 20,000 pupils, ten years', 'large', 'box', 'servedMs', 'ms', 1.1),
      figure('CPU time of that start, all threads', 'large', 'box', 'cpuMs', 'ms', null),
      figure('memory after the start, 2,000 pupils, 200 days', 'box', 'bare', 'memoryMb', 'MB', 1.4),
      figure('memory after the start, 20,000 pupils, ten years', 'large', 'box', 'memoryMb', 'MB', null),
    ];
  },
};
