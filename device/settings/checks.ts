/** Checks across keys and sections: what no single table of the schema can see. */
import * as v from 'valibot';
import { TELL_STAFF, shippedLeaveReasons } from '../domain/settings-defaults.ts';
import type { Settings } from '../domain/settings.ts';
import { isKnownYearGroup, normaliseYearGroup } from '../domain/year-group.ts';
import type { Finding, Findings } from './findings.ts';
import { clockTime } from './kinds.ts';
import { type KeyPath, NOTHING, nearestOf } from './problem.ts';
import { times } from './schema-times.ts';

export type Nation = Settings['school']['nation'];
/** What a reason may name: the nation's codes of the day (`domain/codes.ts`: `codesOf(nation, date)`). */
export type ReasonCodes = ReadonlyMap<
  string,
  { readonly category: string; readonly kiosk: 'write' | 'proposal' | 'never' }
>;

/** The law's limit (mis.md 7.1). */
const REGISTER_MINUTES = 30;
/** Tiles of one kind that fit a 800x480 screen, `tell-staff` left out. */
const MAX_REASONS = 11;

export function checkTimes(findings: Findings): void {
  const parsed = v.safeParse(times, findings.at('times') ?? {});
  if (!parsed.success) return;
  const { am, pm, school_days, override, exception } = parsed.output;
  if (am.ends > pm.opens) findings.problem(amBeforePm(findings, ['times'], am, pm));
  warnIfLong(findings, ['times', 'am'], am);
  warnIfLong(findings, ['times', 'pm'], pm);
  for (const [name, patches] of [
    ['override', override],
    ['exception', exception],
  ] as const) {
    patches.forEach((patch, i) => {
      const path = ['times', name, i];
      if (isRegister(patch.am)) warnIfLong(findings, [...path, 'am'], patch.am);
      if (isRegister(patch.pm)) warnIfLong(findings, [...path, 'pm'], patch.pm);
      checkPatchOrder(findings, path, patch, { am, pm });
    });
  }
  override.forEach(({ weekdays }, i) => {
    const off = weekdays?.filter((day) => !school_days.includes(day)) ?? [];
    if (off.length > 0) {
      findings.warn({
        path: ['times', 'override', i, 'weekdays'],
        found: off.join(', '),
        expected: 'days of times.school_days',
      });
    }
  });
}

type Register = v.InferOutput<typeof times>['am'];
interface Patch {
  readonly am?: Register | 'none' | undefined;
  readonly pm?: Register | 'none' | undefined;
}

function isRegister(session: Register | 'none' | undefined): session is Register {
  return typeof session === 'object';
}

/** AM before PM: within one entry it must hold; against an inherited session another entry may still put it right. */
function checkPatchOrder(
  findings: Findings,
  path: KeyPath,
  patch: Patch,
  base: { readonly am: Register; readonly pm: Register },
): void {
  const am = patch.am ?? base.am;
  const pm = patch.pm ?? base.pm;
  if (!isRegister(am) || !isRegister(pm) || am.ends <= pm.opens) return;
  const finding = amBeforePm(findings, path, am, pm);
  if (isRegister(patch.am) && isRegister(patch.pm)) findings.problem(finding);
  else findings.warn(finding);
}

/** Told of the one that the file names. */
function amBeforePm(findings: Findings, path: KeyPath, am: Register, pm: Register): Finding {
  return findings.at(...path, 'pm', 'opens') === undefined
    ? { path: [...path, 'am', 'ends'], expected: `a time not after pm opens (${clockTime(pm.opens)})` }
    : { path: [...path, 'pm', 'opens'], expected: `a time not before am ends (${clockTime(am.ends)})` };
}

function warnIfLong(findings: Findings, path: KeyPath, register: Register): void {
  const minutes = register.closes - register.opens;
  if (minutes <= REGISTER_MINUTES) return;
  findings.warn({
    path: [...path, 'closes'],
    found: `a register that is open for ${minutes} minutes`,
    expected: `at most ${REGISTER_MINUTES}, as the law has it`,
  });
}

/** A year group that is none of Porter's own may be the school's word, or a slip that would match nobody. */
export function checkYearGroups(findings: Findings): void {
  const known = ['Nursery', 'Reception', ...Array.from({ length: 14 }, (_, i) => `Year ${i + 1}`)];
  const patches = ['override', 'exception'].flatMap((name) =>
    findings.tables('times', name).map(([i]) => ['times', name, i, 'year_groups']),
  );
  const lists = [
    ['late', 'comes_and_goes'],
    ['leave', 'approval', 'year_groups'],
    ['roster', 'off_kiosk'],
  ];
  for (const path of [...patches, ...lists]) {
    for (const [i, words] of findings.texts(...path)) {
      const name = normaliseYearGroup(words);
      if (name === null || isKnownYearGroup(name)) continue;
      findings.warn({
        path: [...path, i],
        expected: 'a year group such as "Year 7", or exactly the words of the MIS',
        nearest: nearestOf(name, known),
      });
    }
  }
}

export function checkLanguages(findings: Findings): void {
  const given = findings.texts('school', 'languages').map(([, language]) => language);
  const [first = 'en', ...others] = given;
  const labels = findings.tables('reason').map(([i]): KeyPath => ['reason', i, 'label']);
  const texts = findings.at('late', 'where_next') === undefined ? labels : [...labels, ['late', 'where_next']];
  for (const path of texts) {
    if (findings.at(...path) === undefined) continue;
    const lacks = (language: string) => findings.at(...path, language) === undefined;
    if (lacks(first)) findings.problem({ path: [...path, first], expected: "a text in the school's first language" });
    for (const language of others) {
      if (lacks(language)) findings.warn({ path: [...path, language], expected: 'a text in this language too' });
    }
  }
}

/** Ids, the keys of the other kind, and how many there are. */
export function checkReasons(findings: Findings): void {
  const seen = new Set<string>();
  const count = { late: 0, leave: 0 };
  for (const [i, { id, kind }] of findings.tables('reason')) {
    if (kind !== 'late' && kind !== 'leave') continue;
    const others = kind === 'late' ? ['later_session_code', 'back'] : ['code'];
    for (const name of others) {
      if (findings.at('reason', i, name) === undefined) continue;
      findings.problem({
        path: ['reason', i, name],
        found: 'a key of the other kind of reason',
        expected: `only keys of a "${kind}" reason`,
      });
    }
    if (typeof id !== 'string') continue;
    if (seen.has(`${kind} ${id}`)) {
      findings.problem({ path: ['reason', i, 'id'], expected: `an id that no other "${kind}" reason has` });
    }
    seen.add(`${kind} ${id}`);
    if (id === TELL_STAFF) continue;
    count[kind] += 1;
    if (count[kind] === MAX_REASONS + 1) {
      const found = `reason number ${MAX_REASONS + 1} of kind "${kind}"`;
      findings.problem({ path: ['reason', i], found, expected: `at most ${MAX_REASONS}, and tell-staff` });
    }
  }
  checkApprovalReasons(findings);
}

/** A slip here would let a pupil go without anyone's approval. */
function checkApprovalReasons(findings: Findings): void {
  const own = findings
    .tables('reason')
    .filter(([, reason]) => reason['kind'] === 'leave' && reason['id'] !== TELL_STAFF);
  const ids = own.length === 0 ? shippedLeaveReasons.map((reason) => reason.id) : own.map(([, reason]) => reason['id']);
  const names = [...ids.filter((id) => typeof id === 'string'), TELL_STAFF];
  for (const [i, id] of findings.texts('leave', 'approval', 'reasons')) {
    if (names.includes(id)) continue;
    findings.problem({
      path: ['leave', 'approval', 'reasons', i],
      expected: 'the id of a "leave" reason',
      nearest: nearestOf(id, names),
    });
  }
}

/** A code that the nation does not have on the day, or that no reason may name, is refused when it is set (product.md 4). */
export function checkCodes(findings: Findings, codesOf: (nation: Nation) => ReasonCodes): void {
  const codes = codesOf(findings.at('school', 'nation') === 'wales' ? 'wales' : 'england');
  // A clock that is years off (no battery, first boot) has no table: nothing can be said against any code.
  if (codes.size === 0) return;
  const usable = [...codes].filter(([, { kiosk }]) => kiosk !== 'never').map(([code]) => code);
  const known = (path: KeyPath, noneAllowed: boolean): string | null => {
    const code = findings.at(...path);
    if (typeof code !== 'string' || (noneAllowed && code === 'none')) return null;
    if (usable.includes(code)) return code;
    findings.problem({ path, expected: `one of ${usable.join(' ')}${noneAllowed ? ' or "none"' : ''}` });
    return null;
  };
  for (const [i] of findings.tables('reason')) {
    known(['reason', i, 'code', 'after_close'], true);
    known(['reason', i, 'later_session_code'], true);
    const path = ['reason', i, 'code', 'before_close'];
    const code = known(path, false);
    const category = code === null ? undefined : codes.get(code)?.category;
    if (category === 'unauthorised')
      findings.problem({ path, expected: 'a code for being present: the register is still open' });
    else if (category !== undefined && category !== 'present') {
      findings.warn({ path, expected: 'L: whoever comes while the register is open is present, by law' });
    }
  }
}

export function checkMis(findings: Findings): void {
  const mis = (key: string) => findings.at('mis', key);
  if (mis('connector') === 'none' && findings.at('roster', 'source') === 'mis') {
    findings.problem({ path: ['roster', 'source'], expected: '"csv", because mis.connector is "none"' });
  }
  if (mis('connector') !== 'wonde') return;
  if (mis('school_id') === undefined) {
    findings.problem({ path: ['mis', 'school_id'], found: NOTHING, expected: "the school's Wonde id" });
  }
  const given = ['token', 'token_file'].filter((key) => mis(key) !== undefined);
  if (given.length === 0) findings.problem({ path: ['mis', 'token'], expected: 'the access token, or token_file' });
  if (given.length === 2) {
    findings.problem({ path: ['mis', 'token_file'], found: 'token and token_file', expected: 'one of the two' });
  }
}
