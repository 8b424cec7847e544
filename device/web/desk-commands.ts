/** What staff say of pupils, marks and the day: each is a command to the desk, under the name of whoever says it. */
import * as v from 'valibot';
import type { Departures } from '../desk/departures.ts';
import type { StaffDesk } from '../desk/staff.ts';
import type { Commands, On } from './giver.ts';
import { correction, date, marksAtOnceMax, none, onBehalf, text, verdict } from './staff-inputs.ts';

export interface DeskPorts {
  readonly departures: Departures;
  readonly staffDesk: StaffDesk;
  /** Those that are closed, now. */
  readonly exportDays: () => Promise<void>;
  /** They may be many: nobody waits for it. */
  readonly exportDaysLater: () => void;
}

export function deskCommands(ports: DeskPorts, on: On) {
  return { ...pupilCommands(ports, on), ...markCommands(ports, on), ...dayCommands(ports, on) };
}

function pupilCommands({ departures, staffDesk }: DeskPorts, on: On) {
  return {
    answer: on(
      v.object({ visit: text, answer: v.picklist(['let-go', 'no']), adult: v.optional(v.nullable(text), null) }),
      (input, { by, command }) => departures.answer(command, { ...input, by }),
    ),
    correct: on(
      v.object({ movement: text, correction, why: v.optional(v.nullable(text), null) }),
      (input, { by, command }) => staffDesk.correct(command, { ...input, by }),
    ),
    'record-for': on(onBehalf, (input, { by, command }) => staffDesk.recordFor(command, { ...input, by })),
    'hold-arrivals': on(
      v.object({
        hold: v.nullable(
          v.object({ reason: text, agoMs: v.pipe(v.number(), v.minValue(0), v.maxValue(4 * 3_600_000)) }),
        ),
      }),
      (input, { by, command }) => staffDesk.holdArrivals(command, { ...input, by }),
    ),
    'note-done': on(v.object({ note: text }), (input, { by, command }) =>
      staffDesk.noteDone(command, { ...input, by }),
    ),
    'void-badge': on(v.object({ badge: text }), (input, { by, command }) =>
      staffDesk.voidBadge(command, { ...input, by }),
    ),
    adopt: on(v.object({ from: text, to: text }), (input, { by, command }) =>
      staffDesk.adopt(command, { ...input, by }),
    ),
  } satisfies Commands;
}

function markCommands({ staffDesk }: DeskPorts, on: On) {
  return {
    settle: on(v.object({ key: text, verdict }), (input, { by, command }) =>
      staffDesk.settle(command, { ...input, by }),
    ),
    'settle-all': on(
      v.object({ marks: v.pipe(v.array(v.object({ key: text, verdict })), v.maxLength(marksAtOnceMax)) }),
      (input, { by, command }) => staffDesk.settleAll(command, { ...input, by }),
    ),
    freeze: on(none, (_, { by, command }) => staffDesk.freeze(command, { by })),
    thaw: on(none, (_, { by, command }) => staffDesk.thaw(command, { by })),
    'confirm-time': on(
      v.object({
        date: v.pipe(v.string(), v.isoDate()),
        minute: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1439)),
        movement: v.optional(v.nullable(text), null),
      }),
      (input, { by, command }) => staffDesk.confirmTime(command, { ...input, by }),
    ),
  } satisfies Commands;
}

function dayCommands(ports: DeskPorts, on: On) {
  const { staffDesk } = ports;
  return {
    'close-out': on(
      v.object({
        movement: text,
        how: v.picklist(['went-home', 'confirmed-home', 'not-found', 'undone']),
        why: v.optional(v.nullable(text), null),
      }),
      (input, { by, command }) => staffDesk.closeOut(command, { ...input, by }),
    ),
    'close-day': on(v.object({ date }), async (input, { by, command }) => {
      const closed = await staffDesk.closeDay(command, { ...input, by });
      if (closed.ok) await ports.exportDays();
      return closed;
    }),
    'close-days': on(v.object({ upTo: date }), async (input, { by, command }) => {
      const closed = await staffDesk.closeDays(command, { ...input, by });
      if (closed.ok) ports.exportDaysLater();
      return closed;
    }),
    drill: on(v.object({ on: v.boolean() }), (input, { by, command }) => staffDesk.drill(command, { ...input, by })),
  } satisfies Commands;
}
