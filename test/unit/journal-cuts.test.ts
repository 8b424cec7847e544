/**
 * The journal's file cut at every byte, with whatever may lie behind the cut, then appended to and started again: what was
 * acknowledged before the cut is kept, nothing is invented or there twice, and what is said of it is exact (durability.md 8).
 */
import { describe, expect, test } from 'vitest';
import { seeded } from '../../device/demo/random.ts';
import { FRAME_HEADER } from '../../device/journal/frame.ts';
import { KeeperRun, framesOf } from '../support/journal-files.ts';
import { MemoryDisk } from '../support/memory-disk.ts';

const FILE = '000001-000000000001.pj';
const ROOMY = { segment: 1024 * 1024, reserve: 16 };
const RECORDS = 200;
const seed = 20_260_301;

/** A frame as it was acknowledged: where it stands, its numbers, and its text. */
interface Frame {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

/** 200 records, alone and several in one frame, as they are right after the last answer. */
function written(): { readonly disk: MemoryDisk; readonly bytes: Buffer; readonly frames: readonly Frame[] } {
  const { below } = seeded(seed);
  const disk = new MemoryDisk();
  const run = new KeeperRun(disk, ROOMY);
  for (let count = 0; count < RECORDS;) {
    const size = Math.min(RECORDS - count, below(4) === 0 ? 1 : 2 + below(14));
    run.append(...Array.from({ length: size }, (_, index) => `record-${count + index + 1}`));
    count += size;
  }
  const stored = run.frames();
  disk.kill();
  const bytes = disk.read(FILE);
  const places = framesOf(bytes, 1);
  if (places.length !== stored.length || stored.at(-1)?.last !== RECORDS) throw new Error('not as it was written');
  const frames = stored.flatMap((frame, index) => {
    const place = places[index];
    return place === undefined ? [] : [{ ...frame, from: place.from, to: place.to }];
  });
  return { disk, bytes, frames };
}

const { disk: whole, bytes, frames } = written();
const start = frames[0]?.from ?? 0;
const { below } = seeded(seed);
const garbage = Buffer.from(Array.from({ length: 400 }, () => below(256)));

const tails: Readonly<Record<string, (cut: number, longest: number) => Buffer>> = {
  nothing: () => Buffer.alloc(0),
  zeros: (_, longest) => Buffer.alloc(longest),
  garbage: (cut, longest) => garbage.subarray(cut % 97, (cut % 97) + longest),
  'an older frame': (cut) => {
    const older = frames.filter(({ to }) => to <= cut);
    const frame = older[cut % Math.max(1, older.length)];
    return bytes.subarray(frame?.from ?? 0, frame?.to ?? 0);
  },
};

interface Said {
  readonly after: number;
  readonly atLeast: number;
}

/** What must be said of bytes behind the last good frame; null: nothing, since an unfinished frame is all they can be. */
function dueToBeSaid(file: Buffer, kept: readonly Frame[]): Said | null {
  const cutOff = frames[kept.length];
  const from = kept.at(-1)?.to ?? start;
  const rest = file.subarray(from);
  const headed =
    cutOff !== undefined && rest.subarray(0, FRAME_HEADER).equals(bytes.subarray(from, from + FRAME_HEADER));
  if (rest.length < FRAME_HEADER || (headed && rest.length < cutOff.to - cutOff.from)) return null;
  return { after: kept.at(-1)?.last ?? 0, atLeast: headed ? cutOff.last - cutOff.first + 1 : 0 };
}

/** Everything that is checked of one cut; answers what is wrong, null: nothing. */
function wrongWith(cut: number, file: Buffer): string | null {
  const disk = whole.copy();
  disk.put(FILE, file);
  // What lies behind the cut may happen to be what stood there: then the frame is whole, and as it was.
  const kept = frames.filter(({ to }) => to <= file.length && file.subarray(cut, to).equals(bytes.subarray(cut, to)));
  const second = new KeeperRun(disk, ROOMY);
  const { faults, next } = second.opened;
  const [fault] = faults;
  const due = dueToBeSaid(file, kept);
  if (cut >= start) {
    const right = due === null ? faults.length === 0 : fault?.kind === 'tail' && fault.after === due.after;
    if (!right || faults.length > 1) return `said ${JSON.stringify(faults)} where ${JSON.stringify(due)} is due`;
  }
  const upTo = fault?.kind === 'tail' ? fault.upTo : 0;
  if (next <= (kept.at(-1)?.last ?? 0) + Math.max(upTo, due?.atLeast ?? 0)) return `${next} may have been given`;

  const [added] = second.append('after the cut');
  if (added?.reply !== 'done' || added.n < next) return `the append: ${added?.reply}, ${added?.n}`;
  disk.kill();
  const third = new KeeperRun(disk, ROOMY);
  const read = third.frames();
  const old = read.slice(0, kept.length);
  if (old.some(({ first, text }, index) => first !== kept[index]?.first || text !== kept[index].text)) {
    return 'another record where an old one was';
  }
  if (read.length !== kept.length + 1) return `${read.length} frames instead of ${kept.length} and one more`;
  const last = read.at(-1);
  if (last?.first !== added.n || last.last !== added.n || !last.text.includes('after the cut'))
    return 'not what was added';
  if (third.opened.faults.length > 0) return `said again: ${JSON.stringify(third.opened.faults)}`;
  return third.opened.next > added.n ? null : `number ${third.opened.next} again`;
}

describe(`a file of ${RECORDS} records cut at every byte`, () => {
  test.each(Object.entries(tails))(
    'and followed by %s: nothing that was acknowledged is lost',
    { timeout: 120_000 },
    (_tail, tailOf) => {
      console.log(`seed ${seed}`);
      const wrong: string[] = [];
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        const tail = tailOf(cut, 200);
        const why = wrongWith(cut, Buffer.concat([bytes.subarray(0, cut), tail]));
        if (why !== null) wrong.push(`cut ${cut}: ${why}`);
      }
      expect(wrong.slice(0, 5)).toEqual([]);
    },
  );
});
