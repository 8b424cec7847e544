/** The kiosk page. Holds no truth: it may be killed and loaded again at any moment. */
import './kiosk.css';
import { computed, signal } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.tsx';
import { watchClock } from './clock.ts';
import { watchKeyboard } from './keyboard.ts';
import { warmPictures } from './icon.tsx';
import { startKiosk } from './kiosk.ts';
import { watchTouch } from './touch.ts';
import { screenKey, viewOf } from './view.ts';
import { loadWords } from './words.ts';

const kiosk = startKiosk();
const words = loadWords();
const now = watchClock(kiosk.device);

const upright = window.matchMedia('(max-aspect-ratio: 1/1)');
const shape = signal<'wide' | 'tall'>(upright.matches ? 'tall' : 'wide');
upright.addEventListener('change', () => (shape.value = upright.matches ? 'tall' : 'wide'));

function Page() {
  const state = kiosk.state.value;
  const device = kiosk.device.value;
  const slow = kiosk.slow.value;
  if (device === null) return slow ? <p class="over moment">{words.value.en?.common.oneMoment}</p> : null;
  const view = viewOf({ state, device, shape: shape.value, now: now.value, tap: kiosk.tap }, words.value);
  return view === null ? null : <App view={view} slow={slow} />;
}

const root = document.querySelector('#kiosk');
if (root !== null) render(<Page />, root);
watchTouch(
  computed(() => screenKey(kiosk.state.value)),
  kiosk.touched,
);
watchKeyboard(() => kiosk.state.value, kiosk.tap, kiosk.touched);
window.addEventListener('load', warmPictures);
