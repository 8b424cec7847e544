/** `porter journal verify|export|stats`: reads a data folder, also another box's or a copy on a read-only disk. */
import { join } from 'node:path';
import type { KeepRules } from './domain/retention.ts';
import { localTime } from './domain/school-day.ts';
import type { Recorded } from './domain/record.ts';
import { csvLine } from './journal/csv-line.ts';
import { diskReader } from './journal/disk.ts';
import type { DiskReader } from './journal/disk.ts';
import { JournalError, causeOf } from './journal/error.ts';
import type { NumberRange } from './journal/frame.ts';
import type { Masters } from './journal/masters.ts';
import { recordsIn, recordsOf } from './journal/reading.ts';
import type { OpenPayload } from './journal/reading.ts';
import { segmentsOf } from './journal/segments.ts';
import { verify } from './journal/verify.ts';
import type { Problem, Verified } from './journal/verify.ts';
import { readRecoveryKey } from './journal/written-keys.ts';
import { Keeping, keptWords } from './kept-words.ts';

export interface JournalCommand {
  readonly action: string | undefined;
  readonly dataFolder: string;
  readonly json: boolean;
  readonly csv: boolean;
  readonly print: (text: string) => void;
  /** How long movements are kept, where a technician file says so; else as shipped. */
  readonly rules?: KeepRules | undefined;
  /** What opens the records; throws where the key is missing or another's. `verify` needs none. */
  readonly open: (disk: DiskReader) => OpenPayload;
  /** What opens them; throws where there is none. */
  readonly masters: () => Masters;
  /** The recovery key as it was typed: then `verify` checks who wrote the spine. */
  readonly recoveryKey: string | null;
}

/** 0: all there and unaltered; 1: something is missing or altered; 2: it cannot be read. Null: no such action. */
export function journalCommand(command: JournalCommand): 0 | 1 | 2 | null {
  const disk = diskReader(join(command.dataFolder, 'journal'));
  try {
    switch (command.action) {
      case 'verify':
        return runVerify(command, disk);
      case 'export':
        return runExport(command, disk);
      case 'stats':
        return runStats(command, disk);
      default:
        return null;
    }
  } catch (error) {
    if (error instanceof JournalError) {
      command.print(`It cannot be read: ${error.message}.\n`);
      return 2;
    }
    const why = causeOf(error);
    command.print(why === 'ENOENT' ? 'There is no journal in this folder.\n' : `It cannot be read (${why}).\n`);
    return 2;
  }
}

function runVerify(command: JournalCommand, disk: DiskReader): 0 | 1 | 2 {
  const { json, print, recoveryKey } = command;
  const recovery = recoveryKey === null ? null : readRecoveryKey(recoveryKey);
  if (recovery === null && recoveryKey !== null) {
    print('That is no recovery key: a symbol is wrong, or there are not 28 of them.\n');
    return 2;
  }
  const found = verify(disk, { masters: mastersOf(command), recovery });
  const unread = unreadOf(command, disk);
  print(
    json
      ? `${JSON.stringify({ ...found, unread }, null, 2)}\n`
      : `${[...verifiedWords(found), ...unreadWords(unread)].join('\n')}\n`,
  );
  return found.problems.length === 0 ? 0 : 1;
}

/** Null: not here, or not of this folder. */
function mastersOf({ masters }: JournalCommand): Masters | null {
  try {
    return masters();
  } catch (error) {
    if (error instanceof JournalError) return null;
    throw error;
  }
}

/** Records that are all there, and stand under a pupil's key that is not: destroyed, or lost. */
interface Unread {
  readonly erased: number;
  readonly lost: number;
}

/** Null: without the key of the folder it cannot be told. */
function unreadOf(command: JournalCommand, disk: DiskReader): Unread | null {
  try {
    const types = [...recordsOf(disk, command.open(disk))].map(({ type }): string => type);
    const count = (what: string): number => types.filter((type) => type === what).length;
    return { erased: count('erased'), lost: count('lost') };
  } catch (error) {
    if (error instanceof JournalError) return null;
    throw error;
  }
}

function unreadWords(unread: Unread | null): readonly string[] {
  if (unread === null) return ['Without its key nobody can tell which of them are erased.'];
  return [
    ...(unread.erased > 0 ? [`${unread.erased} of them erased: the key of their pupil was destroyed.`] : []),
    ...(unread.lost > 0 ? [`${unread.lost} of them UNREADABLE: the key of their pupil is lost.`] : []),
  ];
}

/** What `verify` says to a person, a line each. */
export function verifiedWords(found: Verified): readonly string[] {
  const { numbers, records, segments, problems, journals, removed, cut, setAside } = found;
  const extent = numbers === null ? 'no records' : `numbers ${range(numbers)}`;
  return [
    `Journal ${journals.join(', then ') || 'unknown'}: ${extent}, ${records} records in ${segments} segments.`,
    ...together(removed).map(
      (one) => `Numbers ${range(one)} removed by ${one.why} on ${dateOf(one.at)} by ${one.by}; unbroken since.`,
    ),
    ...cut.map((one) => `Numbers ${range(one)} were cut away after a power cut: nobody was told yes.`),
    ...(found.unchainedTo === 0
      ? []
      : [`Up to number ${found.unchainedTo} only checksums vouch: written without a chain.`]),
    ...setAside.map((name) => `Bytes set aside by a start: ${name}`),
    found.vouched === null
      ? 'Who wrote the spine was not checked: that takes the recovery key (--recovery-key).'
      : `The recovery key vouches for ${found.vouched} lines of the spine.`,
    ...(found.unfinished ? ['The last frame is unfinished: a power cut, or Porter is writing it now.'] : []),
    ...problems.map(problemWords),
    problems.length === 0
      ? `All there and unaltered. Head ${found.head}`
      : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}. Head ${found.head}`,
  ];
}

function problemWords(problem: Problem): string {
  switch (problem.kind) {
    case 'missing':
      return `MISSING: ${numbersOf(problem.numbers)} (segment ${problem.segment}).`;
    case 'altered':
      return `ALTERED: one or more of ${numbersOf(problem.numbers)} (segment ${problem.segment}).`;
    case 'bytes':
      return `DAMAGED: bytes without records behind number ${problem.after} (segment ${problem.segment}).`;
    case 'header':
      return `DAMAGED: the header of segment ${problem.segment}, before number ${problem.first}.`;
    case 'not-built-on':
      return `CHAIN BROKEN at number ${problem.first}: segment ${problem.segment} does not build on what stands before it.`;
    case 'tail':
      return problem.upTo === null
        ? `GARBLED END behind number ${problem.after} (segment ${problem.segment}).`
        : `GARBLED END: up to ${problem.upTo} records after number ${problem.after} may be missing (segment ${problem.segment}).`;
    case 'spine':
      return problem.lost
        ? 'DAMAGED: both generations of the spine; it is made anew from the segments.'
        : 'DAMAGED: the spine; the generation before it was used.';
    case 'spine-line':
      return `FORGED: line ${problem.line} of the spine${ofSegments(problem.segments)} was not written by this box, or was altered.`;
    case 'spine-cut':
      return `CUT: ${problem.lines === 1 ? 'a line' : `${problem.lines} lines`} of the spine gone ${problem.line === null ? 'from its end' : `before line ${problem.line}`}.`;
    case 'spine-end':
      return 'CUT OR ALTERED: the end of the spine cannot be checked, its key (journal/spine-key) is lost or not of this recovery key.';
    case 'spine-other':
      return problem.line === null
        ? 'NOT VOUCHED FOR: this recovery key vouches for no line of the spine.'
        : `NOT VOUCHED FOR: from line ${problem.line} of the spine on another recovery key does.`;
    case 'spine-changed':
      return 'ALTERED: the spine is not as Porter left it.';
    case 'id':
      return 'ALTERED: the file id is not of the journal that wrote last.';
  }
}

const ofSegments = (segments: readonly number[]): string =>
  segments.length === 0 ? '' : ` (segment${segments.length === 1 ? '' : 's'} ${segments.join(', ')})`;
const range = ({ from, to }: NumberRange): string => `${from} to ${to}`;
const numbersOf = ({ from, to }: NumberRange): string => (from === to ? `number ${from}` : `numbers ${from} to ${to}`);
const dateOf = (epochMs: number): string => localTime(epochMs, ZONE).date;
/** Days of the figures; the school's own zone stands in its settings, which a copied folder may lack. */
const ZONE = 'Europe/London';
const asShipped: KeepRules = { events: 'school-year', timeZone: ZONE };

/** Neighbours that went together are one line. */
function together(removed: Verified['removed']): Verified['removed'] {
  return removed.reduce<Verified['removed'][number][]>((all, one) => {
    const before = all.at(-1);
    const same = before !== undefined && before.by === one.by && dateOf(before.at) === dateOf(one.at);
    return same && before.to + 1 === one.from ? [...all.slice(0, -1), { ...before, to: one.to }] : [...all, one];
  }, []);
}

/** Every record that can be read, photos never: one JSON object or one CSV row each. */
function runExport(command: JournalCommand, disk: DiskReader): 0 {
  const { csv, print } = command;
  if (csv) print(csvLine(['number', 'time', 'time is sure', 'type', 'pupil', 'by', 'record']));
  for (const record of recordsOf(disk, command.open(disk))) print(csv ? csvOf(record) : `${JSON.stringify(record)}\n`);
  return 0;
}

function csvOf(record: Recorded): string {
  const { n, at, type, ref, run, command, ...body } = record;
  const text = (key: string): string => String(Object.entries(body).find(([name]) => name === key)?.[1] ?? '');
  const sure = at.latest === null ? 'no' : 'yes';
  const rest = JSON.stringify({ ...body, ref, run, command });
  return csvLine([String(n), isoOf(at.earliest), sure, type, text('pupil'), text('by'), rest]);
}

function isoOf(epochMs: number): string {
  const { date, msOfDay } = localTime(epochMs, 'UTC');
  const pad = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.floor(msOfDay / 1000);
  return `${date}T${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}Z`;
}

function runStats(command: JournalCommand, disk: DiskReader): 0 {
  const { json, print, rules = asShipped } = command;
  const days = new Map<string, Record<string, number>>();
  const keeping = new Keeping();
  const payload = command.open(disk);
  const segments = segmentsOf(disk);
  for (const segment of segments) {
    const records = [...recordsIn(disk.read(segment.name), segment, payload)];
    keeping.take(segment.number, records);
    for (const { at, type } of records) {
      const day = at.latest === null ? 'time not sure' : localTime(at.earliest, ZONE).date;
      const counts = days.get(day) ?? {};
      counts[type] = (counts[type] ?? 0) + 1;
      days.set(day, counts);
    }
  }
  const bytes = segments.reduce((sum, { name }) => sum + disk.size(name), 0);
  const all = [...days].sort(([a], [b]) => a.localeCompare(b));
  const kept = keeping.kept(rules);
  if (json) {
    const figures = { segments: segments.length, bytes, days: Object.fromEntries(all), kept };
    print(`${JSON.stringify(figures, null, 2)}\n`);
  } else {
    print(`${segments.length} segments, ${bytes} bytes\n`);
    for (const line of keptWords(kept, rules)) print(`${line}\n`);
    for (const [day, counts] of all) print(`${day}  ${countsOf(counts)}\n`);
  }
  return 0;
}

const countsOf = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([type, count]) => `${type} ${count}`)
    .join(', ');
