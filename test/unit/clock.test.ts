import { expect, test } from 'vitest';
import { SystemClock } from '../../device/system/clock.ts';

test('a wall clock outside of what is known of the time is brought into it, in whole milliseconds', () => {
  const time = { wall: Date.UTC(2026, 10, 23, 9), mono: 1_000 };
  const machine = {
    boot: 'a-boot',
    wall: () => time.wall,
    mono: () => time.mono,
    synchronised: () => Date.UTC(2026, 10, 23, 9),
    rtc: () => null,
  };
  const clock = new SystemClock({ trust: 'auto', offsetMs: 0, builtAt: 0, hasMis: true }, machine);
  clock.begin();
  expect(clock.trusted()).toBe(true);
  time.mono += 12_345_678;
  time.wall -= 60_000;
  expect(Number.isInteger(clock.now())).toBe(true);
});
