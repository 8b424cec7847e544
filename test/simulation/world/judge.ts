/** The end of a healed world: every mark is confirmed or with a person, with a reason, and the MIS holds what the rules say. */
import type { Ledger } from '../../../device/domain/ledger.ts';
import { bucketOf, stateOf } from '../../../device/domain/mark.ts';
import type { Mark } from '../../../device/domain/mark.ts';
import type { MarkChange, MisMark } from '../../../device/demo/mis-records.ts';
import type { Auditor } from './auditor.ts';
import { Violation } from './history.ts';
import type { House } from './machine.ts';
import type { MisWorld } from './mis.ts';
import { mayReplace, minute } from './oracle.ts';
import type { Settings } from '../../../device/domain/settings.ts';

/** From the read to the write, the write to the mark, and as much as a read may be stale: the window that no MIS closes. */
const windowMs = 5 * minute;

export interface Case {
  readonly house: House;
  readonly auditor: Auditor;
  readonly mis: MisWorld;
  readonly settings: Settings;
  /** The box has had two quiet school days to look what the school has done to its marks. */
  readonly lookedOn: boolean;
}

/** Keys that still wait for something that must come. */
export function waiting({ house }: Pick<Case, 'house'>): readonly string[] {
  const { durable } = house.desk;
  return [...durable.unsettled];
}

export function judge(its: Case): void {
  const { house, auditor, mis } = its;
  const ledger = house.desk.durable;
  const held = new Map(mis.mis.marks().map((mark) => [`${mark.upi}|${mark.date}|${mark.session}`, mark]));
  const createdAt = new Map(mis.mis.writebacks().map((one) => [one.id, one.createdAt]));
  const keys = new Set([...ledger.marks.keys(), ...auditor.wishes.claims.keys(), ...held.keys()]);
  for (const key of keys) {
    // What was written for a pupil who is erased since stands in the MIS, and the box knows nothing of it.
    if (auditor.keeping.isOfErased(key)) continue;
    // Of what was lost to a restore only that it settles: what the box did then it cannot know.
    if (auditor.lost.has(key) || auditor.keeping.wasOfErased(key)) {
      const known = ledger.mark(key);
      if (known === undefined || bucketOf[stateOf(known)] !== 'waiting') continue;
    }
    const wrong = wrongWith(its, key, ledger.mark(key) ?? auditor.gone.get(key), held.get(key), createdAt);
    if (wrong !== null)
      throw new Violation('the MIS holds what the rules say', describe(its, key, wrong, held.get(key)));
  }
  const sum = ledger.sum();
  const undecided = [...ledger.undecided].filter((ref) => ledger.movements.get(ref)?.record.kind !== 'early-departure');
  if (sum.waiting !== undecided.length)
    throw new Violation('a healed world settles', `${JSON.stringify(sum)}: ${waiting(its).join(', ')}`);
}

function wrongWith(
  its: Case,
  key: string,
  mark: Mark | undefined,
  held: MisMark | undefined,
  createdAt: ReadonlyMap<string, number>,
): string | null {
  const { auditor, house, settings } = its;
  const history = held?.history ?? [];
  const last = history.at(-1);
  const standing = last?.code ?? null;
  const byUs = last !== undefined && last.by !== 'teacher';
  const claim = auditor.wishes.standing(key);
  const wish = auditor.wishes.wished(key);
  if (mark === undefined) {
    // Of who was adopted it went over before its segment, and the new key's own may have gone since.
    const wentOver = auditor.keeping.hasGone && house.desk.durable.adopted.has(key.split('|')[0] ?? '') && !byUs;
    if (claim !== null && !wentOver) return 'a claim without a mark';
    // Of who is adopted it may have gone over, once nothing of ours stands there or it is left to the school, or where nobody could see that.
    const oursStands = byUs && standing !== null && !auditor.wishes.kept.has(key);
    const mayHaveGone = auditor.truth.isAnew(key.split('|')[0] ?? '') && !oursStands;
    return !mayHaveGone && !wentOverUnseen(house.desk.durable, key) && history.some(({ by }) => by !== 'teacher')
      ? 'written for nobody'
      : null;
  }
  if (claim === null && mark.claims.some((one) => !one.cancelled)) return 'a mark without a claim';
  const over = overwritten(history, { createdAt, auditor, key, settings, writes: mark.writes });
  if (over !== null) return over;
  const state = stateOf(mark);
  const { settled } = mark;
  switch (state) {
    case 'confirmed':
      if (settled?.why === null) {
        if (wish === null && claim !== null) return 'confirmed, and nothing is wished';
        if (wish === null || standing === wish.code) return null;
        const stood = history.slice(0, -1).some(({ code }) => code === wish.code);
        if (byUs || !stood) return `not as confirmed: ${standing ?? '-'}`;
        // A teacher has changed it since.
        return its.lookedOn && isWatched(its, mark)
          ? `changed by school, and nobody noticed: ${standing ?? '-'}`
          : null;
      }
      return null;
    case 'withdrawn':
      if (!byUs || standing === null || isRestored(history) || auditor.wishes.kept.has(key)) return null;
      return isOutOfSight(its, mark) ? null : 'ours still stands';
    case 'clear-by-hand':
      return mark.ours !== null ? null : 'nothing to clear';
    case 'proposed':
      return claim?.decided.want.kind === 'proposal' ? null : 'proposed by nobody';
    case 'conflict':
      // Somebody had a hand in it, whose mark nobody saw; a write applied twice looks the same, and then a person looks in vain.
      if (settled?.seen === '?' && history.length < 2) return 'nobody else had a hand in it';
      // Nothing may stand there by now, where a person chose ours over what stood, or the school has changed ours before.
      return settled !== null && (settled.seen !== null || typeof wish?.over === 'string' || mark.schools)
        ? null
        : 'no reason';
    case 'rejected':
    case 'expired':
      return settled?.why ? null : 'no reason';
    default:
      return `not settled: ${state}`;
  }
}

/** To the key that the pupil has since, when the MIS knew the former one no more. */
function wentOverUnseen({ adopted, marks }: Ledger, key: string): boolean {
  const [pupil = '', ...register] = key.split('|');
  const mark = marks.get([adopted.get(pupil), ...register].join('|'));
  return mark?.history.some(({ what, code }) => what === 'foreign' && code?.startsWith('?') === true) === true;
}

/** Of the last five dates with marks that went out, for a pupil who is at the school. */
function isWatched({ house, mis }: Case, mark: Mark): boolean {
  const sent = [...house.desk.durable.marks.values()].filter(({ writes }) => writes.length > 0);
  const lastFive = [...new Set(sent.map(({ date }) => date))].sort().slice(-5);
  const here = house.roster.roster().byKey(mark.pupil);
  const isKnown = here !== undefined && mis.mis.withId(here.misId)?.upi === mark.pupil;
  return isKnown && mark.ours !== null && lastFive.includes(mark.date);
}

/** Last seen under a number that the pupil no longer has at the MIS: it answers as if the mark had been cleared. */
function isOutOfSight({ mis }: Case, { pupil, history }: Mark): boolean {
  const last = history.findLast(({ what }) => what === 'changed');
  const misId = mis.mis.withUpi(pupil)?.misId;
  return last?.code === null && mis.mis.deletions().some((gone) => gone.misId === misId);
}

/** What was put back stood there before ours. */
function isRestored(history: readonly MarkChange[]): boolean {
  const last = history.at(-1);
  return history.slice(0, -1).some(({ code }) => code === last?.code);
}

interface Judged {
  readonly createdAt: ReadonlyMap<string, number>;
  readonly auditor: Auditor;
  readonly key: string;
  readonly settings: Settings;
  readonly writes: Mark['writes'];
}

/** No write of ours went over a mark that it may not replace, but within the window; none was written twice in a row. */
function overwritten(
  history: readonly MarkChange[],
  { createdAt, auditor, key, settings, writes }: Judged,
): string | null {
  const sent = (by: string): string | null => {
    const item = writes.find(({ writeback }) => writeback === by)?.item;
    return item === undefined ? null : [item.code, item.minutes, item.comment].join('|');
  };
  for (const [index, change] of history.entries()) {
    const before = history[index - 1];
    if (change.by === 'teacher' || before === undefined) continue;
    const { code, minutesLate, comment, by } = before;
    // An MIS that takes no minutes stores the same twice, where they were put right.
    const isPutRight = sent(by) !== null && sent(change.by) !== null && sent(by) !== sent(change.by);
    const same = code === change.code && minutesLate === change.minutesLate && comment === change.comment;
    if (by !== 'teacher' && by !== change.by && same && comment !== null && !isPutRight) return 'written twice';
    if (by !== 'teacher') continue;
    const mayGo = mayReplace(before.code, auditor.wishes.everOpen.has(key), before.code === change.code, settings);
    const inWindow = before.at > (createdAt.get(change.by) ?? 0) - windowMs;
    const said = auditor.wishes.overruled.has(key);
    const ours = auditor.line.written.get(key)?.has(before.code ?? '') ?? false;
    if (!mayGo && !inWindow && !said && !ours) return `went over ${before.code ?? '-'}`;
  }
  return null;
}

function describe({ house, auditor }: Case, key: string, wrong: string, held: MisMark | undefined): string {
  const mark = house.desk.durable.mark(key);
  const when = (at: number): string => new Date(at).toISOString().slice(5, 19);
  const rows =
    mark?.history.map(({ at, what, code }) => `${when(auditor.truth.trueOf(at))} ${what} ${code ?? '-'}`) ?? [];
  const theirs = held?.history.map(({ at, by, code }) => `${when(at)} ${by} ${code ?? '-'}`) ?? [];
  const state = mark === undefined ? 'none' : stateOf(mark);
  return `${key} is ${wrong}\n  state ${state} ${JSON.stringify(mark?.settled ?? null)} wished ${JSON.stringify(auditor.wishes.wished(key))}\n  ours:   ${rows.join('; ')}\n  theirs: ${theirs.join('; ')}`;
}
