/** The rules by which marks are decided, in words for "Why this mark?". The names stand in records for years: never reuse one. */
const words = {
  'no-school-day': 'It was not a school day for this year group, so there is no register and no mark.',
  'after-hours': 'No register was left that day for this year group, so there is no mark.',
  'comes-and-goes': 'This year group comes and goes: the movement counts for the roll, no mark is written.',
  'before-opens': 'The register had not opened yet: on time, so no mark is written.',
  'while-open': 'The register was open: late, with whole minutes counted from the start of the session, at least one.',
  'after-close-office': 'The register had closed: the school decides each time, so the box only proposes.',
  'after-close-code': 'The register had closed: the school has the box write the code that the reason names.',
  'after-close-no-code':
    'The register had closed and the school has the box write codes, but the reason names none for this pupil and date, so the box only proposes.',
  left: 'Leaving never changes the mark of the session under way.',
  'back-no-register': 'The pupil came back when no register was left that day, so there is no mark.',
  'back-comes-and-goes': 'This year group comes and goes: the return counts for the roll, no mark is written.',
  'back-before-opens': 'The pupil was back before the register opened: nothing to write.',
  'back-same-session':
    'The pupil left after the register had opened and came back in the same session: its mark stays.',
  'back-without-badge':
    'The pupil came back while the register was open, but without the badge: staff were told, no lateness is written.',
  'back-while-open':
    'The pupil was out when the register opened and came back while it was open: late, like an arrival.',
  'back-after-close-office':
    'The pupil was out when the register opened and came back after it had closed: the school decides, so the box only proposes.',
  'back-after-close-code':
    'The pupil was out when the register opened and came back after it had closed: the school has the box write the code of the reason for leaving.',
  'still-out-office':
    'The pupil was still out when a later register opened: the school decides, so the box only proposes.',
  'still-out-code':
    'The pupil was still out when a later register opened: the school has the box write the code of the reason for leaving.',
} as const;

export type Rule = keyof typeof words;
export const rules = Object.freeze(Object.keys(words));

/** A rule in words; the name itself for a rule of another version of Porter. */
export function explain(rule: string): string {
  return isRule(rule) ? words[rule] : `By the rule "${rule}" of another version of Porter.`;
}

function isRule(rule: string): rule is Rule {
  return Object.hasOwn(words, rule);
}
