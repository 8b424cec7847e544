/** What a day may write, whatever goes on around the box: records in proportion to pupils, not to how often something fails. */
import { afterEach, describe, expect, test } from 'vitest';
import type { MisFaultName } from '../../device/demo/mis-control.ts';
import { hillViewWith } from '../unit/hill-view.ts';
import { openWorld } from '../support/outbox-world.ts';
import type { World } from '../support/outbox-world.ts';

let world: World;
afterEach(() => world.stop());
const settings = hillViewWith({ late: { holdSeconds: 0 } });
/** Of six marks that do not get through: some tens of kilobytes an hour. */
const firstHourMax = 120;
const laterHourMax = 30;

async function sixLate(): Promise<void> {
  world = await openWorld({ settings, pupils: 6, sweeps: true });
  for (const index of world.roster.keys()) await world.late(index);
}
async function recordsIn(hours: number, meanwhile: () => Promise<void>): Promise<number> {
  const before = world.records.length;
  for (let hour = 0; hour < hours; hour += 1) await meanwhile();
  return world.records.length - before;
}

describe('an MIS that answers no write as it should, for hours', () => {
  // Those that cost most records of all faults that the simulated MIS knows.
  const faults: readonly MisFaultName[] = [
    '429-bare',
    '429',
    'redirect',
    '500',
    'hang',
    '401',
    '422',
    'writeback-failed',
  ];
  test.each(faults)('%s', async (name) => {
    await sixLate();
    await world.mis.fault({ name, method: 'POST' });
    expect(await recordsIn(1, () => world.minutes(60))).toBeLessThan(firstHourMax);
    expect(await recordsIn(3, () => world.minutes(60))).toBeLessThan(3 * laterHourMax);
  });

  test('one that is there and gone every two minutes', async () => {
    await sixLate();
    const flapping = async (): Promise<void> => {
      for (let times = 0; times < 15; times += 1) {
        await world.mis.fault('503');
        await world.minutes(2);
        await world.mis.clearFaults();
        await world.mis.fault({ name: '429-bare', method: 'POST' });
        await world.minutes(2);
        await world.mis.clearFaults();
      }
    };
    expect(await recordsIn(1, flapping)).toBeLessThan(firstHourMax);
    expect(await recordsIn(2, flapping)).toBeLessThan(2 * laterHourMax);
  });
});
