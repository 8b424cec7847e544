/** Finds a pupil by any part of the name, the registration group or the number of a badge. */
import type { FoundPupil, SearchAnswer } from '../../../contract/staff-views.ts';
import type { Ledger, Movement } from '../../../domain/ledger.ts';
import type { Pupil } from '../../../domain/pupil.ts';
import { whereabouts } from '../../../desk/presence.ts';
import type { School } from '../../../desk/school.ts';
import { onSameDay, timeOf } from '../../../desk/when.ts';
import { datedFace } from './rows.ts';

const foundMax = 12;

export function search(school: School, ledger: Ledger, text: string): SearchAnswer {
  if (wordsOf(text).length === 0) return { pupils: [], more: false };
  const { compare } = new Intl.Collator('en');
  const sorted = matching(ledger, school.roster.pupils, text).toSorted(
    (a, b) => compare(a.surname, b.surname) || compare(a.forename, b.forename),
  );
  return {
    pupils: sorted.slice(0, foundMax).map((pupil) => foundPupil(school, ledger, pupil)),
    more: sorted.length > foundMax,
  };
}

/** Each word of `text` must begin a word of the pupil's; accents and case do not count. Without a word: all of them. */
export function matching(ledger: Ledger, pupils: readonly Pupil[], text: string): readonly Pupil[] {
  const words = wordsOf(text);
  if (words.length === 0) return pupils;
  const byBadge = ofBadge(ledger, text);
  return pupils.filter((pupil) => pupil.key === byBadge || matches(pupil, words));
}

const wordsOf = (text: string): readonly string[] =>
  plain(text)
    .split(/[\s,]+/)
    .filter((word) => word !== '');

export const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase('en');

function matches({ forename, surname, registrationGroup }: Pupil, words: readonly string[]): boolean {
  const own = plain(`${forename} ${surname} ${registrationGroup ?? ''}`).split(/[\s'’-]+/);
  const whole = plain(`${forename} ${surname}`);
  return words.every((word) => own.some((part) => part.startsWith(word)) || whole.startsWith(word));
}

/** The pupil of the newest badge of these eight digits. */
function ofBadge(ledger: Ledger, text: string): string | null {
  const digits = text.replace(/\s/g, '');
  if (!/^\d{8}$/.test(digits)) return null;
  const badge = [...ledger.badges.values()].findLast(({ record }) => record.id === digits);
  return ledger.movements.get(badge?.record.movement ?? '')?.record.pupil ?? null;
}

export function foundPupil(school: School, ledger: Ledger, pupil: Pupil): FoundPupil {
  const { key, forename, surname, registrationGroup, yearGroup } = pupil;
  const last = whereabouts(school, ledger, key, school.clock.reading());
  return {
    key,
    pupil: `${forename} ${surname}`.trim(),
    registrationGroup,
    yearGroup,
    where: last === null ? '' : whereWords(school, last),
    out: last !== null && isOut(last),
  };
}

const isOut = ({ record, closed }: Movement): boolean => record.kind === 'early-departure' && closed === undefined;

function whereWords(school: School, movement: Movement): string {
  const at = timeOf(school, movement);
  const time = datedFace(school, at);
  if (isOut(movement)) return `Out since ${time}`;
  if (movement.closed !== undefined)
    return `${movement.closed.how === 'not-found' ? 'Not found' : 'Went home'}, left ${time}`;
  if (onSameDay(school, at, school.clock.reading()) !== true) return '';
  return `${movement.record.kind === 'return' ? 'Back at' : 'Signed in at'} ${time}`;
}
