/** `[times]`: registers, kiosk hours, overrides and exceptions (product.md 4). */
import * as v from 'valibot';
import { clockTime, date, key, table, time, weekdays, yearGroups, yesNo } from './kinds.ts';

const MIDNIGHT = 1440;

type GivenRegister = { opens: number; starts?: number | undefined; closes: number; ends: number };

/** `opens <= starts <= closes <= ends`; `starts` is `opens` unless given. */
function inOrder<S extends v.GenericSchema<unknown, GivenRegister>>(schema: S) {
  return v.pipe(
    schema,
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const given = dataset.value;
      const names = ['opens', 'starts', 'closes', 'ends'] as const;
      const present = names.filter((name) => given[name] !== undefined);
      present.forEach((name, i) => {
        const before = present[i - 1];
        if (before === undefined || (given[before] ?? 0) <= (given[name] ?? 0)) return;
        const path = { type: 'object', origin: 'value', input: { ...given }, key: name, value: given[name] } as const;
        addIssue({ message: `a time not before ${before} (${clockTime(given[before] ?? 0)})`, path: [path] });
      });
    }),
  );
}

const starts = v.optional(key(time(), 'what minutes late count from; opens unless given'));
function baseRegister(session: string, opens: string, closes: string, ends: string) {
  return inOrder(
    table({
      opens: v.optional(key(time(), `when the ${session} register opens; before it a pupil is on time`), opens),
      starts,
      closes: v.optional(key(time(), 'when it closes: from this minute on a pupil is late after close'), closes),
      ends: v.optional(key(time(MIDNIGHT), `when the ${session} session ends`), ends),
    }),
  );
}

const ownRegister = inOrder(
  table({
    opens: key(time(), 'as in times.am'),
    starts,
    closes: key(time(), 'as in times.am'),
    ends: key(time(MIDNIGHT), 'as in times.am'),
  }),
);
const noSession = v.pipe(
  v.literal('none'),
  v.title('{ opens, closes, ends } or "none"'),
  v.description('this session for these pupils; "none": they have none; not given: inherited'),
);
const sessionPatch = v.optional(
  v.lazy((input) => (typeof input === 'object' && input !== null ? ownRegister : noSession)),
);

const override = v.pipe(
  table({
    weekdays: v.optional(key(weekdays(), 'for these days only')),
    year_groups: v.optional(key(yearGroups(), 'for these year groups only')),
    am: sessionPatch,
    pm: sessionPatch,
  }),
  v.check(
    (given) => given.weekdays !== undefined || given.year_groups !== undefined,
    '"weekdays" or "year_groups" (or both)',
  ),
  v.check((given) => given.am !== undefined || given.pm !== undefined, '"am" or "pm" (or both)'),
);

const exception = v.pipe(
  table({
    date: v.optional(key(date(), 'one day')),
    from: v.optional(key(date(), 'first of several days')),
    to: v.optional(key(date(), 'last of several days')),
    closed: v.optional(key(yesNo(), 'no school: name lists are off and no marks are made'), false),
    am: sessionPatch,
    pm: sessionPatch,
    year_groups: v.optional(key(yearGroups(), 'for these year groups only')),
  }),
  v.check((given) => {
    const several = given.from !== undefined && given.to !== undefined;
    const none = given.from === undefined && given.to === undefined;
    return given.date === undefined ? several : none;
  }, 'either "date", or "from" and "to"'),
  v.check(
    (given) => given.from === undefined || given.to === undefined || given.from <= given.to,
    '"from" not after "to"',
  ),
  v.check((given) => {
    const times = given.am !== undefined || given.pm !== undefined;
    return given.closed ? !times : times;
  }, 'either closed = true, or "am" or "pm"'),
);

export const times = table({
  school_days: v.optional(key(weekdays(), 'days with school'), ['mon', 'tue', 'wed', 'thu', 'fri']),
  am: v.optional(baseRegister('morning', '08:40', '09:10', '12:15'), {}),
  pm: v.optional(baseRegister('afternoon', '13:15', '13:45', '15:20'), {}),
  kiosk: v.optional(
    v.pipe(
      table({
        from: v.optional(key(time(), 'name lists work from'), '07:30'),
        to: v.optional(key(time(MIDNIGHT), 'name lists work until'), '18:00'),
      }),
      v.check((given) => given.from < given.to, '"from" before "to"'),
    ),
    {},
  ),
  override: v.optional(v.array(override), []),
  exception: v.optional(v.array(exception), []),
});
