/** A restore from the staff page: its commands, and what is said of a backup before somebody confirms (`copies/restoring.ts`). */
import * as v from 'valibot';
import type { FoundBackup } from '../contract/staff-views.ts';
import type { Result } from '../contract/result.ts';
import type { Found, Restoring, Sent } from '../copies/restoring.ts';
import type { School } from '../desk/school.ts';
import { shownTime } from '../desk/when.ts';
import type { Ledger } from '../domain/ledger.ts';
import { localTime } from '../domain/school-day.ts';
import type { Timers } from '../system/ports.ts';
import type { Commands, On } from './giver.ts';
import { none } from './staff-inputs.ts';
import { dated } from './staff/views/rows.ts';

export interface RestorePorts {
  readonly restoring: Restoring;
  readonly school: () => School;
  /** What the box has recorded; null: nobody knows. */
  readonly ledger: () => Ledger | null;
  readonly timers: Pick<Timers, 'after'>;
}

/** Time for an answer to get out. */
export const restartAfterMs = 500;

/** One line, as `porter backup restore` reads it. */
const ofFile = v.object({ password: v.pipe(v.string(), v.minLength(1), v.maxLength(200)) });
const confirmed = v.object({ recoveryKey: v.nullable(v.pipe(v.string(), v.maxLength(80))) });

export function restoreCommands({ restoring, ledger, timers }: RestorePorts, on: On) {
  return {
    'restore-open': on(ofFile, ({ password }, { session }) =>
      session === undefined ? atConsole : restoring.prepare(password, session),
    ),
    restore: on(confirmed, async ({ recoveryKey }, { by, session }) => {
      if (session === undefined) return atConsole;
      const erased = [...(ledger()?.erasedKeys ?? [])];
      const done = await restoring.confirm({ session, by, recoveryKey, erased });
      if (done.ok) {
        timers.after(restartAfterMs, () => {
          restoring.restart();
        });
      }
      return done;
    }),
    'restore-drop': on(none, (_, { session }) => (session === undefined ? atConsole : restoring.drop(session))),
  } satisfies Commands;
}

const atConsole: Result<never> = {
  ok: false,
  error: { code: 'not_found', detail: 'at the console it is porter backup restore' },
};

/** Takes the file that is sent with that token, and says what it is; null: not with this token. */
export type TakeBackup = (token: string, session: string, sent: Sent) => Promise<Result<FoundBackup> | null>;

export function takeBackup({ restoring, school, ledger }: Omit<RestorePorts, 'timers'>): TakeBackup {
  return async (token, session, sent) => {
    const found = await restoring.receive(token, session, sent);
    return found?.ok === true ? { ok: true, value: wordsOf(found.value, school(), ledger()) } : found;
  };
}

function wordsOf({ head, files, wantsKey }: Found, { settings }: School, ledger: Ledger | null): FoundBackup {
  const { box, school, until } = head;
  const zone = settings.school.timeZone;
  const made = Date.parse(head.made);
  return {
    ...{ box, school, files, wantsKey },
    made: dated(made, zone),
    until: until.slice(0, 10),
    isOfThisBox: box === settings.box.name && school === settings.school.name,
    since: ledger === null ? null : sinceWords(ledger, made, localTime(made, zone).date),
  };
}

/** Finished movements of old days leave the ledger. */
function sinceWords({ movements, pruned }: Ledger, made: number, date: string): string {
  const count = [...movements.values()].filter(({ record }) => shownTime(record.at) > made).length;
  const words = count === 1 ? '1 movement' : `${String(count)} movements`;
  return pruned.before > date ? `${words} or more` : words;
}
