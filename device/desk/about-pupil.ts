/**
 * What is recorded of one pupil, and of nobody else: for the pupil's page, the access export and what an erasure would take
 * (product.md 6 and 10). All records are read, as if everybody else had been erased.
 */
import { pupilOf } from '../domain/elsewhere.ts';
import { isKnown } from '../domain/known-records.ts';
import { Ledger } from '../domain/ledger.ts';
import { pupilOfMark } from '../domain/mark.ts';
import { isBatch, pupilsOf } from '../domain/personal.ts';
import { samePerson } from '../domain/prune.ts';
import type { ErasedBody, Recorded, Ref } from '../domain/record.ts';
import { takeIn } from '../domain/take-in.ts';
import { Turns } from '../domain/turns.ts';
import type { Journal } from '../journal/journal.ts';

export interface AboutPupil {
  /** All keys that the pupil has had. */
  readonly person: ReadonlySet<string>;
  /** In order; of a batch the pupil's rows only. */
  readonly records: readonly Recorded[];
  /** What they add up to. Nothing has left it. */
  readonly ledger: Ledger;
}

/** Reads years of records: one after another, so that not many are held in memory at once. */
export class PupilRecords {
  private readonly turns = new Turns();
  private readonly journal: Pick<Journal, 'replay'>;
  private readonly durable: () => Ledger;

  constructor(ports: { readonly journal: Pick<Journal, 'replay'>; readonly durable: () => Ledger }) {
    this.journal = ports.journal;
    this.durable = ports.durable;
  }

  /** `others`: are others named who are no staff, the adults that a pupil left with? */
  read(pupil: string, others: 'named' | 'left-out' = 'named'): Promise<AboutPupil> {
    return this.turns.take(async () => {
      const person = samePerson(this.durable(), pupil);
      const about = new About(person, returnsOf(this.durable(), person));
      const ledger = new Ledger();
      const own: Recorded[] = [];
      for await (const records of this.journal.replay()) {
        for (const record of records) {
          const found = about.partOf(record);
          const part = found === null || others === 'named' ? found : withoutAdult(found);
          if (part !== null) own.push(part);
          takeIn(ledger, [part ?? (ofTheBox.has(record.type) ? record : outlineOf(record))]);
        }
      }
      return { person, records: own, ledger };
    });
  }
}

/** Without which the pupil's own would not add up to the same: when each boot was, and what was sent meanwhile. */
const ofTheBox: ReadonlySet<string> = new Set<Recorded['type']>(['run', 'time', 'freeze', 'thaw']);

/** That something was recorded, and when. */
function outlineOf({ ref, n, run, at }: Recorded): Recorded<ErasedBody> {
  return { type: 'erased', v: 1, keys: [], ref, n, run, at };
}

/** Who it was is nobody's but that person's. */
function withoutAdult(record: Recorded): Recorded {
  if (record.type !== 'movement' && record.type !== 'request') return record;
  const { leave } = record;
  return leave === undefined || leave.adult === null
    ? record
    : { ...record, leave: { ...leave, adult: 'an adult, whose name is left out' } };
}

/** Returns by another box's badge, of which became known later whose they were: their records name nobody. */
function returnsOf(ledger: Ledger, person: ReadonlySet<string>): ReadonlySet<Ref> {
  const refs = [...ledger.reaching.values()].flat();
  return new Set(
    refs.filter((ref) => {
      const movement = ledger.movements.get(ref);
      return movement !== undefined && person.has(pupilOf(ledger, movement) ?? '');
    }),
  );
}

export class About {
  private readonly person: ReadonlySet<string>;
  /** Records of the pupil so far: what names one of these is about the pupil, too. */
  private readonly refs: Set<Ref>;

  constructor(person: ReadonlySet<string>, refs: ReadonlySet<Ref> = new Set()) {
    this.person = person;
    this.refs = new Set(refs);
  }

  /** Null: it is not about the pupil, or of a version that nobody here can read. */
  partOf(record: Recorded): Recorded | null {
    if (!isKnown(record)) return null;
    const part = this.cut(record);
    if (part !== null) this.refs.add(part.ref);
    return part;
  }

  private cut(record: Recorded): Recorded | null {
    const isOwn = (key: string): boolean => this.person.has(key);
    if (isBatch(record)) {
      const own = ({ key }: { readonly key: string }): boolean => isOwn(pupilOfMark(key));
      const rest = record.type === 'sending' ? record.items.filter(own) : record.rows.filter(own);
      if (rest.length === 0) return null;
      return { ...record, [record.type === 'sending' ? 'items' : 'rows']: rest };
    }
    if (record.type === 'adopt') {
      // Said of the pupil and taken back: the other one is somebody else.
      const { from, to } = record;
      if (!isOwn(from) && !isOwn(to)) return null;
      return { ...record, from: isOwn(from) ? from : '', to: isOwn(to) ? to : '' };
    }
    if (pupilsOf(record).some(isOwn) || this.refs.has(record.ref)) return record;
    return namesIn(record).some((ref) => this.refs.has(ref)) ? record : null;
  }
}

/** Other records that this one names. */
function namesIn(record: Recorded): readonly Ref[] {
  switch (record.type) {
    case 'correction':
      return [record.movement];
    case 'answer':
      return [record.request];
    case 'print':
    case 'badge-void':
      return [record.badge];
    case 'note-done':
      return [record.note];
    case 'time':
      return record.movement === undefined ? [] : [record.movement];
    default:
      return [];
  }
}
