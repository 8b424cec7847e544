/** How the box is: each part, storage, clock, roster (product.md 6, "Box"). */
import type { BoxView, RestoreView, UpdateView } from '../../../contract/staff-views.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import type { TimeSource } from '../../../domain/time-evidence.ts';
import type { School } from '../../../desk/school.ts';
import { asideMaxMs } from '../../../copies/restoring.ts';
import { atConsole } from '../../../desk/backups-told.ts';
import { saysSeen } from '../../../desk/losses.ts';
import { localTime } from '../../../domain/school-day.ts';
import { lastWords } from '../../../update/said.ts';
import { shownTime, today } from '../../../desk/when.ts';
import { lineWords } from './mark-words.ts';
import { ageWords, dated } from './rows.ts';
import type { StaffSituation } from './situation.ts';

export function boxView(school: School, ledger: Ledger, situation: StaffSituation): BoxView {
  const { build, demo, faults, lights, mis, roster, storage } = situation;
  const parts = situation.parts.map((one) => (one.part === 'mis' ? { ...one, words: lineWords(school, mis) } : one));
  const date = today(school);
  return {
    box: school.settings.box.name,
    build,
    demo,
    parts,
    faults: faults.map((words) => ({ words, seen: saysSeen(words) })),
    storage,
    lights,
    clock: clockWords(school),
    asksTime: school.clock.sources().every((source) => source === 'person') || !school.clock.trusted(),
    roster: {
      pupils: school.roster.pupils.length,
      age: roster.takenAt === null ? null : ageWords(school.clock.now() - roster.takenAt),
      held: roster.held,
    },
    ...hostShown(school, ledger, situation),
    badgesToday: [...ledger.badges.values()].filter(({ record }) => record.date === date).length,
  };
}

/** Tens of megabytes, and five degrees below: what changes with every look would be pushed with every look. */
const megabytes = (bytes: number): string => `${String(Math.round(bytes / 1e7) * 10)} MB`;

function updateShown(school: School, { host, build }: StaffSituation): UpdateView | null {
  const update = host?.update ?? null;
  if (update === null) return null;
  const { trial, address, found, progress, last } = update;
  const when = last === null ? '' : `${dated(last.at, school.settings.school.timeZone)}, by ${last.by}: `;
  return {
    ...{ trial, address, progress },
    found: found.map(({ from, version, refused }) => ({ from, version, refused })),
    last: last === null ? null : `${when}${lastWords(last, build, trial)}`,
  };
}

function hostShown(school: School, ledger: Ledger, situation: StaffSituation) {
  const { host } = situation;
  const memory = host?.memory();
  const degrees = host?.degrees() ?? null;
  return {
    memory:
      memory === undefined
        ? null
        : `${megabytes(memory.usedBytes)} of its own, ${megabytes(memory.freeBytes)} of ${megabytes(memory.totalBytes)} free`,
    temperature: degrees === null ? null : `about ${String(Math.round(degrees / 5) * 5)} °C`,
    versions: Object.entries(host?.versions ?? {}),
    lastBackup: lastBackup(school, ledger, host?.takenAtConsole() ?? null),
    canRestart: host?.canRestart ?? false,
    newToken: newTokenShown(host),
    takesStick: host?.takesStick ?? false,
    restore: restoreShown(school, ledger, situation),
    update: updateShown(school, situation),
  };
}

function newTokenShown(host: StaffSituation['host']): BoxView['newToken'] {
  const newToken = host?.newToken ?? null;
  return newToken === null ? null : { refused: newToken.refused };
}

function restoreShown(school: School, { restored }: Ledger, { restore }: StaffSituation): RestoreView {
  const zone = school.settings.school.timeZone;
  const { refused, aside } = restore();
  const last =
    restored === null ? null : `${dated(shownTime(restored.at), zone)}, by ${restored.by}: ${restored.detail ?? ''}`;
  const [first] = aside;
  if (first === undefined) return { refused, last, aside: null };
  const bytes = aside.reduce<number | null>(
    (sum, one) => (sum === null || one.bytes === null ? null : sum + one.bytes),
    0,
  );
  const latest = Math.max(...aside.map(({ at }) => at));
  const size = bytes === null ? '' : ` (${String(Math.ceil(bytes / 1e6))} MB)`;
  const goes = localTime(latest + asideMaxMs, zone).date;
  const words = `What was on this box before the restore of ${dated(latest, zone)} lies aside${size}: it is not used, and goes by itself on ${goes}.`;
  return { refused, last, aside: words };
}

/** From the page by somebody, or at the console; the later one. The record of one at the console is of when Porter saw it. */
function lastBackup(school: School, { backedUp }: Ledger, takenAtConsole: number | null): string | null {
  const zone = school.settings.school.timeZone;
  const told = backedUp === null ? 0 : shownTime(backedUp.at);
  if (takenAtConsole !== null && (backedUp?.by === atConsole || takenAtConsole > told))
    return `${dated(takenAtConsole, zone)}, at the console`;
  return backedUp === null ? null : `${dated(told, zone)}, by ${backedUp.by}`;
}

const sourceWords: Readonly<Record<TimeSource, string>> = {
  system: 'this machine',
  kernel: 'the network',
  rtc: 'the battery clock',
  mis: 'the MIS',
  person: 'a person',
  record: 'its own records',
};

function clockWords({ clock }: School): string {
  if (!clock.trusted()) return 'The time is not known yet: marks wait until it is.';
  const by = clock.sources().map((source) => sourceWords[source]);
  return by.length === 0 ? 'The time is known.' : `The time is known by ${by.join(' and ')}.`;
}
