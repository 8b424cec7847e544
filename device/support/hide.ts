/**
 * Takes out of a text what may be a secret, or name somebody: what is known to be one, and what looks like one. For what Porter has
 * not written word by word: logs, what programs say. No I/O.
 */

const gone = '(hidden)';

/** Shorter ones would be hidden in the middle of everything. */
const leastKnown = 4;

/** Each of these is more likely somebody's than of use to a helper. */
const looks: readonly RegExp[] = [
  /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, // an e-mail address
  /\b[\da-f]{2}(?:[:-][\da-f]{2}){5}\b/gi, // a network card
  /\b(?!127\.)\d{1,3}(?:\.\d{1,3}){3}\b/g, // an address, of four numbers and of eight
  /(?<![\w:])[\da-f]{0,4}(?::[\da-f]{0,4}){3,7}(?![\w:])/gi,
  /\b[\dA-Z]{4}(?:[- ][\dA-Z]{4}){2,}\b/g, // a recovery key, a first-use code
  /[\w+=-]{24,}/g, // a token, a key, a sum
  /(?<![\d=.:[-])(?:\d{4} \d{4}|\d{8}|\d{6})(?![\d.:])/g, // a badge ID, a PIN
];

export interface Hider {
  /** What is known only: for figures. */
  readonly known: (text: string) => string;
  /** And what looks like a secret or somebody: for what others have written. */
  readonly all: (text: string) => string;
}

/** `texts`: as they stand in the technician file. */
export function hider(texts: readonly string[]): Hider {
  const long = [...new Set(texts)].filter((one) => one.trim().length >= leastKnown);
  const first = long.toSorted((a, b) => b.length - a.length);
  const known = (text: string): string => first.reduce((left, one) => left.replaceAll(one, gone), text);
  return { known, all: (text) => looks.reduce((left, pattern) => left.replace(pattern, gone), known(text)) };
}
