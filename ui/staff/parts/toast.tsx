/** What was just done, with the way back where there is one. Stays long enough to be read and reached by keyboard. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { Icon } from './icon.tsx';
import { Words } from './words.tsx';

interface Toast {
  readonly id: number;
  readonly words: string;
  readonly undo: (() => void) | null;
}
const shownForMs = 10_000;
const shownMax = 3;

const toasts = signal<readonly Toast[]>([]);
let next = 1;

export function say(words: string, undo: (() => void) | null = null): void {
  const id = (next += 1);
  toasts.value = [...toasts.value, { id, words, undo }].slice(-shownMax);
  setTimeout(() => {
    leave(id);
  }, shownForMs);
}

function leave(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function clearToasts(): void {
  toasts.value = [];
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status">
      {toasts.value.map(({ id, words, undo }) => (
        <p class="toast" key={id}>
          <span>
            <Words of={words} />
          </span>
          {undo !== null && (
            <button
              type="button"
              class="button small"
              onClick={() => {
                leave(id);
                undo();
              }}
            >
              <Icon of="undo" /> Undo
            </button>
          )}
        </p>
      ))}
    </div>
  );
}
