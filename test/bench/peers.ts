/** Daemons that somebody might run on such a box instead, as their users start them: how soon they serve, and in how much memory. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Given } from './bench.ts';
import type { Figure } from './figures.ts';
import { oldBox } from './old-box.ts';
import { freePort } from '../support/free-port.ts';
import { Program } from './programs.ts';
import type { ProgramOptions } from './programs.ts';

const settleMs = 15_000;

/** Without what gives Porter's freed memory back (scripts/setup.sh). */
const asShipped = Object.fromEntries(
  Object.keys(process.env).flatMap((name) => (/^(MI)?MALLOC_/.test(name) ? [[name, undefined]] : [])),
);

type Name = 'porter' | 'nodeRed' | 'signalK';

async function nodeRed({ folder, others }: Given): Promise<ProgramOptions> {
  const port = String(await freePort());
  const args = [join(others, 'node_modules/node-red/red.js'), '--userDir', join(folder, 'node-red'), '--port', port];
  return { args, url: `http://127.0.0.1:${port}/`, env: asShipped };
}

async function signalK({ folder, others }: Given): Promise<ProgramOptions> {
  const port = String(await freePort());
  const config = join(folder, 'signalk');
  mkdirSync(config);
  const args = [join(others, 'node_modules/signalk-server/bin/signalk-server'), '-c', config];
  return { args, url: `http://127.0.0.1:${port}/signalk`, env: { ...asShipped, PORT: port } };
}

interface Started {
  readonly servedMs: number;
  readonly memoryMb: number;
}

async function once(options: ProgramOptions, quick: boolean): Promise<Started> {
  const program = await Program.start(options);
  try {
    await sleep(quick ? 100 : settleMs);
    return { servedMs: program.servedMs, memoryMb: program.memoryMb() };
  } finally {
    await program.stop();
  }
}

async function measure(given: Given): Promise<readonly Figure[]> {
  const history = { pupils: given.quick ? 200 : 2_000, years: 1, seed: 7 };
  const box = await oldBox(given, 'box', history);
  const all = {
    porter: box.options,
    nodeRed: await nodeRed(given),
    signalK: await signalK(given),
  };
  const runs: Record<Name, Started[]> = { porter: [], nodeRed: [], signalK: [] };
  const names = Object.keys(all) as Name[];
  // The first start makes what is there at every later one.
  for (const name of names) await once(all[name], true);
  for (let run = 0; run < given.runs; run += 1) {
    for (const name of names) runs[name].push(await once(all[name], given.quick));
    given.say(`run ${String(run + 1)} of ${String(given.runs)}`);
  }
  await box.stop();
  const figure = (
    what: string,
    unit: string,
    key: keyof Started,
    name: Name,
    words: string,
    times: number,
  ): Figure => ({
    ...{ what, unit, runs: runs.porter.map((one) => one[key]), goal: { times } },
    against: { what: words, runs: runs[name].map((one) => one[key]) },
  });
  return [
    figure('Porter, start to the kiosk page', 'ms', 'servedMs', 'nodeRed', 'Node-RED', 0.5),
    figure('Porter, start to the kiosk page', 'ms', 'servedMs', 'signalK', 'Signal K', 0.5),
    figure('Porter, memory', 'MB', 'memoryMb', 'nodeRed', 'Node-RED', 0.7),
    figure('Porter, memory', 'MB', 'memoryMb', 'signalK', 'Signal K', 0.45),
  ];
}

export const peers: Bench = {
  about: 'start and memory, against Node-RED and Signal K server as their users start them',
  runs: 3,
  others: ['node-red@4.1.15', 'signalk-server@2.23.0'],
  measure,
};
