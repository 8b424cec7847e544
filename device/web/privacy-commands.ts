/** What is kept, given away and destroyed: exports, holds, erasures, and what was lost of it (product.md 10). */
import * as v from 'valibot';
import type { ExportAnswer } from '../contract/staff-views.ts';
import type { Result } from '../contract/result.ts';
import type { DeskCommand } from '../desk/desk.ts';
import type { EraseDesk } from '../desk/erasing.ts';
import { holdDaysMax } from '../desk/keeping.ts';
import type { Losses } from '../desk/losses.ts';
import type { StaffDesk } from '../desk/staff.ts';
import type { Commands, On } from './giver.ts';
import { date, none, text } from './staff-inputs.ts';
import type { ExportWish } from './staff/access-export.ts';
import type { Access } from './staff/access.ts';
import type { LogExportWish } from './staff/log-export.ts';

export interface PrivacyPorts {
  readonly access: Access;
  readonly staffDesk: StaffDesk;
  readonly eraseDesk: EraseDesk;
  readonly losses: Pick<Losses, 'seen'>;
  readonly logExport: (wish: LogExportWish) => Promise<Result<{ readonly file: string }>>;
  readonly accessExport: (command: DeskCommand, wish: ExportWish) => Promise<Result<ExportAnswer>>;
}

export function privacyCommands(ports: PrivacyPorts, on: On) {
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
