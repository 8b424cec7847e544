/** Year groups as every MIS and technician spells them, brought to one spelling and one order. */

const HIGHEST_YEAR = 14;
const NUMBERED = /^(?:(?:year(?: group)?|yr|y|blwyddyn|bl)[ .]*)?0*(\d{1,2})$/;
const RECEPTION = /^(?:(?:year|yr|y)[ .]*)?(?:r|rec|reception|derbyn)$/;
const NURSERY = /^(?:n|nur|nursery|meithrin)[ .]*\d?$/;

/**
 * `7`, `Year 7`, `Yr7`, `Y07` become `Year 7`; `R`, `Reception`, `YR` become `Reception`; `N`, `N2`, `Nursery 2` become
 * `Nursery` (also in Welsh). Words that are none of these stay the school's own, trimmed (mis.md 2.4: names vary by school).
 * Null for a blank text.
 */
export function normaliseYearGroup(words: string): string | null {
  const tidy = words.normalize('NFC').replace(/\s+/g, ' ').trim();
  if (tidy === '') return null;
  const plain = tidy.toLowerCase();
  const year = Number(NUMBERED.exec(plain)?.[1] ?? 0);
  if (year >= 1 && year <= HIGHEST_YEAR) return `Year ${year}`;
  if (RECEPTION.test(plain)) return 'Reception';
  if (NURSERY.test(plain)) return 'Nursery';
  return tidy;
}

/** Is this one of Porter's own names for a year group, not a school's own words? */
export function isKnownYearGroup(yearGroup: string): boolean {
  return rank(yearGroup) < OTHERS;
}

/** School order: Nursery, Reception, Year 1 to Year 14, then the school's own words by the alphabet. */
export function compareYearGroups(a: string, b: string): number {
  return rank(a) - rank(b) || alphabet.compare(a, b);
}

const OTHERS = HIGHEST_YEAR + 1;
// A fixed locale: the order must be the same on every box.
const alphabet = new Intl.Collator('en-GB', { numeric: true });

function rank(yearGroup: string): number {
  if (yearGroup === 'Nursery') return -1;
  if (yearGroup === 'Reception') return 0;
  const year = /^Year ([1-9]\d?)$/.exec(yearGroup);
  return year === null ? OTHERS : Math.min(Number(year[1]), OTHERS);
}
