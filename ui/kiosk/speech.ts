/** Reads a screen aloud, in Aa: what is marked `data-say`, which no name ever is. */
import type { Language } from '../../device/contract/kiosk.ts';

const voices: Readonly<Record<Language, string>> = { en: 'en-GB', cy: 'cy-GB' };

export const canSpeak = 'speechSynthesis' in window;

/** Says what the page shows now; stops what it was saying. `null`: only stops. */
export function readAloud(language: Language | null): void {
  if (!canSpeak) return;
  speechSynthesis.cancel();
  if (language === null) return;
  const said = [...document.querySelectorAll('[data-say]')].map((element) => element.textContent.trim());
  const utterance = new SpeechSynthesisUtterance(said.filter((text) => text !== '').join('. '));
  utterance.lang = voices[language];
  speechSynthesis.speak(utterance);
}
