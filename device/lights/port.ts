/** The three lights, whatever they are. */
import type { Lamp, LightState } from '../domain/lights.ts';

export interface Lights {
  readonly kind: 'gpio' | 'simulated' | 'none';
  /** From now on. The lights begin as `starting`. */
  show(state: LightState): void;
  /** What they were last told to show. */
  view(): LightState;
  status(): LightsStatus;
  /** Stops blinking; the lamps go to what means "no daemon" (red steady). */
  close(): void;
}

export interface LightsStatus {
  readonly state: 'ready' | 'failed' | 'absent';
  /** For staff, one short sentence. */
  readonly words: string;
}

/** Switches one lamp. May throw: then the lights have failed until a switch works again. */
export type Switch = (lamp: Lamp, on: boolean) => void;
