/** Has a write of ours landed, and on what (durability.md 20 to 22)? */
import { mayOverwrite } from '../domain/codes.ts';
import { writeWish } from '../domain/mark.ts';
import type { Flight, Mark } from '../domain/mark.ts';
import { bearsOurComment, isWrite, stampOf } from '../domain/outbox.ts';
import type { ReportRow } from '../domain/record.ts';
import type { SeenMark, WritebackState } from './connector.ts';

/** What the MIS says of a write, besides its registers. Without an answer: `unknown`, or `sending` if the disk was full then. */
export type Evidence =
  | WritebackState
  | 'gone' // it does not know the write-back that it named
  | 'open' // it does not tell, or it is too early to look for a trace
  | 'nothing'; // no answer, and no trace

/** Stands for a code that nobody saw: no table has it, so nothing ever puts it back. */
const unseenCode = '?';

/**
 * Just what we wrote; or our code where another stood, once the MIS has taken the write and no longer says that it waits: it
 * may have put other minutes or words beside it (durability.md 22).
 */
export function isOurs({ item, phase }: Flight, evidence: Evidence, standing: SeenMark | null): boolean {
  // Nobody has answered our write, and somebody has signed this.
  const isSigned = phase !== 'accepted' && standing !== null && standing.by !== null;
  if (isWrite(item, standing)) return !isSigned || bearsOurComment(item, standing);
  const taken = phase === 'accepted' && (evidence === 'complete' || evidence === 'open');
  return taken && standing?.code === item.code && item.before !== item.code;
}

/** Does this MIS date a mark of ours from its writing? Then one that is dated earlier went over another. */
export const isDatedAsWritten = ({ item }: Flight, { madeAt, changedAt }: SeenMark): boolean =>
  item.before === null && madeAt !== null && madeAt === changedAt;

/** Clocks differ. */
const marginMs = 2 * 60_000;
/** Shortly before the write left, as an MIS writes times: UTC, in every sample (mis.md 2.3). */
const timeText = ({ since }: Flight): string =>
  new Date(since.earliest - marginMs).toISOString().slice(0, 19).replace('T', ' ');

/** `between`: the code that stood there after our read and before ours, where one was seen. */
interface Landed {
  readonly mark: Mark;
  readonly flight: Flight;
  readonly standing: SeenMark;
  readonly between: string | null;
  readonly datesMarks: boolean;
}

/** Ours is there. Where a mark had come in between that ours may not replace, a person puts it right (durability.md 21). */
export function landing({ mark, flight, standing, between, datesMarks }: Landed): ReportRow {
  const { key } = mark;
  const { code, before } = flight.item;
  const { madeAt, changedAt } = standing;
  const stamp = stampOf(standing);
  if (between !== null) {
    const wish = writeWish(mark);
    const answer = wish && mayOverwrite({ ...wish, standing: between, wanted: code, ours: false });
    if (answer === 'write' || answer === 'theirs') return { key, event: 'seen', seen: code, ...stamp };
    const why = `${between} was set meanwhile, and our ${code} went over it.`;
    return { key, event: 'foreign', seen: between, ...stamp, why };
  }
  // No mark stood at our read, and yet there has been one for longer than ours; but not one that had come and gone long before,
  // nor an earlier write of ours that has landed after all.
  const isOlder = madeAt !== null && changedAt !== null && madeAt < changedAt && madeAt > timeText(flight);
  const mayBeOurs = mark.writes.length > 1;
  if (before !== null || !isOlder || !datesMarks || mayBeOurs) return { key, event: 'seen', seen: code, ...stamp };
  const why = `A mark was made there while ours was on its way, and our ${code} went over it. Its history in the MIS shows it.`;
  return { key, event: 'foreign', seen: unseenCode, ...stamp, why };
}
