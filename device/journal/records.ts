/** Commits as the text that stands in frames, and back to records with their identity. */
import type { Body, Instant, Recorded, ReportBody, SendingBody } from '../domain/record.ts';
import { isKnown } from '../domain/known-records.ts';
import { pupilOfMark } from '../domain/mark.ts';
import { isBatch, pupilsOf, rowsOf } from '../domain/personal.ts';
import { JournalError } from './error.ts';
import { FRAME_BYTES, FRAME_RECORDS, RECORD_BYTES } from './frame.ts';
import { sizeOf } from './personal.ts';
import type { CommitPart } from './personal.ts';
import type { JournalFault } from './recover.ts';

export interface CommandMark {
  readonly id: string;
  readonly hash: string;
}

/** A frame's records as they stand in the file: sequence, run and ref follow from where they stand. */
export interface StoredFrame {
  readonly journal: string;
  readonly run: string;
  readonly first: number;
  readonly last: number;
  /** A JSON array of commits, every part of it opened that a key is there for. */
  readonly text: string;
}

/** A commit as it is handed over to be stored. */
export interface WrittenCommit {
  readonly parts: readonly CommitPart[];
  /** Bytes that it takes at most. */
  readonly size: number;
  /** Keys of pupils that go with it, when it is on the disk. */
  readonly destroys: readonly string[];
}

/** One commit as JSON, what is about pupils apart. Throws `too_large`. */
export function writeCommit(at: Instant, command: CommandMark | undefined, bodies: readonly Body[]): WrittenCommit {
  const named = [...new Set(bodies.flatMap(pupilsOf))].sort();
  const parts: CommitPart[] = [
    `{"at":${JSON.stringify(at)}`,
    // Its input can be guessed by who has the hash: it goes with the first of those whom it is about.
    ...(command === undefined ? [] : [',"command":', about(named, JSON.stringify(command))]),
    ',"records":[',
    ...separated(together(bodies).flatMap((group) => [partsOf(group)])),
    ']}',
  ];
  const size = sizeOf(parts);
  const tooLarge =
    bodies.length > FRAME_RECORDS ||
    size > FRAME_BYTES - 2 ||
    bodies.some((body) => Buffer.byteLength(JSON.stringify(body)) > RECORD_BYTES);
  if (tooLarge)
    throw new JournalError('too_large', `a commit of ${bodies.length} records is over the journal's bounds`);
  return { parts, size, destroys: bodies.flatMap((body) => (body.type === 'erase' ? body.keys : [])) };
}

const about = (pupils: readonly string[], text: string): CommitPart => (pupils.length === 0 ? text : { pupils, text });

/** Records that follow each other and are about the same pupils stand in one box. */
function together(bodies: readonly Body[]): readonly (readonly Body[])[] {
  const groups: Body[][] = [];
  for (const body of bodies) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && pupilsOf(body).length > 0 && sameBox(last[0], body)) last.push(body);
    else groups.push([body]);
  }
  return groups;
}
const sameBox = (one: Body, other: Body): boolean =>
  !isBatch(one) && !isBatch(other) && pupilsOf(one).join('\n') === pupilsOf(other).join('\n');

function partsOf(group: readonly Body[]): readonly CommitPart[] {
  const [first] = group;
  if (first === undefined) return [];
  if (isBatch(first)) return partsOfBatch(first);
  const pupils = [...new Set(pupilsOf(first))];
  if (pupils.length === 0) return [JSON.stringify(first)];
  const serial = Math.max(0, ...group.map((body) => (body.type === 'badge' ? body.serial : 0)));
  const beside = { of: group.length, ...(serial > 0 && { serial }) };
  return [{ pupils, text: JSON.stringify(group), beside }];
}

function partsOfBatch(batch: SendingBody | ReportBody): readonly CommitPart[] {
  const name = batch.type === 'sending' ? 'items' : 'rows';
  const head = JSON.stringify({ ...batch, [name]: undefined });
  const boxes = rowsOf(batch).map((row) => [about([pupilOfMark(row.key)], JSON.stringify(row))]);
  return [`${head.slice(0, -1)},"${name}":[`, ...separated(boxes), ']}'];
}

const separated = (all: readonly (readonly CommitPart[])[]): readonly CommitPart[] =>
  all.flatMap((parts, index) => (index === 0 ? parts : [',', ...parts]));

/** A record with what the journal adds to it. */
export const envelope = (
  body: Body,
  place: { readonly journal: string; readonly run: string; readonly n: number },
  at: Instant,
  command: CommandMark | undefined,
): Recorded => ({
  ...body,
  ref: `${place.journal}:${place.n}`,
  n: place.n,
  run: place.run,
  at,
  ...(command !== undefined && { command }),
});

/** The records of a frame, in order. Those of a type or version not known here are handed on as they are. */
export function readFrame(frame: StoredFrame): {
  readonly records: readonly Recorded[];
  readonly faults: JournalFault[];
} {
  const commits = parseCommits(frame.text);
  const count = commits?.reduce((sum, commit) => sum + commit.records.length, 0);
  if (commits === null || count !== frame.last - frame.first + 1) {
    return { records: [], faults: [{ kind: 'unreadable', missing: { from: frame.first, to: frame.last } }] };
  }
  const records: Recorded[] = [];
  const faults: JournalFault[] = [];
  for (const { at, command, records: bodies, lost = [] } of commits) {
    for (const index of lost) {
      const n = frame.first + records.length + index;
      faults.push({ kind: 'keys-lost', among: { from: n, to: n } });
    }
    for (const body of bodies) {
      const n = frame.first + records.length;
      const outline: { readonly type: string; readonly v: number } = body;
      if ('must' in body && !isKnown(outline)) faults.push({ kind: 'must-understand', n, type: body.type, v: body.v });
      records.push(envelope(body, { ...frame, n }, at, command));
    }
  }
  return { records, faults };
}

interface StoredCommit {
  readonly at: Instant;
  readonly command?: CommandMark;
  readonly records: readonly Body[];
  /** Which of them lack what a lost key would open. */
  readonly lost?: readonly number[];
}

function parseCommits(text: string): readonly StoredCommit[] | null {
  try {
    const commits: unknown = JSON.parse(text);
    return Array.isArray(commits) && commits.every(isCommit) ? commits : null;
  } catch {
    return null;
  }
}

/**
 * Looks at the outline only: the CRC says that the text is what `writeCommit` made, here or in a later version, whose
 * records must get through unharmed.
 */
function isCommit(value: unknown): value is StoredCommit {
  return isObject(value) && isObject(value['at']) && Array.isArray(value['records']) && value['records'].every(isBody);
}
const isBody = (value: unknown): value is Body =>
  isObject(value) && typeof value['type'] === 'string' && typeof value['v'] === 'number';
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
