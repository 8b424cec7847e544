/** What is kept, given away and destroyed: exports, holds, erasures, and what was lost of it (product.md 10). */
import * as v from 'valibot';
import { holdDaysMax } from '../desk/keeping.ts';
import type { CommandPorts } from './commands.ts';
import type { Commands, On } from './giver.ts';
import { date, text } from './staff-inputs.ts';

type Ports = Pick<CommandPorts, 'access' | 'staffDesk' | 'eraseDesk' | 'losses' | 'logExport' | 'accessExport'>;

export function privacyCommands(ports: Ports, on: On) {
  const { access, staffDesk, eraseDesk, losses } = ports;
  return {
    erase: on(
      v.object({
        pupil: text,
        second: text,
        why: text,
        secondPassword: v.optional(v.pipe(v.string(), v.maxLength(200)), ''),
        secondCode: v.optional(v.pipe(v.string(), v.maxLength(20))),
      }),
      async ({ pupil, second, why, secondPassword, secondCode }, { by, command, session }) => {
        // At the page the second person is there, and shows it; at the control socket whoever may open it answers for both.
        const shows = {
          name: second,
          password: secondPassword,
          ...(secondCode === undefined ? {} : { code: secondCode }),
        };
        const agreed =
          session === undefined ? second : await access.second(session, shows, `${command.id} ${command.hash}`);
        if (typeof agreed !== 'string') return agreed;
        return eraseDesk.erase(command, { pupil, second: agreed, why, by });
      },
    ),
    'log-export': on(v.object({ from: date, to: date, names: v.boolean() }), (input, { by, session }) =>
      ports.logExport({ ...input, by, session }),
    ),
    'access-export': on(v.object({ pupil: text, why: text }), (input, { by, command, session }) =>
      ports.accessExport(command, { ...input, by, session }),
    ),
    receipt: on(v.object({ record: text }), ({ record }) => eraseDesk.receipt(record)),
    exported: on(v.object({ date }), (input, { by, command }) => staffDesk.exported(command, { ...input, by })),
    'hold-movement': on(
      v.object({
        movement: text,
        days: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(holdDaysMax))),
        why: v.optional(v.nullable(text), null),
      }),
      (input, { by, command }) => staffDesk.holdMovement(command, { ...input, by }),
    ),
    'loss-seen': on(none, (_, { by }) => losses.seen(by)),
    'set-aside-seen': on(none, (_, { by, command }) => staffDesk.setAsideSeen(command, { by })),
  } satisfies Commands;
}

const none = v.object({});
