/** The papers for the data protection officer say what holds: by the settings in force, the roles, and what is recorded. */
import { expect, test } from 'vitest';
import type { Settings } from '../../device/domain/settings.ts';
import { dataMap, rowOfRecord } from '../../device/web/staff/papers/data-map.ts';
import { papers } from '../../device/web/staff/papers/papers.ts';
import { pupilsOf } from '../../device/domain/personal.ts';
import type { Body } from '../../device/domain/record.ts';
import { hillView as settings } from './hill-view.ts';

const made = (change: Partial<Settings> = {}): string => papers({ ...settings, ...change }, '2026-11-23', '1.2.3').text;

test('they name the school, the box, the day, the version, and leave blank what only the school knows', () => {
  const text = made({ school: { ...settings.school, name: 'St Mary’s & All <Saints>' } });
  expect(text).toContain('St Mary’s &#38; All &#60;Saints&#62;');
  expect(text).not.toContain('<Saints>');
  for (const part of [settings.box.name, '2026-11-23', 'Porter 1.2.3', '<span class="blank">'])
    expect(text).toContain(part);
  for (const heading of ['Data map', 'Privacy notice', 'impact assessment']) expect(text).toContain(heading);
  expect(papers(settings, '2026-11-23', '1').name).toBe('porter-data-protection-2026-11-23.html');
});

test('they follow the settings in force', () => {
  expect(made({ keep: { photos: 'same-day', events: 60 } })).toContain('60 days after the day they are of');
  expect(dataMap({ ...settings, keep: { photos: 'same-day', events: 60 } }).photos.until).toMatch(
    /^the end of the day;/,
  );
  expect(dataMap({ ...settings, keep: { ...settings.keep, photos: 'next-school-day' } }).photos.until).toMatch(
    /^the end of the next school day;/,
  );
  const noCamera = { ...settings, hardware: { ...settings.hardware, camera: { kind: 'none' as const } } };
  expect(dataMap(noCamera).photos.items).toEqual([]);
  expect(made(noCamera)).toContain('It takes no photos.');
  const wonde = {
    connector: 'wonde',
    baseUrl: 'https://api.wonde.com/v1.0',
    schoolId: 'A1',
    token: 'never-shown',
  } as const;
  expect(dataMap({ ...settings, mis: { ...wonde, writeBack: true } }).marks.goesTo).toBe(
    'the MIS, by Wonde (api.wonde.com)',
  );
  expect(dataMap({ ...settings, mis: { ...wonde, writeBack: false } }).marks.goesTo).toMatch(/^nobody/);
  expect(dataMap({ ...settings, mis: { connector: 'none' } }).roster.goesTo).toBe('nobody');
  expect(made({ mis: { ...wonde, writeBack: true } })).not.toContain('never-shown');
  const all = { photo: true, schoolName: true, registrationGroup: true };
  expect(dataMap({ ...settings, badge: all }).badges.items).toEqual(
    expect.arrayContaining(['photo', "the school's name", 'registration group']),
  );
  expect(dataMap({ ...settings, badge: { ...all, photo: false } }).badges.items).not.toContain('photo');
});

test('what the journal records of a pupil stands in a row about pupils', () => {
  const rows = dataMap(settings);
  const aboutPupils: readonly Body['type'][] = [
    'movement',
    'decided',
    'change',
    'request',
    'note',
    'badge',
    'correction',
    'hold',
  ];
  for (const type of aboutPupils) expect([type, rows[rowOfRecord[type]].who]).toEqual([type, 'pupils']);
  expect(pupilsOf({ type: 'verdict', key: 'amara|2026-11-23|AM' } as Body)).toEqual(['amara']);
  for (const type of ['verdict', 'adopt', 'sending', 'report', 'carried'] as const)
    expect(rows[rowOfRecord[type]].who).toBe('pupils');
});

test('who sees it is what the table of roles says', () => {
  const { photos, accounts, marks } = dataMap(settings);
  expect(photos.seenBy).toBe('reception, attendance officers, the safeguarding lead, administrators');
  expect(accounts.seenBy).toBe('administrators');
  expect(marks.seenBy).not.toContain('fire wardens');
});
