/** Each record in one plain sentence: for the log, and for what a parent is given to read (product.md 6 and 10). */
import { journalNumber, spacedId } from '../../../domain/badge.ts';
import { pupilOfMark } from '../../../domain/mark.ts';
import type {
  AccessBody,
  AccessEvent,
  DecidedBody,
  MarkEvent,
  MovementBody,
  NoteBody,
  OutClosedHow,
  Recorded,
  Ref,
  VerdictBody,
} from '../../../domain/record.ts';
import { numberOf } from '../../../domain/record.ts';
import { explain } from '../../../domain/rules.ts';
import { reasonLabel } from '../../../desk/school.ts';
import type { School } from '../../../desk/school.ts';
import { clockFace, shownTime } from '../../../desk/when.ts';
import { markFace } from './mark-words.ts';
import { noteWords } from './notes.ts';
import { dated } from './rows.ts';
import { dayWords, saidWords, settingName, valueOf } from './settings-words.ts';

export interface Telling {
  readonly school: School;
  /** Whom a key names, for who may know: `Amara Okafor`, or `a pupil`. */
  readonly who: (key: string) => string;
  /** Is what people wrote in their own words told? It may name a pupil. */
  readonly free: boolean;
}

/** No full stop, so that it may be gone on with. */
export function recordWords({ school, who, free }: Telling, record: Recorded): string {
  const zone = school.settings.school.timeZone;
  const because = (why: string | null | undefined): string => (free ? bracketed(why) : '');
  const number = (ref: Ref): string => journalNumber(school.settings.box.id, numberOf(ref));
  /** Not in records of before it was written down. */
  const of = (pupil: string | null | undefined): string => (typeof pupil === 'string' ? `, ${who(pupil)}` : '');
  switch (record.type) {
    case 'movement':
      return movementWords(school, record, record.pupil === null ? 'Somebody' : who(record.pupil), free);
    case 'decided':
      return `Decided for ${who(record.pupil)}: ${decidedWords(record)}`;
    case 'correction':
      return `Undone: ${number(record.movement)}${of(record.pupil)}${because(record.why)}`;
    case 'change': {
      const touch = record.touch === null ? [] : [`time ${clockFace(shownTime(record.touch), zone)}`];
      const reason = record.reason === null ? [] : [`reason ${anyReason(school, record.reason)}`];
      return `Put right: ${number(record.movement)}${of(record.pupil)}, ${[...touch, ...reason].join(', ')}${because(record.why)}`;
    }
    case 'verdict':
      return `Mark of ${whoseMark(who, record.key)}: ${verdictWords(record.verdict)}`;
    case 'adopt':
      return `Said that ${who(record.from)} is enrolled anew as ${who(record.to)}`;
    case 'freeze':
      return 'Stopped the sending of marks';
    case 'thaw':
      return 'Let marks be sent again';
    case 'request':
      return `${who(record.pupil)} asked to leave: ${anyReason(school, record.reason)}`;
    case 'answer':
      return `${record.answer === 'let-go' ? 'Let go' : 'Said no to'} request ${number(record.request)}`;
    case 'badge':
      return `Badge ${spacedId(record.id)} given out${typeof record.pupil === 'string' ? ` to ${who(record.pupil)}` : ''}`;
    case 'badge-void':
      return `Made badge ${number(record.badge)} void`;
    case 'print':
      return `Badge ${number(record.badge)}: printing ${record.state}${bracketed(record.why)}`;
    case 'sending':
      if (record.items.length === 0) return erasedMarks;
      return record.items
        .map((item) => `Sent to the MIS for ${whoseMark(who, item.key)}: ${markFace(item) ?? 'no mark'}`)
        .join('; ');
    case 'report':
      if (record.rows.length === 0) return erasedMarks;
      return record.rows
        .map(({ key, event, seen, why }) => `${whoseMark(who, key)}: ${eventWords(event, seen)}${bracketed(why)}`)
        .join('; ');
    case 'note':
      return `Note: ${record.pupil === null ? '' : `${who(record.pupil)} `}${noteWords[record.kind]}${detailOf(record)}`;
    case 'out-closed':
      if (record.how === 'undone')
        return `Took back the closing of ${number(record.movement)}${of(record.pupil)}${because(record.why)}`;
      return `Closed ${number(record.movement)}${of(record.pupil)}, still out: ${outClosedWords[record.how]}${because(record.why)}`;
    case 'day-closed':
      return `Closed the day ${record.date}`;
    case 'note-done':
      return `Ticked off note ${number(record.note)}`;
    case 'roster':
      return `Roster ${record.outcome}: ${String(record.pupils)} pupils, before ${String(record.before)}`;
    case 'hold-arrivals':
      return record.hold === null
        ? 'Ended the late bus'
        : `Late bus: ${anyReason(school, record.hold.reason)}, ${clockFace(shownTime(record.hold.touch), zone)}`;
    case 'drill':
      return record.on ? 'Began a drill' : 'Ended the drill';
    case 'time':
      return `The time is known: ${dated(shownTime(record), zone)}`;
    case 'prune':
      return `Days before ${record.before} left the lists`;
    case 'set-aside-seen':
      return `Has seen that ${String(record.numbers.length)} records were set aside`;
    case 'setting': {
      const labelOf = (id: string): string => anyReason(school, id);
      const name = settingName(record.place, valueOf(record), labelOf);
      return `${name} from ${dayWords(record.from)}: ${saidWords(record, labelOf)}${because(record.why)}`;
    }
    case 'setting-undone':
      return `Took back the change of a setting, ${number(record.setting)}`;
    case 'exported':
      return `Exported the day ${record.date}: ${String(record.movements)} movements`;
    case 'hold':
      return record.until === null
        ? `Lifted the hold on ${number(record.movement)}${of(record.pupil)}`
        : `Held ${number(record.movement)}${of(record.pupil)} until ${record.until}${because(record.why)}`;
    case 'expiring':
      return `Locked for destruction: ${String(record.marked.length)}; kept after all: ${String(record.unmarked.length)}`;
    case 'removed':
      return record.segments.length > 0
        ? `Removed records up to ${journalNumber(school.settings.box.id, record.upTo)}: their time is over`
        : `Destroyed ${String(record.photos.length)} photos: their time is over`;
    case 'carried':
      return `Carried on${record.pupil === null ? '' : ` of ${who(record.pupil)}`} what is still open`;
    case 'erase':
      return `Erased a pupil, together with ${record.second}${because(record.why)}`;
    case 'erased':
      return 'Erased';
    case 'access-export':
      return `Took everything about ${who(record.pupil)} as a file${because(record.why)}`;
    case 'access':
      return accessWords(record);
    case 'run':
      return `Porter ${record.build} started${record.cleanStop ? '' : ' after a stop that was not clean'}`;
  }
}

/** Of a batch whose pupils are all erased. */
const erasedMarks = 'Marks of pupils who are erased';
const bracketed = (why: string | null | undefined): string => ((why ?? '') === '' ? '' : ` (${why ?? ''})`);
const anyReason = (school: School, id: string): string => {
  const late = reasonLabel(school.settings, 'late', id);
  return (late === id ? reasonLabel(school.settings, 'leave', id) : late) ?? id;
};

function movementWords(
  school: School,
  { kind, reason, leave, forRegistration }: MovementBody,
  name: string,
  free: boolean,
): string {
  const label =
    kind === 'return' ? null : reasonLabel(school.settings, kind === 'late-arrival' ? 'late' : 'leave', reason);
  const said = label === null ? '' : `: ${label}`;
  if (kind === 'return') return `${name} came back${reason === null ? '' : ', without a badge'}`;
  if (kind === 'late-arrival')
    return `${name} signed in late${said}${forRegistration === true ? ', for registration' : ''}`;
  const adult = free ? (leave?.adult ?? null) : null;
  return `${name} left${said}${adult === null ? '' : `, with ${adult}`}`;
}

function decidedWords({ date, session, want, rule }: DecidedBody): string {
  const place = `${date}${session === null ? '' : ` ${session}`}`;
  const mark = want.kind === 'none' ? 'no mark' : (markFace(want) ?? 'to be decided');
  return `${place}, ${want.kind === 'proposal' ? `${mark} proposed` : mark}. ${explain(rule).replace(/\.$/, '')}`;
}

function whoseMark(who: Telling['who'], key: string): string {
  const [session, date] = key.split('|').reverse();
  return `${who(pupilOfMark(key))}, ${date ?? ''} ${session ?? ''}`;
}

function verdictWords(verdict: VerdictBody['verdict']): string {
  switch (verdict.kind) {
    case 'write':
      return `chose ${markFace(verdict) ?? ''}`;
    case 'keep-theirs':
      return 'kept what stands in the MIS';
    case 'retry':
      return 'had it tried again';
    case 'cleared':
      return 'cleared it in the MIS by hand';
    case 'entered':
      return `entered ${markFace(verdict) ?? ''} in the MIS by hand`;
    case 'withdraw':
      return 'withdrew it';
  }
}

const events: Readonly<Record<MarkEvent, string>> = {
  'held-back': 'not sent',
  'put-off': 'the MIS does not take it now',
  lost: 'no clear answer from the MIS',
  queued: 'MIS accepted',
  seen: 'read back',
  theirs: 'stands in the MIS already',
  foreign: 'another mark stands: a person decides',
  changed: 'changed by the school',
  refused: 'the MIS refused it',
  expired: 'given up after five school days',
  'not-there': 'not in the MIS, to be sent again',
  kept: 'an absence stands and is kept',
};
const eventWords = (event: MarkEvent, seen: string | null | undefined): string =>
  `${events[event]}${seen === undefined ? '' : `, ${seen ?? 'no mark'}`}`;

const detailOf = ({ detail }: NoteBody): string => (detail === null ? '' : ` (${detail})`);

const outClosedWords: Readonly<Record<OutClosedHow, string>> = {
  'went-home': 'went home as expected',
  'confirmed-home': 'confirmed with home',
  'not-found': 'not found, safeguarding told',
};

const access: Readonly<Record<AccessEvent, string>> = {
  'first-use': 'Became the first administrator',
  reset: 'Became administrator by way of the card',
  'signed-in': 'Signed in',
  'locked-out': 'Locked out after wrong passwords, codes or PINs',
  refused: 'Was refused',
  added: 'Added to the people',
  role: 'Given another role',
  password: 'Given a new password',
  pin: 'Given a new PIN',
  'second-step-on': 'Signs in with a code as well',
  'second-step-off': 'Signs in without a code again',
  'signed-out': 'Signed out everywhere',
  computer: 'Registered a reception computer',
  'computer-removed': 'Took a reception computer off the list',
  'evacuation-list': 'Took the evacuation list',
  restarted: 'Restarted Porter',
  'mis-token': 'Entered a new token for the MIS',
  'roster-asked': 'Asked the MIS for the roster',
  restored: 'Restored the box',
  'aside-destroyed': 'Destroyed what was on the box before a restore',
  update: 'Update',
  took: 'Took a file of the box',
  removed: 'Removed from the people',
  'log-taken': 'Took the log as a file',
};
function accessWords({ what, person, detail, from, count, by }: AccessBody): string {
  const whom = person === null || person === by ? '' : `, ${person}`;
  const more = [detail, from === null ? null : `from ${from}`, count > 1 ? `${String(count)} times` : null];
  const said = more.filter((part) => part !== null);
  return `${access[what]}${whom}${said.length === 0 ? '' : ` (${said.join(', ')})`}`;
}
