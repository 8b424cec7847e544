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
