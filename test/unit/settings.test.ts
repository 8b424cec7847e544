import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codesOf } from '../../device/domain/codes.ts';
import { reasonIcons } from '../../device/domain/reason-icons.ts';
import type { Settings } from '../../device/domain/settings.ts';
import { shippedLateReasons, shippedLeaveReasons } from '../../device/domain/settings-defaults.ts';
import { problemText } from '../../device/settings/problem.ts';
import { type ReadSettings, readSettings, withSecrets } from '../../device/settings/read.ts';
import { keys } from '../../device/settings/schema-walk.ts';

const codes = (nation: 'england' | 'wales') => codesOf(nation, '2026-11-23');
const sample = readFileSync('test/fixtures/settings/porter.toml', 'utf8');
const base = '[school]\nname = "Hill View School"\n[mis]\nconnector = "none"\n';

function good(toml: string, baseDir = '/config'): ReadSettings & { ok: true } {
  const read = readSettings(toml, 'porter.toml', { baseDir, codes });
  if (!read.ok) throw new Error(read.problems.map(problemText).join('\n'));
  return read;
}
const settingsOf = (toml: string): Settings => good(toml).settings;

describe('the sample technician file', () => {
  it('is valid, without a warning', () => {
    expect(good(sample).warnings).toEqual([]);
  });

  it('says what it says', () => {
    const { school, times, late, leave, lateReasons, leaveReasons, mis, roster } = settingsOf(sample);
    expect(school).toEqual({
      name: 'Hill View School',
      nation: 'england',
      timeZone: 'Europe/London',
      languages: ['en'],
      accent: '#1d5f8a',
      badgeKey: null,
    });
    expect(times.am).toEqual({ opens: 520, starts: 520, closes: 550, ends: 735 });
    expect(times.overrides).toEqual([
      { weekdays: null, yearGroups: ['Year 12', 'Year 13'], am: { opens: 540, starts: 540, closes: 570, ends: 735 } },
    ]);
    expect(times.exceptions).toEqual([
      {
        from: '2026-12-18',
        to: '2026-12-18',
        closed: false,
        yearGroups: null,
        pm: { opens: 795, starts: 795, closes: 810, ends: 840 },
      },
      { from: '2026-12-21', to: '2027-01-01', closed: true, yearGroups: null },
    ]);
    expect(late.whereNext).toEqual({ en: 'Go to your form room.' });
    expect(leave.approval.yearGroups).toContain('Reception');
    expect(lateReasons.map(({ id }) => id)).toEqual(['bus', 'tell-staff']);
    expect(leaveReasons.map(({ id }) => id)).toEqual(['medical', 'unwell', 'tell-staff']);
    expect(mis).toEqual({
      connector: 'wonde',
      baseUrl: 'https://api.wonde.com/v1.0',
      schoolId: 'A1930499544',
      token: '...',
      writeBack: true,
    });
    expect(roster).toEqual({ source: 'mis', csv: null, refresh: 150, offKiosk: ['Nursery'] });
  });

  it('lists its keys for the settings table, each with a type and a meaning', () => {
    const rows = keys();
    const inTable = new Set(rows.map(({ key }) => key.split('.')[0]?.replace('[]', '')));
    for (const [, section] of sample.matchAll(/^\[+([a-z]+)/gm)) expect(inTable).toContain(section);
    for (const row of rows) {
      expect(row.type, row.key).not.toBe('');
      expect(row.meaning, row.key).not.toBe('');
    }
    expect(
      rows.filter((row) => row.default === 'needed' && !/\[\]|^network/.test(row.key)).map(({ key }) => key),
    ).toEqual(['school.name', 'mis.connector']);
    expect(rows.find(({ key }) => key === 'late.hold_seconds')).toEqual({
      key: 'late.hold_seconds',
      type: 'a whole number from 0 to 3600 seconds',
      default: '60',
      meaning: 'held before a mark may be sent',
    });
  });
});

describe('defaults', () => {
  it('are there for all but the name of the school and the MIS', () => {
    const settings = settingsOf(base);
    expect(settings.times.am).toEqual({ opens: 520, starts: 520, closes: 550, ends: 735 });
    expect(settings.times.kiosk).toEqual({ from: 450, to: 1080 });
    expect(settings.late).toMatchObject({ afterClose: 'office', replacePresent: true, holdSeconds: 60 });
    expect(settings.leave.approval.reasons).toEqual(['unwell', 'tell-staff']);
    expect(settings.badge).toEqual({ photo: false, schoolName: false, registrationGroup: false });
    expect(settings.keep).toEqual({ photos: 'next-school-day', events: 'school-year' });
    expect(settings.web.kioskPort).toBe(8080);
  });

  it('take the roster from a CSV file beside the technician file where there is no MIS', () => {
    expect(settingsOf(base).roster).toMatchObject({ source: 'csv', csv: '/config/roster.csv' });
  });

  it('let minutes late count from the opening of the register', () => {
    const times = '[times]\nam = { opens = "08:30", starts = "08:40", closes = "09:00", ends = "12:00" }\n';
    expect(settingsOf(base + times).times.am).toEqual({ opens: 510, starts: 520, closes: 540, ends: 720 });
    expect(settingsOf(base + times).times.pm).toEqual({ opens: 795, starts: 795, closes: 825, ends: 920 });
  });
});

describe('reasons', () => {
  it('as shipped: six and four, then the one for those who would rather tell a person', () => {
    const { lateReasons, leaveReasons } = settingsOf(base);
    expect(lateReasons.map(({ id }) => id).join(' ')).toBe(
      'bus overslept traffic appointment weather family tell-staff',
    );
    expect(leaveReasons.map(({ id }) => id).join(' ')).toBe('medical unwell family lunch tell-staff');
  });

  it('as shipped have words in both languages, a known picture, and no code for after close', () => {
    for (const reason of [...shippedLateReasons, ...shippedLeaveReasons]) {
      expect(reason.label.en).toBeTruthy();
      expect(reason.label.cy).toBeTruthy();
      if (reason.icon !== null) expect(reasonIcons).toHaveProperty(reason.icon);
    }
    expect(shippedLateReasons.map(({ afterClose }) => afterClose)).toEqual(shippedLateReasons.map(() => null));
  });

  it('every picture is a file of the icon set', () => {
    for (const file of Object.values(reasonIcons)) {
      expect(readFileSync(`node_modules/lucide-static/icons/${file}.svg`, 'utf8')).toContain('<svg');
    }
  });

  it('of one kind replace the shipped ones of that kind only', () => {
    const car = '[[reason]]\nid = "car"\nkind = "late"\nlabel = { en = "Car" }\nicon = "car"\n';
    const { lateReasons, leaveReasons } = settingsOf(base + car);
    expect(lateReasons.map(({ id }) => id)).toEqual(['car', 'tell-staff']);
    expect(leaveReasons).toEqual(shippedLeaveReasons);
  });

  it("keep tell-staff last and without a picture, also in the school's own form", () => {
    const own = '[[reason]]\nid = "tell-staff"\nkind = "late"\nlabel = { en = "Ask me" }\nicon = "person"\n';
    const car = '[[reason]]\nid = "car"\nkind = "late"\nlabel = { en = "Car" }\n';
    expect(settingsOf(base + own + car).lateReasons.map(({ id, icon }) => [id, icon])).toEqual([
      ['car', null],
      ['tell-staff', null],
    ]);
    expect(settingsOf(base + own).lateReasons).toHaveLength(shippedLateReasons.length);
    expect(settingsOf(base + own).lateReasons.at(-1)?.label).toEqual({ en: 'Ask me' });
  });

  it('say when the pupil comes back, in minutes or words', () => {
    const leave = (back: string) =>
      settingsOf(`${base}[[reason]]\nid = "gym"\nkind = "leave"\nlabel = { en = "Gym" }\nback = ${back}\n`)
        .leaveReasons[0];
    expect(leave('45')?.back).toEqual({ minutes: 45 });
    expect(leave('"not-today"')?.back).toBe('not-today');
  });
});

describe('forms that mean the same', () => {
  it('reads times and dates with and without quotes, a byte order mark, CRLF and dotted keys', () => {
    const plain = settingsOf(
      `${base}[times]\nkiosk = { from = "07:00", to = "18:00" }\n[[times.exception]]\ndate = "2026-12-18"\nclosed = true\n`,
    );
    const other = settingsOf(
      `\uFEFFschool.name = "Hill View School"\nmis.connector = "none"\ntimes.kiosk.from = 7:00\n`
        .replace('7:00', '07:00:00')
        .replaceAll('\n', '\r\n') + '[[times.exception]]\ndate = 2026-12-18\nclosed = true\n',
    );
    expect(other).toEqual(plain);
  });

  it('names year groups as the roster does', () => {
    const settings = settingsOf(
      `${base}[late]\ncomes_and_goes = ["12", "Yr13", "y13"]\n[roster]\noff_kiosk = ["N2", "R"]\n`,
    );
    expect(settings.late.comesAndGoes).toEqual(['Year 12', 'Year 13']);
    expect(settings.roster.offKiosk).toEqual(['Nursery', 'Reception']);
  });

  it('lets year groups be AM only', () => {
    const [override] = settingsOf(`${base}[[times.override]]\nyear_groups = ["Nursery"]\npm = "none"\n`).times
      .overrides;
    expect(override).toEqual({ weekdays: null, yearGroups: ['Nursery'], pm: 'none' });
  });
});

describe('secrets', () => {
  const wonde = (token: string) =>
    `[school]\nname = "x"\nbadge_key = "(stored)"\n[mis]\nconnector = "wonde"\nschool_id = "A1"\n${token}\n`;

  it('that first boot stored are named, and put in by the caller', () => {
    const read = good(`${wonde('token = "(stored)"')}[network]\nwifi = { ssid = "x", psk = "(stored)" }\n`);
    expect(read.stored).toEqual(['school.badge_key', 'mis.token', 'network.wifi.psk']);
    expect(read.settings.mis).toMatchObject({ token: '' });
    expect(read.settings.school.badgeKey).toBeNull();
    const filled = withSecrets(read.settings, { 'mis.token': 'from the data folder', 'school.badge_key': 'k' });
    expect(filled.mis).toMatchObject({ token: 'from the data folder' });
    expect(filled.school.badgeKey).toBe('k');
  });

  it('in a file of their own are named by an absolute path', () => {
    expect(good(wonde('token_file = "wonde.token"')).tokenFile).toBe('/config/wonde.token');
    expect(good(wonde('token_file = "/run/credentials/wonde"')).tokenFile).toBe('/run/credentials/wonde');
  });
});

describe('the settings version', () => {
  it('changes with every rule', () => {
    const versions = [base, `${base}[late]\nhold_seconds = 61\n`, `${base}[times]\nkiosk = { to = "18:01" }\n`].map(
      (toml) => settingsOf(toml).version,
    );
    expect(new Set(versions).size).toBe(3);
    expect(versions[0]).toMatch(/^[0-9a-f]{12}$/);
  });

  it('stays when only comments, order, secrets or the network change', () => {
    const one = '[school]\nname = "x"\n[mis]\nconnector = "wonde"\nschool_id = "A1"\ntoken = "one"\n';
    const two = `# new\n[network]\nhostname = "door"\n[mis]\ntoken = "two"\nschool_id = "A1"\nconnector = "wonde"\n[school]\nname = "x"\n`;
    expect(settingsOf(two).version).toBe(settingsOf(one).version);
  });
});
