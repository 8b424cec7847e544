/**
 * The people of the box: what an administrator changes, and what each person does to the own account. Each change is a record
 * first, then stands in the table (durability.md 3); passwords, PINs and their hashes are in no record.
 */
import type { Result } from '../../contract/result.ts';
import type { Role } from '../../contract/staff.ts';
import type { AccessBody, Actor } from '../../domain/record.ts';
import type { Random } from '../../system/ports.ts';
import { hasAdministrator, nameKey, noAccounts, personOf } from './account-table.ts';
import type { Account, AccountData, AccountTable } from './account-table.ts';
import { Lane, hashOf, matches, newSalt, passwordCost, pinCost } from './hashing.ts';
import type { SecretHash } from './hashing.ts';

export interface AccountPorts {
  /** Null: it cannot be read, so there is nobody. */
  readonly table: AccountTable | null;
  readonly random: Random;
  /** Resolves when it is on the disk. */
  readonly record: (body: AccessBody) => Promise<unknown>;
}

const peopleMax = 200;
export const passwordMin = 10;
const passwordMax = 200;
const knownAtMax = 8;
const computersMax = 20;
/** The first guesses of whoever guesses; and all of one sign are no better. */
const poor = /^(.)\1*$|^(?:0123456789|1234567890|password|passwort|letmein|qwertyuiop|porter)\d*$/i;

export class Accounts {
  /** Somebody was added, changed or removed, and it is on the disk. */
  onChanged: () => void = () => undefined;
  private readonly ports: AccountPorts;
  /** Hashing for the staff page, and for the kiosk: neither waits for the other. */
  private readonly page = new Lane(16);
  private readonly box = new Lane(8);
  private last: Promise<unknown> = Promise.resolve();

  constructor(ports: AccountPorts) {
    this.ports = ports;
  }

  get data(): AccountData {
    return this.ports.table?.data ?? noAccounts;
  }

  /** False: the file cannot be read. */
  get canBeRead(): boolean {
    return this.ports.table !== null;
  }

  get hasAdministrator(): boolean {
    return hasAdministrator(this.data);
  }

  person(name: string): Account | undefined {
    return personOf(this.data, name);
  }

  /** As long for nobody as for somebody. Rejects with `Busy`. */
  async isPassword(person: Account | undefined, password: string): Promise<boolean> {
    const kept = person?.password ?? { ...passwordCost, salt: '00'.repeat(16), hash: '00'.repeat(32) };
    const right = await this.page.run(() => matches(password.slice(0, passwordMax), kept));
    return right && person?.password !== null && person !== undefined;
  }

  /** Whose PIN this is; null: nobody's. Rejects with `Busy`. */
  ownerOf(pin: string): Promise<Account | null> {
    return this.box.run(() => this.findOwner(pin));
  }

  add(
    given: {
      readonly name: string;
      readonly role: Role;
      readonly password: string | null;
      readonly pin: string | null;
    },
    by: Actor,
  ): Promise<Result<null>> {
    const name = given.name.normalize('NFC').trim().replace(/\s+/g, ' ');
    return this.change(async (data) => {
      if (name === '') return refuse('a name is wanted');
      if (personOf(data, name) !== undefined)
        return refuse('there is somebody of this name: add a letter or a middle name');
      if (data.people.length >= peopleMax) return refuse(`at most ${String(peopleMax)} people`);
      const wrong = given.password === null ? null : poorPassword(given.password, name);
      if (wrong !== null) return refuse(wrong);
      const password = given.password === null ? null : await this.hashed(given.password);
      const pin = given.pin === null ? null : await this.freePin(given.pin, name);
      if (pin === 'taken') return refuse(pinTaken);
      const person: Account = { name, role: given.role, password, pin, totp: null, knownAt: [] };
      return { person, body: about('added', name, by, given.role) };
    });
  }

  setRole(name: string, role: Role, by: Actor): Promise<Result<null>> {
    return this.changePerson(name, (person) => ({
      person: { ...person, role },
      body: about('role', person.name, by, role),
    }));
  }

  setPassword(name: string, password: string, by: Actor): Promise<Result<null>> {
    return this.changePerson(name, async (person) => {
      const wrong = poorPassword(password, person.name);
      if (wrong !== null) return refuse(wrong);
      return { person: { ...person, password: await this.hashed(password) }, body: about('password', person.name, by) };
    });
  }

  setPin(name: string, pin: string, by: Actor): Promise<Result<null>> {
    return this.changePerson(name, async (person) => {
      const hash = await this.freePin(pin, person.name);
      if (hash === 'taken') return refuse(pinTaken);
      return { person: { ...person, pin: hash }, body: about('pin', person.name, by) };
    });
  }

  /** Null: no second step any more. */
  setSecondStep(name: string, totp: Account['totp'], by: Actor): Promise<Result<null>> {
    return this.changePerson(name, (person) => ({
      person: { ...person, totp },
      body: about(totp === null ? 'second-step-off' : 'second-step-on', person.name, by),
    }));
  }

  remove(name: string, by: Actor): Promise<Result<null>> {
    return this.changePerson(name, (person) => ({ person: null, body: about('removed', person.name, by) }));
  }

  /** The first administrator, or a new one where the card says so: an account of that name is taken over. */
  firstUse(
    given: { readonly name: string; readonly password: string; readonly pin: string },
    reset: string | null,
  ): Promise<Result<null>> {
    const name = given.name.normalize('NFC').trim().replace(/\s+/g, ' ');
    return this.change(async (data) => {
      if (reset === null ? hasAdministrator(data) : data.resetUsed === reset) {
        return { ok: false, error: { code: 'wrong_state', detail: 'there is an administrator by now' } };
      }
      if (name === '') return refuse('a name is wanted');
      const wrong = poorPassword(given.password, name);
      if (wrong !== null) return refuse(wrong);
      const before = personOf(data, name);
      const pin = await this.freePin(given.pin, before?.name ?? name);
      if (pin === 'taken') return refuse(pinTaken);
      const password = await this.hashed(given.password);
      const person: Account = {
        name: before?.name ?? name,
        role: 'administrator',
        password,
        pin,
        totp: null,
        knownAt: [],
      };
      return { person, reset, body: about(reset === null ? 'first-use' : 'reset', person.name, person.name) };
    });
  }

  /** Its browser is given the token; the box keeps the hash. */
  addComputer(id: string, name: string, by: Actor): Promise<Result<null>> {
    return this.put((data) => {
      if (data.computers.length >= computersMax) return refuse(`at most ${String(computersMax)} computers`);
      const computers = [...data.computers, { id, name, by }];
      return { after: { ...data, computers }, body: { ...about('computer', null, by), detail: name } };
    });
  }

  removeComputer(id: string, by: Actor): Promise<Result<null>> {
    return this.put((data) => {
      const found = data.computers.find((one) => one.id === id);
      if (found === undefined) return notThere;
      const computers = data.computers.filter((one) => one !== found);
      return { after: { ...data, computers }, body: { ...about('computer-removed', null, by), detail: found.name } };
    });
  }

  /** Signed in there: nobody else's guesses lock the person out at that place. */
  async signedInAt(name: string, address: string): Promise<void> {
    await this.note(name, (person) => {
      if (person.knownAt.at(-1) === address) return null;
      return { ...person, knownAt: [...person.knownAt.filter((one) => one !== address), address].slice(-knownAtMax) };
    });
  }

  /** A code of the app is used, on the disk, before it counts. False: it was already. */
  useStep(name: string, step: number): Promise<boolean> {
    return this.note(name, (person) =>
      person.totp === null || person.totp.lastStep >= step
        ? null
        : { ...person, totp: { ...person.totp, lastStep: step } },
    );
  }

  /** What nobody needs to read about. False: there was nothing to write. */
  private note(name: string, next: (person: Account) => Account | null): Promise<boolean> {
    return this.alone(async () => {
      const { table } = this.ports;
      const person = this.person(name);
      const after = person === undefined ? null : next(person);
      if (after === null || table === null) return false;
      await table.write({ ...table.data, people: replaced(table.data, after, after.name) });
      return true;
    });
  }

  private changePerson(
    name: string,
    next: (person: Account) => Change | Result<never> | Promise<Change | Result<never>>,
  ): Promise<Result<null>> {
    return this.change((data) => {
      const person = personOf(data, name);
      return person === undefined ? notThere : next(person);
    });
  }

  /** One after another: two administrators who remove each other at once would leave none. */
  private change(
    next: (data: AccountData) => Change | Result<never> | Promise<Change | Result<never>>,
  ): Promise<Result<null>> {
    return this.put(async (data) => {
      const made = await next(data);
      if ('ok' in made) return made;
      const { person, body, reset } = made;
      const people = replaced(data, person, body.person ?? '');
      const after = { ...data, people, ...(reset === undefined || reset === null ? {} : { resetUsed: reset }) };
      if (hasAdministrator(data) && !hasAdministrator(after)) {
        return {
          ok: false,
          error: {
            code: 'wrong_state',
            detail: 'one administrator there must be: give the role to somebody else first',
          },
        };
      }
      return { after, body };
    });
  }

  private put(next: (data: AccountData) => Put | Result<never> | Promise<Put | Result<never>>): Promise<Result<null>> {
    return this.alone(async (): Promise<Result<null>> => {
      const { table, record } = this.ports;
      if (table === null) return { ok: false, error: { code: 'storage_failed' } };
      await this.withSalt(table);
      const made = await next(table.data);
      if ('ok' in made) return made;
      const { after, body } = made;
      await record(body);
      await table.write(after);
      this.onChanged();
      return { ok: true, value: null };
    });
  }

  private alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  private async withSalt(table: AccountTable): Promise<void> {
    if (table.data.pinSalt === null) await table.write({ ...table.data, pinSalt: newSalt(this.ports.random) });
  }

  private hashed(password: string): Promise<SecretHash> {
    return this.page.run(() => hashOf(password, passwordCost, newSalt(this.ports.random)));
  }

  /** The kiosk asks for a PIN and no name: no two people have the same. */
  private async freePin(pin: string, name: string): Promise<SecretHash | 'taken'> {
    const owner = await this.findOwner(pin);
    if (owner !== null && nameKey(owner.name) !== nameKey(name)) return 'taken';
    return hashOf(pin, pinCost, this.data.pinSalt ?? newSalt(this.ports.random));
  }

  /** One hash a salt: those of before there were accounts have one each, all others share one. */
  private async findOwner(pin: string): Promise<Account | null> {
    const salts = new Map<string, SecretHash>();
    for (const { pin: kept } of this.data.people) if (kept !== null) salts.set(kept.salt, kept);
    for (const kept of salts.values()) {
      const { hash } = await hashOf(pin, kept, kept.salt);
      const owner = this.data.people.find((person) => person.pin?.salt === kept.salt && person.pin.hash === hash);
      if (owner !== undefined) return owner;
    }
    return null;
  }
}

/** The record first, then the table as it is to be. */
interface Put {
  readonly after: AccountData;
  readonly body: AccessBody;
}
interface Change {
  /** Null: goes. */
  readonly person: Account | null;
  readonly body: AccessBody;
  readonly reset?: string | null;
}

/** `name`: of the account whose place `person` takes. */
function replaced({ people }: AccountData, person: Account | null, name: string): readonly Account[] {
  const key = nameKey(name);
  const put = person === null ? [] : [person];
  if (!people.some((one) => nameKey(one.name) === key)) return [...people, ...put];
  return people.flatMap((one) => (nameKey(one.name) === key ? put : [one]));
}

const about = (
  what: AccessBody['what'],
  person: string | null,
  by: Actor,
  detail: string | null = null,
): AccessBody => ({
  type: 'access',
  v: 1,
  what,
  person,
  detail,
  from: null,
  count: 1,
  by,
});
const refuse = (detail: string): Result<never> => ({ ok: false, error: { code: 'invalid_input', detail } });
const notThere: Result<never> = { ok: false, error: { code: 'not_found', detail: 'there is nobody of this name' } };
const pinTaken = 'this PIN cannot be used, take another';

/** Null: it will do. Length is what counts (NIST SP 800-63B 5.1.1.2). */
function poorPassword(password: string, name: string): string | null {
  if ([...password].length < passwordMin)
    return `a password has ${String(passwordMin)} letters or more: three words are easy to keep`;
  if (password.length > passwordMax) return `a password has at most ${String(passwordMax)} letters`;
  const isName = nameKey(password).includes(nameKey(name)) && nameKey(password).length < nameKey(name).length + 4;
  return poor.test(password) || isName ? 'this password is one of the first that anybody would try' : null;
}
