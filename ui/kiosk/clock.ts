/** The clock on the screen: the device's time, carried on by the page's own elapsed time. */
import { computed, effect, signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import type { KioskSnapshot } from '../../device/contract/kiosk.ts';

export interface Now {
  /** `08:52` */
  readonly time: string;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly day: number;
  /** 1 to 12. */
  readonly month: number;
}

const LOOK_EVERY_MS = 1_000;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Null before the first snapshot and while the clock is not trusted: no time is better than a wrong one. */
export function watchClock(device: ReadonlySignal<KioskSnapshot | null>): ReadonlySignal<Now | null> {
  const elapsed = signal(performance.now());
  let takenAt = 0;
  effect(() => {
    if (device.value !== null) takenAt = performance.now();
    elapsed.value = performance.now();
  });
  setInterval(() => (elapsed.value = performance.now()), LOOK_EVERY_MS);

  const text = computed(() => {
    const snapshot = device.value;
    if (snapshot?.clockTrusted !== true) return null;
    return partsOf(snapshot.nowMs + Math.max(0, elapsed.value - takenAt), snapshot.timeZone);
  });
  // As text, so that nothing is drawn anew before the minute has changed.
  return computed(() => (text.value === null ? null : read(text.value)));
}

function partsOf(at: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const get = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  return [`${get('hour')}:${get('minute')}`, get('weekday'), get('day'), get('month')].join(' ');
}

function read(text: string): Now {
  const [time = '', weekday = '', day, month] = text.split(' ');
  return { time, weekday: WEEKDAYS.indexOf(weekday), day: Number(day), month: Number(month) };
}
