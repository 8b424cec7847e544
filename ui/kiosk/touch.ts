/** Fingers on glass: pressed at once, never twice by mistake, and none of the browser's own gestures. */
import { effect } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

/** A second tap on the same spot this soon after a new screen was meant for the old one. */
const SHIELD_MS = 300;

/** `screen` names the screen that is shown; `touched` hears of every finger and key. */
export function watchTouch(screen: ReadonlySignal<string>, touched: (at: number) => void): void {
  pressAtOnce(touched);
  shieldLastSpot(screen);
  for (const gesture of ['contextmenu', 'dragstart', 'selectstart']) {
    document.addEventListener(gesture, (event) => event.preventDefault());
  }
  const keepSize = (event: WheelEvent): void => {
    if (event.ctrlKey) event.preventDefault();
  };
  document.addEventListener('wheel', keepSize, { passive: false });
}

/** The browser marks a touched button only when it is sure of the gesture; a child wants to see it in the next frame. */
function pressAtOnce(touched: (at: number) => void): void {
  let pressed: Element | null = null;
  const release = (): void => {
    pressed?.removeAttribute('data-pressed');
    pressed = null;
  };
  document.addEventListener(
    'pointerdown',
    (event) => {
      touched(event.timeStamp);
      release();
      pressed = event.target instanceof Element ? event.target.closest('button') : null;
      pressed?.setAttribute('data-pressed', '');
    },
    { capture: true },
  );
  for (const end of ['pointerup', 'pointercancel']) window.addEventListener(end, release, { capture: true });
}

/** Covers the spot of the last tap for a moment whenever the screen changes. Other spots can be touched at once. */
function shieldLastSpot(screen: ReadonlySignal<string>): void {
  const shield = document.createElement('div');
  shield.className = 'shield';
  shield.hidden = true;
  // Something to click, so that a fat finger is not given to the nearest button instead.
  shield.addEventListener('click', (event) => event.stopPropagation());
  document.body.append(shield);

  let spot: { x: number; y: number } | null = null;
  document.addEventListener(
    'click',
    ({ detail, clientX, clientY }) => {
      // A key press clicks too, but nowhere.
      spot = detail === 0 ? null : { x: clientX, y: clientY };
    },
    { capture: true },
  );

  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = screen.peek();
  effect(() => {
    if (screen.value === shown) return;
    shown = screen.value;
    if (spot === null) return;
    shield.style.left = `${spot.x}px`;
    shield.style.top = `${spot.y}px`;
    shield.hidden = false;
    spot = null;
    clearTimeout(timer);
    timer = setTimeout(() => (shield.hidden = true), SHIELD_MS);
  });
}
