/**
 * What the kernel is asked for when somebody signs in, as `strace` sees it: the record's frame is written, the disk says that
 * it has it, and only then does the answer leave (durability.md 5 and 6).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { LateAnswer, NamesAnswer } from '../../device/contract/kiosk.ts';
import type { Ack, Result } from '../../device/contract/result.ts';
import { FRAME_HEADER } from '../../device/journal/frame.ts';
import { Porter } from '../support/porter.ts';

const folder = mkdtempSync(join(tmpdir(), 'porter-strace-'));
const log = join(folder, 'calls');
let porter: Porter | null = null;
afterAll(async () => {
  await porter?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** One system call, in the order in which the kernel was done with it (`ended`) or was asked (`asked`). */
interface Call {
  readonly name: string;
  /** What the first argument, a descriptor, is open on. */
  readonly on: string;
  readonly bytes: Buffer;
  readonly asked: number;
  readonly ended: number;
  readonly result: string;
}

/** Reads `strace -f -yy -xx`. A call that others interrupt is told in two lines. */
function calls(): readonly Call[] {
  const open = new Map<string, { text: string; asked: number }>();
  const done: Call[] = [];
  for (const [at, line] of readFileSync(log, 'utf8').split('\n').entries()) {
    const [, thread = '', said = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(said);
    const begun = open.get(thread);
    if (said.endsWith(' <unfinished ...>')) {
      open.set(thread, { text: said.slice(0, -' <unfinished ...>'.length), asked: at });
      continue;
    }
    if (resumed !== null) open.delete(thread);
    const text = resumed === null ? said : `${begun?.text ?? ''}${resumed[1] ?? ''}`;
    const [, name, on = '', rest = ''] = /^(\w+)\(\d+<(.*?)>(?=[,)])(.*)$/.exec(text) ?? [];
    if (name === undefined) continue;
    const bytes = Buffer.concat([...rest.matchAll(/"((?:\\x[\da-f]{2})*)"/g)].map(([, hex = '']) => unescaped(hex)));
    const asked = resumed === null ? at : (begun?.asked ?? at);
    done.push({
      name,
      on: unescaped(on).toString(),
      bytes,
      asked,
      ended: at,
      result: / = (-?\d+)/.exec(rest)?.[1] ?? '',
    });
  }
  return done;
}

/** `\x2f\x74`, as `-xx` writes texts and paths; anything else stands for itself. */
const unescaped = (text: string): Buffer =>
  Buffer.from(
    text.replace(/\\x([\da-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );

/** The numbers that a frame states outside of everything that may be encrypted. */
const numbersOf = ({ bytes }: Call): { readonly first: number; readonly last: number } =>
  bytes.length < FRAME_HEADER
    ? { first: 0, last: -1 }
    : { first: Number(bytes.readBigUInt64LE(16)), last: Number(bytes.readBigUInt64LE(24)) };

const traced = 'pwrite64,write,writev,sendto,sendmsg,fdatasync,fsync';

test('every sign-in: write of its frame, fdatasync that succeeds, and only then the answer', async ({ skip }) => {
  const may = spawnSync('strace', ['-o', join(folder, 'probe'), 'true'], { encoding: 'utf8' });
  if (may.status !== 0) {
    const why = `strace may not trace here, so the order of system calls is not shown: ${may.stderr.trim() || String(may.error)}`;
    process.stderr.write(`${why}\n`);
    return skip(why);
  }
  porter = await Porter.start({
    clock: '2026-11-23T08:52',
    under: ['strace', '-D', '-f', '-yy', '-xx', '-s', '65536', '-e', `trace=${traced}`, '-o', log],
  });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  const kiosk = await porter.kiosk();
  const ask = async <T>(run: (ack: Ack<T>) => void): Promise<T> => {
    const result = await new Promise<Result<T>>(run);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value;
  };
  const { pupils } = await ask<NamesAnswer>((ack) =>
    kiosk.emit('names', { visit: 'list', flow: 'late', yearGroup: 'Year 9', month: 5 }, ack),
  );
  expect(pupils.length).toBeGreaterThan(3);
  const late = ({ pupil }: { readonly pupil: string }, n: number): Promise<LateAnswer> => {
    const input = { visit: `visit-${String(n)}`, pupil, reason: 'bus', touchAgoMs: 0 };
    return ask((ack) => kiosk.emit('late', { commandId: `command-${String(n)}`, ageMs: 0, input }, ack));
  };
  // Two one after the other, the rest at the same moment: those share a frame.
  const answers = [await late(pupils[0] ?? { pupil: '' }, 0), await late(pupils[1] ?? { pupil: '' }, 1)];
  answers.push(...(await Promise.all(pupils.slice(2).map((pupil, index) => late(pupil, index + 2)))));
  kiosk.close();
  await porter.kill('SIGTERM');

  const all = calls();
  for (const { movement } of answers) {
    const n = Number(movement.split(':')[1]);
    const frame = all.find((call) => {
      const { first, last } = numbersOf(call);
      return call.name === 'pwrite64' && call.on.endsWith('.pj') && first <= n && n <= last;
    });
    const synced = all.find(({ name, on, asked }) => name === 'fdatasync' && on === frame?.on && asked > frame.ended);
    const told = all.find(({ on, bytes }) => on.startsWith('TCP:') && bytes.includes(`"movement":"${movement}"`));
    expect(Number(frame?.result)).toBe(frame?.bytes.length);
    expect(synced?.result).toBe('0');
    expect(told).toBeDefined();
    expect(told?.asked).toBeGreaterThan(synced?.ended ?? Infinity);
  }
  // The segment itself, and its name in the folder, were on the disk before the first of them.
  const [header] = all.filter(({ name, on }) => name === 'pwrite64' && on.endsWith('.pj'));
  const first = all.find(({ on, bytes }) => on.startsWith('TCP:') && bytes.includes('"movement":"'));
  const named = all.find(
    ({ name, on, asked }) => name === 'fsync' && on.endsWith('/journal') && asked > (header?.ended ?? 0),
  );
  expect(named?.result).toBe('0');
  expect(named?.ended).toBeLessThan(first?.asked ?? 0);
});
