/** The pieces that inputs of staff are parsed with, lengths first. */
import * as v from 'valibot';

export const none = v.object({});
export const text = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const code = v.pipe(v.string(), v.minLength(1), v.maxLength(4));
const minutes = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(600)));

export const verdict = v.variant('kind', [
  v.object({ kind: v.literal('write'), code, minutes, seen: v.nullable(code) }),
  v.object({ kind: v.literal('keep-theirs') }),
  v.object({ kind: v.literal('retry') }),
  v.object({ kind: v.literal('cleared') }),
  v.object({ kind: v.literal('entered'), code, minutes }),
  v.object({ kind: v.literal('withdraw') }),
]);
export const marksAtOnceMax = 100;
/** `08:35`, as minutes since midnight. */
const clock = v.pipe(
  v.string(),
  v.regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  v.transform((face) => Number(face.slice(0, 2)) * 60 + Number(face.slice(3))),
);
export const date = v.pipe(v.string(), v.isoDate());
const happened = v.variant('kind', [
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
export const onBehalf = v.object({
  pupil: text,
  at: v.optional(v.nullable(v.object({ minute: clock, date: v.optional(v.nullable(date), null) })), null),
  what: happened,
});
export const correction = v.variant('how', [
  v.object({ how: v.literal('undo') }),
  v.object({ how: v.literal('not-this-pupil') }),
  v.object({ how: v.literal('another-pupil'), pupil: text }),
  v.object({ how: v.literal('time'), minute: clock }),
  v.object({ how: v.literal('reason'), reason: text }),
]);

/** What may stand in a technician file; its size is bounded where it is checked. */
export const settingChange = {
  place: text,
  change: v.union([v.picklist(['removed', 'as-in-file']), v.object({ set: v.unknown() })]),
  from: v.optional(v.nullable(date), null),
};
