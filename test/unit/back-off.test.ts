/** When the MIS is asked again (durability.md 25, mis.md 2.9 and 9.2). Times in seconds. */
import { describe, expect, test } from 'vitest';
import { fastestMs, gateAfter, gateAfterRestart, openGate } from '../../device/domain/back-off.ts';
import type { Gate, GateEvent } from '../../device/domain/back-off.ts';

const second = 1_000;
const down: GateEvent = { kind: 'down' };
const answered: GateEvent = { kind: 'answered' };
const throttled = (seconds: number | null): GateEvent => ({
  kind: 'throttled',
  retryAfterMs: seconds === null ? null : seconds * second,
});
const downFor = (seconds: number): Gate => ({ state: 'down', since: -seconds * second, nextAt: 0 });
/** Asked to wait for so long, in seconds, and by how much it backs off by now. */
const throttledFor = (seconds: number, backOff: number): Gate => ({
  state: 'throttled',
  since: -seconds * second,
  nextAt: 0,
  backOffMs: backOff * second,
});
const openAt = (pace: number): Gate => ({ state: 'open', nextAt: 0, intervalMs: pace * second });

/** Before, what happened, and the seconds until the next request: for the luckiest box and for the unluckiest. */
const table: readonly (readonly [string, Gate, GateEvent, number, number])[] = [
  ['all is well', openGate(0), answered, 0.5, 0.5],
  ['the first failure', openGate(0), down, 1, 1],
  ['away for 20 s', downFor(20), down, 1, 5],
  ['away for 10 minutes', downFor(600), down, 1, 150],
  ['away for an hour', downFor(3600), down, 1, 900],
  ['away for a weekend', downFor(60 * 3600), down, 1, 900],
  ['asked to wait 10 s', openGate(0), throttled(10), 10, 40],
  ['asked to wait 30 s', openGate(0), throttled(30), 30, 60],
  ['asked to wait an hour', openGate(0), throttled(3600), 3600, 7200],
  ['asked to wait, no time given', openGate(0), throttled(null), 1, 3],
  ['and again', throttledFor(2, 2), throttled(null), 4, 12],
  ['and again and again', throttledFor(10, 8), throttled(null), 16, 48],
  ['and for ten minutes', throttledFor(600, 60), throttled(null), 30, 90],
  ['and for an hour', throttledFor(3600, 60), throttled(null), 30, 450],
  ['asked to wait while it comes back', openAt(5), throttled(null), 10, 30],
  ['asked to wait at the first try after an hour', downFor(3600), throttled(null), 10, 450],
  ['refused', openGate(0), { kind: 'refused' }, 810, 990],
  ['refused for a day', { state: 'refused', since: -86_400 * second, nextAt: 0 }, { kind: 'refused' }, 810, 990],
  // Coming back: one request in 5 s at first, after a blip sooner.
  ['back after 2 s', downFor(2), answered, 0.5, 0.5],
  ['back after 20 s', downFor(20), answered, 2, 2],
  ['back after an hour', downFor(3600), answered, 5, 5],
  ['back after a wait of a minute', throttledFor(60, 2), answered, 5, 5],
  ['back after a short wait: at the pace that the service has asked for', throttledFor(3, 2), answered, 2, 2],
  ['back after several', throttledFor(20, 60), answered, 5, 5],
  ['allowed again after a day', { state: 'refused', since: -86_400 * second, nextAt: 0 }, answered, 5, 5],
];

describe('how long until the next request', () => {
  test.each(table)('%s: %3$s to %4$s s', (_, gate, event, least, most) => {
    const seconds = [0, 0.25, 0.5, 0.999999].map((uniform) => gateAfter(gate, event, 0, uniform).nextAt / second);
    expect(seconds[0]).toBeCloseTo(least, 2);
    expect(seconds.at(-1)).toBeCloseTo(most, 1);
    expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
  });

  test('whole milliseconds, whatever chance gives', () => {
    for (const [, gate, event] of table) {
      expect(Number.isInteger(gateAfter(gate, event, 0, 0.123456789).nextAt)).toBe(true);
    }
  });
});

describe('coming back', () => {
  test('the rate grows from one in 5 s to two a second', () => {
    let gate = gateAfter(downFor(3600), answered, 0, 0);
    const gaps: number[] = [];
    for (let now = gate.nextAt; gaps.length < 10; now = gate.nextAt) {
      gaps.push(Math.round(now / 100) / 10);
      gate = gateAfter(gate, answered, now, 0);
    }
    const between = gaps.map((at, index) => Math.round((at - (gaps[index - 1] ?? 0)) * 10) / 10);
    expect(between).toEqual([5, 3.5, 2.5, 1.7, 1.2, 0.8, 0.6, 0.5, 0.5, 0.5]);
    expect(fastestMs).toBe(500);
  });

  test('the pace counts from start to start; of a question of many pages, from half a second before its end', () => {
    expect(gateAfter(openGate(0), answered, 20_100, 0, 20_000).nextAt).toBe(20_500);
    expect(gateAfter(openAt(5), answered, 20_100, 0, 20_000).nextAt).toBe(23_500);
    expect(gateAfter(openAt(5), answered, 22_000, 0, 20_000).nextAt).toBe(25_000);
  });

  test('an outage is measured from its first failure, through all kinds of trouble', () => {
    let gate = gateAfter(openGate(0), down, 0, 0);
    gate = gateAfter(gate, throttled(5), 100 * second, 0);
    gate = gateAfter(gate, down, 1_000 * second, 0.999999);
    expect(gate).toMatchObject({ state: 'down', since: 0 });
    expect(gate.nextAt / second).toBeCloseTo(1_250, 0);
  });

  test('a thousand boxes that lost the MIS at one moment do not come back at one moment', () => {
    const probes = Array.from(
      { length: 1000 },
      (_, box) => gateAfter(downFor(3600), down, 0, (box + 0.5) / 1000).nextAt,
    );
    const busiest = Math.max(
      ...Array.from({ length: 900 }, (_, at) => probes.filter((probe) => Math.floor(probe / second) === at).length),
    );
    expect(busiest).toBeLessThanOrEqual(4);
  });
});

describe('a restart', () => {
  test('in the middle of a wait goes on waiting', () => {
    expect(gateAfterRestart(7, 90 * second)).toMatchObject({ state: 'throttled', nextAt: 7 + 90 * second });
  });
  test('after it does not', () => {
    expect(gateAfterRestart(7, 0)).toEqual(openGate(7));
    expect(gateAfterRestart(7, -5)).toEqual(openGate(7));
  });
  test('with a clock that has jumped waits a day at most', () => {
    expect(gateAfterRestart(0, 1e12).nextAt).toBe(86_400 * second);
  });
});
