/** Settings in words: each value as it would stand in the technician file, as a school's office says it. */
import type { SettingBody } from '../../../domain/record.ts';
import type { SettingForm, SettingTable, SettingValue } from '../../../contract/staff-settings.ts';
import { weekdayNames } from '../../../desk/setting-examples.ts';

interface Told {
  readonly name: string;
  readonly form: SettingForm;
  readonly words: (value: SettingValue) => string;
}

const plain = (kind: Exclude<SettingForm['kind'], 'reason' | 'choice' | 'number'>): SettingForm => ({ kind });

function choices(name: string, given: readonly (readonly [SettingValue, string])[]): Told {
  const all = given.map(([value, label]) => ({ id: scalar(value), label, value }));
  return {
    name,
    form: { kind: 'choice', choices: all },
    words: (value) => all.find((one) => one.value === value)?.label ?? scalar(value),
  };
}
const yesNo = (name: string, yes: string, no: string): Told =>
  choices(name, [
    [true, yes],
    [false, no],
  ]);

/** By place, in the order in which staff see them; reasons and exceptions are told by the functions below. */
const told: Readonly<Record<string, Told>> = {
  'times.school_days': { name: 'School days', form: plain('weekdays'), words: days },
  'times.am': { name: 'Morning register', form: plain('register'), words: register },
  'times.pm': { name: 'Afternoon register', form: plain('register'), words: register },
  'times.override': { name: 'Other registers for some', form: plain('overrides'), words: overrides },
  'times.kiosk': {
    name: 'Name lists at the box',
    form: plain('hours'),
    words: (value) => `${text(value, 'from')} to ${text(value, 'to')}`,
  },
  'late.after_close': choices('Arrivals after the register closed', [
    ['office', 'The office decides each one'],
    ['code', 'The code of the reason is written'],
  ]),
  'late.replace_present': yesNo(
    'Present already while the register is open',
    'An L replaces / and \\',
    'Present stays: an L waits for staff',
  ),
  'late.hold_seconds': {
    name: 'Held before a mark is sent',
    form: { kind: 'number', unit: 'seconds', least: 0, most: 3600 },
    words: (value) => `${scalar(value)} seconds`,
  },
  'late.comes_and_goes': {
    name: 'Comes and goes, without lateness',
    form: plain('years'),
    words: (value) => listed(value) || 'No year group',
  },
  'late.where_next': { name: 'Where to go after signing in', form: plain('texts'), words: texts },
  'leave.approval': { name: 'Leaves only when staff let them go', form: plain('approval'), words: approval },
  'leave.ask_with_whom': choices('"Who are you going with?" is asked', [
    ['approval', 'Where staff let them go'],
    ['always', 'Of everybody'],
    ['never', 'Never'],
  ]),
  'leave.write_later_session': yesNo(
    'A later register that is missed',
    'The code of the reason is written',
    'The code of the reason is proposed, and staff decide',
  ),
  'badge.photo': yesNo('Photo on the badge', 'Printed', 'Not printed'),
  'badge.school_name': yesNo("The school's name on the badge", 'Printed', 'Not printed'),
  'badge.registration_group': yesNo('Registration group on the badge', 'Printed', 'Not printed'),
  'keep.photos': choices('Photos go', [
    ['same-day', 'At the end of the same day'],
    ['next-school-day', 'At the end of the next school day'],
  ]),
  'keep.events': {
    ...choices('Movements go', [
      ['school-year', keptWords('school-year')],
      ...[30, 60, 90, 180, 365, 400].map((count) => [count, keptWords(count)] as const),
    ]),
    words: keptWords,
  },
};
export const timePlaces = Object.keys(told).filter((place) => place.startsWith('times.'));
export const rulePlaces = Object.keys(told).filter((place) => !place.startsWith('times.'));

/** What staff call it. */
export function settingName(place: string, value: SettingValue | null, labelOf: (id: string) => string): string {
  const [kind = '', first = '', second = ''] = place.split('.');
  if (kind === 'order')
    return first === 'late' ? 'Order of the reasons for coming late' : 'Order of the reasons for leaving';
  if (kind === 'reason') return label(value) ?? labelOf(second);
  if (kind === 'exception') return first === second ? dayWords(first) : `${dayWords(first)} to ${dayWords(second)}`;
  return told[place]?.name ?? place;
}

export function settingForm(place: string): SettingForm {
  const [kind = '', first = ''] = place.split('.');
  if (kind === 'reason') return { kind, of: first === 'late' ? 'late' : 'leave' };
  if (kind === 'exception') return { kind };
  return told[place]?.form ?? plain('texts');
}

export function settingWords(place: string, value: SettingValue, labelOf: (id: string) => string): string {
  const [kind = '', first = ''] = place.split('.');
  if (kind === 'order')
    return list(value)
      .map((id) => labelOf(scalar(id)))
      .join(', ');
  if (kind === 'reason') return first === 'late' ? lateReason(value) : leaveReason(value);
  if (kind === 'exception') return list(value).map(exception).join('; ');
  if (place === 'leave.approval') return approval(value, labelOf);
  return told[place]?.words(value) ?? JSON.stringify(value);
}

/** What somebody said it should be. */
type Said = Pick<SettingBody, 'place' | 'change'>;
export function valueOf(said: Said | undefined): SettingValue | null {
  // It was held against the technician file's schema when it was said.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
  return typeof said?.change === 'object' ? (said.change.set as SettingValue) : null;
}
export function saidWords(said: Said, labelOf: (id: string) => string): string {
  if (said.change === 'removed') return 'Taken out';
  if (said.change === 'as-in-file') return 'As in the technician file again';
  return settingWords(said.place, valueOf(said) ?? '', labelOf);
}

function keptWords(value: SettingValue): string {
  return value === 'school-year' ? 'At the end of the school year' : `After ${scalar(value)} days`;
}

function scalar(value: SettingValue | undefined): string {
  return typeof value === 'object' ? '' : String(value ?? '');
}
const list = (value: SettingValue | undefined): readonly SettingValue[] =>
  Array.isArray(value) ? (value as readonly SettingValue[]) : [];
const isTable = (value: SettingValue | undefined): value is SettingTable =>
  typeof value === 'object' && !Array.isArray(value);
const part = (value: SettingValue | undefined, name: string): SettingValue | undefined =>
  isTable(value) ? value[name] : undefined;
const text = (value: SettingValue | undefined, name: string): string => scalar(part(value, name));
const listed = (value: SettingValue | undefined): string => list(value).map(scalar).join(', ');

function label(reason: SettingValue | null): string | null {
  const labels = part(reason ?? undefined, 'label');
  const first = isTable(labels) ? (labels['en'] ?? Object.values(labels)[0]) : undefined;
  return first === undefined ? null : scalar(first);
}

function lateReason(value: SettingValue): string {
  const code = part(value, 'code');
  const after = text(code, 'after_close');
  const open = text(code, 'before_close') || 'L';
  return `${texts(part(value, 'label'))}. ${open} while the register is open; after it closed ${after === '' || after === 'none' ? 'the office decides' : after}`;
}

function leaveReason(value: SettingValue): string {
  const later = text(value, 'later_session_code');
  const back = part(value, 'back') ?? 'ask';
  const returns =
    back === 'ask'
      ? 'asked when they come back'
      : back === 'not-today'
        ? 'not back today'
        : `back in ${scalar(back)} minutes`;
  return `${texts(part(value, 'label'))}. ${capital(returns)}; for a later register that is missed ${later === '' || later === 'none' ? 'no code' : later}`;
}

/** `Bus or train · Bws neu drên`. */
function texts(value: SettingValue | undefined): string {
  return isTable(value) ? Object.values(value).map(scalar).join(' · ') : '';
}

function register(value: SettingValue): string {
  const starts = part(value, 'starts');
  const from = starts === undefined ? '' : `, minutes late count from ${scalar(starts)}`;
  return `${text(value, 'opens')} to ${text(value, 'closes')}${from}; the session ends at ${text(value, 'ends')}`;
}

/** `Monday to Friday`, `Monday, Wednesday`. */
function days(value: SettingValue | undefined): string {
  const given = new Set(list(value).map(scalar));
  const week = Object.entries(weekdayNames);
  const at = week.flatMap(([day], index) => (given.has(day) ? [index] : []));
  const names = at.map((index) => week[index]?.[1] ?? '');
  const run = at.length > 2 && (at.at(-1) ?? 0) - (at[0] ?? 0) === at.length - 1;
  return run ? `${names[0] ?? ''} to ${names.at(-1) ?? ''}` : names.join(', ');
}

function session(value: SettingTable, name: 'am' | 'pm'): readonly string[] {
  const given = value[name];
  const words = name === 'am' ? 'morning' : 'afternoon';
  if (given === undefined) return [];
  return [given === 'none' ? `no ${words} register` : `${words} ${register(given)}`];
}
const sessions = (value: SettingTable): string => [...session(value, 'am'), ...session(value, 'pm')].join(', ');

function overrides(value: SettingValue): string {
  const all = list(value)
    .filter(isTable)
    .map((one) => {
      const who = [listed(one['year_groups']), days(one['weekdays'])].filter((words) => words !== '').join(' on ');
      return `${who}: ${sessions(one)}`;
    });
  return all.length === 0 ? 'None' : all.join('; ');
}

function exception(value: SettingValue): string {
  if (!isTable(value)) return '';
  const who = listed(value['year_groups']);
  const what = value['closed'] === true ? 'No school' : sessions(value);
  return who === '' ? capital(what) : `${who}: ${what}`;
}

function approval(value: SettingValue, labelOf: (id: string) => string = (id) => id): string {
  const years = listed(part(value, 'year_groups'));
  const reasons = list(part(value, 'reasons')).map((id) => `"${labelOf(scalar(id))}"`);
  const both = [years, reasons.join(', ')].filter((words) => words !== '');
  return both.length === 0 ? 'Nobody' : both.join('; and ');
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const week = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
/** `Mon 21 Dec 2026`. */
export function dayWords(date: string): string {
  const [year = '', month = '1', day = '1'] = date.split('-');
  return `${week[new Date(date).getUTCDay()] ?? ''} ${String(Number(day))} ${months[Number(month) - 1] ?? ''} ${year}`;
}

const capital = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
