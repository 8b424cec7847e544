/** Two soft notes when a pupil begins to wait, unless the sound is off; the number in the title says it without. */
import { effect } from '@preact/signals';
import { top } from './box.ts';
import { sound } from './prefs.ts';

const notes = [
  { hertz: 659, at: 0 },
  { hertz: 880, at: 0.16 },
] as const;
const lengthS = 0.5;

let context: AudioContext | null = null;

export function ring(): void {
  // Browsers are silent until somebody has touched the page.
  if (!navigator.userActivation.hasBeenActive) return;
  try {
    context ??= new AudioContext();
    const { currentTime: now, destination } = context;
    for (const { hertz, at } of notes) {
      const tone = new OscillatorNode(context, { frequency: hertz });
      const level = new GainNode(context, { gain: 0 });
      level.gain.setValueAtTime(0, now + at);
      level.gain.linearRampToValueAtTime(0.18, now + at + 0.02);
      level.gain.exponentialRampToValueAtTime(0.001, now + at + lengthS);
      tone.connect(level).connect(destination);
      tone.start(now + at);
      tone.stop(now + at + lengthS);
    }
  } catch {
    // No sound here: the number in the title stays.
  }
}

/** From now on. */
export function listen(): void {
  let before = 0;
  effect(() => {
    // A line that was cut and is there again brings nobody new.
    if (top.value === null) return;
    const waiting = top.value.counts.approvals;
    if (waiting > before && sound.peek() === 'on') ring();
    before = waiting;
  });
}
