/** What this browser remembers, and nothing else: light or dark, and whether the page makes a sound. */
import { effect, signal } from '@preact/signals';
import type { Signal } from '@preact/signals';

function kept<T extends string>(name: string, values: readonly [T, ...T[]]): Signal<T> {
  const [first] = values;
  const read = (): string | null => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // a browser that keeps nothing
    }
  };
  const held = signal<T>(values.find((value) => value === read()) ?? first);
  effect(() => {
    try {
      localStorage.setItem(name, held.value);
    } catch {
      // It is as shipped at the next visit.
    }
  });
  return held;
}

export const theme = kept('theme', ['system', 'light', 'dark']);
export const sound = kept('sound', ['on', 'off']);
export const keys = kept('keys', ['on', 'off']);

effect(() => {
  if (theme.value === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
});
