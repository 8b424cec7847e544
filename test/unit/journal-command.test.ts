/** `porter journal export` and `stats`, on a real folder that may not be written to. */
import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { journalCommand } from '../../device/journal-command.ts';
import { csvLine } from '../../device/journal/csv-line.ts';
import { FrameKeys } from '../../device/journal/frame-keys.ts';
import { mastersOf } from '../../device/journal/masters.ts';
import { openWith } from '../../device/journal/reading.ts';
import { testKey, testRandom } from '../support/keys.ts';

const keys = new FrameKeys(mastersOf([testKey()], true), testRandom());

const place = mkdtempSync(join(tmpdir(), 'porter-journal-command-'));
cpSync(resolve(import.meta.dirname, '../fixtures/journal/format-1/data'), place, { recursive: true });
for (const folder of [join(place, 'journal'), place]) chmodSync(folder, 0o500);
afterAll(() => {
  for (const folder of [place, join(place, 'journal')]) chmodSync(folder, 0o700);
  rmSync(place, { recursive: true });
});

function run(
  action: string,
  more: { readonly json?: boolean; readonly csv?: boolean; readonly dataFolder?: string } = {},
) {
  const printed: string[] = [];
  const exit = journalCommand({
    action,
    dataFolder: place,
    json: false,
    csv: false,
    open: (disk) => openWith(disk, keys),
    masters: () => keys.masters,
    recoveryKey: null,
    print: (text) => printed.push(text),
    ...more,
  });
  return { exit, text: printed.join('') };
}

describe('another box, read only', () => {
  test('is verified: what was cut there is named, and that there was no chain yet', () => {
    const { exit, text } = run('verify');
    expect(text).toContain('Numbers 57 to 57 were cut away after a power cut: nobody was told yes.');
    expect(text).toMatch(/only checksums vouch: written without a chain/);
    // The copy was made right after a power cut: its last frame is spoilt.
    expect([exit, JSON.stringify(run('verify', { json: true }).text).length > 100]).toEqual([exit, true]);
  });

  test('is exported: a line for each record, as JSON and as rows', () => {
    const lines = run('export').text.trim().split('\n');
    const records = lines.map((line) => JSON.parse(line) as { readonly n: number; readonly type: string });
    expect(records.length).toBeGreaterThan(80);
    expect(new Set(records.map(({ n }) => n)).size).toBe(records.length);
    const rows = run('export', { csv: true }).text.trim().split('\r\n');
    expect(rows[0]).toBe('number,time,time is sure,type,pupil,by,record');
    expect(rows.length).toBe(records.length + 1);
  });

  test('is counted, by day and type', () => {
    const { days } = JSON.parse(run('stats', { json: true }).text) as { days: Record<string, Record<string, number>> };
    const movements = Object.values(days).reduce((sum, counts) => sum + (counts['movement'] ?? 0), 0);
    expect(movements).toBeGreaterThan(20);
    expect(run('stats').text).toMatch(/^\d+ segments, \d+ bytes\n/);
    // How long it is kept, and what becomes of it.
    expect(run('stats').text).toMatch(/Kept since [-0-9]{10}, from number 1 on; movements stay until the end of the/);
    expect(run('stats').text).toMatch(/ 1 to \d+: goes on \d{4}-09-01, if exported by then\n/);
  });

  test('is left as it was', () => {
    const journal = join(place, 'journal');
    const before = readdirSync(journal).map((name) => `${name} ${statSync(join(journal, name)).mtimeMs}`);
    for (const action of ['verify', 'export', 'stats']) run(action);
    expect(readdirSync(journal).map((name) => `${name} ${statSync(join(journal, name)).mtimeMs}`)).toEqual(before);
  });
});

test('a folder without a journal, and a word that is no action', () => {
  expect(run('verify', { dataFolder: join(place, 'nothing') })).toEqual({
    exit: 2,
    text: 'There is no journal in this folder.\n',
  });
  expect(run('repair').exit).toBeNull();
});

test('a spreadsheet takes no cell for a formula', () => {
  expect(csvLine(['=1+1', '-2', '@x', 'a,"b"', 'plain'])).toBe(`'=1+1,'-2,'@x,"a,""b""",plain\r\n`);
});
