/** Every view of the staff page, and the way to it: for looking at them, and for checking them all. */
import type { Page } from 'playwright-core';
import { viewNames } from '../../device/contract/staff.ts';
import type { Role } from '../../device/contract/staff.ts';
import { rightsOf, viewsOf } from '../../device/web/staff/roles.ts';
import type { StaffSituation } from '../../device/web/staff/views/situation.ts';
import { untilKnown, untilLookedAt } from '../../device/desk/losses.ts';
import type { CloseDay, DaysTogether } from '../../device/contract/staff-close.ts';
import type {
  EraseReceipt,
  FoundBackup,
  LateRow,
  OutNowRow,
  PupilAnswer,
  PupilsView,
} from '../../device/contract/staff-views.ts';
import type { Day } from './desk-day.ts';
import { FakeStaff, heldRosterOf, previewed } from './staff-fake.ts';
import type { Shown } from './staff-fake.ts';
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
  /** What not every role may do that sees this view: a command. */
  readonly may?: string;
  readonly heading: string;
  readonly go?: (page: Page) => Promise<void>;
  readonly shows?: (day: Day) => Shown;
  /** What `go` does outlasts the view: the next stop is reached on a new page. */
  readonly lasts?: true;
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

const friday: CloseDay = {
  date: '2026-11-20',
  words: 'Friday 20 November',
  ...{ notYet: null, out: [], settled: [], proposals: [], conflicts: [], unsent: [], undecided: 0 },
  counts: { proposals: 0, conflicts: 0, unsent: 0 },
};
/** Still out of a day that is over. */
const farah: OutNowRow = {
  ...{ movement: 'm1', pupil: 'Farah Haddad', registrationGroup: '11C', pupilKey: 'p5', by: null, hold: null },
  ...{
    since: '2026-11-20 10:42',
    reason: 'Appointment',
    back: 'after-lunch',
    due: '13:15',
    overdue: true,
    overdueBy: null,
  },
  ...{ earlier: '2026-11-20', withWhom: null, adult: null, photoUrl: null },
  ...{ badge: '40718352', badgeState: 'printed', badgeUrl: null },
};
/** Of a year that comes and goes. */
const onTime: LateRow = {
  ...{
    movement: 'm3',
    pupilKey: 'p2',
    pupil: 'Noor Aziz',
    registrationGroup: '13B',
    time: '10:31',
    reason: 'Appointment',
  },
  ...{ outcome: 'on-time', by: null, mark: null, hold: null },
};
const kept: Pick<PupilsView, 'gone' | 'holds'> = {
  gone: [
    { key: 'p99', pupil: 'Ryan Marsh', last: '2026-11-19' },
    { key: 'p98', pupil: 'No longer on the roster', last: '2026-10-02' },
  ],
  holds: [
    {
      ...{ movement: 'm4', key: 'p8', pupil: 'Hanna Sørensen', registrationGroup: '9B' },
      ...{ until: '2026-12-21', by: 'Mrs Adeyemi', why: 'Not this pupil' },
    },
  ],
};
/** Who left last month, by what was recorded. */
const gone: PupilAnswer = {
  ...{ key: 'p99', pupil: 'No longer on the roster', registrationGroup: null, yearGroup: null, where: '', out: false },
  ...{ onRoster: false, flags: [], birthMonth: null, misToday: [], more: 0, earlierThan: null, today: '2026-11-23' },
  ...{ correctable: ['m2'], lateReasons: [], leaveReasons: [] },
  movements: [
    {
      ...{ movement: 'm2', kind: 'late-arrival', day: '2026-11-05', time: '08:52', words: 'Signed in late: Bus' },
      ...{ undone: false, facts: [], marks: [], photoUrl: null, hold: null },
    },
  ],
};
const together: DaysTogether = {
  days: 12,
  words: 'Thu 5 Nov 2026 to Fri 20 Nov 2026',
  upTo: '2026-11-20',
  open: 3,
};
/** Nothing is in the way of the erasure. */
const free = { ...previewed, value: { ...previewed.value, blocks: [] } };
const receipt: EraseReceipt = {
  record: '00c0ffee00c0ffee00c0ffee00c0ffee:4217',
  at: { earliest: Date.parse('2026-11-23T12:12:00Z'), latest: Date.parse('2026-11-23T12:12:00Z') },
  ...{ by: 'Ms Reed', second: 'Mr Shah', why: 'asked for in writing' },
  ...{ keys: ['9f86d081884c7d65'], records: 12, remaining: 0, onRoster: true, upTo: 4217, head: 'ab'.repeat(32) },
};

const foundBackup: FoundBackup = {
  ...{ box: 'East gate', school: 'Hill View School', made: '2026-11-20 15:42', until: '2027-08-31', files: 37 },
  ...{ isOfThisBox: false, wantsKey: true, since: null },
};

const press = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('button', { name, exact: true }).first().click();
};

const erase = async (page: Page): Promise<void> => {
  await press(page, 'Erase');
  await page.getByLabel('Why?').fill('asked for in writing');
  await page.getByLabel('Name', { exact: true }).fill('Mr Shah');
  await page.getByLabel('Password', { exact: true }).fill('not the real one');
  await press(page, 'Erase for ever');
};

export const staffStops: readonly StaffStop[] = [
  { name: 'now', at: 'now', heading: 'Now' },
  {
    name: 'now-more',
    at: 'now',
    heading: 'Now',
    // Of a phone only.
    go: async (page) => {
      const more = page.getByRole('button', { name: /^More/ });
      if (await more.isVisible()) await more.click();
    },
    lasts: true,
  },
  {
    name: 'now-offline',
    at: 'now',
    heading: 'Now',
    shows: () => ({
      situation: {
        mis: {
          state: 'offline',
          words: 'api.wonde.com did not answer to the end (deadline). Porter asks again.',
          lastContact: Date.parse('2026-11-23T08:51:00Z'),
          since: Date.parse('2026-11-23T08:52:00Z'),
        },
        faults: ['Printer: Out of paper: put in a new roll.'],
      },
    }),
  },
  { name: 'now-time', at: 'now', heading: 'Now', shows: () => ({ top: { clockTrusted: false } }) },
  {
    name: 'now-time-said',
    at: 'now',
    may: 'confirm-time',
    heading: 'What time is it now?',
    shows: () => ({ top: { clockTrusted: false } }),
    go: (page) => press(page, 'Say what time it is'),
  },
  { name: 'now-hidden', at: 'now', heading: 'Names are hidden', go: (page) => press(page, 'Hide names'), lasts: true },
  {
    name: 'now-late',
    at: 'now',
    heading: 'Kacper Wiśniewski 10D',
    go: async (page) => page.getByLabel('Late today').getByRole('button', { name: 'Kacper' }).first().click(),
  },
  {
    name: 'now-on-time',
    at: 'now',
    heading: 'Signed in, not late 1',
    shows: () => ({
      views: { now: { onTime: [onTime], counts: { contact: 0, late: 10, onTime: 1, out: 4, overdue: 1, back: 2 } } },
    }),
  },
  {
    name: 'now-earlier',
    at: 'now',
    heading: 'Farah Haddad 11C',
    shows: () => ({ views: { now: { out: [farah] } } }),
    go: async (page) => {
      await press(page, 'Farah Haddad 11C');
      await press(page, 'Came back that day');
    },
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
    lasts: true,
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
    lasts: true,
  },
  { name: 'marks', at: 'marks', heading: 'Marks' },
  {
    name: 'marks-several',
    may: 'settle',
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
    shows: (day) => ({ situation: { roster: heldRosterOf(day) } }),
  },
  {
    name: 'pupils-kept',
    at: 'pupils',
    heading: 'Held for safeguarding 1',
    shows: () => ({ views: { pupils: kept } }),
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
    may: 'hold-movement',
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
    may: 'access-export',
    at: 'pupils/p8',
    heading: 'Everything about Hanna Sørensen',
    go: (page) => press(page, 'Access export'),
  },
  {
    name: 'pupil-erase',
    may: 'erase',
    at: 'pupils/p8',
    heading: 'Erase Hanna Sørensen',
    go: async (page) => {
      await press(page, 'Erase');
      await page.getByText('It cannot be done yet:').waitFor();
    },
  },
  {
    name: 'pupil-erase-code',
    may: 'erase',
    at: 'pupils/p8',
    heading: 'Erase Hanna Sørensen',
    shows: () => ({ answers: { 'erase-preview': free, erase: { ok: false, error: { code: 'code_wanted' } } } }),
    go: async (page) => {
      await erase(page);
      await page.getByLabel('Code', { exact: true }).waitFor();
    },
  },
  {
    name: 'pupil-erased',
    may: 'erase',
    at: 'pupils/p8',
    heading: 'Erased',
    shows: () => ({ answers: { 'erase-preview': free, erase: { ok: true, value: receipt } } }),
    go: erase,
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
  {
    name: 'pupil-right',
    at: 'pupils/p11',
    may: 'correct',
    heading: 'Put it right: Kacper Wiśniewski',
    go: (page) => press(page, 'Put it right'),
  },
  {
    name: 'pupil-gone',
    at: 'pupils/p99',
    heading: 'No longer on the roster',
    shows: () => ({ answers: { pupil: { ok: true, value: gone } } }),
  },
  {
    name: 'pupil-same',
    at: 'pupils/p99',
    may: 'adopt',
    heading: 'Is it Leila Farahani?',
    shows: () => ({ answers: { pupil: { ok: true, value: gone } } }),
    go: async (page) => {
      await press(page, 'Is the same pupil as…');
      await page.getByRole('dialog').getByRole('combobox').fill('leila');
      await page.getByRole('option', { name: /Leila/ }).click();
    },
  },
  {
    name: 'box-seen',
    at: 'box',
    heading: 'Main reception',
    shows: () => ({
      top: { clockTrusted: false },
      views: { box: { asksTime: true, clock: 'The time is not known yet: marks wait until it is.' } },
      situation: {
        faults: [
          `Records: number 4217 cannot be used and was set aside. ${untilLookedAt}`,
          `The keys of photos were lost (both copies of photos/.keys): photos of before cannot be seen again. ${untilKnown}`,
        ],
      },
    }),
  },
  { name: 'close', at: 'close', heading: 'Close the day' },
  {
    name: 'close-other',
    at: 'close',
    heading: 'Farah Haddad',
    shows: () => ({ views: { close: { days: [{ ...friday, out: [farah] }] } } }),
    go: (page) => press(page, 'Something else about Farah Haddad'),
  },
  {
    name: 'close-sure',
    at: 'close',
    heading: 'Close Friday 20 November',
    shows: () => ({ views: { close: { days: [friday] } } }),
    go: (page) => press(page, 'Close Friday 20 November'),
  },
  {
    name: 'close-days',
    at: 'close',
    heading: 'Close 12 earlier days',
    shows: () => ({ views: { close: { together } } }),
    go: (page) => press(page, 'Close 12 earlier days'),
  },
  {
    name: 'close-together',
    at: 'close',
    heading: 'Close the day',
    shows: () => ({ views: { close: { together } } }),
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
  { name: 'box-backup', may: 'backup', at: 'box', heading: 'Back up this box', go: (page) => press(page, 'Back up') },
  {
    name: 'box-new-token',
    may: 'mis-token',
    at: 'box',
    heading: 'A new token for the MIS',
    go: (page) => press(page, 'Enter a new token'),
    lasts: true,
  },
  {
    name: 'box-restored',
    at: 'box',
    heading: 'Destroy what was there before',
    shows: (day) => ({
      situation: { restore: () => ({ refused: null, aside: [{ at: day.time.clock.now(), bytes: 31e6 }] }) },
    }),
    go: (page) => press(page, 'Destroy what was there before'),
  },
  {
    name: 'box-restore',
    at: 'box',
    heading: 'Restore a backup',
    go: (page) => press(page, 'Restore a backup'),
    lasts: true,
  },
  {
    name: 'box-restore-found',
    at: 'box',
    heading: 'Restore a backup',
    shows: () => ({
      answers: {
        'restore-open': { ok: true, value: { token: 'made-up' } },
        'backup-sent': { ok: true, value: foundBackup },
      },
    }),
    go: async (page) => {
      await press(page, 'Restore a backup');
      await page
        .getByLabel('File of the backup')
        .setInputFiles({ name: 'box.porter-backup', mimeType: 'application/octet-stream', buffer: Buffer.from('it') });
      await page.getByLabel('Password of the file').fill('not the real one');
      await press(page, 'Send and look at it');
      await page.getByLabel('Recovery key').waitFor();
    },
    lasts: true,
  },
  {
    name: 'box-restart',
    may: 'restart',
    at: 'box',
    heading: 'Your password, once more',
    shows: () => ({ answers: { restart: { ok: false, error: { code: 'password_again' } } } }),
    go: async (page) => {
      await press(page, 'Restart Porter');
      await press(page, 'Restart');
    },
    lasts: true,
  },
  { name: 'account', at: 'box', heading: 'Ms Reed', go: (page) => press(page, 'Ms Reed'), lasts: true },
  {
    name: 'people',
    at: 'people',
    heading: 'People',
    shows: () => ({ situation: { people: madeUpPeople } }),
    go: (page) => page.getByText('Change Mr Shah').click(),
  },
  { name: 'first-use', at: '', heading: 'Set up Porter', shows: () => ({ door: 'first-use' }) },
  {
    name: 'sign-in',
    at: '',
    heading: 'Porter',
    shows: () => ({ door: 'sign-in' }),
    go: async (page) => {
      await page.getByLabel('Name').fill('Ms Reed');
      await page.getByLabel('Password').fill('not the right one');
      await press(page, 'Sign in');
      await page.getByText('That is not right.').waitFor();
    },
  },
];

/** The made-up day, at twelve past noon, as that role sees it. */
/** `day`: another than the made-up morning, and its desk does what it is told. */
export async function openStaff(role: Role = 'administrator', day?: Day): Promise<FakeStaff> {
  const staff = new FakeStaff({
    ...(day === undefined ? {} : { acts: true }),
    day: day ?? (await staffDay()),
    me: { name: 'Ms Reed', role, secondStep: false, may: rightsOf(role), sees: viewsOf(role) },
    situation: {},
  });
  await staff.start();
  return staff;
}

export const stopsOf = (role: Role): readonly StaffStop[] =>
  staffStops.filter(({ at, may }) => {
    const view = viewNames.find((name) => name === at.split('/')[0]);
    return (view === undefined || viewsOf(role).includes(view)) && (may === undefined || rightsOf(role).includes(may));
  });

/** Pages on which something was done that outlasts a view. */
const spent = new WeakSet<Page>();

export async function arriveAt(page: Page, staff: FakeStaff, stop: StaffStop): Promise<void> {
  const { name, at, heading, go, shows, lasts } = stop;
  try {
    staff.showing(shows?.(staff.day) ?? {});
    const isOther = shows !== undefined || lasts === true || !staff.me.sees.includes('approvals');
    if (spent.delete(page) || isOther || !page.url().startsWith(staff.url))
      await page.goto(`${staff.url}?${name}#${at}`);
    else await change(page, at);
    if (isOther) spent.add(page);
    await page.getByRole('heading', { level: 1 }).waitFor({ timeout: 20_000 });
    await go?.(page);
    await page.getByRole('heading', { name: heading, exact: true }).waitFor({ timeout: 20_000 });
    await page.evaluate(() => document.fonts.ready);
  } catch (cause) {
    throw new Error(`did not reach ${name}`, { cause });
  }
}

/** By way of another view, which ends whatever stands open in this one: a page loaded anew takes several times as long. */
async function change(page: Page, at: string): Promise<void> {
  const by = at === 'approvals' ? 'Now' : 'Approvals';
  const away = page.getByRole('heading', { level: 1, name: by, exact: true });
  const show = (hash: string) => page.evaluate((next) => void (location.hash = next), hash);
  await show(by.toLowerCase());
  await away.waitFor({ timeout: 20_000 });
  await show(at);
  await away.waitFor({ state: 'detached', timeout: 20_000 });
}
