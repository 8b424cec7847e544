/**
 * Data folders of boxes that have served for years: the real desk, journal and retention live through them in steered time, on
 * the real disk. Made once and kept among the temporary files; whoever measures works on a copy.
 */
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportFolder } from '../../device/copies/export-folder.ts';
import type { ExportFolder } from '../../device/copies/export-folder.ts';
import { Retention } from '../../device/desk/retention.ts';
import { watch } from '../../device/desk/watch.ts';
import { nameFamilies } from '../../device/demo/names.ts';
import { seeded } from '../../device/demo/random.ts';
import type { Seeded } from '../../device/demo/random.ts';
import { stateOf, writeWish } from '../../device/domain/mark.ts';
import type { Pupil } from '../../device/domain/pupil.ts';
import type { Recorded, SendingItem } from '../../device/domain/record.ts';
import { cutOff } from '../../device/domain/retention.ts';
import { addDays, isSchoolDay, wallToEpoch } from '../../device/domain/school-day.ts';
import type { Settings } from '../../device/domain/settings.ts';
import { openDisk } from '../../device/journal/disk.ts';
import { openKeys, realDisks } from '../../device/journal/key-folder.ts';
import { readMasterFile } from '../../device/journal/master-file.ts';
import { readRosterCsv } from '../../device/roster/csv.ts';
import { readSettings } from '../../device/settings/read.ts';
import { openParts, seededRandom, silent } from '../support/box.ts';
import { bootableTime } from '../support/desk-day.ts';

export interface HistoryOptions {
  readonly pupils: number;
  /** School years of 200 school days each, from September 2026 on. */
  readonly years: number;
  readonly seed: number;
}
const daysOfYear = 200;
/** Of a school day: 76 late, 12 out, 12 back. */
const lates = 76;
const leavers = 12;
const batch = 50;

export interface MisAddress {
  readonly baseUrl: string;
  readonly schoolId: string;
  readonly token: string;
}

export interface History {
  /** Holds `porter.toml`, `roster.csv` and `data`. */
  readonly folder: string;
  /** Local time at which the box starts anew: the school day after the last one, in the rush. */
  readonly clock: string;
}

/** With an MIS and simulated parts, or, where none is given, without either. Ports as given. */
export function settingsText(kioskPort: number, staffPort: number, mis: MisAddress | null = null): string {
  const kind = mis === null ? 'none' : 'simulated';
  return `[school]
name = "Hill View School"
[mis]
${mis === null ? 'connector = "none"' : `connector = "wonde"\nbase_url = "${mis.baseUrl}"\nschool_id = "${mis.schoolId}"\ntoken = "${mis.token}"`}
[roster]
source = "csv"
[web]
kiosk_port = ${String(kioskPort)}
staff_port = ${String(staffPort)}
staff_bind = "127.0.0.1"
[hardware]
printer = { kind = "${kind}" }
camera = { kind = "${kind}" }
lights = { kind = "${kind}" }
`;
}

/** `into` is a folder that is not there yet. */
export async function historyIn(into: string, options: HistoryOptions, say: (words: string) => void): Promise<History> {
  const name = `${String(options.pupils)}-pupils-${String(options.years)}-years-seed-${String(options.seed)}`;
  const kept = join(tmpdir(), 'porter-bench-histories', name);
  if (!existsSync(kept)) {
    const fresh = `${kept}.${String(process.pid)}`;
    rmSync(fresh, { recursive: true, force: true });
    await make(fresh, options, say);
    renameSync(fresh, kept);
  }
  say(`history: ${name}, kept in ${kept}`);
  cpSync(kept, into, { recursive: true });
  return { folder: into, clock: `${daysOf(options.years).next}T08:45` };
}

/** School days are weekdays here; those of one school year, then from the next September on. */
function daysOf(years: number): { readonly days: readonly string[]; readonly next: string } {
  const days: string[] = [];
  let date = '';
  const step = (): string => {
    do date = addDays(date, 1);
    while ([0, 6].includes(new Date(`${date}T12:00Z`).getUTCDay()));
    return date;
  };
  for (let year = 0; year < years; year += 1) {
    date = `${String(2026 + year)}-08-31`;
    for (let day = 0; day < daysOfYear; day += 1) days.push(step());
  }
  return { days, next: step() };
}

/** Made up: each a first and a last name of one family of names. */
function rosterOf(count: number, random: Seeded): string {
  const rows = Array.from({ length: count }, (_, n) => {
    const family = random.pick(nameFamilies);
    const year = 7 + (n % 5);
    const names = `${random.pick(n % 2 === 0 ? family.girls : family.boys)},${random.pick(family.surnames)}`;
    const group = `${String(year)}${random.pick(['A', 'B', 'C', 'D'])}`;
    return `P${String(100_000 + n)},${names},Year ${String(year)},${group},${String(1 + random.below(12))},`;
  });
  return `mis_id,forename,surname,year_group,registration_group,birth_month,flags\n${rows.join('\n')}\n`;
}

async function make(
  folder: string,
  { pupils: count, years, seed }: HistoryOptions,
  say: (words: string) => void,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const csv = rosterOf(count, seeded(seed));
  writeFileSync(join(folder, 'roster.csv'), csv);
  const read = readSettings(settingsText(8080, 8443), 'porter.toml', { baseDir: folder });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const { days } = daysOf(years);
  const { pupils } = readRosterCsv(Buffer.from(csv));
  const life = await Life.begin(join(folder, 'data'), read.settings, pupils, seed, days[0] ?? '');
  for (const [at, date] of days.entries()) {
    if (at % 20 === 0) say(`history: ${date}, day ${String(at)} of ${String(days.length)}`);
    await life.day(date);
  }
  await life.end();
}

interface Made {
  readonly settings: Settings;
  readonly pupils: readonly Pupil[];
  readonly time: ReturnType<typeof bootableTime>;
  readonly box: Awaited<ReturnType<typeof openParts>>;
  readonly exports: ExportFolder;
}

/** A box from its first morning on. */
class Life {
  private readonly settings: Settings;
  private readonly pupils: readonly Pupil[];
  private readonly time: ReturnType<typeof bootableTime>;
  private readonly box: Awaited<ReturnType<typeof openParts>>;
  private readonly retention: Retention;
  private readonly exports: ExportFolder;
  /** Of the day, as they became durable. */
  private readonly records: Recorded[] = [];
  private readonly random: Seeded;
  private visits = 0;

  private constructor(seed: number, made: Made) {
    const { settings, pupils, time, box, exports } = made;
    this.settings = settings;
    this.pupils = pupils;
    this.time = time;
    this.box = box;
    this.exports = exports;
    this.random = seeded(seed + 1);
    // Its rests are for everybody else; here is nobody.
    const timers = { ...time.timers, after: (_: number, run: () => void) => (setImmediate(run), () => undefined) };
    this.retention = new Retention({ school: box.school, desk: box.desk, journal: box.journal, timers, log: silent });
    box.desk.onDurable((records) => this.records.push(...records));
  }

  static async begin(
    data: string,
    settings: Settings,
    pupils: readonly Pupil[],
    seed: number,
    first: string,
  ): Promise<Life> {
    const random = seededRandom(seed);
    const places = { dataFolder: data, keyFiles: [`${data}.key`], newKeyFile: `${data}.key`, disks: realDisks };
    const { masters } = openKeys(places, (length) => random.bytes(length));
    const time = bootableTime(wallToEpoch(first, 7 * 60, settings.school.timeZone));
    const byKey = new Map(pupils.map((pupil) => [pupil.key, pupil]));
    const box = await openParts(openDisk(join(data, 'journal')), {
      ...time,
      ...{ settings, random, masters, log: silent },
      roster: () => ({ pupils, byKey: (key) => byKey.get(key) }),
      observed: () => null,
      storageWorks: () => true,
      printerReady: () => true,
    });
    await box.journal.makeKeys(pupils.map(({ key }) => key));
    const file = readMasterFile(realDisks.reader(join(data, 'keys')));
    const keys = { masters, file, random: (length: number) => random.bytes(length) };
    const exports = exportFolder(join(data, 'exports'), () => keys);
    return new Life(seed, { settings, pupils, time, box, exports });
  }

  async day(date: string): Promise<void> {
    if (!isSchoolDay(date, this.settings)) throw new Error(`${date} is no school day`);
    await this.until(date, 8 * 60);
    await this.lookOver();
    await this.until(date, 8 * 60 + 55);
    const today = this.someOf(lates + leavers);
    await Promise.all(today.slice(0, lates).map((pupil) => this.late(pupil)));
    const badges = await Promise.all(today.slice(lates).map((pupil) => this.leaves(pupil)));
    await this.marksArrive(date);
    await this.until(date, 12 * 60 + 40);
    await Promise.all(badges.map((badge) => this.comesBack(badge)));
    await this.until(date, 15 * 60 + 40);
    await this.marksArrive(date);
    const { staff } = this.box;
    good(await staff.closeDay(this.box.command({ date }), { date, by: 'Ms Reed' }));
    await this.exports.write(date, this.records.splice(0));
    good(await staff.exported(this.box.command({ date, export: true }), { date, by: 'Ms Reed' }));
    const kept = cutOff(addDays(date, -30), this.settings.keep);
    for (const day of (await this.exports.days()).keys()) if (day < kept) await this.exports.remove(day);
  }

  async end(): Promise<void> {
    await this.box.journal.close();
  }

  private async until(date: string, minuteOfDay: number): Promise<void> {
    await this.pass(wallToEpoch(date, minuteOfDay, this.settings.school.timeZone) - this.time.clock.now());
  }

  /** First in small steps: what the journal writes in quiet seconds is answered before its time is up. */
  private async pass(ms: number): Promise<void> {
    const quietMs = 10_000;
    await this.time.passSlowly(quietMs, 1_000);
    await this.box.journal.place();
    this.time.pass(ms - quietMs);
  }

  private async lookOver(): Promise<void> {
    await watch(this.box.school, this.box.desk);
    await this.retention.look();
  }

  private someOf(count: number): readonly Pupil[] {
    const some = new Set<Pupil>();
    while (some.size < count) some.add(this.random.pick(this.pupils));
    return [...some];
  }

  private visit(): string {
    return `visit-${String((this.visits += 1))}`;
  }

  private async late({ key }: Pupil): Promise<void> {
    const reason = this.random.pick(['bus', 'overslept', 'traffic', 'family']);
    const input = { visit: this.visit(), pupil: key, reason, touchAgoMs: 4_000 };
    good(await this.box.arrivals.late(this.box.command(input), input));
  }

  private async leaves({ key }: Pupil): Promise<string> {
    const facts = { back: 'after-lunch', withWhom: null, photo: 'none' } as const;
    const input = { visit: this.visit(), pupil: key, reason: 'medical', touchAgoMs: 4_000, ...facts };
    const answer = good(await this.box.departures.early(this.box.command(input), input));
    if (answer.state !== 'departed') throw new Error('somebody was not let go');
    return answer.badge;
  }

  private async comesBack(badge: string): Promise<void> {
    const input = { visit: this.visit(), by: 'typed', badge, touchAgoMs: 4_000 } as const;
    good(await this.box.returns.back(this.box.command(input), input));
  }

  /** As the sender tells it: sent in batches, taken, seen. */
  private async marksArrive(date: string): Promise<void> {
    const { desk } = this.box;
    const items = [...desk.durable.unsettled].flatMap((key): readonly SendingItem[] => {
      const mark = desk.durable.mark(key);
      const wish = mark === undefined || stateOf(mark) !== 'waiting' ? null : writeWish(mark);
      return wish === null ? [] : [{ key, code: wish.code, minutes: wish.minutes, comment: wish.comment, before: 'N' }];
    });
    for (let at = 0; at < items.length; at += batch) {
      const some = items.slice(at, at + batch);
      await desk.commit([{ type: 'sending', v: 1, batch: this.visit(), items: some }]);
      const rows = some.map(({ key }) => ({ key, event: 'queued', writeback: `w${String(at)}` }) as const);
      await desk.commit([{ type: 'report', v: 1, date, rows }]);
      await this.pass(20_000);
      const seen = some.map(({ key, code }) => ({ key, event: 'seen', seen: code }) as const);
      await desk.commit([{ type: 'report', v: 1, date, rows: seen }]);
    }
  }
}

function good<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result.error));
}
