/** The view **Now**: late today, out, back. */
import type { InRow, NowView, OutRow, UndecidedRow } from '../../../contract/staff.ts';
import { out } from '../../../domain/elsewhere.ts';
import type { Badge, Ledger, Movement } from '../../../domain/ledger.ts';
import { localTime } from '../../../domain/school-day.ts';
import { photoUrl } from '../../../desk/photos.ts';
import { dueBack } from '../../../desk/presence.ts';
import { reasonLabel } from '../../../desk/school.ts';
import type { School } from '../../../desk/school.ts';
import { clockFace, sureFace, timeOf, today } from '../../../desk/when.ts';
import { datedFace, movementsOn, nameOf, whoMoved } from './common.ts';

/** Rows of one list shown at once. */
const outMax = 200;

export function nowView(school: School, ledger: Ledger): NowView {
  const todays = movementsOn(school, ledger, today(school), school.clock.now());
  return {
    late: todays.filter(({ record }) => record.kind === 'late-arrival').map((one) => inRow(school, ledger, one)),
    out: out(ledger)
      .slice(-outMax)
      .flatMap((departure) => outRow(school, ledger, departure)),
    back: todays.filter(({ record }) => record.kind === 'return').map((one) => inRow(school, ledger, one)),
    undecided: undecidedRows(school, ledger),
  };
}

function undecidedRows(school: School, ledger: Ledger): readonly UndecidedRow[] {
  const zone = school.settings.school.timeZone;
  const starts = new Map<string, { readonly start: number; readonly mono: number }>();
  return [...ledger.undecided].slice(0, outMax).flatMap((ref) => {
    const movement = ledger.movements.get(ref);
    if (movement === undefined) return [];
    const { kind, touch } = movement.record;
    const first = starts.get(touch.boot) ?? { start: starts.size + 1, mono: touch.mono };
    starts.set(touch.boot, first);
    const { earliest, latest } = timeOf(school, movement);
    const minutesLater = Math.round((touch.mono - first.mono) / 60_000);
    const [after, before] = [earliest, latest].map((end) => (end === null || end <= 0 ? null : dated(end, zone)));
    const known = { after: after ?? null, before: before ?? null };
    return [{ movement: ref, ...whoMoved(school, ledger, movement), kind, start: first.start, minutesLater, ...known }];
  });
}

const dated = (epochMs: number, zone: string): string => `${localTime(epochMs, zone).date} ${clockFace(epochMs, zone)}`;

function outRow(school: School, ledger: Ledger, departure: Movement): readonly OutRow[] {
  if (departure.record.leave === undefined) return [];
  const { ref, pupil, reason, leave, visit } = departure.record;
  const due = dueBack(school, departure);
  const badge = ledger.badges.get(departure.badge ?? '');
  return [
    {
      movement: ref,
      ...nameOf(school, pupil ?? ''),
      since: datedFace(school, timeOf(school, departure)),
      reason: reasonLabel(school.settings, 'leave', reason) ?? '',
      back: leave.back,
      due: due === null ? null : clockFace(due, school.settings.school.timeZone),
      overdue: due !== null && school.clock.now() > due,
      withWhom: leave.withWhom,
      adult: leave.adult,
      badge: badge?.record.id ?? null,
      badgeState: badgeState(badge),
      photoUrl: leave.photo === 'taken' ? photoUrl(visit) : null,
    },
  ];
}

function badgeState(badge: Badge | undefined): OutRow['badgeState'] {
  if (badge === undefined || badge.void) return 'void';
  if (badge.print === null || badge.print.state === 'failed') return 'not-printed';
  return badge.print.state === 'printed' ? 'printed' : 'printing';
}

function inRow(school: School, ledger: Ledger, movement: Movement): InRow {
  const { record, decided } = movement;
  const withoutBadge = record.kind === 'return' && record.reason !== null;
  return {
    movement: record.ref,
    ...whoMoved(school, ledger, movement),
    time: sureFace(timeOf(school, movement), school.settings.school.timeZone),
    reason: withoutBadge ? 'without a badge' : reasonLabel(school.settings, 'late', record.reason),
    outcome: decided[0]?.outcome ?? 'to-be-confirmed',
  };
}
