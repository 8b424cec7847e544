/** A question that keeps failing while others are answered: when it may be asked again. */
import { expect, test } from 'vitest';
import { Troubles } from '../../device/mis/troubles.ts';

const second = 1_000;
const hour = 3_600 * second;
const away = { kind: 'unreachable', words: 'No connection.' } as const;
const refused = { kind: 'throttled', words: 'The MIS asks Porter to wait.', retryAfterMs: null } as const;

test('failed when an outage began, and refused when it has ended: asked again within the minute, not after what an outage takes', () => {
  const troubles = new Troubles();
  troubles.failed('register', away, { kind: 'down' }, 0, 0.5);
  for (const uniform of [0, 0.999]) {
    troubles.failed('register', refused, refused, 2 * hour, uniform);
    expect(troubles.mayAsk('register', 2 * hour + 5 * second)).toBe(false);
    expect(troubles.mayAsk('register', 2 * hour + 120 * second)).toBe(true);
    troubles.worked('register');
    troubles.failed('register', away, { kind: 'down' }, 0, 0.5);
  }
});

test('failing on its own for an hour: a try every quarter of an hour', () => {
  const troubles = new Troubles();
  troubles.failed('write', away, { kind: 'down' }, 0, 0.5);
  troubles.failed('write', away, { kind: 'down' }, hour, 0.5);
  expect(troubles.mayAsk('write', hour + 600 * second)).toBe(false);
  expect(troubles.mayAsk('write', hour + 900 * second)).toBe(true);
  expect(troubles.mayAsk('register', hour)).toBe(true);
});
