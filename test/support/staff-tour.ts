/** Every view of the staff page, and the way to it: for looking at them, and for checking them all. */
import type { Page } from 'playwright-core';
import { rightsOf, viewsOf } from '../../device/web/staff/roles.ts';
import type { StaffSituation } from '../../device/web/staff/views/situation.ts';
import type { Day } from './desk-day.ts';
import { FakeStaff, heldRosterOf } from './staff-fake.ts';
import type { Door } from './staff-fake.ts';
import { staffDay } from './staff-day.ts';

export const staffSizes = [
  { width: 360, height: 740 },
  { width: 1024, height: 768 },
  { width: 1920, height: 1080 },
] as const;

export interface StaffStop {
  readonly name: string;
  /** Behind the #. */
  readonly at: string;
  readonly heading: string;
  readonly go?: (page: Page) => Promise<void>;
  /** How the box is there, where it is otherwise. */
  readonly situation?: (day: Day) => Partial<StaffSituation>;
  /** Nobody is signed in. */
  readonly door?: Door;
}

const madeUpPeople: StaffSituation['people'] = {
  people: [
    { name: 'Ms Reed', role: 'administrator', password: true, pin: true, secondStep: true, sessions: 1 },
    { name: 'Mr Shah', role: 'attendance', password: true, pin: true, secondStep: false, sessions: 2 },
    { name: 'Mrs Nowak-Adeyemi', role: 'reception', password: true, pin: true, secondStep: false, sessions: 0 },
    { name: 'Mr Price', role: 'fire-warden', password: false, pin: true, secondStep: false, sessions: 0 },
  ],
  computers: [{ id: 'c1', name: 'Main reception desk', by: 'Ms Reed' }],
};

const press = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('button', { name, exact: true }).first().click();
};

export const staffStops: readonly StaffStop[] = [
  { name: 'now', at: 'now', heading: 'Now' },
  { name: 'now-hidden', at: 'now', heading: 'Names are hidden', go: (page) => press(page, 'Hide names') },
  {
    name: 'now-late',
    at: 'now',
    heading: 'Kacper Wiśniewski 10D',
    go: async (page) => page.getByLabel('Late today').getByRole('button', { name: 'Kacper' }).first().click(),
  },
  {
    name: 'now-out',
    at: 'now',
    heading: 'Hanna Sørensen 9B',
    go: (page) => press(page, 'Hanna Sørensen 9B'),
  },
  {
    name: 'now-record',
    at: 'now',
    heading: 'Record for Niamh O’Sullivan',
    go: async (page) => {
      await page.getByRole('combobox', { name: 'Find a pupil' }).fill('niamh');
      await page.getByRole('option').first().click();
      await page.getByLabel('When?').fill('08:55');
      await page.getByLabel('Why?').selectOption({ label: 'Bus' });
      await page.getByText('L, 15 minutes').waitFor();
    },
  },
  { name: 'now-bus', at: 'now', heading: 'Late bus or queue', go: (page) => press(page, 'Late bus') },
  {
    name: 'now-found',
    at: 'now',
    heading: 'Now',
    go: async (page) => {
      await page.getByRole('combobox', { name: 'Find a pupil' }).fill('oka');
      await page.getByRole('option').first().waitFor();
    },
  },
  { name: 'marks', at: 'marks', heading: 'Marks' },
  {
    name: 'marks-several',
    at: 'marks',
    heading: 'Marks',
    go: async (page) => {
      await page.getByLabel(/^Choose Kacper/).check();
    },
  },
  { name: 'marks-all', at: 'marks/all', heading: 'Marks' },
  { name: 'marks-sheet', at: 'marks/sheet', heading: 'Marks' },
  {
    name: 'marks-why',
    at: 'marks',
    heading: 'Why this mark?',
    go: async (page) => page.getByRole('link', { name: 'Why this mark?' }).first().click(),
  },
  { name: 'approvals', at: 'approvals', heading: 'Approvals' },
  { name: 'evacuation', at: 'evacuation', heading: 'Evacuation' },
  {
    name: 'evacuation-group',
    at: 'evacuation',
    heading: 'Evacuation',
    go: async (page) => {
      await page.getByLabel('Registration group', { exact: true }).selectOption('9A');
      await page.getByRole('heading', { name: 'Found' }).waitFor();
    },
  },
  {
    name: 'evacuation-drill',
    at: 'evacuation',
    heading: 'Start a drill?',
    go: (page) => press(page, 'Start a drill'),
  },
  { name: 'pupils', at: 'pupils', heading: 'Pupils' },
  {
    name: 'pupils-held',
    at: 'pupils',
    heading: 'A new roster waits for you',
    situation: (day) => ({ roster: heldRosterOf(day) }),
  },
  {
    name: 'pupils-moved',
    at: 'pupils',
    heading: '2 changed group',
    go: (page) => press(page, '2 changed group'),
  },
  { name: 'pupil', at: 'pupils/p8', heading: 'Hanna Sørensen' },
  {
    name: 'pupil-hold',
    at: 'pupils/p8',
    heading: 'Hold: Hanna Sørensen, 2026-11-23',
    go: (page) => press(page, 'Hold it'),
  },
  {
    name: 'reports',
    at: 'reports',
    heading: 'Reports',
    go: async (page) => {
      await page.getByLabel('Time', { exact: true }).selectOption('Autumn term 2026');
      await page.getByRole('img', { name: /^Late by reason/ }).waitFor();
    },
  },
  {
    name: 'reports-table',
    at: 'reports',
    heading: 'Reports',
    go: async (page) => {
      await page.getByLabel('Late arrivals by weekday and time').getByText('As a table').click();
      await page.getByRole('rowheader', { name: 'Monday' }).waitFor();
    },
  },
  {
    name: 'pupil-export',
    at: 'pupils/p8',
    heading: 'Everything about Hanna Sørensen',
    go: (page) => press(page, 'Access export'),
  },
  {
    name: 'pupil-erase',
    at: 'pupils/p8',
    heading: 'Erase Hanna Sørensen',
    go: async (page) => {
      await press(page, 'Erase');
      await page.getByText('It cannot be done yet:').waitFor();
    },
  },
  { name: 'log', at: 'log', heading: 'Log' },
  {
    name: 'log-everybody',
    at: 'log',
    heading: 'Log',
    go: async (page) => {
      await page.getByLabel('Who', { exact: true }).selectOption({ index: 1 });
      await page.getByText('Yusuf Demir came back, without a badge').waitFor();
    },
  },
  {
    name: 'log-save',
    at: 'log',
    heading: 'Save days of the log',
    go: (page) => press(page, 'Save days as CSV'),
  },
  { name: 'close', at: 'close', heading: 'Close the day' },
  {
    name: 'close-other',
    at: 'close',
    heading: 'Farah Haddad',
    go: (page) => press(page, 'Something else about Farah Haddad'),
  },
  { name: 'settings', at: 'settings', heading: 'Reasons and times' },
  {
    name: 'settings-reason',
    at: 'settings',
    heading: 'Bus',
    go: async (page) => {
      await press(page, 'Change Bus');
      await page.getByText(/^A Year 9 pupil arriving/).waitFor();
    },
  },
  { name: 'settings-times', at: 'settings/times', heading: 'Reasons and times' },
  {
    name: 'settings-days',
    at: 'settings/times',
    heading: 'Days that are different',
    go: async (page) => {
      await press(page, 'A day or more');
      await page.getByLabel('What is different').selectOption('times');
      await page.getByLabel('Afternoon', { exact: true }).selectOption('none');
      await page.getByText(/^A Year 9 pupil arriving/).waitFor();
    },
  },
  { name: 'settings-rules', at: 'settings/rules', heading: 'Reasons and times' },
  { name: 'settings-changes', at: 'settings/changes', heading: 'Reasons and times' },
  { name: 'box', at: 'box', heading: 'Main reception' },
  {
    name: 'people',
    at: 'people',
    heading: 'People',
    situation: () => ({ people: madeUpPeople }),
    go: (page) => page.getByText('Change Mr Shah').click(),
  },
  { name: 'first-use', at: '', heading: 'Set up Porter', door: 'first-use' },
  {
    name: 'sign-in',
    at: '',
    heading: 'Porter',
    door: 'sign-in',
    go: async (page) => {
      await page.getByLabel('Name').fill('Ms Reed');
      await page.getByLabel('Password').fill('not the right one');
      await press(page, 'Sign in');
      await page.getByText('That is not right.').waitFor();
    },
  },
];

/** The made-up day, at twelve past noon, as an administrator sees it. */
export async function openStaff(): Promise<FakeStaff> {
  const staff = new FakeStaff({
    day: await staffDay(),
    me: {
      name: 'Ms Reed',
      role: 'administrator',
      secondStep: false,
      may: rightsOf('administrator'),
      sees: viewsOf('administrator'),
    },
    situation: {},
  });
  await staff.start();
  return staff;
}

export async function arriveAt(page: Page, staff: FakeStaff, stop: StaffStop): Promise<void> {
  try {
    staff.showing(stop.situation?.(staff.day) ?? {}, stop.door);
    // With another name the page is loaded anew, also where the view is the same.
    await page.goto(`${staff.url}?${stop.name}#${stop.at}`);
    await page.getByRole('heading', { level: 1 }).waitFor({ timeout: 20_000 });
    await stop.go?.(page);
    await page.getByRole('heading', { name: stop.heading, exact: true }).waitFor({ timeout: 20_000 });
    await page.evaluate(() => document.fonts.ready);
  } catch (cause) {
    throw new Error(`did not reach ${stop.name}`, { cause });
  }
}
