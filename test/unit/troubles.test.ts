/** When a question that keeps failing is asked again, while the MIS answers others. */
import { describe, expect, it } from 'vitest';
import type { MisFailure } from '../../device/mis/connector.ts';
import { Troubles } from '../../device/mis/troubles.ts';

const minute = 60_000;
const away: MisFailure = { kind: 'unreachable', words: 'The MIS does not answer.' };
const wait: MisFailure = { kind: 'throttled', words: 'The MIS asks Porter to wait.', retryAfterMs: null };

/** The first moment from `from` on at which it may be asked, milliseconds. */
function askedFrom(troubles: Troubles, from: number): number {
  for (let at = from; ; at += 100) if (troubles.mayAsk('write', at)) return at - from;
}

describe('a question that failed first as the MIS went away, three hours ago', () => {
  const afterOutage = (): Troubles => {
    const troubles = new Troubles();
    for (let at = 0; at <= 180 * minute; at += 15 * minute) troubles.failed('write', away, at, 0.99);
    return troubles;
  };

  it('is not asked for a quarter of an hour while it is away', () => {
    expect(askedFrom(afterOutage(), 180 * minute)).toBeGreaterThan(14 * minute);
  });

  it('is asked again within seconds once the MIS is there and only asks to wait', () => {
    const troubles = afterOutage();
    const back = 195 * minute;
    troubles.failed('write', wait, back, 0.99);
    expect(askedFrom(troubles, back)).toBeLessThanOrEqual(2_000);
  });

  it('waits longer from refusal to refusal after that', () => {
    const troubles = afterOutage();
    const back = 195 * minute;
    for (let at = back; at <= back + 60 * minute; at += minute) troubles.failed('write', wait, at, 0.99);
    expect(askedFrom(troubles, back + 60 * minute)).toBeGreaterThan(10 * minute);
  });
});
