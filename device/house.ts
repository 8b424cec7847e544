/** The rooms above the parts, put together: desk flows, roster, sender, printing, photos, health. Part of `app.ts`. */
import { createHmac } from 'node:crypto';
import type { AppParts } from './app-parts.ts';
import { PupilRecords } from './desk/about-pupil.ts';
import { arrivals } from './desk/arrivals.ts';
import type { Arrivals } from './desk/arrivals.ts';
import { departures } from './desk/departures.ts';
import type { Departures } from './desk/departures.ts';
import type { Desk } from './desk/desk.ts';
import { eraseDesk } from './desk/erasing.ts';
import type { EraseDesk } from './desk/erasing.ts';
import { ListPrinting } from './desk/list-printing.ts';
import { DayExports } from './desk/day-exports.ts';
import { Losses } from './desk/losses.ts';
import { Photos } from './desk/photos.ts';
import { picker } from './desk/picker.ts';
import type { Picker } from './desk/picker.ts';
import { Printing } from './desk/printing.ts';
import { Retention } from './desk/retention.ts';
import { returns } from './desk/returns.ts';
import type { Returns } from './desk/returns.ts';
import type { School } from './desk/school.ts';
import { settingsDesk } from './desk/settings.ts';
import type { SettingsDesk } from './desk/settings.ts';
import { staffDesk } from './desk/staff.ts';
import type { StaffDesk } from './desk/staff.ts';
import { localTime, sessionAt, withinKioskHours } from './domain/school-day.ts';
import { Health } from './health.ts';
import { KeptMarks } from './mis/kept-marks.ts';
import type { RosterSync } from './mis/roster-sync.ts';
import { Sender } from './mis/sender.ts';
import type { Settings } from './domain/settings.ts';
import { SettingsInForce } from './settings/in-force.ts';
import type { Stops } from './stops.ts';
import type { Clock } from './system/ports.ts';
import { StorageWatch } from './storage-watch.ts';

/** What is made of the parts, in the order in which each needs the one before. */
export interface House {
  readonly inForce: SettingsInForce;
  readonly school: School;
  readonly roster: RosterSync;
  readonly sender: Sender;
  readonly storage: StorageWatch;
  readonly health: Health;
  readonly photos: Photos;
  readonly pupilRecords: PupilRecords;
  readonly retention: Retention;
  readonly dayExports: DayExports;
  readonly printing: Printing;
  readonly lists: ListPrinting;
  readonly flows: {
    readonly arrivals: Arrivals;
    readonly departures: Departures;
    readonly returns: Returns;
    readonly picker: Picker;
    readonly staffDesk: StaffDesk;
    readonly eraseDesk: EraseDesk;
    readonly losses: Losses;
    readonly settingsDesk: SettingsDesk;
  };
}

/** `printFailed`: the badge of this visit did not print, its number is to be written down. */
export async function buildHouse(
  parts: AppParts,
  desk: Desk,
  stops: Stops,
  printFailed: (visit: string) => void,
): Promise<House> {
  const roster = parts.roster((bodies) => desk.commit(bodies));
  await roster.start();
  stops.add('roster', () => {
    roster.stop();
  });
  const { timeZone } = parts.settings.school;
  const inForce = new SettingsInForce(
    parts.settingsBook,
    () => desk.durable.settings,
    () => localTime(parts.clock.now(), timeZone).date,
  );
  const sender = createSender(parts, desk, roster, inForce);
  const kept = keepMarks(parts, roster, sender, inForce, stops);
  const school: School = {
    get settings() {
      return inForce.settings;
    },
    clock: parts.clock,
    random: parts.random,
    get roster() {
      return roster.roster();
    },
    badgeHash: (text) => createHmac('sha256', parts.badgeKey).update(text).digest(),
    observed: (pupil, date, session) => kept.code(pupil, date, session),
    observedAt: (pupil, date, session) => kept.readAt(pupil, date, session),
    mayDecide: () => health.mayDecide(),
  };
  const storage = new StorageWatch(parts);
  const health = new Health({
    ...parts,
    storage,
    mis: () => sender.view(),
    setAside: () => [...desk.durable.setAside],
    beside: () => [...erasing.words(), ...losses.words(), ...inForce.faults],
  });
  const losses = new Losses({ ...parts, desk });
  await losses.begin();
  const pupilRecords = new PupilRecords({ ...parts, durable: () => desk.durable });
  const forget = async (keys: ReadonlySet<string>): Promise<void> => {
    await kept.forget(keys);
    await roster.forget(keys);
  };
  const erasing = eraseDesk({ ...parts, roster: { forget }, school, desk });
  stops.add('erasing', () => {
    erasing.stop();
  });
  const photos = new Photos({ ...parts, school, desk });
  const retention = new Retention({ ...parts, school, desk });
  const dayExports = new DayExports({ ...parts, school, desk });
  const printing = new Printing({
    ...parts,
    school,
    desk,
    draw: (slip, photo) => parts.painter.paint(slip, photo),
    photo: (visit) => photos.get(visit),
    onFailed: printFailed,
  });
  const lists = new ListPrinting({ printer: parts.printer, draw: (page) => parts.painter.paint(page, null) });
  stops.add('badges', () => {
    printing.stop();
  });
  const flows = {
    arrivals: arrivals(school, desk),
    departures: departures(school, desk, () => health.mayPrint()),
    returns: returns(school, desk),
    picker: picker(school, desk, () => health.storageWorks()),
    staffDesk: staffDesk(school, desk),
    eraseDesk: erasing,
    losses,
    settingsDesk: settingsDesk({ school, desk, book: parts.settingsBook, misCodes: () => misCodes(parts) }),
  };
  return {
    ...{ inForce, school, roster, sender, storage, health, photos, pupilRecords },
    ...{ retention, dayExports, printing, lists, flows },
  };
}

function createSender(parts: AppParts, desk: Desk, roster: RosterSync, inForce: SettingsInForce): Sender {
  const { mis } = parts.settings;
  return new Sender({
    ...parts,
    journalId: parts.journal.id,
    ledger: () => desk.durable,
    commit: (bodies) => desk.commit(bodies),
    roster: () => roster.roster(),
    rules: () => ({
      writeBack: mis.connector === 'wonde' && mis.writeBack,
      holdMs: inForce.settings.late.holdSeconds * 1000,
      timeZone: parts.settings.school.timeZone,
    }),
    today: () => today(parts.clock, inForce.settings),
  });
}

function keepMarks(
  parts: AppParts,
  roster: RosterSync,
  { registers }: Sender,
  inForce: SettingsInForce,
  stops: Stops,
): KeptMarks {
  const kept = new KeptMarks({
    ...parts,
    registers,
    pupils: () => roster.roster().pupils,
    today: () => localTime(parts.clock.now(), inForce.settings.school.timeZone).date,
  });
  const every = parts.timers.every(marksKeptEveryMs, () => {
    kept.keep().catch(parts.onBroken);
  });
  stops.add('marks', every);
  return kept;
}
/** The present register is read every ten minutes at least (mis/sweep.ts). */
const marksKeptEveryMs = 5 * 60_000;

/** The date that has surely come: nothing of a later one is sent. No session while the time is not known. */
function today(clock: Clock, settings: Settings): { readonly date: string; readonly session: 'AM' | 'PM' | null } {
  const local = localTime(clock.reading().earliest, settings.school.timeZone);
  const at = sessionAt(local, null, settings);
  const session = clock.trusted() && withinKioskHours(local, settings) ? at.session : null;
  return { date: local.date, session };
}

/** Asked once, as somebody waits for it; codes that cannot be asked for now are met when a mark is written. */
async function misCodes({ connector, timers }: AppParts): Promise<ReadonlySet<string> | null> {
  const deadline = new AbortController();
  const cancel = timers.after(misCodesMaxMs, () => {
    deadline.abort();
  });
  try {
    const codes = await connector.codes(deadline.signal);
    return codes.ok ? new Set(codes.value.map(({ code }) => code)) : null;
  } finally {
    cancel();
  }
}
const misCodesMaxMs = 5_000;
