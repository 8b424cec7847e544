/** "Reasons and times": what holds now, what comes, what the technician file says, who said what (product.md 6). */
import type { SettingCodes, SettingRow, SettingSaid, SettingsView } from '../../../contract/staff-settings.ts';
import type { Choice } from '../../../contract/staff-views.ts';
import type { CodeEntry } from '../../../domain/codes.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import { reasonIconNames } from '../../../domain/reason-icons.ts';
import { dayOf, isSchoolDay, nextSchoolDay } from '../../../domain/school-day.ts';
import { inForce, standing } from '../../../domain/setting-changes.ts';
import type { SaidSetting, SettingChanges } from '../../../domain/setting-changes.ts';
import type { Settings } from '../../../domain/settings.ts';
import { compareYearGroups } from '../../../domain/year-group.ts';
import { reasonLabel } from '../../../desk/school.ts';
import type { SettingsDesk } from '../../../desk/settings.ts';
import type { School } from '../../../desk/school.ts';
import { today } from '../../../desk/when.ts';
import { clockTime } from '../../../settings/kinds.ts';
import { at } from '../../../settings/places.ts';
import { fileValues } from '../../../settings/values.ts';
import { datedFace, rowsMax } from './rows.ts';
import {
  rulePlaces,
  saidWords,
  settingForm,
  settingName,
  settingWords,
  timePlaces,
  valueOf,
} from './settings-words.ts';
import type { StaffSituation } from './situation.ts';

const languageNames = { en: 'English', cy: 'Welsh' } as const;

export function settingsView(school: School, ledger: Ledger, { asInFile }: StaffSituation): SettingsView {
  const { settings, roster } = school;
  const changes = ledger.settings;
  const date = today(school);
  const rows = rowMaker(settings, asInFile, changes, date);
  const years = new Set(roster.pupils.flatMap(({ yearGroup }) => (yearGroup === null ? [] : [yearGroup])));
  const reasons = (kind: 'late' | 'leave'): readonly SettingRow[] => {
    const now = kind === 'late' ? settings.lateReasons : settings.leaveReasons;
    const file = kind === 'late' ? asInFile.lateReasons : asInFile.leaveReasons;
    const gone = file.filter(({ id }) => now.every((one) => one.id !== id));
    const coming = comingPlaces(changes, date, `reason.${kind}.`);
    return rows([...[...now, ...gone].map(({ id }) => `reason.${kind}.${id}`), ...coming]);
  };
  const exceptions = [...settings.times.exceptions, ...asInFile.times.exceptions].map(
    ({ from, to }) => `exception.${from}.${to}`,
  );
  return {
    today: date,
    example: exampleOf(settings, date, [...years]),
    languages: settings.school.languages.map((id) => ({ id, label: languageNames[id] })),
    yearGroups: [...years].sort(compareYearGroups),
    icons: reasonIconNames,
    late: reasons('late'),
    leave: reasons('leave'),
    times: rows(timePlaces),
    exceptions: rows([...exceptions, ...comingPlaces(changes, date, 'exception.')].sort()),
    rules: rows(rulePlaces),
    said: saidRows(school, changes, date, labels(settings)),
  };
}

/** The next school day, a little after the register has opened, so that something shows. */
function exampleOf(settings: Settings, date: string, years: readonly string[]): SettingsView['example'] {
  const yearGroup = years.includes('Year 9') ? 'Year 9' : ([...years].sort(compareYearGroups).at(-1) ?? 'Year 9');
  const day = isSchoolDay(date, settings) ? date : (nextSchoolDay(date, settings) ?? date);
  const opens = dayOf(day, yearGroup, settings).am?.opens ?? settings.times.am.opens;
  return { date: day, time: clockTime(opens + 22), yearGroup };
}

const comingPlaces = (changes: SettingChanges, date: string, start: string): readonly string[] =>
  standing(changes).flatMap(({ place, from }) => (from > date && place.startsWith(start) ? [place] : []));

function rowMaker(settings: Settings, asInFile: Settings, changes: SettingChanges, date: string) {
  const [now, file] = [fileValues(settings), fileValues(asInFile)];
  const over = inForce(changes, date);
  const labelOf = labels(settings);
  return (places: readonly string[]): readonly SettingRow[] =>
    [...new Set(places)].map((place) => {
      const [value, before] = [at(now, place) ?? null, at(file, place)];
      const coming = standing(changes).filter((one) => one.place === place && one.from > date);
      const name = settingName(place, value ?? before ?? valueOf(coming[0]), labelOf);
      const words = value === null ? 'Taken out' : settingWords(place, value, labelOf);
      return {
        place,
        name,
        form: settingForm(place),
        value,
        // The name of a reason is its words already.
        words: words.startsWith(`${name}. `) ? words.slice(name.length + 2) : words,
        inFile: before === undefined ? null : settingWords(place, before, labelOf),
        changed: over.has(place) && over.get(place)?.change !== 'as-in-file',
        coming: coming.map((one) => ({ from: one.from, words: saidWords(one, labelOf) })),
      };
    });
}

function saidRows(
  school: School,
  changes: SettingChanges,
  date: string,
  labelOf: (id: string) => string,
): readonly SettingSaid[] {
  const over = inForce(changes, date);
  const stateOf = (said: SaidSetting): SettingSaid['state'] => {
    if (said.undoneBy !== undefined) return 'undone';
    if (said.from > date) return 'coming';
    return over.get(said.place)?.ref === said.ref ? 'holds' : 'replaced';
  };
  const newest = [...changes.values()].slice(-rowsMax).reverse();
  return newest.map((said) => ({
    setting: said.ref,
    at: datedFace(school, said.at),
    by: said.by,
    why: said.why,
    name: settingName(said.place, valueOf(said), labelOf),
    words: saidWords(said, labelOf),
    from: said.from,
    state: stateOf(said),
    undoneBy: said.undoneBy ?? null,
  }));
}

/** What a reason may name, as choices. */
export function codeChoices({ codes, asked }: Awaited<ReturnType<SettingsDesk['codes']>>): SettingCodes {
  const choice = ([id, { meaning }]: readonly [string, CodeEntry]): Choice => ({ id, label: `${id}: ${meaning}` });
  const all = [...codes];
  return {
    present: all.filter(([, { category }]) => category === 'present').map(choice),
    all: all.map(choice),
    words: asked
      ? 'These codes are in your MIS.'
      : 'The MIS does not tell its codes now: these are the codes of the law.',
  };
}

const labels =
  (settings: Settings) =>
  (id: string): string =>
    reasonLabel(settings, settings.lateReasons.some((one) => one.id === id) ? 'late' : 'leave', id) ?? id;
