import { describe, expect, it } from 'vitest';
import { daemonDead, lightsFor, phase, starting } from '../../device/domain/lights.ts';
import type { LightHealth, Rhythm } from '../../device/domain/lights.ts';

const well: LightHealth = {
  marksWaiting: false,
  clockTrusted: true,
  personNeeded: false,
  urgent: false,
  partFailed: false,
  starting: false,
  acceptsSignIns: true,
};
const shown = (health: Partial<LightHealth>): string => Object.values(lightsFor({ ...well, ...health })).join(' ');

describe('what the lights say', () => {
  it.each<[string, Partial<LightHealth>, string]>([
    ['all well, everything confirmed', {}, 'steady off off'],
    ['marks waiting', { marksWaiting: true }, 'steady slow off'],
    ['clock not trusted', { clockTrusted: false }, 'slow slow off'],
    ['a person is needed', { personNeeded: true }, 'steady steady off'],
    ['overdue pupil, approval waiting, stopped sign-out', { urgent: true }, 'steady double off'],
    ['a part has failed', { partFailed: true }, 'steady off slow'],
    ['starting', { starting: true }, 'pulse pulse pulse'],
    ['cannot accept sign-ins', { acceptsSignIns: false }, 'off off fast'],

    ['marks waiting and a person is needed', { marksWaiting: true, personNeeded: true }, 'steady steady off'],
    ['clock not trusted and a person is needed', { clockTrusted: false, personNeeded: true }, 'steady steady off'],
    ['a person is needed, and urgently', { personNeeded: true, urgent: true }, 'steady double off'],
    ['a part has failed, marks waiting', { partFailed: true, marksWaiting: true }, 'steady slow slow'],
    ['a part has failed, clock not trusted', { partFailed: true, clockTrusted: false }, 'slow slow slow'],
    ['a part has failed, overdue pupil', { partFailed: true, urgent: true }, 'steady double slow'],
    ['starting with a part failed', { starting: true, partFailed: true, urgent: true }, 'pulse pulse pulse'],
    ['starting, cannot accept', { starting: true, acceptsSignIns: false, marksWaiting: true }, 'off off fast'],
  ])('%s', (_, health, lamps) => expect(shown(health)).toBe(lamps));

  it('no daemon: red steady; before health is known: all pulse', () => {
    expect(Object.values(daemonDead).join(' ')).toBe('off off steady');
    expect(Object.values(starting).join(' ')).toBe('pulse pulse pulse');
  });
});

/** The lengths of on and off from a moment on, as somebody with a stopwatch would see them. */
function seen(rhythm: Rhythm, fromMs: number, changes: number): readonly number[] {
  const lengths: number[] = [];
  let at = fromMs;
  for (let i = 0; i < changes; i++) {
    const { on, untilMs } = phase(rhythm, at);
    if (untilMs === null) return lengths;
    lengths.push(on ? untilMs - at : at - untilMs);
    at = untilMs;
  }
  return lengths;
}

describe('the rhythms (minus: off)', () => {
  it.each<[Rhythm, readonly number[]]>([
    ['slow', [1000, -1000, 1000, -1000]],
    ['double', [150, -150, 150, -1400]],
    ['pulse', [500, -1500, 500, -1500]],
    ['fast', [250, -250, 250, -250]],
  ])('%s', (rhythm, lengths) => expect(seen(rhythm, 0, 4)).toEqual(lengths));

  it('off and steady never change', () => {
    expect(phase('off', 12_345)).toEqual({ on: false, untilMs: null });
    expect(phase('steady', 12_345)).toEqual({ on: true, untilMs: null });
  });

  it.each(['slow', 'double', 'pulse', 'fast'] as const)('%s has not drifted after three months', (rhythm) => {
    const round = seen(rhythm, 0, 4).reduce((sum, ms) => sum + Math.abs(ms), 0);
    const late = round * Math.floor((90 * 86_400_000) / round);
    expect(seen(rhythm, late, 4)).toEqual(seen(rhythm, 0, 4));
    expect(phase(rhythm, late + 1)).toEqual({ on: true, untilMs: (phase(rhythm, 0).untilMs ?? 0) + late });
  });

  it.each(['slow', 'double', 'pulse', 'fast'] as const)('%s flashes no more than twice a second for long', (rhythm) => {
    const lengths = seen(rhythm, 0, 40);
    const flashes = lengths.filter((ms) => ms > 0).length;
    const seconds = lengths.reduce((sum, ms) => sum + Math.abs(ms), 0) / 1000;
    expect(flashes / seconds).toBeLessThanOrEqual(2);
  });
});
