/** Sign back in: by the badge's number or QR code, or by name when the badge is not at hand (product.md 3 and 5). */
import type { ReturnAnswer, ReturnInput } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import { parseQr, spacedId } from '../domain/badge.ts';
import { check } from '../domain/badge-id.ts';
import { badgeAnywhere, badgeOf, movementAnywhere, movementsOf, returnsFor, usesOf } from '../domain/elsewhere.ts';
import type { Badge, Ledger, Movement } from '../domain/ledger.ts';
import type { Body, Instant, MovementBody, Recorded, ShownBadge } from '../domain/record.ts';
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
/** What a badge that was shown lets in: a pupil whose departure is known, somebody from another box, or nobody. */
type Shown =
  | { readonly is: 'known'; readonly departure: Movement }
  | { readonly is: 'elsewhere'; readonly badge: ShownBadge }
  /** At another box, or another box's. */
  | { readonly is: 'used-twice'; readonly id: string }
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
        if (input.by === 'typed' && 'say' in decided) guesses.wrong(command.id);
        return decided;
      };
      const result = await desk.execute(command, decide, (first, durable) => welcome(school, durable, first));
      if (guesses.tellStaff()) {
        const told = await desk.record(() => [note('badge-guesses', { urgent: true, detail: String(wrongADayMax) })]);
        if (told.length === 0) guesses.notTold();
      }
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
    const last = movementsOf(ahead, pupil).at(-1);
    const back = last?.record.kind === 'return' && onSameDay(school, timeOf(school, last), touch) !== false;
    if (back) return { say: { state: 'already-back' } };
    throw new Refused('wrong_state', 'not out');
  }
  const back = comingBack(school, desk, ahead, departure, { visit, touch, reason: WITHOUT_BADGE });
  return [...back, note('return-without-badge', { visit, pupil })];
}

function byBadge(school: School, desk: Desk, ahead: Ledger, input: ByBadge, touch: Instant): Decided<ReturnAnswer> {
  const { visit } = input;
  const shown = badgeShown(school, ahead, touch, input);
  switch (shown.is) {
    case 'known':
      return comingBack(school, desk, ahead, shown.departure, { visit, touch, reason: null });
    case 'elsewhere': {
      const facts = { pupil: null, visit, reason: null, touch, by: 'pupil', badge: shown.badge };
      return [{ type: 'movement', v: 1, kind: 'return', ...facts }];
    }
    case 'used-twice': {
      // The first use stands, the second goes to staff (durability.md 30).
      const detail = spacedId(shown.id);
      const told = [...ahead.notes.values()].some((one) => one.kind === 'badge-used-twice' && one.detail === detail);
      return told ? { say: { state: 'used' } } : [note('badge-used-twice', { visit, detail })];
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
  const here = issued.findLast((one) => isOfToday(school, ahead, one, touch));
  if (here === undefined && issued.length > 0) return { is: 'another-day' };
  const today = localTime(touch.earliest, settings.school.timeZone).date;
  const badge = here ?? badgeAnywhere(ahead, today, id);
  if (badge === undefined) {
    const checked = check(id, { school: settings.school.name, date: today, hash: school.badgeHash });
    if (checked.state !== 'valid') return { is: checked.state };
    // Which pupil it was is settled later (durability.md 30).
    if (checked.box === settings.box.id) return { is: 'unknown' };
    const shown = { date: today, id, token: read.token };
    return usesOf(ahead, shown).length > 0 ? { is: 'used-twice', id } : { is: 'elsewhere', badge: shown };
  }
  const departure = movementAnywhere(ahead, badge.record.movement);
  const wrongToken = read.token !== null && read.token !== badge.record.token;
  if (badge.void || wrongToken || departure === undefined || departure.cancelled) return { is: 'unknown' };
  const before = returnsFor(ahead, departure);
  if (before.length === 0) return { is: 'known', departure };
  const isOurs = (movement: Movement): boolean => ahead.movements.has(movement.record.ref);
  return [departure, ...before].every(isOurs) ? { is: 'used' } : { is: 'used-twice', id };
}

/** While it is not sure, the badge of a pupil who is still out counts as today's. */
function isOfToday(school: School, ahead: Ledger, { record }: Badge, touch: Instant): boolean {
  const departure = ahead.movements.get(record.movement);
  return departure !== undefined && onSameDay(school, timeOf(school, departure), touch) !== false;
}

/** Of a departure from another box its badge is recorded too, so that whoever does not know the one may know the other. */
function comingBack(
  school: School,
  desk: Desk,
  ahead: Ledger,
  departure: Movement,
  facts: Pick<MovementBody, 'visit' | 'touch' | 'reason'>,
): readonly Body[] {
  const { pupil, ref } = departure.record;
  const badge = ahead.movements.has(ref) ? undefined : badgeOf(ahead, departure);
  const known = { pupil, ...facts, by: 'pupil', departure: ref, ...(badge === undefined ? {} : { badge }) };
  const back: MovementBody = { type: 'movement', v: 1, kind: 'return', ...known };
  return moving(school, desk, back, departureOf(school, departure)).bodies;
}

function welcome(school: School, durable: Ledger, first: Recorded): ReturnAnswer {
  if (first.type === 'note') return { state: 'used' };
  const movement = durable.movements.get(first.ref);
  if (movement === undefined) throw new Refused('internal', 'the return is not in the ledger');
  const time = sureFace(timeOf(school, movement), school.settings.school.timeZone);
  return { state: 'welcome-back', forename: forenameOf(school, movement.record.pupil), time };
}
