/** Every command is parsed at the door, lengths first (architecture.md 4.7). Only the device validates. */
import * as v from 'valibot';
import { limits } from '../contract/kiosk.ts';
import type { EarlyInput, Flow, LateInput, NoteInput, ReturnInput, StaffAct } from '../contract/kiosk.ts';
import type { Command, Refusal } from '../contract/result.ts';

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.idMaxChars), v.regex(/^[\w.:+-]+$/));
/** Opaque keys of an MIS may hold anything, but not be endless. */
const key = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
/** A visit that began longer ago than this did not happen at this touch. */
const agoMaxMs = 15 * 60_000;
const touchAgoMs = v.pipe(v.number(), v.minValue(0), v.maxValue(agoMaxMs));
const back = v.picklist(['before-lunch', 'after-lunch', 'not-today', 'unknown']);
const withWhom = v.picklist(['grown-up', 'alone', 'staff']);
const flow: v.GenericSchema<Flow> = v.picklist(['late', 'early']);
const month = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(12));

/** A command around its input. */
export const command = <T>(input: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, Command<T>> =>
  v.object({ commandId: id, ageMs: v.pipe(v.number(), v.minValue(0)), runId: v.exactOptional(id), input });

const late: v.GenericSchema<unknown, LateInput> = v.object({
  visit: id,
  pupil: key,
  reason: v.nullable(id),
  touchAgoMs,
  forRegistration: v.exactOptional(v.boolean()),
  withVisit: v.exactOptional(id),
});
const early: v.GenericSchema<unknown, EarlyInput> = v.object({
  visit: id,
  pupil: key,
  reason: id,
  back: v.nullable(back),
  withWhom: v.nullable(withWhom),
  photo: v.picklist(['taken', 'declined', 'none']),
  touchAgoMs,
});
const returning: v.GenericSchema<unknown, ReturnInput> = v.variant('by', [
  v.object({ visit: id, by: v.literal('typed'), badge: v.pipe(v.string(), v.maxLength(12)), touchAgoMs }),
  v.object({ visit: id, by: v.literal('qr'), code: v.pipe(v.string(), v.maxLength(64)), touchAgoMs }),
  v.object({ visit: id, by: v.literal('name'), pupil: key, touchAgoMs }),
]);
const note: v.GenericSchema<unknown, NoteInput> = v.object({
  visit: id,
  kind: v.picklist(['not-sure-year', 'not-sure-month', 'not-on-list', 'no-badge', 'see-reception']),
  yearGroup: v.exactOptional(v.pipe(v.string(), v.maxLength(40))),
  month: v.exactOptional(month),
  pupil: v.exactOptional(key),
  touchAgoMs,
});
const pass = v.pipe(v.string(), v.maxLength(limits.idMaxChars));
const staffAct: v.GenericSchema<unknown, StaffAct & { readonly pass: string }> = v.variant('act', [
  v.object({ act: v.literal('let-go'), visit: id, adult: v.nullable(v.pipe(v.string(), v.maxLength(80))), pass }),
  v.object({ act: v.literal('refuse'), visit: id, pass }),
  v.object({ act: v.literal('self-test'), pass }),
  v.object({ act: v.literal('switch-off'), pass }),
]);

export const wire = {
  hello: v.object({ protocol: v.number() }),
  names: v.object({ visit: id, flow, yearGroup: v.pipe(v.string(), v.minLength(1), v.maxLength(40)), month }),
  choose: v.object({ visit: id, flow, pupil: key }),
  visit: v.object({ visit: id }),
  look: v.object({ visit: id, on: v.boolean() }),
  late: command(late),
  undo: command(v.object({ visit: id, movement: id })),
  early: command(early),
  return: command(returning),
  note: command(note),
  staff: v.object({ pin: v.pipe(v.string(), v.regex(/^\d{6}$/)) }),
  staffAct: command(staffAct),
};

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Refusal };

export function parse<T>(schema: v.GenericSchema<unknown, T>, input: unknown): Parsed<T> {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return { ok: true, value: result.output };
  const [issue] = result.issues;
  const where = issue.path?.map((item) => String(item.key)).join('.') ?? 'the command';
  return {
    ok: false,
    error: { code: 'invalid_input', detail: `${where}: expected ${issue.expected ?? 'something else'}` },
  };
}
