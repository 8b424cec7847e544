/** How pupils are named on a screen that everybody can read: no more than tells them apart (product.md 3, "Who"). */
import type { NameEntry } from '../contract/kiosk.ts';
import type { Pupil } from './pupil.ts';

/** The longest label that a tile holds, in characters as people count them. */
const labelMaxChars = 24;
const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

export interface Labels {
  /** Sorted by forename. */
  readonly pupils: readonly NameEntry[];
  /** How many could not be told apart, or have no name at all: they go to reception. */
  readonly hidden: number;
}

/**
 * `Amara O`; where that is another pupil's label too, the shortest part of the surname that differs (`Sam Ok`, `Sam Ol`);
 * same full name, `Sam Okafor 9A`; still the same, hidden. Capitals and accents alone tell nobody apart. Pupils flagged
 * see-reception or do-not-display never appear and are not counted, but still keep others' labels from being theirs too.
 *
 * @param locale for the order: the school's first language.
 */
export function labels(pupils: readonly Pupil[], locale = 'en'): Labels {
  const collator = new Intl.Collator(locale, { sensitivity: 'base', numeric: true });
  const steps = pupils.map((pupil) => ({ pupil, ladder: ladderOf(pupil), rung: 0, clashes: false }));
  const named = steps.filter((step) => step.ladder.labels.length > 0);
  tellApart(named, collator);

  const shown = (step: (typeof steps)[number]): boolean =>
    !step.pupil.flags.includes('see-reception') && !step.pupil.flags.includes('do-not-display');
  const listed = named.filter((step) => !step.clashes && shown(step));
  const texts = fitted(
    listed.map((step) => labelAt(step)),
    collator,
  );
  const entries = listed.map(({ pupil, ladder }, index) => ({
    pupil: pupil.key,
    label: texts[index] ?? '',
    first: ladder.first,
  }));
  entries.sort((a, b) => collator.compare(a.first, b.first) || collator.compare(a.label, b.label));
  return {
    pupils: entries.map(({ pupil, label }) => ({ pupil, label })),
    hidden: steps.filter((step) => shown(step) && (step.clashes || step.ladder.labels.length === 0)).length,
  };
}

interface Ladder {
  readonly first: string;
  /** From the shortest label to the longest. */
  readonly labels: readonly string[];
  /** Rung of the full name: those above it add the registration group. */
  readonly fullName: number;
}
interface Step {
  readonly ladder: Ladder;
  rung: number;
  clashes: boolean;
}
const labelAt = (step: Step): string => step.ladder.labels[step.rung] ?? '';

function ladderOf({ forename, surname, registrationGroup }: Pupil): Ladder {
  // One-name pupils: the one name there is.
  const [first = '', last = ''] = [tidy(forename), tidy(surname)].filter((name) => name !== '');
  if (first === '') return { first, labels: [], fullName: 0 };
  const names = last === '' ? [first] : surnameParts(last).map((part) => `${first} ${part}`);
  const group = tidy(registrationGroup ?? '');
  const grouped = group === '' ? [] : [`${names.at(-1) ?? first} ${group}`];
  return { first, labels: [...names, ...grouped], fullName: names.length - 1 };
}

const tidy = (name: string): string => name.normalize('NFC').replace(/\s+/gu, ' ').trim();

/** `O`, `O'N`, `O'Ne` …: each ends in a letter, the last is the whole. */
function surnameParts(surname: string): string[] {
  const split = [...characters.segment(surname)].map(({ segment }) => segment);
  const parts = split.map((_, end) => split.slice(0, end + 1).join(''));
  return parts.filter((part, index) => index === parts.length - 1 || /[\p{L}\p{N}]\p{M}*$/u.test(part));
}

/**
 * Those who share a label go one rung up while they have surname left; when all of them show their whole name, to the one
 * with the registration group; whoever has none, or shares that too, clashes for good. Ends: every round goes up or takes out.
 */
function tellApart(steps: readonly Step[], collator: Intl.Collator): void {
  for (;;) {
    const groups = sharing(
      steps.filter((step) => !step.clashes),
      labelAt,
      collator,
    );
    if (groups.length === 0) return;
    for (const group of groups) {
      const withSurnameLeft = group.filter((step) => step.rung < step.ladder.fullName);
      for (const step of withSurnameLeft.length > 0 ? withSurnameLeft : group) {
        if (step.rung < step.ladder.labels.length - 1) step.rung += 1;
        else step.clashes = true;
      }
    }
  }
}

/** The groups of two and more whose label reads the same. */
function sharing<T>(items: readonly T[], label: (item: T) => string, collator: Intl.Collator): T[][] {
  const sorted = [...items].sort((a, b) => collator.compare(label(a), label(b)));
  const groups: T[][] = [];
  for (const item of sorted) {
    const last = groups.at(-1);
    const [sample] = last ?? [];
    if (last !== undefined && sample !== undefined && collator.compare(label(sample), label(item)) === 0)
      last.push(item);
    else groups.push([item]);
  }
  return groups.filter((group) => group.length > 1);
}

/** Labels too long for a tile end in an ellipsis, if they still differ from all others then; else they stay whole. */
function fitted(whole: readonly string[], collator: Intl.Collator): string[] {
  const cut = whole.map((label) => {
    const split = [...characters.segment(label)].map(({ segment }) => segment);
    return split.length <= labelMaxChars
      ? label
      : `${split
          .slice(0, labelMaxChars - 1)
          .join('')
          .trimEnd()}…`;
  });
  return cut.map((label, index) => {
    const another = cut.some((other, at) => at !== index && collator.compare(other, label) === 0);
    return another ? (whole[index] ?? label) : label;
  });
}
