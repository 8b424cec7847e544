/**
 * A pupil is erased: two people, a reason, a record without the pupil, the key destroyed, and what was derived from the records
 * made anew without it (product.md 10, durability.md 13).
 */
import type { Result } from '../contract/result.ts';
import type { ErasePreview } from '../contract/staff-views.ts';
import type { Ledger } from '../domain/ledger.ts';
import { isKnown } from '../domain/known-records.ts';
import { isBatch, pupilsOf } from '../domain/personal.ts';
import { isUnsettled } from '../domain/mark.ts';
import { samePerson, unfinished } from '../domain/prune.ts';
import { heldOn } from '../domain/retention-fold.ts';
import type { Actor, EraseBody, Instant, Recorded, Ref } from '../domain/record.ts';
import { journalNumber } from '../domain/badge.ts';
import type { Journal } from '../journal/journal.ts';
import type { PhotoVault } from '../journal/photo-vault.ts';
import type { Timers } from '../system/ports.ts';
import { isStorageTrouble } from '../journal/trouble.ts';
import { Refused } from './desk.ts';
import type { Desk, DeskCommand } from './desk.ts';
import { PupilRecords } from './about-pupil.ts';
import { EraseLater } from './erase-later.ts';
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
  /** Records that still name the pupil: of before pupils had keys. They go with retention. Null: the box was started since. */
  readonly remaining: number | null;
  /** The MIS still lists the pupil: what is recorded from now on stands under a new key. Null: the box was started since. */
  readonly onRoster: boolean | null;
  /** Last number, and the head of the chain there. */
  readonly upTo: number;
  readonly head: string;
}

type EraseBlock = ErasePreview['blocks'][number];

export interface EraseDesk {
  /** Reads all records; nothing is recorded. */
  preview(pupil: string): Promise<Result<ErasePreview>>;
  erase(command: DeskCommand, input: Erasure): Promise<Result<Receipt>>;
  /** Of an erasure that the card took later, by the number of its record; again, whenever it is asked for. */
  receipt(record: Ref): Promise<Result<Receipt>>;
  /** See `EraseLater`. */
  words(): readonly string[];
  stop(): void;
}

export interface ErasePorts {
  readonly school: School;
  readonly desk: Desk;
  readonly journal: Pick<Journal, 'keysOf' | 'destroyKeys' | 'place' | 'replay'>;
  readonly photos: PhotoVault;
  readonly roster: { readonly forget: (keys: ReadonlySet<string>) => Promise<void> };
  readonly timers: Timers;
  /** Removes the checkpoint, and keeps none until `keepAgain`. */
  readonly checkpoints: { readonly forget: () => Promise<void>; readonly keepAgain: () => void } | null;
  /** Removes what else is kept for a while: rosters beside the one in force, pictures of these badges. */
  readonly forgetCopies: (badges: readonly string[]) => Promise<void>;
}

/** Recorded, and to be carried out. */
interface Job {
  readonly record: Recorded<EraseBody>;
  readonly person: ReadonlySet<string>;
  readonly traces: ReturnType<typeof tracesOf>;
}

export function eraseDesk(ports: ErasePorts): EraseDesk {
  const { school, desk, journal, checkpoints } = ports;
  const later = new EraseLater<Receipt>(ports.timers);
  /** Commands that are being carried out: a repeat waits for the same answer. */
  const asked = new Set<string>();

  /** May be done again after it failed half-way. */
  const carryOut = async ({ record: one, person, traces }: Job): Promise<Receipt> => {
    // What the card refuses does not keep the box from knowing the pupil no more; only then it is asked for.
    await journal.destroyKeys(one.keys).catch(() => undefined);
    const { records, remaining } = await takeInAnew(ports, one, person);
    await journal.destroyKeys(one.keys);
    for (const visit of traces.visits) await ports.photos.destroy(visit);
    await ports.roster.forget(person);
    await ports.forgetCopies(traces.badges);
    checkpoints?.keepAgain();
    const onRoster = [...person].some((pupil) => school.roster.byKey(pupil) !== undefined);
    return receiptOf(journal, one, { records, remaining, onRoster });
  };

  const putOff = (job: Job | null): Result<never> => {
    if (job === null) return { ok: false, error: { code: 'storage_failed' } };
    const { ref } = job.record;
    const again = async (): Promise<Receipt> => {
      // Another erasure may have let them be kept again.
      await checkpoints?.forget();
      return carryOut(job);
    };
    later.add(ref, () => desk.alone(again));
    const detail = `it is recorded, and carried out as soon as the card takes it; then: receipt ${ref}`;
    return { ok: false, error: { code: 'storage_failed', detail } };
  };

  return {
    async erase(command, input) {
      const isRepeat = asked.has(command.id) || desk.durable.commands.has(command.id);
      if (desk.isAlone && !isRepeat) return refuse('busy', 'all records are being gone through: ask again in a minute');
      asked.add(command.id);
      let job: Job | null = null;
      try {
        const came = school.clock.mono();
        return await desk.alone(async () => {
          const before = await doneBefore(ports, command, input);
          if (before !== null) return readAgain(journal, before);
          const recorded = await record(ports, command, input, came);
          if (!recorded.ok) return recorded;
          job = recorded.value;
          return { ok: true, value: await carryOut(job) };
        });
      } catch (error) {
        if (error instanceof Refused) return { ok: false, error: error.refusal };
        if (!isStorageTrouble(error)) throw error;
        return putOff(job);
      } finally {
        asked.delete(command.id);
      }
    },
    preview: (pupil) => preview(ports, pupil),
    async receipt(ref) {
      const receipt = later.receipt(ref);
      if (receipt !== null) return { ok: true, value: receipt };
      if (later.isOpen(ref)) return refuse('wrong_state', 'the card has not taken all of it yet');
      return readAgain(journal, ref);
    },
    words: () => later.words(),
    stop: () => {
      later.stop();
    },
  };
}

/** The erasure that this command was, where the pupil has come to the box again since: what is known by now stays. */
async function doneBefore({ desk, journal }: ErasePorts, { id }: DeskCommand, { pupil }: Erasure): Promise<Ref | null> {
  const done = desk.durable.commands.get(id)?.first;
  if (done?.type !== 'erase') return null;
  const person = [...samePerson(desk.durable, pupil)];
  const isKnownAgain = (await journal.keysOf(person)).some((key) => !done.keys.includes(key));
  const wasKnown = person.some((key) => desk.durable.movementsOf(key).some(({ record }) => record.n < done.n));
  return isKnownAgain && !wasKnown ? done.ref : null;
}

async function record(
  { school, desk, journal, checkpoints }: ErasePorts,
  command: DeskCommand,
  input: Erasure,
  came: number,
): Promise<Result<Job>> {
  const person = samePerson(desk.durable, input.pupil);
  const done = desk.durable.commands.get(command.id)?.first;
  const now = await journal.keysOf([...person]);
  const keys = done?.type === 'erase' ? done.keys : now;
  if (done === undefined) check(school, desk.durable, input, keys);
  else if (now.some((key) => !keys.includes(key))) {
    return { ok: false, error: { code: 'invalid_input', detail: 'this command id was used for another erasure' } };
  }
  const traces = tracesOf(school, desk.durable, person);
  // Before the record: a checkpoint that is there at a start knows nobody who is erased.
  await checkpoints?.forget();
  const recorded = await desk.execute<Recorded>(
    // A hash of the input would tell whom it was about, to who tries all pupils.
    { ...command, hash: `erase ${keys.join(' ')}`, ageMs: command.ageMs + school.clock.mono() - came },
    (ahead) => {
      check(school, ahead, input, keys);
      const { by, second, why } = input;
      const photos = [...tracesOf(school, ahead, person).visits];
      return [{ type: 'erase', v: 1, keys, photos, by, second, why } satisfies EraseBody];
    },
    (first) => first,
  );
  if (recorded.ok && recorded.value.type === 'erase') {
    return { ok: true, value: { record: recorded.value, person, traces } };
  }
  checkpoints?.keepAgain();
  return recorded.ok ? { ok: false, error: { code: 'internal' } } : recorded;
}

const refuse = (code: 'wrong_state' | 'not_found' | 'busy', detail: string): Result<never> => ({
  ok: false,
  error: { code, detail },
});

async function receiptOf(
  journal: Pick<Journal, 'place'>,
  { ref, at, by, second, why, keys }: Recorded<EraseBody>,
  counts: Pick<Receipt, 'records' | 'remaining' | 'onRoster'>,
): Promise<Receipt> {
  const { seen, head } = await journal.place();
  return { record: ref, at, by, second, why, keys, ...counts, upTo: seen, head };
}

/** The box was started since: what the records still say. */
async function readAgain(journal: ErasePorts['journal'], ref: Ref): Promise<Result<Receipt>> {
  let erase: Recorded<EraseBody> | null = null;
  const gone: Recorded[] = [];
  for await (const some of journal.replay()) {
    for (const record of some) {
      if (!isKnown(record)) continue;
      if (record.type === 'erase' && record.ref === ref) erase = record;
      if (record.type === 'erased') gone.push(record);
    }
  }
  if (erase === null) return refuse('not_found', 'there is no such erasure');
  const { keys } = erase;
  if ((await journal.destroyKeys(keys)).length > 0) return refuse('wrong_state', 'it was not carried out until now');
  const records = gone.filter((one) => one.type === 'erased' && one.keys.some((key) => keys.includes(key))).length;
  return { ok: true, value: await receiptOf(journal, erase, { records, remaining: null, onRoster: null }) };
}

/** @throws Refused */
function check(school: School, ledger: Ledger, { pupil, by, second, why }: Erasure, keys: readonly string[]): void {
  if (same(by, second)) throw new Refused('invalid_input', 'two different people are needed');
  const person = samePerson(ledger, pupil);
  if (isNamedIn(school, person, why)) throw new Refused('invalid_input', 'the reason names the pupil');
  if (keys.length === 0) throw new Refused('not_found', 'nothing stands under a key of this pupil');
  const [block] = blocksOf(school, ledger, person);
  if (block !== undefined) throw new Refused('wrong_state', `${block.words}: ${block.todo}`);
}

/** What is open or held of the pupil: an erasure would leave a child out, a request without an answer, a mark on its way. */
function blocksOf(school: School, ledger: Ledger, person: ReadonlySet<string>): readonly EraseBlock[] {
  const { holds, movements, out, requests, undecided, unsure } = ledger;
  const isOf = (ref: Ref): boolean => person.has(movements.get(ref)?.record.pupil ?? '');
  const isHeld = heldOn(holds, today(school)).some(isOf);
  const waits = [...requests.values()].some(({ record, answer }) => answer === null && person.has(record.pupil));
  const found: readonly (readonly [boolean, EraseBlock])[] = [
    [isHeld, { words: 'a movement of this pupil is held', todo: 'lift the hold first' }],
    [[...out].some(isOf), { words: 'the pupil is out', todo: 'record the return under Now' }],
    [waits, { words: 'the pupil waits to leave', todo: 'answer under Approvals' }],
    [
      [...undecided, ...unsure].some(isOf),
      { words: 'the time of a movement is not sure', todo: 'confirm the time under Now' },
    ],
  ];
  const blocks = found.flatMap(([is, block]) => (is ? [block] : []));
  if (blocks.length > 0) return blocks;
  const isUnsettled = [...unfinished(ledger)].some((one) => person.has(one));
  if (isUnsettled) return [{ words: 'a mark of this pupil is not settled', todo: 'settle it under Marks' }];
  return standsUnderAnother(ledger)
    ? [{ words: 'a mark stands under another pupil since an adoption was undone', todo: 'settle it under Marks' }]
    : [];
}

/** Whose it was by mistake it does not say: without that pupil's records the box would not know that it wrote it. */
const standsUnderAnother = ({ marks }: Ledger): boolean =>
  [...marks.values()].some((mark) => mark.claims.length === 0 && isUnsettled(mark));

async function preview({ school, desk, journal, photos }: ErasePorts, pupil: string) {
  const person = samePerson(desk.durable, pupil);
  if ((await journal.keysOf([...person])).length === 0) {
    return refuse('not_found', 'nothing stands under a key of this pupil');
  }
  const { records } = await new PupilRecords({ journal, durable: () => desk.durable }).read(pupil);
  const count = (type: Recorded['type']): number => records.filter((record) => record.type === type).length;
  const kept = new Set(await photos.list());
  const value: ErasePreview = {
    // Of a batch rows go, and what only names another record of the pupil stays, and says nothing by then.
    records: records.filter((record) => !isBatch(record) && pupilsOf(record).some((key) => person.has(key))).length,
    movements: count('movement'),
    marks: [...desk.durable.marks.values()].filter((mark) => person.has(mark.pupil)).length,
    badges: count('badge'),
    photos: [...tracesOf(school, desk.durable, person).visits].filter((visit) => kept.has(visit)).length,
    onRoster: [...person].some((key) => school.roster.byKey(key) !== undefined),
    blocks: blocksOf(school, desk.durable, person),
  };
  return { ok: true, value } as const;
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
  const visits = [...movements, ...requests].map(({ record }) => record.visit);
  /** Staff have said that it was another pupil: who was photographed is not the one who is erased. */
  const isOfAnother = (visit: string): boolean => {
    const pupil = ledger.movements.get(ledger.visits.get(visit) ?? '')?.record.pupil ?? null;
    return pupil !== null && !person.has(pupil);
  };
  return {
    visits: new Set(visits.filter((visit) => !isOfAnother(visit))),
    badges: movements.map(({ record }) => journalNumber(settings.box.id, record.n)),
  };
}

/** The records read once more, as they can be read from now on. */
async function takeInAnew(
  { desk, journal }: ErasePorts,
  { keys, n }: Recorded<EraseBody>,
  person: ReadonlySet<string>,
) {
  let [records, remaining] = [0, 0];
  async function* counted(): AsyncGenerator<readonly Recorded[]> {
    for await (const some of journal.replay()) {
      const known = some.filter((record) => isKnown(record));
      records += known.filter(
        (record) => record.type === 'erased' && record.keys.some((key) => keys.includes(key)),
      ).length;
      remaining += known.filter((record) => record.n < n && pupilsOf(record).some((pupil) => person.has(pupil))).length;
      yield some;
    }
  }
  await desk.takeInAnew(counted());
  return { records, remaining };
}
