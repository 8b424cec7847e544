/** Commits as the text that stands in frames, and back to records with their identity. */
import type { Body, Instant, Recorded } from '../domain/record.ts';
import { isKnown } from '../domain/known-records.ts';
import { JournalError } from './error.ts';
import { FRAME_BYTES, FRAME_RECORDS, RECORD_BYTES } from './frame.ts';
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
  /** A JSON array of commits. */
  readonly text: string;
}

/** One commit as JSON. Throws `too_large`. */
export function writeCommit(at: Instant, command: CommandMark | undefined, bodies: readonly Body[]): string {
  const texts = bodies.map((body) => JSON.stringify(body));
  const head = JSON.stringify({ at, command });
  const text = `${head.slice(0, -1)},"records":[${texts.join(',')}]}`;
  const tooLarge =
    bodies.length > FRAME_RECORDS ||
    Buffer.byteLength(text) > FRAME_BYTES - 2 ||
    texts.some((record) => Buffer.byteLength(record) > RECORD_BYTES);
  if (tooLarge)
    throw new JournalError('too_large', `a commit of ${bodies.length} records is over the journal's bounds`);
  return text;
}

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
  for (const { at, command, records: bodies } of commits) {
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
