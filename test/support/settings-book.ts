/** A technician file that says what these settings are, for tests that begin with settings and not with a file. */
import type { SettingBody } from '../../device/domain/record.ts';
import type { SaidSetting, SettingChanges } from '../../device/domain/setting-changes.ts';
import { shippedLateReasons, shippedLeaveReasons } from '../../device/domain/settings-defaults.ts';
import type { Settings } from '../../device/domain/settings.ts';
import { SettingsBook } from '../../device/settings/book.ts';
import { at, changeable } from '../../device/settings/places.ts';
import { readSettings } from '../../device/settings/read.ts';
import { fileValues } from '../../device/settings/values.ts';

const text = '[school]\nname = "Hill View School"\n[mis]\nconnector = "none"\n';

/** Every setting that staff may change, said as a change of long ago. */
export function allSaid(settings: Settings): SettingChanges {
  const values = fileValues(settings);
  const { times, lateReasons, leaveReasons } = settings;
  const places = [
    ...changeable,
    ...lateReasons.map(({ id }) => `reason.late.${id}`),
    ...leaveReasons.map(({ id }) => `reason.leave.${id}`),
    ...['order.late', 'order.leave'],
    ...times.exceptions.map(({ from, to }) => `exception.${from}.${to}`),
  ];
  const gone = [
    ...shippedLateReasons.filter(({ id }) => lateReasons.every((one) => one.id !== id)).map(({ id }) => `late.${id}`),
    ...shippedLeaveReasons
      .filter(({ id }) => leaveReasons.every((one) => one.id !== id))
      .map(({ id }) => `leave.${id}`),
  ];
  const all = [
    ...places.map((place) => said(place, { set: at(values, place) })),
    ...gone.map((reason) => said(`reason.${reason}`, 'removed')),
  ];
  return new Map(all.map((one) => [one.ref, one]));
}

function said(place: string, change: SettingBody['change']): SaidSetting {
  const when = { earliest: 0, latest: 0, mono: 0, boot: 'b' };
  const record = { ref: `file:${place}`, n: 0, run: 'r', at: when };
  return { ...record, type: 'setting', v: 1, place, change, from: '2000-01-01', why: null, by: 'the file' };
}

export function bookOf(settings: Settings): Pick<SettingsBook, 'on' | 'try'> {
  const read = readSettings(text, 'porter.toml', { baseDir: '/config' });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const book = new SettingsBook(
    { text, file: 'porter.toml', baseDir: '/config' },
    { ...settings, ...shipped(read.settings) },
  );
  const base = allSaid(settings);
  return {
    on: (changes, date) => book.on(new Map([...base, ...changes]), date),
    try: (changes, body, codes) => book.try(new Map([...base, ...changes]), body, codes),
  };
}

const shipped = ({ times, late, leave, lateReasons, leaveReasons, badge, keep }: Settings) => ({
  ...{ times, late, leave, lateReasons, leaveReasons, badge, keep },
});
