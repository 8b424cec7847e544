/** `scripts/bench journal`: what the journal costs here, in figures and as ratios to a floor of the same run. Nothing is asserted. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Body } from '../../device/domain/record.ts';
import { openDisk } from '../../device/journal/disk.ts';
import { Keeper } from '../../device/journal/keeper.ts';
import type { Reply, Request } from '../../device/journal/requests.ts';
import { mastersOf } from '../../device/journal/masters.ts';
import { readFrame, writeCommit } from '../../device/journal/records.ts';
import type { WrittenCommit } from '../../device/journal/records.ts';

const help = `Usage: scripts/bench journal [--commits N] [--pupils N] [--folder FOLDER]

  --commits N       late arrivals, each a commit of its own (500)
  --pupils N        on the roster (600)
  --folder FOLDER   on the disk that is to be measured (the system's folder for temporary files)

Medians in ms. Floor: write and fdatasync of as many bytes. Open: the same records without pupils' own keys.
`;

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    commits: { type: 'string', default: '500' },
    pupils: { type: 'string', default: '600' },
    folder: { type: 'string', default: tmpdir() },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const at = { earliest: 1_795_423_800_000, latest: 1_795_423_800_000, mono: 1_000_000, boot: 'bench' };
const names = Array.from({ length: Number(values.pupils) }, (_, index) => `A${String(1_000_000 + index)}`);

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

class Bench {
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

const now = (): number => Number(process.hrtime.bigint()) / 1e6;
function took(work: () => void): number {
  const began = now();
  work();
  return now() - began;
}
const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;

function floor(folder: string, bytes: number, times: number): number {
  const fd = openSync(join(folder, 'floor'), 'wx');
  const block = randomBytes(bytes);
  const all = Array.from({ length: times }, (_, index) =>
    took(() => {
      writeSync(fd, block, 0, bytes, index * bytes);
      fdatasyncSync(fd);
    }),
  );
  closeSync(fd);
  return median(all);
}

function main(): void {
  if (values.help) return void process.stdout.write(help);
  const folder = mkdtempSync(join(values.folder, 'porter-bench-'));
  const count = Number(values.commits);
  const line = (what: string, ms: number, base: number, more = ''): void =>
    void process.stdout.write(
      `${what.padEnd(44)} ${ms.toFixed(3).padStart(9)} ms  x${(ms / base).toFixed(2)} ${more}\n`,
    );
  try {
    const commits = Array.from({ length: count }, (_, n) => arrival(names[n % names.length] ?? '', n + 1));
    const [sealed, plain] = [new Bench(join(folder, 'sealed')), new Bench(join(folder, 'open'))];
    const ahead = took(() => sealed.ask({ kind: 'make-keys', pupils: names }));
    const [from, fromOpen] = [sealed.end(), plain.end()];
    const [times, timesOpen]: [number[], number[]] = [[], []];
    // Turn about, so that both meet the same disk.
    for (const commit of commits) {
      timesOpen.push(took(() => plain.append(opened(commit))));
      times.push(took(() => sealed.append(commit)));
    }
    const bytes = Math.round((sealed.end() - from) / count);
    const bytesOpen = Math.round((plain.end() - fromOpen) / count);
    const base = floor(folder, bytes, count);
    line('floor: write and fdatasync', base, base, `${bytes} bytes`);
    line('a commit, open', median(timesOpen), base, `${bytesOpen} bytes a frame`);
    line("a commit, under the pupil's key", median(times), base, `${bytes} bytes a frame`);
    const first = Array.from({ length: 20 }, (_, n) => took(() => sealed.append(arrival(`new-${n}`, n))));
    line("a commit that makes the pupil's key", median(first), base, `beside ${names.length} others`);
    line(`keys for ${names.length} pupils, ahead`, ahead, base);
    const [read, readOpen] = [took(() => sealed.read()), took(() => plain.read())];
    const each = (ms: number): string => `${Math.round(count / (ms / 1000))} frames a second`;
    line('reading all, open', readOpen, readOpen, each(readOpen));
    line("reading all, under pupils' keys", read, readOpen, each(read));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main();
