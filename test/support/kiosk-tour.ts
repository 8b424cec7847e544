/** Every screen of the kiosk, and the way to it: for looking at them, and for checking them all. */
import type { Browser, Page } from 'playwright-core';
import type { PartReport, WaitingApproval } from '../../device/contract/kiosk.ts';
import { STAFF_PIN, badges } from './kiosk-fake.ts';
import type { FakeDevice } from './kiosk-fake.ts';

export const sizes = [
  { width: 800, height: 480 },
  { width: 1280, height: 720 },
  { width: 720, height: 1280 },
] as const;

export interface Visitor {
  readonly page: Page;
  readonly device: FakeDevice;
  /** Presses the button of exactly that accessible name. */
  readonly tap: (...names: readonly string[]) => Promise<void>;
  /** Waits for the heading of exactly those words. */
  readonly sees: (heading: string) => Promise<void>;
}

export interface Stop {
  readonly name: string;
  /** Null where something lies over it. */
  readonly heading: string | null;
  readonly go: (visitor: Visitor) => Promise<void>;
}

/** Nothing on the page happens by itself from here on, until it goes elsewhere. */
export async function hold(page: Page): Promise<void> {
  // Only a moment ahead can be stopped at, and on a busy machine that may have passed before it is asked for.
  for (const ahead of [20, 100, 500]) {
    try {
      return await page.clock.pauseAt((await page.evaluate(() => Date.now())) + ahead);
    } catch {
      // Further ahead, then.
    }
  }
  throw new Error("the page's clock could not be stopped");
}

/** A page whose clock the tests may set forward, without motion. */
export async function openPage(browser: Browser, viewport: { width: number; height: number }): Promise<Page> {
  const page = await browser.newPage({ viewport, reducedMotion: 'reduce' });
  await page.clock.install();
  return page;
}

/** Goes to a screen from the beginning, on an ordinary morning. Throws with its name where it is not what it should be. */
export async function arrive(page: Page, device: FakeDevice, stop: Stop): Promise<void> {
  device.reset();
  await page.clock.resume();
  try {
    const me = await visitor(page, device);
    // Whether a button can be hit is measured there, and takes a hand half of the time of a tour.
    const tap: Visitor['tap'] = async (...names) => {
      for (const name of names) await page.getByRole('button', { name, exact: true }).dispatchEvent('click');
    };
    await stop.go({ ...me, tap });
    if (stop.heading !== null) await me.sees(stop.heading);
    await page.evaluate(() => document.fonts.ready);
  } catch (cause) {
    throw new Error(`did not reach the screen ${stop.name}`, { cause });
  }
}

/** Opens the page anew and gives hands and eyes. */
export async function visitor(page: Page, device: FakeDevice): Promise<Visitor> {
  await page.goto(device.url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return {
    page,
    device,
    tap: async (...names) => {
      for (const name of names) await page.getByRole('button', { name, exact: true }).click({ timeout: 5_000 });
    },
    sees: async (heading) => page.getByRole('heading', { name: heading, exact: true }).waitFor({ timeout: 5_000 }),
  };
}

const waiting: readonly WaitingApproval[] = [
  {
    visit: 'w1',
    name: 'Gethin Vaughan 6B',
    reason: 'medical',
    back: 'after-lunch',
    withWhom: 'grown-up',
    waitingForMs: 200_000,
  },
  { visit: 'w2', name: 'محمد الفارسي 9A', reason: 'unwell', back: null, withWhom: 'grown-up', waitingForMs: 40_000 },
  {
    visit: 'w3',
    name: 'Lowri Ellis 7C',
    reason: 'tell-staff',
    back: 'unknown',
    withWhom: 'alone',
    waitingForMs: 5_000,
  },
];

/** Long words, as the parts have them. */
export const everyFault: readonly PartReport[] = [
  {
    part: 'printer',
    ok: false,
    words: 'It cannot be opened: pull its USB cable out, and put it in again',
  },
  {
    part: 'camera',
    ok: false,
    words:
      'USB camera video0: Another program has the camera: switch the box off and on; USB camera video2: The camera program ended with 255 and gave no picture: check the cable, then switch the box off and on',
  },
  {
    part: 'lights',
    ok: false,
    words:
      'This machine has no GPIO pins, or its kernel does not offer them: set hardware.lights to none in porter.toml if there are not meant to be lights',
  },
  { part: 'mis', ok: false, words: 'The MIS says that it cannot reach the school.' },
  { part: 'storage', ok: false, words: "The card's file system has found 12 errors. Replace the card soon" },
  { part: 'clock', ok: false, words: 'The time is not known yet: it comes with the network, or staff say it' },
];

const digits = (number: string): string[] => number.split(/(?=.)/);

const lateTo = async ({ tap }: Visitor, ...names: readonly string[]): Promise<void> => {
  await tap('Sign in late', ...names);
};
const earlyTo = async ({ tap }: Visitor, ...names: readonly string[]): Promise<void> => {
  await tap('Sign out early', ...names);
};
const amara = ['Year 7', 'March', 'Amara O'] as const;

const typeBadge = async ({ tap }: Visitor, badge: string): Promise<void> => {
  await tap('Sign back in', ...digits(badge));
};

const shown = async (v: Visitor, changes: Parameters<FakeDevice['show']>[0]): Promise<void> => {
  v.device.show(changes);
  await v.page.waitForTimeout(50);
};

const AWAY_MS = 1_300;

export const stops: readonly Stop[] = [
  { name: 'home', heading: 'Hill View School', go: () => Promise.resolve() },
  {
    name: 'home-two-languages',
    heading: 'Hill View School',
    go: async (v) => {
      await shown(v, { languages: ['en', 'cy'], demo: true });
      await v.page.getByRole('button', { name: 'Cymraeg' }).waitFor();
    },
  },
  { name: 'home-aa', heading: 'Hill View School', go: ({ tap }) => tap('Aa') },
  { name: 'home-closed', heading: 'Hill View School', go: (v) => shown(v, { accepting: { state: 'closed' } }) },
  {
    name: 'home-paused',
    heading: 'Hill View School',
    go: (v) => shown(v, { accepting: { state: 'paused', retryInMs: 60_000 } }),
  },
  {
    name: 'home-storage-failed',
    heading: 'Please see reception',
    go: (v) => shown(v, { accepting: { state: 'storage-failed' } }),
  },
  {
    name: 'home-long',
    heading: 'Ysgol Gymunedol Gymraeg Llanfairpwllgwyngyll',
    go: async (v) => {
      await shown(v, { school: 'Ysgol Gymunedol Gymraeg Llanfairpwllgwyngyll', languages: ['cy', 'en'] });
      await v.page.getByRole('button', { name: 'English', exact: true }).waitFor();
    },
  },

  { name: 'year', heading: 'Which year are you in?', go: (v) => lateTo(v) },
  {
    name: 'year-all-through',
    heading: 'Which year are you in?',
    go: async (v) => {
      const years = Array.from({ length: 14 }, (_, index) => `Year ${index + 1}`);
      await shown(v, { yearGroups: ['Nursery', 'Reception', ...years], languages: ['en', 'cy'] });
      await lateTo(v);
    },
  },
  { name: 'month', heading: 'Which month is your birthday?', go: (v) => lateTo(v, 'Year 7') },
  { name: 'names', heading: 'Who are you?', go: (v) => lateTo(v, 'Year 7', 'March') },
  {
    name: 'names-demo',
    heading: 'Who are you?',
    go: async (v) => {
      await shown(v, { demo: true, languages: ['en', 'cy'] });
      await lateTo(v, 'Year 7', 'March');
    },
  },
  { name: 'names-more', heading: 'Who are you?', go: (v) => lateTo(v, 'Year 7', 'March', 'More') },
  { name: 'names-scripts', heading: 'Who are you?', go: (v) => lateTo(v, 'Year 9', 'September') },
  { name: 'names-none', heading: 'Who are you?', go: (v) => lateTo(v, 'Year 7', 'May') },
  { name: 'names-twins', heading: 'Who are you?', go: (v) => lateTo(v, 'Year 8', 'February') },
  { name: 'names-aa', heading: 'Who are you?', go: (v) => v.tap('Aa', 'Sign in late', 'Year 7', 'March') },
  { name: 'month-aa', heading: 'Which month is your birthday?', go: (v) => v.tap('Aa', 'Sign in late', 'Year 7') },
  { name: 'reception', heading: 'Please see reception', go: (v) => lateTo(v, "I'm not sure") },

  {
    name: 'registration',
    heading: 'Are you late for registration?',
    go: (v) => lateTo(v, 'Year 12', 'May', 'Freya N'),
  },
  { name: 'late-reason', heading: 'Why are you late?', go: (v) => lateTo(v, ...amara) },
  {
    name: 'late-reason-two-languages',
    heading: "Pam wyt ti'n hwyr?",
    go: async (v) => {
      await shown(v, { languages: ['en', 'cy'], demo: true });
      await v.tap('Cymraeg', 'Cyrraedd yn hwyr', 'Blwyddyn 7', 'Mawrth', 'Amara O');
    },
  },
  {
    name: 'late-reason-many',
    heading: 'Why are you late?',
    go: async (v) => {
      const icons = [
        'bus',
        'bed',
        'traffic',
        'appointment',
        'weather',
        'family',
        'bicycle',
        'medical',
        'faith',
        'walk',
      ];
      await shown(v, {
        lateReasons: [
          ...icons.map((icon) => ({ id: icon, label: { en: `Held up by ${icon}` }, icon, back: 'ask' as const })),
          { id: 'tell-staff', label: {}, icon: null, back: 'ask' as const },
        ],
      });
      await lateTo(v, ...amara);
    },
  },
  { name: 'late-reason-aa', heading: 'Why are you late?', go: (v) => v.tap('Aa', 'Sign in late', ...amara) },
  { name: 'signed-in', heading: "You're signed in", go: (v) => lateTo(v, ...amara, 'Bus or train') },
  {
    name: 'signed-in-after-close',
    heading: "You're signed in",
    go: async (v) => {
      v.device.situation.late = { outcome: 'after-close', time: '10:17' };
      await lateTo(v, ...amara, 'Bus or train');
    },
  },
  {
    name: 'signed-in-time-unsure',
    heading: "You're signed in",
    go: async (v) => {
      v.device.situation.late = { outcome: 'to-be-confirmed', time: null };
      await shown(v, { clockTrusted: false });
      await lateTo(v, ...amara, 'Bus or train');
    },
  },
  {
    name: 'signed-in-aa',
    heading: "You're signed in",
    go: (v) => v.tap('Aa', 'Sign in late', ...amara, 'Bus or train'),
  },
  { name: 'undone', heading: "That's undone", go: (v) => lateTo(v, ...amara, 'Bus or train', "That's wrong, undo") },

  { name: 'leave-reason', heading: 'Why are you leaving?', go: (v) => earlyTo(v, ...amara) },
  { name: 'coming-back', heading: 'Are you coming back today?', go: (v) => earlyTo(v, ...amara, 'Appointment') },
  { name: 'with-whom', heading: 'Who are you going with?', go: (v) => earlyTo(v, ...amara, 'I feel unwell') },
  {
    name: 'camera',
    heading: 'Look at the camera',
    go: async (v) => {
      await earlyTo(v, ...amara, 'Appointment', 'After lunch');
      await v.page.getByText('2', { exact: true }).waitFor();
    },
  },
  {
    name: 'camera-gone',
    heading: 'Look at the camera',
    go: async (v) => {
      await earlyTo(v, ...amara, 'Appointment', 'After lunch');
      await v.page.getByText('2', { exact: true }).waitFor();
      await shown(v, { camera: false });
    },
  },
  {
    name: 'camera-aa',
    heading: 'Look at the camera',
    go: async (v) => {
      await v.tap('Aa', 'Sign out early', ...amara, 'Appointment', 'After lunch');
      await v.page.getByText('3', { exact: true }).waitFor();
    },
  },
  {
    name: 'badge-printing',
    heading: 'Your badge is printing',
    go: async (v) => {
      await earlyTo(v, ...amara, 'Appointment', 'After lunch', "I don't want a photo");
      await v.page.waitForFunction(
        () => (document.querySelector<HTMLImageElement>('img.paper')?.naturalWidth ?? 0) > 0,
      );
    },
  },
  {
    name: 'badge-write-down',
    heading: 'Write this number down',
    go: async (v) => {
      v.device.situation.printing = false;
      await earlyTo(v, ...amara, 'Appointment', 'After lunch', "I don't want a photo");
    },
  },
  {
    name: 'sit-down',
    heading: 'Please sit down. A member of staff will call you.',
    go: (v) => earlyTo(v, ...amara, 'I feel unwell', 'A grown-up', "I don't want a photo"),
  },

  { name: 'badge', heading: 'Enter the number on your badge', go: (v) => typeBadge(v, '18391') },
  { name: 'badge-mistyped', heading: 'Enter the number on your badge', go: (v) => typeBadge(v, badges.mistyped) },
  { name: 'badge-used', heading: 'Enter the number on your badge', go: (v) => typeBadge(v, badges.used) },
  {
    name: 'badge-no-camera',
    heading: 'Enter the number on your badge',
    go: async (v) => {
      await shown(v, { camera: false });
      await typeBadge(v, '18');
    },
  },
  { name: 'badge-aa', heading: 'Enter the number on your badge', go: (v) => v.tap('Aa', 'Sign back in', '1', '8') },
  { name: 'another-day', heading: 'Which year are you in?', go: (v) => typeBadge(v, badges.anotherDay) },
  {
    name: 'earlier-today',
    heading: 'Were you in school earlier today?',
    go: (v) => v.tap('Sign back in', "I haven't got a badge"),
  },
  { name: 'welcome-back', heading: 'Welcome back', go: (v) => typeBadge(v, badges.right) },
  { name: 'already-back', heading: "You're already back", go: (v) => typeBadge(v, badges.alreadyBack) },

  { name: 'already-in', heading: "You're already signed in", go: (v) => lateTo(v, 'Year 8', 'January', 'Ali M') },
  { name: 'already-out', heading: "You're already signed out", go: (v) => earlyTo(v, 'Year 8', 'January', 'Beth C') },
  {
    name: 'signed-out-earlier',
    heading: 'You signed out earlier',
    go: (v) => lateTo(v, 'Year 8', 'January', 'Beth C'),
  },
  {
    name: 'closed',
    heading: 'Please see reception',
    go: async (v) => {
      await shown(v, { accepting: { state: 'closed' } });
      await lateTo(v);
    },
  },

  {
    name: 'more-time',
    heading: 'Do you need more time?',
    go: async (v) => {
      await lateTo(v, ...amara);
      await v.page.clock.fastForward(31_000);
    },
  },
  {
    name: 'one-moment',
    heading: null,
    go: async (v) => {
      await lateTo(v);
      v.device.situation.silent.add('names');
      await v.tap('Year 7');
      await v.sees('Which month is your birthday?');
      await v.tap('March');
      await v.page.clock.fastForward(AWAY_MS);
      await v.page.getByText('One moment please').waitFor();
    },
  },

  { name: 'pin', heading: 'Enter your PIN', go: (v) => v.tap('Staff', '2', '4') },
  { name: 'pin-wrong', heading: 'Enter your PIN', go: (v) => v.tap('Staff', ...digits('999999')) },
  ...(['staff', 'staff-aa'] as const).map((name) => ({
    name,
    heading: 'Staff: Mrs Lewis',
    go: async (v: Visitor) => {
      v.device.situation.waiting = waiting;
      if (name === 'staff-aa') await v.tap('Aa');
      await v.tap('Staff', ...digits(STAFF_PIN));
    },
  })),
  { name: 'staff-nobody', heading: 'Staff: Mrs Lewis', go: (v) => v.tap('Staff', ...digits(STAFF_PIN)) },
  {
    name: 'self-test',
    heading: 'Staff: Mrs Lewis',
    go: async (v) => {
      await v.tap('Staff', ...digits(STAFF_PIN), 'Self-test');
      await v.page.getByText('Out of paper: put in a new roll').waitFor();
    },
  },
  ...(['self-test-faults', 'self-test-faults-aa'] as const).map((name) => ({
    name,
    heading: 'Staff: Mrs Lewis',
    go: async (v: Visitor) => {
      v.device.situation.parts = everyFault;
      if (name.endsWith('aa')) await v.tap('Aa');
      await v.tap('Staff', ...digits(STAFF_PIN), 'Self-test');
      await v.page.getByText('pull its USB cable out').waitFor();
    },
  })),
  { name: 'switch-off', heading: 'Switch the box off?', go: (v) => v.tap('Staff', ...digits(STAFF_PIN), 'Switch off') },
  {
    name: 'switching-off',
    heading: 'Switching off',
    go: (v) => v.tap('Staff', ...digits(STAFF_PIN), 'Switch off', 'Yes'),
  },
  {
    name: 'cleaning',
    heading: 'You can clean the screen now',
    go: (v) => v.tap('Staff', ...digits(STAFF_PIN), 'Clean the screen'),
  },
];
