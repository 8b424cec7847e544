/** What is done to accounts: by an administrator to anybody's, and by each person to the own (product.md 6, People). */
import * as v from 'valibot';
import { roles } from '../../contract/staff.ts';
import type { Result } from '../../contract/result.ts';
import type { Random } from '../../system/ports.ts';
import type { On } from '../giver.ts';
import type { Access } from './access.ts';
import { fromBase32, stepOf, toBase32 } from './totp.ts';

export interface PeoplePorts {
  readonly access: Access;
  readonly random: Random;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(80));
const secret = v.pipe(v.string(), v.maxLength(200));
const role = v.picklist(roles);
export const sixDigits = v.pipe(v.string(), v.regex(/^\d{6}$/), v.title('six digits'));
const secretBytes = 20;

export function peopleCommands({ access, random, now }: PeoplePorts, on: On) {
  const { accounts, sessions } = access;
  /** Whoever is signed in with what is no more has to sign in again; not who has just changed the own. */
  const thenOut = async (of: string, changed: Promise<Result<null>>, but?: string): Promise<Result<null>> => {
    const person = accounts.person(of)?.name ?? of;
    const result = await changed;
    if (result.ok) sessions.endAll(person, 'changed', but);
    return result;
  };
  return {
    'people-add': on(
      v.object({ name, role, password: v.nullable(secret), pin: v.nullable(sixDigits) }),
      (input, { by }) => accounts.add(input, by),
    ),
    'people-role': on(v.object({ name, role }), (input, { by }) =>
      thenOut(input.name, accounts.setRole(input.name, input.role, by)),
    ),
    'people-password': on(v.object({ name, password: secret }), (input, { by }) =>
      thenOut(input.name, accounts.setPassword(input.name, input.password, by)),
    ),
    'people-pin': on(v.object({ name, pin: sixDigits }), (input, { by }) => accounts.setPin(input.name, input.pin, by)),
    'people-second-step-off': on(v.object({ name }), (input, { by }) =>
      thenOut(input.name, accounts.setSecondStep(input.name, null, by)),
    ),
    'people-sign-out': on(v.object({ name }), async (input, { by }) => {
      const person = accounts.person(input.name);
      if (person === undefined) return notThere;
      await access.signOutEverywhere(person.name, by);
      return done;
    }),
    'computer-remove': on(v.object({ id: v.string() }), ({ id }, { by }) => access.removeComputer(id, by)),
    'people-remove': on(v.object({ name }), (input, { by }) => thenOut(input.name, accounts.remove(input.name, by))),
    'own-password': on(v.object({ password: secret }), (input, { by, session }) =>
      thenOut(by, accounts.setPassword(by, input.password, by), session),
    ),
    'own-pin': on(v.object({ pin: sixDigits }), (input, { by }) => accounts.setPin(by, input.pin, by)),
    /** A secret for the app; it counts once a code of it has been given back (`own-second-step`). */
    'own-second-step-new': on(v.object({}), () => ({
      ok: true,
      value: { secret: toBase32(random.bytes(secretBytes)) },
    })),
    'own-second-step': on(
      v.object({ secret: v.pipe(v.string(), v.regex(/^[A-Z2-7]{32}$/)), code: sixDigits }),
      (input, { by }) => {
        const step = stepOf(input.code, fromBase32(input.secret), now(), 0);
        if (step === null) return refuse('this is not the code that the app shows now; the box must know the time');
        return accounts.setSecondStep(by, { secret: input.secret, lastStep: step }, by);
      },
    ),
    'own-second-step-off': on(v.object({}), (_, { by }) => accounts.setSecondStep(by, null, by)),
  };
}

const done: Result<null> = { ok: true, value: null };
const notThere: Result<never> = { ok: false, error: { code: 'not_found', detail: 'there is nobody of this name' } };
const refuse = (detail: string): Result<never> => ({ ok: false, error: { code: 'invalid_input', detail } });
