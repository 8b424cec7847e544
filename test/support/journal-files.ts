import { pieces } from '../../device/journal/frame.ts';
import { Keeper } from '../../device/journal/keeper.ts';
import type { Cursor, Opened, Reply, Request } from '../../device/journal/requests.ts';
import type { StoredFrame, WrittenCommit } from '../../device/journal/records.ts';
import type { Masters } from '../../device/journal/masters.ts';
import { testMasters, testRandom } from './keys.ts';
import type { MemoryDisk } from './memory-disk.ts';

/** Small, so that a test sees many segments and a disk in memory stays quick. */
export const SMALL = { segment: 4096, reserve: 1024 };

export interface Answered {
  readonly name: string;
  readonly n: number;
  /** `done`, or the error's code. */
  readonly reply: string;
}

/** One run of the journal's keeper over a disk in memory; records have names, so that a test can tell them apart. */
export class KeeperRun {
  readonly opened: Opened;
  private readonly keeper: Keeper;
  private call = 0;
  private next: number;

  /** Throws the error's code. */
  constructor(disk: MemoryDisk, sizes = SMALL, masters: Masters = testMasters) {
    this.keeper = new Keeper(disk, { masters, random: testRandom() }, sizes);
    const opened = this.ask({ kind: 'open', newId: hex('1d'), run: hex('0a') });
    if (opened.kind !== 'opened') throw new Error(opened.kind === 'error' ? opened.code : opened.kind);
    this.opened = opened;
    this.next = opened.next;
  }

  ask(request: Request): Reply {
    const [reply] = [...this.keeper.handle([{ ...request, call: ++this.call }])];
    if (reply === undefined) throw new Error('no reply');
    return reply;
  }

  /** One commit of one record for each name, handed over together. */
  append(...names: readonly string[]): readonly Answered[] {
    const requests = names.map((name, index) => ({
      kind: 'append' as const,
      first: this.next + index,
      count: 1,
      ...stored({ at: {}, records: [{ type: 'note', v: 1, detail: name }] }),
      call: ++this.call,
    }));
    const replies = [...this.keeper.handle(requests)];
    const answered = names.map((name, index) => {
      const reply = replies.find(({ call }) => call === requests[index]?.call);
      return { name, n: this.next + index, reply: reply?.kind === 'error' ? reply.code : (reply?.kind ?? 'none') };
    });
    this.next += answered.filter(({ reply }) => reply === 'done').length;
    return answered;
  }

  /** Everything that can be read, as it is stored. */
  frames(without: readonly number[] = []): readonly StoredFrame[] {
    const frames: StoredFrame[] = [];
    let cursor: Cursor | null = null;
    do {
      const reply: Reply = this.ask({ kind: 'read', cursor, without });
      if (reply.kind !== 'frames') throw new Error(`read: ${reply.kind}`);
      frames.push(...reply.frames);
      ({ cursor } = reply);
    } while (cursor !== null);
    return frames;
  }

  /** Everything that can be read, as `number name`. */
  read(): readonly string[] {
    return this.readWithout([]);
  }

  /** The same, as if these segments were not there. */
  readWithout(segments: readonly number[]): readonly string[] {
    return this.frames(segments).flatMap(({ first, text }) => {
      const commits = JSON.parse(text) as { readonly records: readonly { readonly detail: string }[] }[];
      const names = commits.flatMap(({ records }) => records.map(({ detail }) => detail));
      return names.map((name, index) => `${first + index} ${name}`);
    });
  }
}

/** Where the frames of a segment begin and end. */
export function framesOf(bytes: Buffer, segment: number): readonly { readonly from: number; readonly to: number }[] {
  return [...pieces(bytes, segment, 0)].filter(({ good }) => good);
}

export const hex = (pair: string): string => pair.repeat(16);

/** Nothing in it is about a pupil. */
function stored(commit: object): WrittenCommit {
  const text = JSON.stringify(commit);
  return { parts: [text], size: Buffer.byteLength(text), destroys: [] };
}
