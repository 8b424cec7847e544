/** The three lights: what they say about the box (product.md 7), and what each rhythm is. */

export type Rhythm = 'off' | 'steady' | 'slow' | 'double' | 'pulse' | 'fast';
export type Lamp = 'green' | 'amber' | 'red';
export const lamps: readonly Lamp[] = ['green', 'amber', 'red'];
export type LightState = Readonly<Record<Lamp, Rhythm>>;

/** What applies just now; several may. */
export interface LightHealth {
  /** Offline or queued marks. */
  readonly marksWaiting: boolean;
  readonly clockTrusted: boolean;
  /** A conflict, proposal or rejected mark, or paper is low. */
  readonly personNeeded: boolean;
  /** An overdue pupil, an approval waiting, a stopped sign-out. */
  readonly urgent: boolean;
  /** A part has failed, sign-ins still work. */
  readonly partFailed: boolean;
  readonly starting: boolean;
  /** False: storage failed, or there has never been a roster. */
  readonly acceptsSignIns: boolean;
}

const row = (green: Rhythm, amber: Rhythm, red: Rhythm): LightState => ({ green, amber, red });

/** The rows of product.md 7 in its order. `null`: the rows above decide that lamp. */
const table: readonly {
  readonly applies: (health: LightHealth) => boolean;
  readonly lamps: Readonly<Record<Lamp, Rhythm | null>>;
}[] = [
  { applies: () => true, lamps: row('steady', 'off', 'off') },
  { applies: (health) => health.marksWaiting, lamps: row('steady', 'slow', 'off') },
  { applies: (health) => !health.clockTrusted, lamps: row('slow', 'slow', 'off') },
  { applies: (health) => health.personNeeded, lamps: row('steady', 'steady', 'off') },
  { applies: (health) => health.urgent, lamps: row('steady', 'double', 'off') },
  { applies: (health) => health.partFailed, lamps: { green: null, amber: null, red: 'slow' } },
  { applies: (health) => health.starting, lamps: row('pulse', 'pulse', 'pulse') },
  { applies: (health) => !health.acceptsSignIns, lamps: row('off', 'off', 'fast') },
];

/** The last row: what the lights show when there is no daemon to drive them. */
export const daemonDead: LightState = row('off', 'off', 'steady');
/** Before health is known. */
export const starting: LightState = row('pulse', 'pulse', 'pulse');

/** The lowest row that applies decides; "a part has failed" decides red only. */
export function lightsFor(health: LightHealth): LightState {
  const rows = table.filter(({ applies }) => applies(health));
  const decide = (lamp: Lamp): Rhythm => rows.reduce<Rhythm>((rhythm, one) => one.lamps[lamp] ?? rhythm, 'off');
  return { green: decide('green'), amber: decide('amber'), red: decide('red') };
}

/** Milliseconds on, off, on, off …, round and round. Every round begins at a multiple of its length. */
const patterns: Readonly<Record<Exclude<Rhythm, 'off' | 'steady'>, readonly number[]>> = {
  slow: [1000, 1000],
  double: [150, 150, 150, 1400],
  pulse: [500, 1500],
  fast: [250, 250],
};

/** The phase of a rhythm at `atMs`, a time that never jumps: so no lamp drifts, and lamps of one rhythm blink together. */
export function phase(
  rhythm: Rhythm,
  atMs: number,
): { readonly on: boolean; /** When it changes; null: never. */ readonly untilMs: number | null } {
  if (rhythm === 'off' || rhythm === 'steady') return { on: rhythm === 'steady', untilMs: null };
  const pattern = patterns[rhythm];
  const round = pattern.reduce((sum, ms) => sum + ms, 0);
  let end = Math.floor(atMs / round) * round;
  for (const [i, ms] of pattern.entries()) {
    end += ms;
    if (atMs < end) return { on: i % 2 === 0, untilMs: end };
  }
  return { on: true, untilMs: end }; // not reached: atMs lies in its round
}
