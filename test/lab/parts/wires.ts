/** What the wires of the simulated chip did, against the rhythm table of product.md 7. */
import type { Lamp, LightState, Rhythm } from '../../../device/domain/lights.ts';
import { lamps, phase } from '../../../device/domain/lights.ts';

/** A moment, milliseconds, and what was lit from then on. */
export interface Change {
  readonly atMs: number;
  readonly lit: Readonly<Record<Lamp, boolean>>;
}

/** Of what guest/wires.sh says about the pins of green, amber and red, in this order. */
export function readChanges(said: string): readonly Change[] {
  return said
    .split('\n')
    .filter((line) => /^\d+( [01]){3}$/.test(line))
    .map((line) => {
      const [atMs = 0, green, amber, red] = line.split(' ').map(Number);
      return { atMs, lit: { green: green === 1, amber: amber === 1, red: red === 1 } };
    });
}

export interface Seen {
  readonly rhythm: Rhythm | 'other';
  /** Of a blinking lamp: how far any change was from its place in the rhythm, milliseconds. */
  readonly offMs: number;
}

/** An emulated machine beside other work is late by this much, at most: not yet taken for another rhythm. Milliseconds. */
const lateMs: Readonly<Partial<Record<Rhythm, number>>> = { slow: 450, double: 70, pulse: 225, fast: 110 };
const blinking: readonly Rhythm[] = ['slow', 'double', 'pulse', 'fast'];

/** The rhythm of a lamp. Where its rounds begin is not known: the best place is looked for. */
export function rhythmOf(changes: readonly Change[], lamp: Lamp, untilMs: number): Seen {
  const turns = changes
    .filter(({ lit }, i) => i === 0 || lit[lamp] !== changes[i - 1]?.lit[lamp])
    .map(({ atMs, lit }) => ({ atMs, on: lit[lamp] }));
  if (turns.length <= 1) return { rhythm: turns[0]?.on === true ? 'steady' : 'off', offMs: 0 };
  const found = blinking
    .map((rhythm) => ({ rhythm, offMs: offBy(rhythm, turns, untilMs) }))
    .sort((one, other) => one.offMs - other.offMs);
  const [best] = found;
  return best === undefined || best.offMs > (lateMs[best.rhythm] ?? 0)
    ? { rhythm: 'other', offMs: best?.offMs ?? 0 }
    : best;
}

function offBy(
  rhythm: Rhythm,
  turns: readonly { readonly atMs: number; readonly on: boolean }[],
  untilMs: number,
): number {
  const [, first] = turns;
  if (first === undefined) return Infinity;
  const starts = edges(rhythm, 0, 4000).filter(({ on }) => on === first.on);
  return Math.min(
    ...starts.map(({ atMs }) => {
      const shift = first.atMs - atMs;
      const due = edges(rhythm, -shift, untilMs - shift).map((edge) => ({ ...edge, atMs: edge.atMs + shift }));
      const seen = turns.slice(1);
      const wanted = due.filter((edge) => edge.atMs >= first.atMs - 1 && edge.atMs < untilMs - (lateMs[rhythm] ?? 0));
      if (Math.abs(wanted.length - seen.length) > 1) return Infinity;
      const pairs = wanted.slice(0, seen.length);
      if (pairs.some((edge, i) => edge.on !== seen[i]?.on)) return Infinity;
      return Math.max(0, ...pairs.map((edge, i) => Math.abs(edge.atMs - (seen[i]?.atMs ?? Infinity))));
    }),
  );
}

/** Changes of a lamp in its rhythm between two times. */
function edges(
  rhythm: Rhythm,
  fromMs: number,
  untilMs: number,
): readonly { readonly atMs: number; readonly on: boolean }[] {
  const found: { readonly atMs: number; readonly on: boolean }[] = [];
  for (let at = fromMs; at < untilMs;) {
    const { on, untilMs: next } = phase(rhythm, at);
    if (next === null) break;
    found.push({ atMs: next, on: !on });
    at = next;
  }
  return found.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
}

export const rhythmWords = (state: Readonly<Record<Lamp, string>>): string =>
  lamps.map((lamp) => `${lamp} ${state[lamp]}`).join(', ');

export const sameState = (seen: Readonly<Record<Lamp, string>>, wanted: LightState): boolean =>
  lamps.every((lamp) => seen[lamp] === wanted[lamp]);
