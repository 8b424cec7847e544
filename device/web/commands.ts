/**
 * What staff and technicians can tell the box, by name. Reached through the control socket (`scripts/sim`) until the staff
 * page has buttons for it; parsed here, so that every door that opens later is as narrow.
 */
import * as v from 'valibot';
import type { StaffSnapshot } from '../contract/staff.ts';
import type { PartReport } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import type { Departures } from '../desk/departures.ts';
import type { DeskCommand } from '../desk/desk.ts';
import type { EraseDesk } from '../desk/erasing.ts';
import type { Losses } from '../desk/losses.ts';
import { holdDaysMax } from '../desk/keeping.ts';
import type { StaffDesk } from '../desk/staff.ts';
import type { Random } from '../system/ports.ts';
import { isStorageTrouble } from '../journal/trouble.ts';
import { hashOfInput } from './input-hash.ts';
import { parse } from './parse.ts';
import type { Pins } from './pins.ts';

export interface CommandPorts {
  readonly random: Random;
  readonly snapshot: () => StaffSnapshot;
  readonly departures: Departures;
  readonly staffDesk: StaffDesk;
  readonly eraseDesk: EraseDesk;
  readonly losses: Pick<Losses, 'seen'>;
  readonly pins: Pins;
  readonly selfTest: () => Promise<readonly PartReport[]>;
  readonly reprint: (badge: string) => Promise<Result<null>>;
  readonly testPrint: () => Promise<Result<null>>;
  readonly roster: {
    readonly pull: () => Promise<Result<{ readonly pupils: number }>>;
    readonly acceptHeld: (by: string) => Promise<Result<null>>;
    readonly discardHeld: (by: string) => Promise<Result<null>>;
  };
  /** Fault switches of the simulated parts, and where the demo's MIS is: only where there are any. */
  readonly simulated: Readonly<Record<string, FaultSwitch>>;
  readonly about: () => Readonly<Record<string, string | boolean | null>>;
}

/** Turns a simulated part's fault on; null mends it. */
export type FaultSwitch = (fault: string | null) => Result<unknown> | Promise<Result<unknown>>;

export type Commands = Readonly<Record<string, (input: unknown) => Promise<Result<unknown>>>>;

const by = v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(80)), 'office');
const text = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const code = v.pipe(v.string(), v.minLength(1), v.maxLength(4));
const minutes = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(600)));

const verdict = v.variant('kind', [
  v.object({ kind: v.literal('write'), code, minutes, seen: v.nullable(code) }),
  v.object({ kind: v.literal('keep-theirs') }),
  v.object({ kind: v.literal('retry') }),
  v.object({ kind: v.literal('cleared') }),
  v.object({ kind: v.literal('entered'), code, minutes }),
  v.object({ kind: v.literal('withdraw') }),
]);
const marksAtOnceMax = 100;
/** `08:35`, as minutes since midnight. */
const clock = v.pipe(
  v.string(),
  v.regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  v.transform((face) => Number(face.slice(0, 2)) * 60 + Number(face.slice(3))),
);
const date = v.pipe(v.string(), v.isoDate());
const onBehalf = v.variant('kind', [
  v.object({ kind: v.literal('late'), reason: text, forRegistration: v.exactOptional(v.boolean()) }),
  v.object({
    kind: v.literal('leave'),
    reason: text,
    back: v.optional(v.nullable(v.picklist(['before-lunch', 'after-lunch', 'not-today', 'unknown'])), null),
    adult: v.optional(v.nullable(text), null),
    badge: v.optional(v.boolean(), false),
  }),
  v.object({ kind: v.literal('return') }),
]);
const correction = v.variant('how', [
  v.object({ how: v.literal('undo') }),
  v.object({ how: v.literal('not-this-pupil') }),
  v.object({ how: v.literal('another-pupil'), pupil: text }),
  v.object({ how: v.literal('time'), minute: clock }),
  v.object({ how: v.literal('reason'), reason: text }),
]);

export function commands(ports: CommandPorts): Commands {
  const { departures, staffDesk, eraseDesk, losses, roster } = ports;
  const fresh = (input: unknown): DeskCommand => ({ id: ports.random.id(), hash: hashOfInput(input), ageMs: 0 });
  const on = <T>(
    schema: v.GenericSchema<unknown, T>,
    run: (value: T) => Result<unknown> | Promise<Result<unknown>>,
  ) => {
    return async (input: unknown): Promise<Result<unknown>> => {
      const parsed = parse(schema, input);
      try {
        return parsed.ok ? await run(parsed.value) : parsed;
      } catch (error) {
        if (isStorageTrouble(error)) return { ok: false, error: { code: 'storage_failed' } };
        throw error;
      }
    };
  };
  const none = v.object({});
  return {
    about: on(none, () => ok(ports.about())),
    state: on(none, () => ok(ports.snapshot())),
    'self-test': on(none, async () => ok(await ports.selfTest())),
    answer: on(
      v.object({ visit: text, answer: v.picklist(['let-go', 'no']), adult: v.optional(v.nullable(text), null), by }),
      (input) => departures.answer(fresh(input), input),
    ),
    correct: on(v.object({ movement: text, correction, why: v.optional(v.nullable(text), null), by }), (input) =>
      staffDesk.correct(fresh(input), input),
    ),
    settle: on(v.object({ key: text, verdict, by }), (input) => staffDesk.settle(fresh(input), input)),
    'settle-all': on(
      v.object({ marks: v.pipe(v.array(v.object({ key: text, verdict })), v.maxLength(marksAtOnceMax)), by }),
      (input) => staffDesk.settleAll(fresh(input), input),
    ),
    'record-for': on(
      v.object({
        pupil: text,
        at: v.optional(v.nullable(v.object({ minute: clock, date: v.optional(v.nullable(date), null) })), null),
        what: onBehalf,
        by,
      }),
      (input) => staffDesk.recordFor(fresh(input), input),
    ),
    adopt: on(v.object({ from: text, to: text, by }), (input) => staffDesk.adopt(fresh(input), input)),
    erase: on(v.object({ pupil: text, by: text, second: text, why: text }), (input) =>
      eraseDesk.erase(fresh(input), input),
    ),
    receipt: on(v.object({ record: text }), ({ record }) => eraseDesk.receipt(record)),
    freeze: on(v.object({ by }), (input) => staffDesk.freeze(fresh(input), input)),
    thaw: on(v.object({ by }), (input) => staffDesk.thaw(fresh(input), input)),
    'confirm-time': on(
      v.object({
        date: v.pipe(v.string(), v.isoDate()),
        minute: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1439)),
        movement: v.optional(v.nullable(text), null),
        by,
      }),
      (input) => staffDesk.confirmTime(fresh(input), input),
    ),
    'hold-arrivals': on(
      v.object({
        hold: v.nullable(
          v.object({ reason: text, agoMs: v.pipe(v.number(), v.minValue(0), v.maxValue(4 * 3_600_000)) }),
        ),
        by,
      }),
      (input) => staffDesk.holdArrivals(fresh(input), input),
    ),
    'loss-seen': on(v.object({ by }), (input) => losses.seen(input.by)),
    'set-aside-seen': on(v.object({ by }), (input) => staffDesk.setAsideSeen(fresh(input), input)),
    'note-done': on(v.object({ note: text, by }), (input) => staffDesk.noteDone(fresh(input), input)),
    'void-badge': on(v.object({ badge: text, by }), (input) => staffDesk.voidBadge(fresh(input), input)),
    exported: on(v.object({ date, by }), (input) => staffDesk.exported(fresh(input), input)),
    'hold-movement': on(
      v.object({
        movement: text,
        days: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(holdDaysMax))),
        why: v.optional(v.nullable(text), null),
        by,
      }),
      (input) => staffDesk.holdMovement(fresh(input), input),
    ),
    reprint: on(v.object({ badge: v.pipe(v.string(), v.regex(/^\d{8}$/)) }), ({ badge }) => ports.reprint(badge)),
    'test-print': on(none, () => ports.testPrint()),
    pin: on(v.object({ name: text, pin: v.pipe(v.string(), v.regex(/^\d{6}$/)) }), async ({ name, pin }) => {
      try {
        await ports.pins.set(name, pin);
        return ok(null);
      } catch (error) {
        if (error instanceof RangeError) return { ok: false, error: { code: 'invalid_input', detail: error.message } };
        throw error;
      }
    }),
    'roster-pull': on(none, () => roster.pull()),
    'roster-accept': on(v.object({ by }), (input) => roster.acceptHeld(input.by)),
    'roster-discard': on(v.object({ by }), (input) => roster.discardHeld(input.by)),
    simulate: on(v.object({ part: text, fault: v.nullable(text) }), ({ part, fault }) => {
      const set = Object.hasOwn(ports.simulated, part) ? ports.simulated[part] : undefined;
      if (set === undefined) return notFound(`${part} is not simulated here`);
      return set(fault);
    }),
  };
}

const ok = <T>(value: T): Result<T> => ({ ok: true, value });
const notFound = (detail: string): Result<never> => ({ ok: false, error: { code: 'not_found', detail } });
