/** Whom a record is about: what goes when that pupil is erased (durability.md 13). */
import { pupilOfMark } from './mark.ts';
import type { Body, ReportBody, ReportRow, SendingBody, SendingItem } from './record.ts';

/** A batch: each of its rows is about one pupil, and the record itself about nobody. */
export const isBatch = (body: Body): body is SendingBody | ReportBody =>
  (body.type === 'sending' && isList(body.items)) || (body.type === 'report' && isList(body.rows));
/** A record that is none of ours can be stored and set aside, too. */
const isList = (rows: unknown): boolean => Array.isArray(rows);

export const rowsOf = (batch: SendingBody | ReportBody): readonly (SendingItem | ReportRow)[] =>
  batch.type === 'sending' ? batch.items : batch.rows;

/**
 * Keys of the pupils that a record names; where it is more than one, it goes with the first of them that goes. What only names
 * another record (an answer, a print, a note ticked off, the time of a movement) says nothing once that is gone.
 */
export function pupilsOf(body: Body): readonly string[] {
  switch (body.type) {
    case 'movement':
    case 'decided':
    case 'change':
    case 'request':
    case 'note':
    case 'badge':
    case 'correction':
    case 'hold':
    case 'out-closed':
    case 'carried':
    case 'access-export':
      return body.pupil === null || body.pupil === undefined ? [] : [body.pupil];
    case 'verdict':
      return [pupilOfMark(body.key)];
    case 'adopt':
      return [body.from, body.to];
    case 'sending':
    case 'report':
      return isBatch(body) ? rowsOf(body).map(({ key }) => pupilOfMark(key)) : [];
    default:
      return nobody(body);
  }
}

/** A new type of record belongs here, or above. */
interface OfNobody {
  readonly type:
    | ('answer' | 'badge-void' | 'print' | 'note-done' | 'roster' | 'hold-arrivals' | 'drill' | 'time')
    | ('freeze' | 'thaw' | 'prune' | 'set-aside-seen' | 'erase' | 'erased' | 'run')
    | ('exported' | 'day-closed' | 'expiring' | 'removed' | 'access' | 'setting' | 'setting-undone');
}
const nobody = (_: OfNobody): readonly string[] => [];
