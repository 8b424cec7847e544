/** All that a screen is drawn from, and how it finds its words. */
import type { KioskSnapshot, Language, LocalText } from '../../device/contract/kiosk.ts';
import { fill } from '../../device/contract/words/index.ts';
import type { Words } from '../../device/contract/words/index.ts';
import type { Now } from './clock.ts';
import type { Tap } from './visit/event.ts';
import type { State } from './visit/state.ts';

export interface View {
  readonly state: State;
  readonly device: KioskSnapshot;
  readonly language: Language;
  readonly words: Words;
  /** The school's other language, where two are on: it stands smaller on every button. */
  readonly other: { readonly language: Language; readonly words: Words } | null;
  readonly shape: 'wide' | 'tall';
  /** Null while the clock is not trusted. */
  readonly now: Now | null;
  readonly tap: (tap: Tap) => void;
}

/** What stands on a button. */
export interface Label {
  readonly text: string;
  /** The same in the other language. */
  readonly second: string | null;
}

/** Puts together what a screen needs; null until the words are there. */
export function viewOf(
  parts: Pick<View, 'state' | 'device' | 'shape' | 'now' | 'tap'>,
  loaded: Readonly<Partial<Record<Language, Words>>>,
): View | null {
  const { state, device } = parts;
  const languages = device.languages.flatMap((language) => {
    const words = loaded[language];
    return words === undefined ? [] : [{ language, words }];
  });
  const current = languages.find(({ language }) => language === state.comfort.language) ?? languages[0];
  if (current === undefined) return null;
  return { ...parts, ...current, other: languages.find((one) => one !== current) ?? null };
}

export function label(view: View, pick: (words: Words) => string): Label {
  const text = pick(view.words);
  const second = view.other === null ? text : pick(view.other.words);
  return { text, second: second === text ? null : second };
}

/** A text of the settings; where the pupil's language lacks it, the school's first. */
export function localLabel(view: View, local: LocalText): Label {
  const text = localText(view, local);
  const second = view.other === null ? undefined : local[view.other.language];
  return { text, second: second === text ? null : (second ?? null) };
}
export function localText({ language, device }: View, local: LocalText): string {
  const first = device.languages[0];
  return local[language] ?? (first === undefined ? undefined : local[first]) ?? local.en ?? '';
}

/** `Year 7` in the pupil's language; the MIS's own words where they are not a plain year. */
export function yearLabel(view: View, yearGroup: string): Label {
  return label(view, ({ yearGroups }) => {
    if (yearGroup === 'Nursery') return yearGroups.nursery;
    if (yearGroup === 'Reception') return yearGroups.reception;
    const number = /^Year (\d+)$/.exec(yearGroup)?.[1];
    return number === undefined ? yearGroup : fill(yearGroups.year, { number });
  });
}

export function monthName(words: Words, month: number): string {
  return words.months[month - 1] ?? '';
}

/** `1839 1270`: easier to copy than eight digits in a row. */
export function spaced(badge: string): string {
  return `${badge.slice(0, 4)} ${badge.slice(4)}`;
}

/** What makes two screens two: the heading takes the focus, and a second tap on the same spot is not for the new one. */
export function screenKey({ step, page, asksMoreTime, visit }: State): string {
  const waiting = step.at === 'staff' ? step.menu.waiting.map((one) => one.visit).join() : '';
  return [step.at, page, asksMoreTime, visit?.id ?? '', waiting].join('|');
}
