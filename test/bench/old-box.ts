/**
 * A box with years of history, its MIS there and its parts simulated, on which this version has been started, has left its checkpoint and
 * been stopped: as the next morning finds it.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMisSimulator } from '../../device/demo/simulator.ts';
import type { Given } from './bench.ts';
import { historyIn, settingsText } from './history.ts';
import type { HistoryOptions } from './history.ts';
import { freePort } from '../support/free-port.ts';
import { Program } from './programs.ts';
import type { ProgramOptions } from './programs.ts';

export interface OldBox {
  /** How it is started. */
  readonly options: ProgramOptions;
  /** Of its MIS. */
  stop(): Promise<void>;
}

export async function oldBox(given: Given, name: string, history: HistoryOptions): Promise<OldBox> {
  const { nodeFlags, say } = given;
  const { folder, clock } = await historyIn(join(given.folder, name), history, say);
  const offsetMs = Date.parse(`${clock}:00Z`) - Date.now();
  const mis = await startMisSimulator({ now: () => Date.now() + offsetMs });
  const [kiosk, staff] = [await freePort(), await freePort()];
  const [config, data] = [join(folder, 'porter.toml'), join(folder, 'data')];
  writeFileSync(config, settingsText(kiosk, staff, mis));
  const program = join(import.meta.dirname, '../../dist/porter.js');
  const args = [...nodeFlags, program, '--config', config, '--data', data, '--clock', clock];
  const options = { args, url: `http://127.0.0.1:${String(kiosk)}/` };
  const first = await Program.start(options);
  const [ms, cpu] = [first.servedMs.toFixed(0), first.servedCpuMs.toFixed(0)];
  say(`${name}: the first start, which reads every record, served after ${ms} ms, CPU ${cpu} ms`);
  while (!existsSync(join(data, 'checkpoint'))) await sleep(100);
  await first.stop();
  return { options, stop: () => mis.stop() };
}
