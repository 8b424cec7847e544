/**
 * The contract that every part keeps (test/parts), here by the real adapters: the suite itself runs in the guest, as one file
 * (inside/), and steers from there what is plugged in (hands.ts).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { hands } from './hands.ts';
import type { Result } from './hands.ts';
import type { Row } from './report.ts';

const suiteMaxMs = 3_600_000;

export async function* contractScenario(bench: Bench): AsyncGenerator<Row> {
  const results: Result[] = [];
  const steered = await hands(bench.printer, bench.camera, (result) => results.push(result));
  const only = process.env['PORTER_LAB_ONLY'] ?? '';
  const running = bench.guest(`node /late/guest/contract.cjs ${String(steered.port)} '${only}'`, suiteMaxMs);
  const ended = running.then(() => true);
  ended.catch(() => undefined); // told below
  for (let isOver = false; !isOver;) {
    isOver = await Promise.race([ended, sleep(1000, false)]);
    yield* results.splice(0).map(rowOf);
  }
  steered.close();
}

const rowOf = ({ name, wrong }: Result): Row => ({
  ...{ scenario: 'contract', fault: name, pupil: '', staff: '', lights: '' },
  recovery: null,
  wrong: wrong === null ? [] : [wrong],
});
