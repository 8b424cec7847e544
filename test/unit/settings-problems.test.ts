import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codesOf } from '../../device/domain/codes.ts';
import { problemText } from '../../device/settings/problem.ts';
import { readSettings } from '../../device/settings/read.ts';

const codes = (nation: 'england' | 'wales') => codesOf(nation, '2026-11-23');

function told(toml: string): readonly string[] {
  const read = readSettings(toml, 'porter.toml', { baseDir: '/config', codes });
  return read.ok ? [] : read.problems.map(problemText);
}
function warned(toml: string): readonly string[] {
  const read = readSettings(toml, 'porter.toml', { baseDir: '/config', codes });
  return read.ok ? read.warnings.map(problemText) : ['refused'];
}
const base = '[school]\nname = "Hill View School"\n[mis]\nconnector = "none"\n';

describe('a technician file with mistakes', () => {
  it('is told every mistake at once: line, key, found, expected, nearest known name', () => {
    const text = readFileSync('test/fixtures/settings/faulty.toml', 'utf8');
    expect(told(text).join('\n')).toMatchInlineSnapshot(`
      "porter.toml, line 2, school.name: found nothing, expected a text of 1 to 60 characters
      porter.toml, line 3, school.nmae: found a name that Porter does not know, expected one of name, nation, time_zone, languages, accent, badge_key; did you mean name?
      porter.toml, line 4, school.nation: found "walse", expected "england" or "wales"; did you mean wales?
      porter.toml, line 5, school.time_zone: found "Europe/Londn", expected a time zone such as "Europe/London"
      porter.toml, line 6, school.languages[1]: found "fr", expected "en" or "cy"
      porter.toml, line 7, school.accent: found "blue", expected a colour such as "#1d5f8a"
      porter.toml, line 8, school.photos: found a name that Porter does not know, expected one of name, nation, time_zone, languages, accent, badge_key; did you mean keep.photos?
      porter.toml, line 11, box.id: found 10, expected a whole number from 0 to 9
      porter.toml, line 14, times.school_days[1]: found "tues", expected "mon", "tue", "wed", "thu", "fri", "sat" or "sun"; did you mean tue?
      porter.toml, line 15, times.am.closes: found "09:10", expected a time not before opens (09:15)
      porter.toml, line 16, times.pm.opens: found "1.15pm", expected a time from "00:00" to "23:59"
      porter.toml, line 18, times.override[0].am.ends: found nothing, expected a time from "00:00" to "24:00"
      porter.toml, line 20, times.exception[0].date: found "2026-02-30", expected a date such as 2026-12-18
      porter.toml, line 22, times.exception[1]: found a table with from, to, closed, expected "from" not after "to"
      porter.toml, line 26, times.exception[2]: found a table with date, expected either closed = true, or "am" or "pm"
      porter.toml, line 30, leave.approval.reasons[0]: found "unwel", expected the id of a "leave" reason; did you mean unwell?
      porter.toml, line 35, reason[0].label.en: found nothing, expected a text in the school's first language
      porter.toml, line 36, reason[0].icon: found "buss", expected "appointment", "bed", "bicycle", "bus", "car", "clock", "family", "home", "lunch", "medical", "music", "other", "person", "sport", "study", "traffic", "train", "travel", "unwell", "walk", "weather" or "work"; did you mean bus?
      porter.toml, line 37, reason[0].code.after_close: found "Q9", expected one of L C I M R S T G O U C1 J1 Y1 Y2 Y7 or "none"
      porter.toml, line 37, reason[0].code.before_close: found "U", expected a code for being present: the register is still open
      porter.toml, line 39, reason[1].id: found "bus", expected an id that no other "late" reason has
      porter.toml, line 42, reason[1].back: found a key of the other kind of reason, expected only keys of a "late" reason
      porter.toml, line 45, mis.connector: found "arbor", expected "wonde" or "none" ("arbor" and "filedrop" are not built yet)
      porter.toml, line 46, mis.base_url: found "http://api.wonde.com/v1.0", expected an https:// address (http:// only for 127.0.0.1, ::1 or localhost)
      porter.toml, line 47, mis.token: found a text of 27 characters, expected a text of 1 to 4096 characters without spaces or accents
      porter.toml, line 50, hardware.lights: found a table with green, amber, red, expected three different pins
      porter.toml, line 52, web: found a table with tls_cert, expected "tls_cert" and "tls_key", or neither
      porter.toml, line 56, keep.events: found 7, expected "school-year" or a whole number from 30 to 400 days
      porter.toml, line 58, kiosk: found a name that Porter does not know, expected one of school, box, times, late, leave, reason, mis, roster, hardware, badge, web, keep, clock, network, update; did you mean times.kiosk?"
    `);
  });

  it('is told every line that is no TOML, and the other mistakes beside them', () => {
    const text = ['[school', 'name = "Hill View', 'nation = "walse"', '[mis]', 'connector = none', '[box]', 'id = 11'];
    expect(told(text.join('\n')).join('\n')).toMatchInlineSnapshot(`
      "porter.toml, line 1: found a mistake (The key, equals sign, and value must be on the same line), expected a line of TOML: name = value, or [section]
      porter.toml, line 2: found a mistake (Unterminated string constant), expected a line of TOML: name = value, or [section]
      porter.toml, line 5: found a mistake (Unexpected character), expected a line of TOML: name = value, or [section]
      porter.toml, line 7, box.id: found 11, expected a whole number from 0 to 9"
    `);
  });

  it('does not miss what an unreadable line may have held', () => {
    expect(told('[school]\nname = Hill View\n[mis]\nconnector = "none"\n')).toHaveLength(1);
  });

  it('is told a key given twice by its second line', () => {
    expect(told(`${base}[box]\nid = 1\nid = 2\n`)).toEqual([
      'porter.toml, line 7: found a mistake (Defining a key multiple times is invalid), expected a line of TOML: name = value, or [section]',
    ]);
  });

  it('needs the name of the school and how to reach its MIS, and says so', () => {
    expect(told('').join('\n')).toMatchInlineSnapshot(`
      "porter.toml, line 1, school.name: found nothing, expected a text of 1 to 60 characters
      porter.toml, line 1, mis.connector: found nothing, expected "wonde" or "none" ("arbor" and "filedrop" are not built yet)"
    `);
    expect(told('[school]\nname = "x"\n[mis]\nconnector = "wonde"\n').join('\n')).toMatchInlineSnapshot(`
      "porter.toml, line 3, mis.school_id: found nothing, expected the school's Wonde id
      porter.toml, line 3, mis.token: found nothing, expected the access token, or token_file"
    `);
  });

  it('lists the connectors there are when one is named that is not built yet', () => {
    const [problem] = told(base.replace('"none"', '"filedrop"'));
    expect(problem).toContain(
      'found "filedrop", expected "wonde" or "none" ("arbor" and "filedrop" are not built yet)',
    );
  });

  it.each([
    ['constructor = 1', 'constructor'],
    ['__proto__ = { name = "x" }', '__proto__'],
    ['"two\\nlines" = 1', '"two\\nlines"'],
    ['toString = "x"', 'toString'],
  ])('refuses %s like any other unknown key, on one line', (line, key) => {
    const [problem, ...others] = told(`[school]\nname = "x"\n${line}\n[mis]\nconnector = "none"\n`);
    expect(others).toEqual([]);
    expect(problem).toContain(`porter.toml, line 3, school.${key}: found a name that Porter does not know`);
    expect(problem).not.toContain('\n');
  });

  it('never repeats a secret', () => {
    const secrets = [
      '[mis]\nconnector = "wonde"\nschool_id = "A1"\ntoken = "hunter2 hunter2"\nbase_url = "https://me:hunter2@wonde.test"\ntokn = "hunter2"\n',
      '[mis]\nconnector = "wonde"\nschool_id = "A1"\ntoken = "hunter2\n',
      '[mis]\nconnector = "wonde"\nschool_id = "A1"\ntoken = hunter2\n',
      'mis = "hunter2"\n',
      `${base}[network]\nwifi = "hunter2"\n`,
      `${base}[network]\nproxy = "http://me:hunter2@proxy:3128\\u0001"\n`,
      `${base}[network]\nwifi = { ssid = "x", psk = "hunter2\\u0007" }\n`,
      '[school]\nname = "x"\nbadge_key = "hunter2"\n',
    ];
    for (const text of secrets) {
      expect(told(text).length, text).toBeGreaterThan(0);
      expect(told(text).join('\n')).not.toContain('hunter2');
    }
  });
});

describe('times', () => {
  it.each([
    ['am = { opens = "08:40", starts = "08:30", closes = "09:10", ends = "12:15" }', 'times.am.starts'],
    ['am = { opens = "08:40", starts = "09:20", closes = "09:10", ends = "12:15" }', 'times.am.closes'],
    ['am = { opens = "08:40", closes = "09:10", ends = "09:00" }', 'times.am.ends'],
    ['am = { opens = "08:40", closes = "09:10", ends = "13:16" }', 'times.am.ends'],
    ['pm = { opens = "12:00", closes = "12:10", ends = "15:00" }', 'times.pm.opens'],
    ['am = { opens = "08:40", closes = "24:00", ends = "24:00" }', 'times.am.closes'],
    ['am = { opens = "8.40" }', 'times.am.opens'],
    ['am = { opens = "08:60" }', 'times.am.opens'],
    ['kiosk = { from = "18:00", to = "07:30" }', 'times.kiosk'],
    ['school_days = []', 'times.school_days'],
    ['override = [{ year_groups = ["Year 7"] }]', 'times.override[0]'],
    ['exception = [{ date = 2026-12-18, from = 2026-12-18, to = 2026-12-19, closed = true }]', 'times.exception[0]'],
    ['exception = [{ from = 2026-12-18, closed = true }]', 'times.exception[0]'],
    ['exception = [{ date = 2026-12-18, closed = true, am = "none" }]', 'times.exception[0]'],
    [
      'exception = [{ date = 2026-12-18, am = { opens = "08:40", closes = "09:10", ends = "13:00" }, pm = { opens = "12:00", closes = "12:10", ends = "14:00" } }]',
      'times.exception[0].pm.opens',
    ],
  ])('%s is refused', (line, key) => {
    const problems = told(`${base}[times]\n${line}\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`porter.toml, line 6, ${key}: `);
  });

  it('warns about a register that is open for more than 30 minutes, and takes 30', () => {
    const am = (closes: string) => `${base}[times]\nam = { opens = "08:40", closes = "${closes}", ends = "12:15" }\n`;
    expect(warned(am('09:10'))).toEqual([]);
    expect(warned(am('09:11'))).toEqual([
      'porter.toml, line 6, times.am.closes: found a register that is open for 31 minutes, expected at most 30, as the law has it',
    ]);
  });

  it('warns about an override that would only count on days without school', () => {
    const line = '[[times.override]]\nweekdays = ["sat"]\npm = "none"\n';
    expect(warned(base + line)).toHaveLength(1);
  });

  it('warns about a year group that Porter does not know: it may be a slip', () => {
    expect(warned(`${base}[late]\ncomes_and_goes = ["Yaer 12", "Lower Sixth", "y13"]\n`)).toEqual([
      'porter.toml, line 6, late.comes_and_goes[0]: found "Yaer 12", expected a year group such as "Year 7", or exactly the words of the MIS; did you mean Year 12?',
      'porter.toml, line 6, late.comes_and_goes[1]: found "Lower Sixth", expected a year group such as "Year 7", or exactly the words of the MIS',
    ]);
  });
});

describe('reasons', () => {
  const reason = (more: string, nation = 'england') =>
    `[school]\nname = "x"\nnation = "${nation}"\n[mis]\nconnector = "none"\n[[reason]]\nid = "car"\nlabel = { en = "Car" }\n${more}\n`;

  it.each([
    ['kind = "late"\ncode = { before_close = "N" }', 'reason[0].code.before_close'],
    ['kind = "late"\ncode = { before_close = "U" }', 'reason[0].code.before_close'],
    ['kind = "late"\ncode = { before_close = "none" }', 'reason[0].code.before_close'],
    ['kind = "late"\ncode = { after_close = "N" }', 'reason[0].code.after_close'],
    ['kind = "late"\ncode = { after_close = "E" }', 'reason[0].code.after_close'],
    ['kind = "late"\ncode = { after_close = "u" }', 'reason[0].code.after_close'],
    ['kind = "leave"\nlater_session_code = "H"', 'reason[0].later_session_code'],
    ['kind = "leave"\nback = 4', 'reason[0].back'],
    ['kind = "leave"\nback = "minutes"', 'reason[0].back'],
    ['kind = "leave"\ncode = { before_close = "L" }', 'reason[0].code'],
    ['kind = "late"\nlater_session_code = "M"', 'reason[0].later_session_code'],
    ['kind = "late"\nicon = "rocket"', 'reason[0].icon'],
  ])('%s is refused', (more, key) => {
    const problems = told(reason(more));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${key}: `);
  });

  it("takes a code from the school's own nation only", () => {
    expect(told(reason('kind = "leave"\nlater_session_code = "J1"'))).toEqual([]);
    expect(told(reason('kind = "leave"\nlater_session_code = "J1"', 'wales'))).toHaveLength(1);
  });

  it('are not refused because the clock of a new box stands in 1970', () => {
    const toml = reason('kind = "late"\ncode = { after_close = "U" }');
    const codesThen = (nation: 'england' | 'wales') => codesOf(nation, '1970-01-01');
    expect(readSettings(toml, 'porter.toml', { baseDir: '/config', codes: codesThen }).ok).toBe(true);
  });

  it('lets a school choose U after the register closed', () => {
    expect(told(reason('kind = "late"\ncode = { after_close = "U" }'))).toEqual([]);
  });

  it('does not let a slip in the approval list let pupils go', () => {
    const toml = (id: string) => `${reason('kind = "leave"')}[leave]\napproval = { reasons = ["${id}"] }\n`;
    expect(told(toml('car'))).toEqual([]);
    expect(told(toml('tell-staff'))).toEqual([]);
    expect(told(toml('unwell'))).toHaveLength(1);
    expect(told(toml('cra')).join()).toContain('did you mean car?');
  });

  it('needs labels in the first language of the school, and warns where another is missing', () => {
    const english = '[[reason]]\nid = "car"\nkind = "late"\nlabel = { en = "Car" }\n';
    const languages = (list: string) => base.replace('[mis]', `languages = ${list}\n[mis]`);
    expect(told(languages('["cy", "en"]') + english)).toHaveLength(1);
    expect(warned(languages('["en", "cy"]') + english)).toHaveLength(1);
    expect(warned(languages('["cy", "en"]'))).toEqual([]);
  });

  it('takes eleven of a kind, not twelve', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => `[[reason]]\nid = "r${i}"\nkind = "late"\nlabel = { en = "R" }\n`).join(
        '',
      );
    expect(told(base + many(11))).toEqual([]);
    expect(told(base + many(12))).toHaveLength(1);
  });
});

describe('addresses and connectors', () => {
  const wonde = (lines: string) => `[school]\nname = "x"\n[mis]\nconnector = "wonde"\nschool_id = "A1"\n${lines}\n`;

  it.each([
    'https://api.wonde.com/v1.0',
    'http://127.0.0.1:8181/v1.0/',
    'http://127.8.9.1',
    'http://localhost:3000',
    'http://[::1]:3000',
  ])('%s is taken', (url) => {
    expect(told(wonde(`token = "t"\nbase_url = "${url}"`))).toEqual([]);
  });

  it.each([
    'http://api.wonde.com/v1.0',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://[::2]/',
    'http://0.0.0.0/',
    'ftp://127.0.0.1/',
    'https://user@api.wonde.com',
    'https://api.wonde.com/?a=1',
    'api.wonde.com',
  ])('%s is refused', (url) => {
    expect(told(wonde(`token = "t"\nbase_url = "${url}"`))).toHaveLength(1);
  });

  it('takes a token or a token file, one of the two', () => {
    expect(told(wonde('token_file = "/run/credentials/wonde"'))).toEqual([]);
    expect(told(wonde('token = "t"\ntoken_file = "x"'))).toHaveLength(1);
    expect(told(wonde('')).join()).toContain('line 3, mis.token: found nothing');
  });

  it('takes no roster from an MIS that there is none of', () => {
    expect(told(`${base}[roster]\nsource = "mis"\n`)).toEqual([
      'porter.toml, line 6, roster.source: found "mis", expected "csv", because mis.connector is "none"',
    ]);
  });

  it.each([
    '[web]\nkiosk_port = 8443',
    '[web]\nstaff_bind = "reception"',
    '[web]\ntls_key = "x"',
    '[update]\nurl = "http://x"',
  ])('%s is refused', (lines) => {
    expect(told(`${base}${lines}\n`)).toHaveLength(1);
  });
});

describe('a line of TOML that breaks off', () => {
  it.each([
    ['a value that is missing', '[school]\nname = \n[mis]\nconnector = "none"\n', 2],
    ['a value that is missing before a remark', '[school]\nname = # later\n[mis]\nconnector = "none"\n', 2],
    ['a section without its bracket', '[school\nname = "Hill View School"\n[mis]\nconnector = "none"\n', 1],
  ])('%s is told on its own line, not the next', (_, toml, line) => {
    expect(told(toml)[0]).toContain(`porter.toml, line ${String(line)}: found a mistake`);
  });
});

describe('a token from an e-mail', () => {
  it('with a curly quote is refused, by line and key, and not shown', () => {
    const toml =
      '[school]\nname = "Hill View School"\n[mis]\nconnector = "wonde"\nschool_id = "A1"\ntoken = "abc\u2019def"\n';
    const [problem] = told(toml);
    expect(problem).toContain('line 6, mis.token: found a text of 7 characters, expected a text of 1 to 4096');
    expect(problem).not.toContain('abc');
  });
});
