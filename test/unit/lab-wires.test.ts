/** The laboratory's own eye for rhythms: each is known, late or early by a little; a lamp that is stuck or wild is none. */
import { expect, test } from 'vitest';
import { phase } from '../../device/domain/lights.ts';
import type { Rhythm } from '../../device/domain/lights.ts';
import { rhythmOf } from '../lab/parts/wires.ts';
import type { Change } from '../lab/parts/wires.ts';

const change = (atMs: number, amber: boolean): Change => ({ atMs, lit: { green: true, amber, red: false } });

/** What a follower sees that begins in the middle of a round; each change is up to 15 ms late. */
function followed(rhythm: Rhythm, fromMs: number, forMs: number): readonly Change[] {
  const seen: Change[] = [];
  for (let ms = 0; ms < forMs; ms += 1) {
    const { on } = phase(rhythm, fromMs + ms);
    if (seen.at(-1)?.lit.amber !== on) seen.push(change(ms === 0 ? 0 : ms + ((ms * 7) % 15), on));
  }
  return seen;
}

test.each(['off', 'steady', 'slow', 'double', 'pulse', 'fast'] as const)('%s, wherever the look begins', (rhythm) => {
  for (let from = 0; from < 2000; from += 130) {
    const seen = rhythmOf(followed(rhythm, from, 20_000), 'amber', 20_000);
    expect({ from, rhythm: seen.rhythm }).toEqual({ from, rhythm });
    expect(seen.offMs).toBeLessThanOrEqual(30);
  }
});

test('a lamp that stands still for three seconds is in no rhythm', () => {
  const late = followed('slow', 0, 20_000).map(({ atMs, lit }) => ({ lit, atMs: atMs < 5000 ? atMs : atMs + 3000 }));
  expect(rhythmOf(late, 'amber', 20_000).rhythm).toBe('other');
});
