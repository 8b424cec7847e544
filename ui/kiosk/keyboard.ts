/** Digits from a keyboard, and whole badges from a scanner, which is a keyboard that types fast and ends with Enter. */
import type { Tap } from './visit/event.ts';
import type { State } from './visit/state.ts';

/** A scanner's next character comes sooner than this; a person's hardly ever. */
const SCANNER_GAP_MS = 80;
const SCANNED_MIN_CHARS = 8;
/** Longer than any badge: somebody leans on the keys. */
const SCANNED_MAX_CHARS = 200;

export function watchKeyboard(state: () => State, tap: (tap: Tap) => void, touched: (at: number) => void): void {
  let typed = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    for (const digit of typed.replace(/\D/g, '')) tap({ type: 'digit', digit });
    typed = '';
  };

  document.addEventListener('keydown', (event) => {
    const { key } = event;
    touched(event.timeStamp);
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    // A key held down is one press.
    if (event.repeat && (key === 'Enter' || key === ' ')) event.preventDefault();
    const { at } = state().step;
    if (at !== 'badge' && at !== 'pin') return;
    if (key === 'Backspace') {
      flush();
      tap({ type: 'rub-out' });
    } else if (key === 'Enter' && typed !== '') {
      event.preventDefault();
      const text = typed;
      const scanned = at === 'badge' && text.length >= SCANNED_MIN_CHARS;
      if (scanned) typed = '';
      flush();
      if (scanned) tap({ type: 'scanned', text });
    } else if (/^[!-~]$/.test(key)) {
      typed = (typed + key).slice(0, SCANNED_MAX_CHARS);
      clearTimeout(timer);
      timer = setTimeout(flush, SCANNER_GAP_MS);
    }
  });
}
