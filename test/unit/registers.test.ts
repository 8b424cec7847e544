/** Registers as last read: who looks on is seen where that costs nothing, and only what could be read is known. */
import { expect, test } from 'vitest';
import type { MisAnswer, MisConnector, SeenMark } from '../../device/mis/connector.ts';
import type { Line } from '../../device/mis/line.ts';
import { Registers } from '../../device/mis/registers.ts';
import { steeredTime } from '../support/steered-time.ts';

const pupil = (key: string) => ({ key, misId: `A-${key}` }) as never;
const stands = (code: string): SeenMark => ({
  code,
  minutesLate: null,
  comment: null,
  changedAt: '2026-11-23 08:50:00',
  madeAt: '2026-11-23 08:50:00',
  by: null,
});

/** A connector that gives these marks, and a line that asks it at once. `ms`: how long it takes. */
function registersOf(marks: () => readonly (readonly [string, SeenMark])[], ms = 0) {
  const time = steeredTime(Date.UTC(2026, 10, 23, 9, 0));
  const connector = {
    readMarks: (): Promise<MisAnswer<ReadonlyMap<string, SeenMark>>> => {
      time.pass(ms);
      return Promise.resolve({ ok: true, value: new Map(marks()) });
    },
  } as unknown as MisConnector;
  const line = {
    ask: (_: string, question: (signal: AbortSignal) => unknown) => question(new AbortController().signal),
  };
  return { time, registers: new Registers(connector, line as unknown as Line, time.clock, () => []) };
}

test('what was read under a number that the pupil no longer has says nothing of the mark under the new one', async () => {
  const [one, two] = ['one', 'two'].map(pupil);
  const renumbered = { key: 'two', misId: 'B-two' } as never;
  // The older mark of two, under the new number: of two answers it would be the stale one.
  const early = { ...stands('M'), changedAt: '2026-11-23 08:40:00' };
  const marks = [['A-two', stands('N')] as const, ['B-two', early] as const];
  const { registers } = registersOf(() => marks);
  await registers.readNow('2026-11-23', 'AM', [one as never, two as never]);
  expect(registers.seenSince(0, '2026-11-23', 'AM', [one as never, two as never])?.marks.get('two')?.code).toBe('N');
  expect(registers.seenSince(0, '2026-11-23', 'AM', [one as never, renumbered])).toBeNull();
  const seen = await registers.readSince(0, '2026-11-23', 'AM', [one as never, renumbered]);
  expect(seen.ok && seen.value.marks.get('two')?.code).toBe('M');
});

test('what took half a minute to read is used once', async () => {
  const all = ['one', 'two'].map(pupil);
  for (const [ms, isShared] of [
    [29_000, true],
    [31_000, false],
  ] as const) {
    const { registers, time } = registersOf(() => [], ms);
    await registers.readNow('2026-11-23', 'AM', all);
    const since = time.clock.mono() - 3_000;
    expect(registers.seenSince(since, '2026-11-23', 'AM', all) !== null).toBe(isShared);
  }
});

test('a mark of an onlooker that could not be read is not known, and is read anew when it matters', async () => {
  const { clock } = steeredTime(Date.UTC(2026, 10, 23, 9, 0));
  const asked: string[][] = [];
  const connector = {
    readMarks: ({ misIds }: { misIds: readonly string[] }): Promise<MisAnswer<ReadonlyMap<string, SeenMark>>> => {
      asked.push([...misIds]);
      return Promise.resolve({
        ok: true,
        value: new Map([
          ['A-one', stands('L')],
          ['A-dim', stands(misIds.includes('A-dim') ? 'C' : '?')],
        ]),
      });
    },
  } as unknown as MisConnector;
  const line = {
    ask: (_: string, question: (signal: AbortSignal) => unknown) => question(new AbortController().signal),
  };
  const all = ['one', 'two', 'dim', 'four'].map(pupil);
  const registers = new Registers(connector, line as unknown as Line, clock, () => all);
  await registers.readNow('2026-11-23', 'AM', all.slice(0, 2));
  expect(registers.lastCode('one', '2026-11-23', 'AM')).toBe('L');
  expect(registers.last('four', '2026-11-23', 'AM')).toBeNull();
  expect(registers.last('dim', '2026-11-23', 'AM')).toBeUndefined();
  const seen = await registers.readSince(0, '2026-11-23', 'AM', all.slice(1));
  expect(seen.ok && seen.value.marks.get('dim')?.code).toBe('C');
  expect(asked).toEqual([
    ['A-one', 'A-two'],
    ['A-two', 'A-dim', 'A-four'],
  ]);
});
