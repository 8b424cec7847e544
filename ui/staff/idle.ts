/** Names go from the screen when nobody has touched the page for five minutes, or at once by "Hide names" (product.md 6). */
import { signal } from '@preact/signals';

const idleMs = 5 * 60_000;

export const hidden = signal(false);

let timer = 0;
function wait(): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => (hidden.value = true), idleMs);
}
for (const touch of ['pointerdown', 'pointermove', 'keydown', 'wheel'])
  addEventListener(touch, wait, { passive: true });
wait();
