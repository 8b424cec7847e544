/**
 * A pupil is erased: two people, a reason, a record without the pupil, the key destroyed, and what was derived from the records
 * made anew without it (product.md 10, durability.md 13).
 */
import type { Result } from '../contract/result.ts';
import type { Ledger } from '../domain/ledger.ts';
import { isKnown } from '../domain/known-records.ts';
import { pupilsOf } from '../domain/personal.ts';
import { samePerson, unfinished } from '../domain/prune.ts';
import type { Actor, EraseBody, Instant, Recorded, Ref } from '../domain/record.ts';
import { journalNumber } from '../domain/badge.ts';
import type { Journal } from '../journal/journal.ts';
import type { PhotoVault } from '../journal/photo-vault.ts';
import { isStorageTrouble } from '../journal/trouble.ts';
import { Refused } from './desk.ts';
import type { Desk, DeskCommand } from './desk.ts';
import type { School } from './school.ts';
import { today } from './when.ts';

export interface Erasure {
  readonly pupil: string;
  readonly by: Actor;
  /** Who agrees: somebody else. */
  readonly second: Actor;
  /** Without the pupil's name. */
  readonly why: string;
}

/** For the school's files: it names nobody but the two. */
export interface Receipt {
  readonly record: Ref;
  readonly at: Instant;
  readonly by: Actor;
  readonly second: Actor;
  readonly why: string;
  /** Ids of the keys that are destroyed. */
  readonly keys: readonly string[];
  /** Records that nobody can read any more. */
  readonly records: number;
  /** Records that still name the pupil: of before pupils had keys. They go with retention. */
  readonly remaining: number;
  /** The MIS still lists the pupil: what is recorded from now on stands under a new key. */
  readonly onRoster: boolean;
  /** Last number, and the head of the chain there. */
  readonly upTo: number;
  readonly head: string;
}

export interface EraseDesk {
  erase(command: DeskCommand, input: Erasure): Promise<Result<Receipt>>;
}

export interface ErasePorts {
  readonly school: School;
  readonly desk: Desk;
  readonly journal: Pick<Journal, 'keysOf' | 'destroyKeys' | 'place' | 'replay'>;
  readonly photos: PhotoVault;
  /** Removes the checkpoint, and keeps none until `keepAgain`. */
  readonly checkpoints: { readonly forget: () => Promise<void>; readonly keepAgain: () => void } | null;
  /** Removes what else is kept for a while: the roster before the last, pictures of these badges. */
  readonly forgetCopies: (badges: readonly string[]) => Promise<void>;
}

export function eraseDesk(ports: ErasePorts): EraseDesk {
  const { school, desk, journal, checkpoints } = ports;
  const erase = async (command: DeskCommand, input: Erasure): Promise<Result<Receipt>> => {
    const person = samePerson(desk.durable, input.pupil);
    const done = desk.durable.commands.get(command.id)?.first;
    const keys = done?.type === 'erase' ? done.keys : await journal.keysOf([...person]);
    if (done === undefined) check(school, desk.durable, input, keys);
    const traces = tracesOf(school, desk.durable, person);
    // Before the record: a checkpoint that is there at a start knows nobody who is erased.
    await checkpoints?.forget();
    const recorded = await desk.execute<Recorded>(
      // A hash of the input would tell whom it was about, to who tries all pupils.
      { ...command, hash: `erase ${keys.join(' ')}` },
      (ahead) => {
        check(school, ahead, input, keys);
        const { by, second, why } = input;
        return [{ type: 'erase', v: 1, keys, by, second, why } satisfies EraseBody];
      },
      (first) => first,
    );
    if (!recorded.ok) {
      checkpoints?.keepAgain();
      return recorded;
    }
    await journal.destroyKeys(keys);
    for (const visit of traces.visits) await ports.photos.destroy(visit);
    await ports.forgetCopies(traces.badges);
    const counts = await takeInAnew(ports, new Set(keys), person);
    checkpoints?.keepAgain();
    const { ref, at } = recorded.value;
    const { seen, head } = await journal.place();
    const { by, second, why } = input;
    const onRoster = [...person].some((pupil) => school.roster.byKey(pupil) !== undefined);
    return { ok: true, value: { record: ref, at, by, second, why, keys, ...counts, onRoster, upTo: seen, head } };
  };
  return {
    async erase(command, input) {
      try {
        return await desk.alone(() => erase(command, input));
      } catch (error) {
        if (error instanceof Refused) return { ok: false, error: error.refusal };
        if (!isStorageTrouble(error)) throw error;
        const detail = 'what has been recorded is carried out at the next start at the latest';
        return { ok: false, error: { code: 'storage_failed', detail } };
      }
    },
  };
}

/** @throws Refused */
function check(school: School, ledger: Ledger, { pupil, by, second, why }: Erasure, keys: readonly string[]): void {
  if (same(by, second)) throw new Refused('invalid_input', 'two different people are needed');
  const person = samePerson(ledger, pupil);
  if (isNamedIn(school, person, why)) throw new Refused('invalid_input', 'the reason names the pupil');
  if (keys.length === 0) throw new Refused('not_found', 'nothing stands under a key of this pupil');
  const isHeld = [...ledger.holds].some(
    ([ref, { until }]) =>
      until !== null && until >= today(school) && person.has(ledger.movements.get(ref)?.record.pupil ?? ''),
  );
  if (isHeld) throw new Refused('wrong_state', 'a movement of this pupil is held: lift that first');
  for (const one of unfinished(ledger)) {
    if (person.has(one)) {
      throw new Refused('wrong_state', 'something of this pupil is open: out, waiting, or a mark that is not settled');
    }
  }
}

const same = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();

/** The reason stays for as long as the record does. */
function isNamedIn({ roster }: School, person: ReadonlySet<string>, why: string): boolean {
  const names = [...person].flatMap((key) => {
    const pupil = roster.byKey(key);
    return pupil === undefined
      ? [key]
      : [key, pupil.misId, ...pupil.forename.split(/\s+/), ...pupil.surname.split(/\s+/)];
  });
  const said = new Set(why.toLowerCase().split(/[^\p{L}\p{M}\p{N}'_-]+/u));
  return names.some((name) => name !== '' && said.has(name.toLowerCase()));
}

/** What lies outside the records under names that lead to the pupil. */
function tracesOf({ settings }: School, ledger: Ledger, person: ReadonlySet<string>) {
  const movements = [...ledger.movements.values()].filter(({ record }) => person.has(record.pupil ?? ''));
  const requests = [...ledger.requests.values()].filter(({ record }) => person.has(record.pupil));
  return {
    visits: new Set([...movements, ...requests].map(({ record }) => record.visit)),
    badges: movements.map(({ record }) => journalNumber(settings.box.id, record.n)),
  };
}

/** The records read once more, as they can be read from now on. */
async function takeInAnew({ desk, journal }: ErasePorts, keys: ReadonlySet<string>, person: ReadonlySet<string>) {
  let [records, remaining] = [0, 0];
  async function* counted(): AsyncGenerator<readonly Recorded[]> {
    for await (const some of journal.replay()) {
      const known = some.filter((record) => isKnown(record));
      records += known.filter((record) => record.type === 'erased' && record.keys.some((key) => keys.has(key))).length;
      remaining += known.filter((record) => pupilsOf(record).some((pupil) => person.has(pupil))).length;
      yield some;
    }
  }
  await desk.takeInAnew(counted());
  return { records, remaining };
}
