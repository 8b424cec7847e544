/** Sign back in: by the badge's number or QR code, or by name when the badge is not at hand (product.md 3 and 5). */
import type { ReturnAnswer, ReturnInput } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import { parseQr, spacedId } from '../domain/badge.ts';
import { check } from '../domain/badge-id.ts';
import { departureElsewhere } from '../domain/ledger.ts';
import type { Badge, Ledger, Movement } from '../domain/ledger.ts';
import type { Body, Instant, MovementBody, Recorded, Ref } from '../domain/record.ts';
import { localTime } from '../domain/school-day.ts';
import { WITHOUT_BADGE, departureOf, moving } from './deciding.ts';
import { Refused } from './desk.ts';
import type { Decided, Desk, DeskCommand } from './desk.ts';
import { Guesses, wrongADayMax } from './guesses.ts';
import { note } from './note.ts';
import { outToday } from './presence.ts';
import { forenameOf } from './school.ts';
import type { School } from './school.ts';
import { onSameDay, sureFace, timeOf } from './when.ts';

export interface Returns {
  back(command: DeskCommand, input: ReturnInput): Promise<Result<ReturnAnswer>>;
}
type ByBadge = Extract<ReturnInput, { by: 'typed' | 'qr' }>;
type ByName = Extract<ReturnInput, { by: 'name' }>;
/** What a badge that was shown lets in: a pupil of this box, somebody from another box, or nobody. */
type Shown =
  | { readonly is: 'ours'; readonly departure: Movement }
  | { readonly is: 'elsewhere'; readonly departure: Ref; readonly id: string }
  | { readonly is: 'mistyped' | 'used' | 'unknown' | 'another-day' };

export function returns(school: School, desk: Desk): Returns {
  const guesses = new Guesses(school);
  return {
    async back(command, input) {
      const decide = (ahead: Ledger): Decided<ReturnAnswer> => {
        const pause = input.by === 'typed' ? guesses.pausedForMs() : 0;
        if (pause > 0) return { say: { state: 'paused', retryInMs: pause } };
        const touch = school.clock.reading(command.ageMs + input.touchAgoMs);
        if (input.by === 'name') return byName(school, desk, ahead, input, touch);
        const decided = byBadge(school, desk, ahead, input, touch);
        if (input.by === 'typed' && 'say' in decided) guesses.wrong();
        return decided;
      };
      const result = await desk.execute(command, decide, (first, durable) => welcome(school, durable, first));
      if (guesses.tellStaff())
        await desk.record(() => [note('badge-guesses', { urgent: true, detail: String(wrongADayMax) })]);
      return result;
    },
  };
}

/** No badge was shown: no L, and staff are told. */
function byName(
  school: School,
  desk: Desk,
  ahead: Ledger,
  { pupil, visit }: ByName,
  touch: Instant,
): Decided<ReturnAnswer> {
  const departure = outToday(school, ahead, pupil, touch);
  if (departure === null) {
    const last = ahead.movementsOf(pupil).at(-1);
    const back = last?.record.kind === 'return' && onSameDay(school, timeOf(school, last), touch) !== false;
    if (back) return { say: { state: 'already-back' } };
    throw new Refused('wrong_state', 'not out');
  }
  const back = comingBack(school, desk, departure, { visit, touch, reason: WITHOUT_BADGE });
  return [...back, note('return-without-badge', { visit, pupil })];
}

function byBadge(school: School, desk: Desk, ahead: Ledger, input: ByBadge, touch: Instant): Decided<ReturnAnswer> {
  const { visit } = input;
  const shown = badgeShown(school, ahead, touch, input);
  switch (shown.is) {
    case 'ours':
      return comingBack(school, desk, shown.departure, { visit, touch, reason: null });
    case 'elsewhere': {
      const { departure, id } = shown;
      if (!ahead.endedElsewhere.has(departure)) {
        const facts = { pupil: null, visit, reason: null, touch, by: 'pupil', departure };
        return [{ type: 'movement', v: 1, kind: 'return', ...facts }];
      }
      // The first use stands, the second goes to staff (durability.md 30).
      const told = [...ahead.notes.values()].some(({ detail }) => detail === spacedId(id));
      return told ? { say: { state: 'used' } } : [note('no-badge', { visit, detail: spacedId(id) })];
    }
    default:
      return { say: { state: shown.is } };
  }
}

/** The journal is asked first: it knows older badges longer than the tag does, and which have been used. */
function badgeShown(school: School, ahead: Ledger, touch: Instant, input: ByBadge): Shown {
  const { settings } = school;
  const read =
    input.by === 'qr' ? parseQr(input.code.trim()) : { badgeId: input.badge.replace(/\s/g, ''), token: null };
  if (read === null) return { is: 'unknown' };
  const id = read.badgeId;
  const issued = [...ahead.badges.values()].filter(({ record }) => record.id === id);
  const badge = issued.findLast((one) => isOfToday(school, ahead, one, touch));
  if (badge === undefined && issued.length > 0) return { is: 'another-day' };
  const today = localTime(touch.earliest, settings.school.timeZone).date;
  if (badge === undefined) {
    const checked = check(id, { school: settings.school.name, date: today, hash: school.badgeHash });
    if (checked.state !== 'valid') return { is: checked.state };
    // Which pupil it was is settled later (durability.md 30).
    if (checked.box === settings.box.id) return { is: 'unknown' };
    return { is: 'elsewhere', departure: departureElsewhere(today, id), id };
  }
  const departure = ahead.movements.get(badge.record.movement);
  const wrongToken = read.token !== null && read.token !== badge.record.token;
  if (badge.void || wrongToken || departure === undefined || departure.cancelled) return { is: 'unknown' };
  return departure.endedBy === null ? { is: 'ours', departure } : { is: 'used' };
}

/** While it is not sure, the badge of a pupil who is still out counts as today's. */
function isOfToday(school: School, ahead: Ledger, { record }: Badge, touch: Instant): boolean {
  const departure = ahead.movements.get(record.movement);
  return departure !== undefined && onSameDay(school, timeOf(school, departure), touch) !== false;
}

function comingBack(
  school: School,
  desk: Desk,
  departure: Movement,
  facts: Pick<MovementBody, 'visit' | 'touch' | 'reason'>,
): readonly Body[] {
  const { pupil, ref } = departure.record;
  const back: MovementBody = { type: 'movement', v: 1, kind: 'return', pupil, ...facts, by: 'pupil', departure: ref };
  return moving(school, desk, back, departureOf(school, departure)).bodies;
}

function welcome(school: School, durable: Ledger, first: Recorded): ReturnAnswer {
  if (first.type === 'note') return { state: 'used' };
  const movement = durable.movements.get(first.ref);
  if (movement === undefined) throw new Refused('internal', 'the return is not in the ledger');
  const time = sureFace(timeOf(school, movement), school.settings.school.timeZone);
  return { state: 'welcome-back', forename: forenameOf(school, movement.record.pupil), time };
}
