/** Names go from the screen when nobody has touched the page for five minutes, or at once by "Hide names" (product.md 6). */
import { signal } from '@preact/signals';

const idleMs = 5 * 60_000;

export const hidden = signal(false);

let timer = 0;
/** Whoever does one of these sits before the page. */
export const touches = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;
/** Other pages of this browser have the same session: who touches one of them is there. */
const tabs = new BroadcastChannel('porter touch');
const tellEveryMs = 5_000;
let toldAt = Number.NEGATIVE_INFINITY;
function touched(): void {
  wait();
  const now = performance.now();
  if (now - toldAt < tellEveryMs) return;
  toldAt = now;
  tabs.postMessage('touched');
}

function wait(): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => (hidden.value = true), idleMs);
}
for (const touch of touches) addEventListener(touch, touched, { passive: true });
tabs.addEventListener('message', wait);
wait();
