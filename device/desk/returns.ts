/** Sign back in: by the badge's number or QR code, or by name when the badge is not at hand (product.md 3 and 5). */
import type { ReturnAnswer, ReturnInput } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import { decideReturn, misComment, stillOut } from '../domain/attendance.ts';
import type { Decision } from '../domain/attendance.ts';
import { journalNumber, parseQr } from '../domain/badge.ts';
import { check } from '../domain/badge-id.ts';
import { badgeKey } from '../domain/ledger.ts';
import type { Ledger, Movement } from '../domain/ledger.ts';
import type { Body, Instant, MovementBody, Recorded } from '../domain/record.ts';
import { localTime } from '../domain/school-day.ts';
import { clockFace, decidedBody } from './arrivals.ts';
import { Refused } from './desk.ts';
import type { Desk, DeskCommand } from './desk.ts';
import { leaveReason } from './school.ts';
import type { School } from './school.ts';

/** Five wrong in a minute pause typing for a minute; thirty a day are an urgent note. Monotonic time. */
const wrongMax = 5;
const wrongWithinMs = 60_000;
const wrongNoteAt = 30;

export interface Returns {
  back(command: DeskCommand, input: ReturnInput): Promise<Result<ReturnAnswer>>;
}

/** Why a badge does not let anybody in; thrown out of the decision, answered to the pupil. */
class NotThisBadge extends Error {
  readonly state: 'mistyped' | 'used' | 'unknown' | 'another-day';
  constructor(state: NotThisBadge['state']) {
    super(state);
    this.state = state;
  }
}

export function returns(school: School, desk: Desk): Returns {
  const guesses = new Guesses(school, desk);
  return {
    async back(command, input) {
      const pause = input.by === 'typed' ? guesses.pausedForMs() : 0;
      if (pause > 0) return { ok: true, value: { state: 'paused', retryInMs: pause } };
      try {
        return await desk.execute(
          command,
          (ahead) => comeBack(school, desk, ahead, input),
          (first, durable) => welcome(school, durable, first),
        );
      } catch (error) {
        if (!(error instanceof NotThisBadge)) throw error;
        if (input.by === 'typed') await guesses.wrong();
        return { ok: true, value: { state: error.state } };
      }
    },
  };
}

function comeBack(school: School, desk: Desk, ahead: Ledger, input: ReturnInput): readonly Body[] {
  const touch = school.clock.reading(input.touchAgoMs);
  if (input.by === 'name') {
    const departure = ahead.openDeparture(input.pupil);
    if (departure === null) throw new Refused('wrong_state', 'not out');
    // No badge was shown: no L, and staff are told.
    const bodies = returnBodies(school, desk, departure, input.visit, touch);
    return [...bodies, note('return-without-badge', false, input.visit, input.pupil, null)];
  }
  const departure = departureOf(school, ahead, touch, input);
  if (departure === 'another-box') {
    return [
      { type: 'movement', v: 1, kind: 'return', pupil: null, visit: input.visit, reason: null, touch, by: 'pupil' },
    ];
  }
  return returnBodies(school, desk, departure, input.visit, touch);
}

/** The departure that a badge belongs to; throws `NotThisBadge`. */
function departureOf(
  school: School,
  ahead: Ledger,
  touch: Instant,
  input: Extract<ReturnInput, { by: 'typed' | 'qr' }>,
): Movement | 'another-box' {
  const { settings } = school;
  const read =
    input.by === 'qr' ? parseQr(input.code.trim()) : { badgeId: input.badge.replace(/\s/g, ''), token: null };
  if (read === null) throw new NotThisBadge('unknown');
  const today = localTime(touch.earliest, settings.school.timeZone).date;
  const badge = ahead.badges.get(ahead.badgeById.get(badgeKey(today, read.badgeId)) ?? '');
  if (badge === undefined) {
    // The journal knows older badges longer than the tag does.
    if ([...ahead.badges.values()].some((one) => one.record.id === read.badgeId)) throw new NotThisBadge('another-day');
    const checked = check(read.badgeId, { school: settings.school.name, date: today, hash: school.badgeHash });
    if (checked.state !== 'valid') throw new NotThisBadge(checked.state);
    // A valid tag of another box is taken once; which pupil it was is settled later (durability.md 30).
    if (checked.box === settings.box.id) throw new NotThisBadge('unknown');
    return 'another-box';
  }
  if (badge.void || (read.token !== null && read.token !== badge.record.token)) throw new NotThisBadge('unknown');
  const departure = ahead.movements.get(badge.record.movement);
  if (departure === undefined || departure.cancelled) throw new NotThisBadge('unknown');
  if (departure.endedBy !== null) throw new NotThisBadge('used');
  return departure;
}

function returnBodies(school: School, desk: Desk, departure: Movement, visit: string, touch: Instant): readonly Body[] {
  const { settings } = school;
  const { record } = departure;
  const pupil = record.pupil;
  if (pupil === null) throw new Refused('internal', 'a departure without a pupil');
  const movement: MovementBody = {
    type: 'movement',
    v: 1,
    kind: 'return',
    pupil,
    visit,
    reason: null,
    touch,
    by: 'pupil',
    departure: record.ref,
  };
  const yearGroup = school.roster.byKey(pupil)?.yearGroup ?? null;
  const reason = leaveReason(settings, record.reason ?? '') ?? null;
  const comment = misComment(reason, settings.school.languages[0] ?? 'en', journalNumber(settings.box.id, record.n));
  const facts = { leftAt: record.touch, yearGroup, reason, settings };
  const decision = decideReturn({ ...facts, at: touch });
  const missed = registersMissed(departure, stillOut({ ...facts, now: touch }));
  const decided = decision === 'undecided' ? [] : [{ movement: desk.refOfNext(), decision }];
  return [
    movement,
    ...[...decided, ...missed.map((one) => ({ movement: record.ref, decision: one }))].map((one) =>
      decidedBody(one.movement, pupil, one.decision, comment, settings.version),
    ),
  ];
}

/** Registers that opened while the pupil was out and that have no decision yet. */
export function registersMissed(departure: Movement, decisions: readonly Decision[]): readonly Decision[] {
  return decisions.filter(
    ({ date, session }) =>
      !departure.decided.some((one) => one.outcome === 'still-out' && one.date === date && one.session === session),
  );
}

function welcome(school: School, durable: Ledger, first: Recorded): ReturnAnswer {
  const movement = durable.movements.get(first.ref);
  if (movement === undefined) throw new Refused('internal', 'the return is not in the ledger');
  const { pupil, touch } = movement.record;
  return {
    state: 'welcome-back',
    forename: pupil === null ? null : (school.roster.byKey(pupil)?.forename ?? null),
    time: movement.decided.length === 0 ? null : clockFace(touch.earliest, school.settings.school.timeZone),
  };
}

function note(
  kind: 'return-without-badge' | 'badge-guesses',
  urgent: boolean,
  visit: string | null,
  pupil: string | null,
  detail: string | null,
): Body {
  return { type: 'note', v: 1, kind, urgent, visit, pupil, detail };
}

/** Counts wrong numbers typed. In memory: a restart forgives. */
class Guesses {
  private recent: number[] = [];
  private pausedUntil = 0;
  private today = { day: -1, count: 0 };
  private readonly school: School;
  private readonly desk: Desk;

  constructor(school: School, desk: Desk) {
    this.school = school;
    this.desk = desk;
  }

  pausedForMs(): number {
    return Math.max(0, this.pausedUntil - this.school.clock.mono());
  }

  async wrong(): Promise<void> {
    const now = this.school.clock.mono();
    this.recent = [...this.recent.filter((at) => now - at < wrongWithinMs), now];
    if (this.recent.length >= wrongMax) {
      this.pausedUntil = now + wrongWithinMs;
      this.recent = [];
    }
    const day = Math.floor(this.school.clock.now() / 86_400_000);
    this.today = { day, count: this.today.day === day ? this.today.count + 1 : 1 };
    if (this.today.count === wrongNoteAt) {
      await this.desk.commit([note('badge-guesses', true, null, null, String(wrongNoteAt))]);
    }
  }
}
