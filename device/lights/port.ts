/** The three lights, whatever they are. */
import type { Lamp, LightState } from '../domain/lights.ts';

export interface Lights {
  readonly kind: 'gpio' | 'simulated' | 'none';
  /** From now on. The lights begin as `starting`. */
  show(state: LightState): void;
  /** What they were last told to show. */
  view(): LightState;
  status(): LightsStatus;
  /** Lights each lamp alone for `testMs`, for whoever looks on, and reads it back; then they go on as before. */
  test(): Promise<LightsStatus>;
  /** Stops blinking; the lamps go to what means "no daemon" (red steady). */
  close(): void;
}

export interface LightsStatus {
  readonly state: 'ready' | 'failed' | 'absent';
  /** For staff, one short sentence. */
  readonly words: string;
}

/** Both may throw: then the lights have failed until a switch works again. */
export interface Switches {
  set(lamp: Lamp, on: boolean): void;
  /** As the lamp's wire is, not as it was set. */
  isOn(lamp: Lamp): boolean;
}

export const testMs = 500;
