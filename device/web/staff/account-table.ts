/** The people who may use the staff page and the box itself: the file in which they stand, sealed under the master key. */
import * as v from 'valibot';
import { roles } from '../../contract/staff.ts';
import type { Role } from '../../contract/staff.ts';
import { secretHash } from './hashing.ts';
import type { SecretHash } from './hashing.ts';

export interface Account {
  /** As colleagues call the person, and as it stands in records. */
  readonly name: string;
  readonly role: Role;
  /** Null: not given yet, so the person has a PIN only. */
  readonly password: SecretHash | null;
  readonly pin: SecretHash | null;
  /** The second step (`totp.ts`); null: the person has none. */
  readonly totp: { readonly secret: string; readonly lastStep: number } | null;
  /** Where the person signed in from before, the last one last: there nobody else's guesses lock the person out. */
  readonly knownAt: readonly string[];
}
export interface Computer {
  /** Hash of the token in its browser's cookie. */
  readonly id: string;
  readonly name: string;
  /** Who registered it. */
  readonly by: string;
}
export interface AccountData {
  readonly people: readonly Account[];
  /** Under which the PINs of all are hashed: whose one is must be found without asking for a name. */
  readonly pinSalt: string | null;
  /** Reception computers that are registered. */
  readonly computers: readonly Computer[];
  /** Which reset from the card was used (`main.ts`); each works once. */
  readonly resetUsed: string | null;
}
export interface AccountTable {
  readonly data: AccountData;
  write(next: AccountData): Promise<void>;
}

export const noAccounts: AccountData = { people: [], pinSalt: null, computers: [], resetUsed: null };

const schema: v.GenericSchema<unknown, AccountData> = v.object({
  people: v.array(
    v.object({
      name: v.string(),
      role: v.picklist(roles),
      password: v.nullable(secretHash),
      pin: v.nullable(secretHash),
      totp: v.nullable(v.object({ secret: v.string(), lastStep: v.number() })),
      knownAt: v.array(v.string()),
    }),
  ),
  pinSalt: v.nullable(v.pipe(v.string(), v.regex(/^[\da-f]{32}$/))),
  computers: v.optional(v.array(v.object({ id: v.string(), name: v.string(), by: v.string() })), []),
  resetUsed: v.nullable(v.string()),
});

/** The table's content; null when it is none. */
export function parseAccounts(data: unknown): AccountData | null {
  const parsed = v.safeParse(schema, data);
  return parsed.success ? parsed.output : null;
}

/** Names are the same whatever their case and spaces. */
export const nameKey = (name: string): string => name.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase();

export const personOf = ({ people }: AccountData, name: string): Account | undefined => {
  const key = nameKey(name);
  return people.find((person) => nameKey(person.name) === key);
};

/** Only where this says no, the first-use code opens anything. */
export const hasAdministrator = ({ people }: AccountData): boolean =>
  people.some(({ role, password }) => role === 'administrator' && password !== null);

const oldPins = v.object({
  people: v.array(v.object({ name: v.string(), salt: v.string(), hash: v.string() })),
});
/** The PINs of before there were accounts (`staff-pins.json`), as people who let pupils go at the box; null: no such table. */
export function parseOldPins(data: unknown): AccountData | null {
  const parsed = v.safeParse(oldPins, data);
  if (!parsed.success) return null;
  const people = parsed.output.people.map(({ name, salt, hash }) => ({
    name,
    role: 'reception' as const,
    password: null,
    pin: { N: 16_384, r: 8, p: 1, salt, hash },
    totp: null,
    knownAt: [],
  }));
  return parseAccounts({ ...noAccounts, people });
}
