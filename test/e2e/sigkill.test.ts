/**
 * Load through the real socket with SIGKILL at random instants (`scripts/sigkill --help`). `SIGKILL_ROUNDS`, `SEED`
 * and `SIGKILL_DRAIN_MS` change the run.
 */
import { expect, test } from 'vitest';
import { sigkillRounds, tableOf } from '../support/sigkill.ts';

const given = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const rounds = given('SIGKILL_ROUNDS', 40);
const seed = given('SEED', Date.now() % 1_000_000);
const drainMs = given('SIGKILL_DRAIN_MS', 90_000);

test(
  `${String(rounds)} rounds, each ended by SIGKILL: nothing acknowledged is lost, nothing is there or sent twice`,
  async () => {
    const say = (line: string): void => {
      console.log(line);
    };
    say(`seed ${String(seed)}`);
    const tally = await sigkillRounds({ rounds, seed, drainMs, say });
    say(tableOf(tally, seed));
    expect(tally.wrong).toEqual([]);
    expect(tally.marks).toBeGreaterThan(0);
  },
  rounds * 10_000 + drainMs + 120_000,
);
