/** The door of the staff page: who may sign in, who is signed in, what is told of it in the records (product.md 6, 10). */
import type { Result } from '../../contract/result.ts';
import type { FirstUse, Me, Role, SignIn } from '../../contract/staff.ts';
import type { AccessBody, Actor } from '../../domain/record.ts';
import { isStorageTrouble } from '../../journal/trouble.ts';
import type { Clock, Random } from '../../system/ports.ts';
import { nameKey } from './account-table.ts';
import type { Account, Computer } from './account-table.ts';
import type { Accounts } from './accounts.ts';
import { isFirstUseCode, newFirstUseCode } from './first-use.ts';
import { Guesses, placeOf } from './guesses.ts';
import type { Attempt } from './guesses.ts';
import { Busy } from './hashing.ts';
import { looks } from './role-groups.ts';
import { Sessions, idOf } from './sessions.ts';
import type { Session } from './sessions.ts';
import { Tally } from './tally.ts';
import { fromBase32, stepOf } from './totp.ts';

export interface AccessPorts {
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly random: Random;
  /** Resolves when it is on the disk, or cannot be: who signs in while the card fails must see why. */
  readonly record: (body: AccessBody) => Promise<unknown>;
  /** The reset that lies on the card; null: none. */
  readonly reset: string | null;
  /** May anybody be made an administrator by the code? Not while the box is out of service. */
  readonly takesFirstUse: boolean;
}

/** Records in ten minutes. Of who is signed in, each command once is what is worth knowing. */
const lockOutsMax = 30;
const refusalsMax = 400;
const strangersMax = 30;

/** The name of whoever agrees. */
type Agreed = string | Result<never>;
export interface WhoIs {
  readonly session: Session;
  readonly me: Me;
}

export class Access {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  private readonly ports: AccessPorts;
  private readonly guesses: Guesses;
  /** Apart, so that nobody hides the one behind the other. */
  private readonly lockOuts: Tally;
  private readonly refusals: Tally;
  private readonly strangers: Tally;
  private readonly code: string;
  /** What came of the request for which a second person showed something last. */
  private readonly agreed = new WeakMap<Session, { readonly request: string; readonly answer: Promise<Agreed> }>();

  constructor(ports: AccessPorts) {
    this.ports = ports;
    this.accounts = ports.accounts;
    this.sessions = new Sessions(ports);
    this.guesses = new Guesses(ports.clock);
    this.lockOuts = new Tally(ports.clock, lockOutsMax);
    this.refusals = new Tally(ports.clock, refusalsMax);
    this.strangers = new Tally(ports.clock, strangersMax);
    this.code = newFirstUseCode(ports.random);
  }

  /** The code that makes an administrator; null while it opens nothing. */
  get firstUseCode(): string | null {
    const { accounts, takesFirstUse } = this.ports;
    if (!takesFirstUse || !accounts.canBeRead) return null;
    return !accounts.hasAdministrator || this.openReset !== null ? this.code : null;
  }

  private get openReset(): string | null {
    const { accounts, reset } = this.ports;
    return reset === accounts.data.resetUsed ? null : reset;
  }

  /** Who is signed in with that cookie, with the role of now. */
  whoIs(token: string | null): WhoIs | null {
    const session = token === null ? null : this.sessions.find(token);
    const person = session === null ? undefined : this.accounts.person(session.name);
    return session === null || person === undefined ? null : { session, me: meOf(person) };
  }

  /** The same, but for a screen that nobody sits at. */
  whoSits(token: string | null): WhoIs | null {
    const who = this.whoIs(token);
    return who === null || this.sessions.isLocked(who.session.id) ? null : who;
  }

  /** The registered computer whose browser has that cookie. */
  computerOf(token: string | null): Computer | null {
    if (token === null) return null;
    const id = idOf(token);
    return this.accounts.data.computers.find((one) => one.id === id) ?? null;
  }

  async signIn(
    given: SignIn,
    from: string | undefined,
    computer: Computer | null = null,
  ): Promise<Result<{ readonly token: string; readonly me: Me }>> {
    const address = placeOf(from);
    const person = this.accounts.person(given.name);
    const checked = await this.guess(person, attemptOf(person, given.name, address), () => this.shows(person, given));
    if (!checked.ok) return checked;
    if (person === undefined) return wrong;
    // A card that takes nothing must not keep staff from seeing why.
    await this.accounts.signedInAt(person.name, address).catch((error: unknown) => {
      if (!isStorageTrouble(error)) throw error;
    });
    const { token } = this.sessions.open(person.name, address, computer?.id);
    await this.record({ what: 'signed-in', person: person.name, from: address, by: person.name });
    return { ok: true, value: { token, me: meOf(person) } };
  }

  /** The password once more, for what is dangerous. */
  async again(session: Session, password: string): Promise<Result<null>> {
    const person = this.accounts.person(session.name);
    const checked = await this.guess(person, attemptOf(person, session.name, session.address), async () =>
      (await this.accounts.isPassword(person, password)) ? right : wrong,
    );
    if (checked.ok) this.sessions.confirm(session.id);
    return checked;
  }

  /** From now on the browser that is given the token is that of a reception computer; whoever registers it signs in anew. */
  async registerComputer(session: Session, name: string): Promise<Result<{ readonly token: string }>> {
    const token = Buffer.from(this.ports.random.bytes(32)).toString('base64url');
    const added = await this.accounts.addComputer(idOf(token), name, session.name);
    if (!added.ok) return added;
    this.sessions.end(session.id, 'elsewhere');
    return { ok: true, value: { token } };
  }

  async removeComputer(id: string, by: Actor): Promise<Result<null>> {
    const removed = await this.accounts.removeComputer(id, by);
    if (removed.ok) this.sessions.endAt(id);
    return removed;
  }

  /** Somebody sits down at a registered computer: the session is of whose PIN it is from now on. */
  async takeOver(session: Session, pin: string): Promise<Result<{ readonly token: string; readonly me: Me }>> {
    if (session.computer === null)
      return { ok: false, error: { code: 'wrong_state', detail: 'this is no registered computer' } };
    let owner: Account | null = null;
    const place: Attempt = { name: `computer ${session.computer}`, address: session.address, known: true };
    const checked = await this.guess(undefined, place, async () => {
      owner = await this.accounts.ownerOf(pin);
      return owner === null ? wrong : right;
    });
    if (!checked.ok) return checked;
    const person = owner as Account | null;
    const opened = person === null ? null : this.sessions.takeOver(session.id, person.name);
    if (person === null || opened === null) return { ok: false, error: { code: 'signed_out' } };
    await this.record({
      what: 'signed-in',
      person: person.name,
      detail: 'pin',
      from: session.address,
      by: person.name,
    });
    return { ok: true, value: { token: opened.token, me: meOf(person) } };
  }

  /**
   * Another person agrees, at the same screen, by all that it takes to sign in. A request that comes again as it was, since its answer
   * was lost, is answered as it was: the code of the app is used up by then. `request`: its id and what it asks for.
   */
  async second(session: string, given: SignIn, request: string): Promise<Agreed> {
    const first = this.sessions.get(session);
    if (first === null) return { ok: false, error: { code: 'signed_out' } };
    const whole = idOf(JSON.stringify([request, given.name, given.password, given.code]));
    const before = this.agreed.get(first);
    if (before?.request === whole) return before.answer;
    const answer = this.agrees(first, given);
    this.agreed.set(first, { request: whole, answer });
    return answer;
  }

  private async agrees(first: Session, given: SignIn): Promise<Agreed> {
    const person = this.accounts.person(given.name);
    if (person?.name === first.name)
      return { ok: false, error: { code: 'invalid_input', detail: 'two people are wanted' } };
    const guessed = attemptOf(person, given.name, first.address);
    const checked = await this.guess(person, guessed, () => this.shows(person, given));
    if (!checked.ok) return checked;
    if (person === undefined) return wrong;
    if (!looks.includes(person.role))
      return { ok: false, error: { code: 'forbidden', detail: 'the second person must be one who may see pupils' } };
    return person.name;
  }

  async firstUse(
    given: FirstUse,
    from: string | undefined,
  ): Promise<Result<{ readonly token: string; readonly me: Me }>> {
    if (this.firstUseCode === null) return wrong; // there is nothing to guess
    const address = placeOf(from);
    const checked = await this.guess(undefined, { name: 'first use', address, known: true }, () => {
      const code = this.firstUseCode;
      return Promise.resolve(code !== null && isFirstUseCode(given.code, code) ? right : wrong);
    });
    if (!checked.ok) return checked;
    const made = await this.accounts.firstUse(given, this.openReset);
    const person = this.accounts.person(given.name);
    if (!made.ok) return made;
    if (person === undefined) return wrong;
    this.sessions.endAll(person.name, 'changed');
    return { ok: true, value: { token: this.sessions.open(person.name, address).token, me: meOf(person) } };
  }

  /** Null: nobody of these roles asks. That somebody of another role did is recorded. */
  async admitted(who: WhoIs | null, roles: readonly Role[], what: string): Promise<WhoIs | null> {
    if (who === null || roles.includes(who.me.role)) return who;
    await this.refused(what, who.me.name, who.session.address);
    return null;
  }

  /** Who comes by a page from elsewhere, or by none: nobody who signs in here. */
  async refusedStranger(what: string, from: string | undefined): Promise<void> {
    await this.refused(what, null, placeOf(from));
  }

  /** What a role does not allow; `by` null: what nobody may. `address` null: at the box itself. */
  async refused(what: string, by: Actor | null, address: string | null): Promise<void> {
    const tally = by === null ? this.strangers : this.refusals;
    const key = `${by ?? ''} ${address ?? ''} ${what}`;
    tally.add(key);
    const count = tally.take(key);
    if (count !== null)
      await this.record({ what: 'refused', person: by, detail: what, from: address, count, by: by ?? 'nobody' });
  }

  /** The evacuation list has left the page, and names everybody. */
  async tookEvacuation(as: 'file' | 'paper', by: Actor, from: string | null): Promise<void> {
    await this.record({ what: 'evacuation-list', person: by, detail: as, from, by });
  }

  /** PINs at the kiosk were guessed at. */
  async pinsLocked(count: number): Promise<void> {
    await this.record({ what: 'locked-out', person: null, detail: 'pin', from: null, count, by: 'kiosk' });
  }

  async askedForRoster(by: Actor): Promise<void> {
    await this.record({ what: 'roster-asked', person: null, from: null, by });
  }

  async enteredMisToken(by: Actor): Promise<void> {
    await this.record({ what: 'mis-token', person: null, from: null, by });
  }

  async restarted(by: Actor): Promise<void> {
    await this.record({ what: 'restarted', person: null, from: null, by });
  }

  /** Somebody has asked for this version, or the box tries it. */
  async updates(detail: string, by: Actor): Promise<void> {
    await this.record({ what: 'update', person: null, detail, from: null, by });
  }

  /** A file of the box to a computer; `from` null: to a stick in the box, or made by the page. */
  async took(what: string, by: Actor, from: string | null): Promise<void> {
    await this.record({ what: 'took', person: null, detail: what, from, by });
  }

  async signOutEverywhere(name: string, by: Actor): Promise<void> {
    this.sessions.endAll(name, 'elsewhere');
    await this.record({ what: 'signed-out', person: name, from: null, by });
  }

  /** Counted first, void again when it was right. What is missing rather than wrong (`code_wanted`) is no guess either. */
  private async guess(
    person: Account | undefined,
    attempt: Attempt,
    check: () => Promise<Result<null>>,
  ): Promise<Result<null>> {
    const { address } = attempt;
    const key = `${person?.name ?? ''} ${address}`;
    const waitMs = this.guesses.waitMs(attempt);
    if (waitMs > 0) {
      this.lockOuts.add(key);
      return { ok: false, error: { code: 'paused', detail: `Too many wrong tries. Try again in ${minutes(waitMs)}.` } };
    }
    const locks = this.guesses.count(attempt);
    let checked: Result<null>;
    try {
      checked = await check();
    } catch (error) {
      this.guesses.right(attempt);
      if (error instanceof Busy) return { ok: false, error: { code: 'busy' } };
      throw error;
    }
    if (checked.ok || checked.error.code !== 'unauthorised') {
      this.guesses.right(attempt);
      return checked;
    }
    this.lockOuts.add(key);
    const count = locks ? this.lockOuts.take(key) : null;
    if (count !== null) {
      await this.record({ what: 'locked-out', person: person?.name ?? null, from: address, count, by: 'nobody' });
    }
    return checked;
  }

  private async shows(person: Account | undefined, { password, code }: SignIn): Promise<Result<null>> {
    if (!(await this.accounts.isPassword(person, password)) || person === undefined) return wrong;
    return this.secondStep(person, code);
  }

  private async secondStep(person: Account, code: string | undefined): Promise<Result<null>> {
    if (person.totp === null) return right;
    if (code === undefined || code === '') return { ok: false, error: { code: 'code_wanted' } };
    const { secret, lastStep } = person.totp;
    const step = stepOf(code.replace(/\s/g, ''), fromBase32(secret), this.ports.clock.now(), lastStep);
    return step !== null && (await this.accounts.useStep(person.name, step)) ? right : wrong;
  }

  private record(one: Pick<AccessBody, 'what' | 'person' | 'from' | 'by'> & Partial<AccessBody>): Promise<unknown> {
    return this.ports.record({ type: 'access', v: 1, detail: null, count: 1, ...one });
  }
}

const attemptOf = (person: Account | undefined, name: string, address: string): Attempt => ({
  name: nameKey(name),
  address,
  known: person?.knownAt.includes(address) ?? false,
});

const right: Result<null> = { ok: true, value: null };
const wrong: Result<never> = { ok: false, error: { code: 'unauthorised' } };

const meOf = ({ name, role, totp }: Account): Me => ({ name, role, secondStep: totp !== null });

function minutes(ms: number): string {
  const count = Math.ceil(ms / 60_000);
  return count === 1 ? 'a minute' : `${String(count)} minutes`;
}
