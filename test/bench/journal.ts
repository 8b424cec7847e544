/** What a record costs: the journal's own writer and reader in this process, against write and fdatasync alone. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Body } from '../../device/domain/record.ts';
import { openDisk } from '../../device/journal/disk.ts';
import { Keeper } from '../../device/journal/keeper.ts';
import { mastersOf } from '../../device/journal/masters.ts';
import { readFrame, writeCommit } from '../../device/journal/records.ts';
import type { WrittenCommit } from '../../device/journal/records.ts';
import type { Reply, Request } from '../../device/journal/requests.ts';
import type { Bench } from './bench.ts';
import { median, turnAbout } from './figures.ts';
import { SyncFloor, took } from './sync-floor.ts';

const at = { earliest: 1_795_423_800_000, latest: 1_795_423_800_000, mono: 1_000_000, boot: 'bench' };
const pupils = 600;

function arrival(pupil: string, n: number): WrittenCommit {
  const movement = `${'1d'.repeat(16)}:${String(n)}`;
  const bodies: readonly Body[] = [
    { type: 'movement', v: 1, kind: 'late-arrival', pupil, visit: `v${n}`, reason: 'bus', touch: at, by: 'pupil' },
    {
      ...{ type: 'decided', v: 1, movement, pupil, date: '2026-11-23', session: 'AM', outcome: 'late' },
      ...{ want: { kind: 'mark', code: 'L', minutes: 22 }, comment: 'Pupil said: Bus. Porter 1-004217', rule: 'late' },
      ...{ settings: 'b51c8ae4', mayReplacePresent: true, afterClose: false },
    },
  ];
  return writeCommit(at, { id: `command-${n}`, hash: 'ab'.repeat(32) }, bodies);
}

/** The same text with nothing apart. */
const opened = ({ parts, size }: WrittenCommit): WrittenCommit => ({
  parts: [parts.map((part) => (typeof part === 'string' ? part : withoutList(part.text))).join('')],
  size,
  destroys: [],
});
const withoutList = (text: string): string => (text.startsWith('[') ? text.slice(1, -1) : text);

class Written {
  private readonly keeper: Keeper;
  private next: number;

  constructor(folder: string) {
    this.keeper = new Keeper(openDisk(folder), { masters: mastersOf([randomBytes(32)]), random: randomBytes });
    const reply = this.ask({ kind: 'open', newId: '1d'.repeat(16), run: '0a'.repeat(16) });
    if (reply.kind !== 'opened') throw new Error('the journal does not open');
    this.next = reply.next;
  }

  ask(request: Request): Reply {
    const [reply] = [...this.keeper.handle([{ ...request, call: 1 }])];
    if (reply === undefined || reply.kind === 'error') throw new Error(reply?.message ?? 'no reply');
    return reply;
  }

  append(commit: WrittenCommit): void {
    this.ask({ kind: 'append', first: this.next, count: 2, ...commit });
    this.next += 2;
  }

  read(): number {
    let records = 0;
    let cursor = null;
    do {
      const reply: Reply = this.ask({ kind: 'read', cursor });
      if (reply.kind !== 'frames') throw new Error('it cannot be read');
      for (const frame of reply.frames) records += readFrame(frame).records.length;
      ({ cursor } = reply);
    } while (cursor !== null);
    return records;
  }

  end(): number {
    const reply = this.ask({ kind: 'place' });
    return reply.kind === 'place' ? reply.place.at : 0;
  }
}

export const journal: Bench = {
  about:
    "a record under its pupil's key, against write and fdatasync of as many bytes; reading, against the same without such keys",
  runs: 7,
  async measure({ runs, quick, folder }) {
    const each = quick ? 5 : 100;
    const names = Array.from({ length: pupils }, (_, index) => `A${String(1_000_000 + index)}`);
    const [sealed, plain] = [new Written(join(folder, 'sealed')), new Written(join(folder, 'open'))];
    const ahead = took(() => sealed.ask({ kind: 'make-keys', pupils: names }));
    const begun = sealed.end();
    sealed.append(arrival(names[0] ?? '', 0));
    const bytes = sealed.end() - begun;
    const floor = new SyncFloor(folder, bytes);
    let n = 0;
    const commit = (): WrittenCommit => arrival(names[(n += 1) % names.length] ?? '', n);
    const times = async (one: () => number): Promise<number> =>
      Promise.resolve(median(Array.from({ length: each }, one)));
    const taken = await turnAbout(runs, {
      floor: () => times(() => floor.once()),
      open: () => times(() => took(() => plain.append(opened(commit())))),
      sealed: () => times(() => took(() => sealed.append(commit()))),
      newKey: () => took(() => sealed.append(arrival(`new-${String((n += 1))}`, n))),
    });
    const read = await turnAbout(runs, {
      open: () => took(() => plain.read()),
      sealed: () => took(() => sealed.read()),
    });
    floor.close();
    const against = { what: 'write and fdatasync', runs: taken.floor };
    return [
      {
        what: "a commit under the pupil's key",
        unit: 'ms',
        runs: taken.sealed,
        against,
        note: `${String(bytes)} bytes`,
      },
      { what: 'a commit without such keys', unit: 'ms', runs: taken.open, against },
      { what: "a commit that makes the pupil's key", unit: 'ms', runs: taken.newKey, against },
      { what: `keys of ${String(pupils)} pupils made ahead`, unit: 'ms', runs: [ahead] },
      { what: 'reading all', unit: 'ms', runs: read.sealed, against: { what: 'without such keys', runs: read.open } },
    ];
  },
};
