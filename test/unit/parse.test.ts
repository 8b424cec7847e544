/** The door: what the page may send, and what is said of everything else. */
import fc from 'fast-check';
import type { GenericSchema } from 'valibot';
import { describe, expect, test } from 'vitest';
import { parse, wire } from '../../device/web/parse.ts';
import { tries } from '../support/tries.ts';

const command = (input: object): object => ({ commandId: 'c-1', ageMs: 0, input });
const long = (chars: number): string => 'x'.repeat(chars);
const touchAgoMs = 1_000;
const early = {
  visit: 'v-1',
  pupil: 'p-1',
  reason: 'medical',
  back: 'before-lunch',
  withWhom: 'grown-up',
  photo: 'taken',
  touchAgoMs,
};

/** What the page sends when all is well: schema, message, and its fields with values that must not get in. */
const tooLong = [long(65), '', 'a b', 'ä', 7, null, undefined, {}, [], true];
const notAKey = [long(129), '', 7, null, undefined, {}, []];
const notAnAge = [-1, 15 * 60_000 + 1, Number.NaN, '5', null, undefined];
const outer = { commandId: tooLong, ageMs: [-1, Number.NaN, '5', null, undefined], input: [null, 7, 'x', undefined] };
interface Message {
  readonly schema: GenericSchema;
  readonly good: readonly object[];
  /** Field, by its path, to what it must not be. */
  readonly bad: Readonly<Record<string, readonly unknown[]>>;
}
const inCommand = (bad: Message['bad']): Message['bad'] => ({
  ...outer,
  ...Object.fromEntries(Object.entries(bad).map(([field, values]) => [`input.${field}`, values])),
});
const messages: Readonly<Record<string, Message>> = {
  hello: { schema: wire.hello, good: [{ protocol: 1 }], bad: { protocol: ['1', null, undefined, Number.NaN] } },
  names: {
    schema: wire.names,
    good: [{ visit: 'v-1', flow: 'late', yearGroup: 'Year 9', month: 12 }],
    bad: {
      visit: tooLong,
      flow: ['back', 1, null, undefined],
      yearGroup: ['', long(41), 9, null, undefined],
      month: [0, 13, 1.5, '5', null, undefined],
    },
  },
  choose: {
    schema: wire.choose,
    good: [{ visit: 'v-1', flow: 'early', pupil: 'A1930499544/über' }],
    bad: { visit: tooLong, flow: ['', null], pupil: notAKey },
  },
  visit: { schema: wire.visit, good: [{ visit: 'v-1' }], bad: { visit: tooLong } },
  look: {
    schema: wire.look,
    good: [{ visit: 'v-1', on: true }],
    bad: { visit: tooLong, on: ['true', 1, null, undefined] },
  },
  late: {
    schema: wire.late,
    good: [
      command({ visit: 'v-1', pupil: 'p', reason: 'bus', touchAgoMs }),
      command({ visit: 'v-1', pupil: 'p', reason: null, touchAgoMs, forRegistration: false, withVisit: 'v-0' }),
    ],
    bad: inCommand({
      visit: tooLong,
      pupil: notAKey,
      reason: [long(65), 7, undefined, {}],
      touchAgoMs: notAnAge,
      forRegistration: ['yes', null, 1],
      withVisit: [long(65), null, 7],
    }),
  },
  undo: {
    schema: wire.undo,
    good: [command({ visit: 'v-1', movement: `${long(32)}:17` })],
    bad: inCommand({ visit: tooLong, movement: tooLong }),
  },
  early: {
    schema: wire.early,
    good: [command(early), command({ ...early, back: null, withWhom: null, photo: 'none' })],
    bad: inCommand({
      visit: tooLong,
      pupil: notAKey,
      reason: tooLong,
      back: ['tomorrow', 7, undefined],
      withWhom: ['a dog', 7, undefined],
      photo: ['perhaps', null, undefined],
      touchAgoMs: notAnAge,
    }),
  },
  return: {
    schema: wire.return,
    good: [
      command({ visit: 'v-1', by: 'typed', badge: '1839 1270', touchAgoMs }),
      command({ visit: 'v-1', by: 'qr', code: 'P1:18391270:0123456789ABCDEF', touchAgoMs }),
      command({ visit: 'v-1', by: 'name', pupil: 'p', touchAgoMs }),
    ],
    bad: inCommand({ visit: tooLong, by: ['fax', null, undefined, 7], touchAgoMs: notAnAge }),
  },
  note: {
    schema: wire.note,
    good: [
      command({ visit: 'v-1', kind: 'no-badge', touchAgoMs }),
      command({ visit: 'v-1', kind: 'not-on-list', yearGroup: 'Year 9', month: 5, pupil: 'p', touchAgoMs }),
    ],
    bad: inCommand({
      visit: tooLong,
      kind: ['conflict', 'lists-opened', null, undefined],
      yearGroup: [long(41), 9, null],
      month: [0, 13, '5', null],
      pupil: [long(129), 7, null],
      touchAgoMs: notAnAge,
    }),
  },
  staff: {
    schema: wire.staff,
    good: [{ pin: '135790' }],
    bad: { pin: ['12345', '1234567', 'abcdef', 135790, null, undefined] },
  },
  staffAct: {
    schema: wire.staffAct,
    good: [
      command({ act: 'let-go', visit: 'v-1', adult: 'Mrs Stone', pass: 'p' }),
      command({ act: 'let-go', visit: 'v-1', adult: null, pass: 'p' }),
      command({ act: 'refuse', visit: 'v-1', pass: 'p' }),
      command({ act: 'self-test', pass: 'p' }),
      command({ act: 'switch-off', pass: 'p' }),
    ],
    bad: inCommand({ act: ['erase', null, undefined], pass: [long(65), 7, null, undefined] }),
  },
};

/** The message with another value at a path. */
function withAt(message: object, path: string, value: unknown): unknown {
  const [first = '', ...rest] = path.split('.');
  const inner: unknown = Reflect.get(message, first);
  const next =
    rest.length === 0 ? value : withAt(typeof inner === 'object' && inner !== null ? inner : {}, rest.join('.'), value);
  return { ...message, [first]: next };
}
const schemas = Object.values(messages).map(({ schema }) => schema);

test('every message of the wire is tried', () => {
  expect(Object.keys(messages).sort()).toEqual(Object.keys(wire).sort());
});

describe.each(Object.entries(messages))('%s', (_, { schema, good, bad }) => {
  test('what the page sends gets in, and only what is known of it', () => {
    for (const message of good) {
      expect(parse(schema, message)).toEqual({ ok: true, value: message });
      expect(parse(schema, { ...message, more: 1 })).toEqual({ ok: true, value: message });
    }
  });

  test.each(Object.entries(bad))('%s: refused, and named', (field, values) => {
    for (const message of good) {
      for (const value of values) {
        const result = parse(schema, withAt(message, field, value));
        expect([value, result]).toEqual([
          value,
          {
            ok: false,
            error: { code: 'invalid_input', detail: expect.stringMatching(`^${field}: expected `) as string },
          },
        ]);
      }
    }
  });
});

test.each([
  ['badge', { by: 'typed', badge: long(13) }],
  ['badge', { by: 'typed' }],
  ['code', { by: 'qr', code: long(65) }],
  ['code', { by: 'qr', badge: '18391270' }],
  ['pupil', { by: 'name', pupil: '' }],
])('a return without its %s does not get in', (field, input) => {
  const result = parse(wire.return, command({ visit: 'v-1', touchAgoMs, ...input }));
  expect(result).toMatchObject({ ok: false, error: { detail: expect.stringContaining(`input.${field}:`) as string } });
});

test('an adult’s name has an end', () => {
  const input = { act: 'let-go', visit: 'v-1', adult: long(81), pass: 'p' };
  expect(parse(wire.staffAct, command(input))).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
});

/** fast-check prints the seed and the smallest message that fails. */
describe('whatever comes', () => {
  /** Nothing that was sent may be said back. */
  const secret = 'Zebedee-Quux';
  const leaf = fc.oneof(fc.constant(secret), fc.constant(`${secret}${long(200)}`), fc.anything());
  const fields = fc.constantFrom(
    ...[
      'commandId',
      'ageMs',
      'input',
      'visit',
      'pupil',
      'reason',
      'by',
      'act',
      'pin',
      'flow',
      'badge',
      'adult',
      'pass',
    ],
    secret,
  );
  const message = fc.oneof(
    fc.anything(),
    leaf,
    fc.dictionary(fields, fc.oneof(leaf, fc.dictionary(fields, leaf)), { maxKeys: 8 }),
  );

  test('rubbish is refused in one way, without an exception and without an echo', () => {
    fc.assert(
      fc.property(message, fc.constantFrom(...schemas), (input, schema) => {
        const result = parse(schema, input);
        if (result.ok) return;
        expect(result.error.code).toBe('invalid_input');
        expect(result.error.detail).not.toContain(secret);
        expect(result.error.detail?.length).toBeLessThan(300);
      }),
      tries(2_000),
    );
  });

  test('a good message with one field spoilt by anything is either as typed or refused, never half taken', () => {
    const spoilt = fc.constantFrom(...Object.values(messages)).chain(({ schema, good, bad }) =>
      fc.record({
        schema: fc.constant(schema),
        message: fc.constantFrom(...good),
        field: fc.constantFrom(...Object.keys(bad)),
        value: leaf,
      }),
    );
    fc.assert(
      fc.property(spoilt, ({ schema, message: good, field, value }) => {
        const result = parse(schema, withAt(good, field, value));
        if (result.ok) expect(parse(schema, result.value)).toEqual(result);
        else expect(result.error.detail).not.toContain(secret);
      }),
      tries(2_000),
    );
  });
});
