/**
 * The people of a school day: pupils at the kiosk, staff beside it, teachers and the office at the MIS. The kiosk's page asks
 * again when it gets no answer, and now and then everybody taps twice.
 */
import type { EarlyAnswer, LateAnswer, ReturnAnswer, ReturnInput } from '../../../device/contract/kiosk.ts';
import type { Result } from '../../../device/contract/result.ts';
import type { Seeded } from '../../../device/demo/random.ts';
import type { DeskCommand } from '../../../device/desk/desk.ts';
import type { Movement } from '../../../device/domain/ledger.ts';
import { stateOf, wishOf } from '../../../device/domain/mark.ts';
import type { Mark } from '../../../device/domain/mark.ts';
import type { Settings } from '../../../device/domain/settings.ts';
import { hashOfInput } from '../../../device/web/input-hash.ts';
import { anybody } from './auditor.ts';
import type { Auditor } from './auditor.ts';
import { Violation } from './history.ts';
import type { House, Machine } from './machine.ts';
import type { MisWorld } from './mis.ts';
import { day, epochOf, localOf, minute, registersOn } from './oracle.ts';
import type { Schedule } from './schedule.ts';

const second = 1_000;
/** The page gives a command up after this long. */
const patienceMs = 90 * second;

export interface PeoplePorts {
  readonly schedule: Schedule;
  readonly chance: Seeded;
  readonly machine: Machine;
  readonly mis: MisWorld;
  readonly auditor: Auditor;
  readonly settings: Settings;
  /** Keys of the pupils who ever were on the roll. */
  readonly pupils: readonly string[];
}

type Ask<T> = (house: House, command: DeskCommand) => Promise<Result<T>>;
interface Asking<T> {
  readonly what: string;
  readonly input: object;
  readonly ask: Ask<T>;
  /** The part of an answer that a repeat must give again; null: nothing was recorded. */
  readonly essence: (value: T) => string | null;
  readonly then?: (value: T) => void;
}

export class People {
  private visits = 0;
  private commands = 0;
  private readonly ports: PeoplePorts;

  constructor(ports: PeoplePorts) {
    this.ports = ports;
  }

  private get chance(): Seeded {
    return this.ports.chance;
  }
  private one<T>(of: readonly T[]): T {
    return this.chance.pick(of);
  }
  private often(share: number): boolean {
    return this.chance.next() < share;
  }
  private at(time: number, act: () => void): void {
    const { schedule, machine } = this.ports;
    schedule.at(time, () => {
      machine.stir();
      act();
    });
  }
  private in(ms: number, act: () => void): void {
    this.at(this.ports.schedule.now + ms, act);
  }
  private tell(line: string): void {
    this.ports.auditor.log(line);
  }

  // ---- A day ----

  /** Plans one date; nothing on days without school, but for somebody who tries. */
  plan(date: string): void {
    const { settings, pupils } = this.ports;
    const { AM, PM } = registersOn(date, 'Year 9', settings);
    const at = (minutes: number): number => epochOf(date, minutes);
    for (const [session, times] of [
      ['AM', AM],
      ['PM', PM],
    ] as const) {
      if (times === null) continue;
      const span = times.ends - times.opens + 40;
      // Around the register's edges, to the millisecond now and then.
      const edges = [times.opens, times.closes, times.ends, times.starts];
      for (const pupil of pupils) {
        if (!this.often(0.4)) continue;
        const edge = at(this.one(edges)) + this.one([-1, 0, 1, -40, 40, -second, second, 30 * second]);
        const time = this.often(0.2)
          ? edge
          : at(times.opens - 20 + this.chance.below(span)) + this.chance.below(minute);
        this.at(time, () => this.comes(pupil));
      }
      for (const pupil of pupils) {
        if (!this.often(0.16)) continue;
        this.at(at(times.opens + this.chance.below(span)) + this.chance.below(minute), () => this.leaves(pupil));
      }
      if (this.often(0.8)) this.at(at(times.opens + this.chance.below(20)), () => this.takeRegister(date, session));
      for (let count = this.chance.below(5); count > 0; count -= 1)
        this.at(at(times.opens + this.chance.below(span)), () => this.teacher(date));
      for (let count = this.chance.below(6); count > 0; count -= 1)
        this.at(at(times.opens + this.chance.below(span)), () => this.staff());
    }
    if (this.often(0.3)) this.at(at(19 * 60) + this.chance.below(180 * minute), () => this.office());
    if (this.often(0.3)) this.at(at(this.chance.below(1440)), () => this.comes(this.one(pupils)));
    if (this.often(0.5)) this.at(at(16 * 60), () => this.settleAll());
  }

  // ---- At the kiosk ----

  private visit(): string {
    this.visits += 1;
    return `visit-${this.visits}`;
  }

  /** A pupil who is late, or says so. */
  private comes(pupil: string): void {
    const visit = this.visit();
    const touchAt = this.ports.schedule.now;
    const told = this.often(0.7) ? this.ports.machine.house?.picker.choose({ visit, flow: 'late', pupil }) : undefined;
    if (told?.ok === false || (told?.ok === true && told.value.next === 'already-signed-in')) return;
    if (told?.ok === true && told.value.next === 'sign-back-in') {
      this.in(3_000, () =>
        this.isBack({ visit, by: 'name', pupil, touchAgoMs: this.ports.schedule.now - touchAt }, pupil, touchAt),
      );
      return;
    }
    if (told?.ok === true && told.value.next === 'see-reception') return;
    this.in(1_000 + this.chance.below(12_000), () => this.late(pupil, visit, touchAt));
  }

  private late(pupil: string, visit: string, touchAt: number, withVisit?: string): void {
    const { auditor, schedule, settings } = this.ports;
    const reason = this.one(settings.lateReasons).id;
    const asks = settings.late.comesAndGoes.length > 0 && this.often(0.5);
    const input = {
      visit,
      pupil,
      reason,
      touchAgoMs: schedule.now - touchAt,
      ...(asks ? { forRegistration: this.often(0.5) } : {}),
      ...(withVisit === undefined ? {} : { withVisit }),
    };
    auditor.deeds.set(visit, [{ pupil, at: touchAt, reason }]);
    this.tell(`late ${pupil} ${visit} ${reason}`);
    this.send<LateAnswer>({
      what: `late ${visit}`,
      input,
      ask: (house, command) => house.arrivals.late(command, input),
      essence: ({ movement }) => movement,
      then: ({ movement }) => {
        auditor.acknowledged(movement);
        if (this.often(0.15)) this.in(this.chance.below(13_000), () => this.undo(visit, movement));
        if (withVisit !== undefined || !this.often(0.08)) return;
        const sibling = this.one(this.ports.pupils);
        this.in(8_000, () => this.late(sibling, this.visit(), touchAt, visit));
      },
    });
  }

  private undo(visit: string, movement: string): void {
    const input = { visit, movement };
    this.tell(`undo ${visit}`);
    this.send<null>({
      what: `undo ${visit}`,
      input,
      ask: (house, command) => house.arrivals.undo(command, input),
      essence: () => 'undone',
      then: () => this.ports.auditor.acknowledgedUndo(movement),
    });
  }

  private leaves(pupil: string): void {
    const { machine, auditor, schedule, settings } = this.ports;
    const visit = this.visit();
    const touchAt = schedule.now;
    const told = this.often(0.7) ? machine.house?.picker.choose({ visit, flow: 'early', pupil }) : undefined;
    if (told !== undefined && (!told.ok || told.value.next !== 'ask')) return;
    const reason = this.one(settings.leaveReasons);
    const photo = this.often(0.3) ? machine.house?.photos.take(visit) : undefined;
    void photo?.catch(() => undefined);
    this.in(10_000 + this.chance.below(15_000), () => {
      const input = {
        visit,
        pupil,
        reason: reason.id,
        back: reason.back === 'ask' ? this.one(['before-lunch', 'after-lunch', 'not-today', 'unknown'] as const) : null,
        withWhom: null,
        photo: photo === undefined ? ('none' as const) : ('taken' as const),
        touchAgoMs: schedule.now - touchAt,
      };
      auditor.deeds.set(visit, [{ pupil, at: touchAt, reason: reason.id }]);
      this.tell(`early ${pupil} ${visit} ${reason.id}`);
      this.send<EarlyAnswer>({
        what: `early ${visit}`,
        input,
        ask: (house, command) => house.departures.early(command, input),
        essence: (answer) => (answer.state === 'departed' ? answer.badge : answer.state),
        then: (answer) => {
          if (answer.state === 'departed') this.comesBackSomeTime(answer.badge);
          else this.in(20 * second + this.chance.below(8 * minute), () => this.answers(visit, pupil));
        },
      });
    });
  }

  /** Staff let the pupil go, or not; sometimes nobody comes. */
  private answers(visit: string, pupil: string): void {
    const { auditor, schedule } = this.ports;
    if (this.often(0.15)) return;
    const answer = this.often(0.8) ? ('let-go' as const) : ('no' as const);
    const input = { visit, answer, adult: null, by: 'Ms Reed' };
    const deeds = auditor.deeds.get(visit) ?? [];
    auditor.deeds.set(visit, [...deeds, { pupil, at: schedule.now, reason: null }]);
    this.tell(`${answer} ${visit}`);
    this.send<null>({
      what: `${answer} ${visit}`,
      input,
      ask: (house, command) => house.departures.answer(command, input),
      essence: () => answer,
      then: () => {
        const badge = this.badgeOf(visit);
        if (answer === 'let-go' && badge !== null) this.comesBackSomeTime(badge);
      },
    });
  }

  private badgeOf(visit: string): string | null {
    const ledger = this.ports.machine.house?.desk.durable;
    const movement = ledger?.movements.get(ledger.visits.get(visit) ?? '');
    return ledger?.badges.get(movement?.badge ?? '')?.record.id ?? null;
  }

  private comesBackSomeTime(badge: string): void {
    if (this.often(0.2)) return;
    const wait = this.often(0.15) ? day + this.chance.below(day) : minute + this.chance.below(240 * minute);
    this.in(wait, () => this.showsBadge(badge));
    // The same badge again, by somebody who found it.
    if (this.often(0.25)) this.in(wait + this.chance.below(30 * minute), () => this.showsBadge(badge));
    if (this.often(0.1)) this.in(wait, () => this.showsBadge(badge));
  }

  private showsBadge(id: string): void {
    const { machine, schedule } = this.ports;
    const ledger = machine.house?.desk.durable;
    const badge = [...(ledger?.badges.values() ?? [])].findLast(({ record }) => record.id === id);
    const owner = ledger?.movements.get(badge?.record.movement ?? '')?.record.pupil ?? null;
    const visit = this.visit();
    const touchAt = schedule.now;
    const wrong = this.often(0.08);
    const typed = wrong ? String((Number(id) + 1 + this.chance.below(99)) % 1e8).padStart(8, '0') : id;
    const qr = badge !== undefined && !wrong && this.often(0.4);
    const input = (touchAgoMs: number): ReturnInput =>
      qr
        ? { visit, by: 'qr', code: `P1:${id}:${badge.record.token.toUpperCase()}`, touchAgoMs }
        : { visit, by: 'typed', badge: typed, touchAgoMs };
    this.in(2_000 + this.chance.below(6_000), () => this.isBack(input(schedule.now - touchAt), owner, touchAt));
  }

  private isBack(input: ReturnInput, owner: string | null, touchAt: number): void {
    const { auditor } = this.ports;
    // Whose badge it is the box knows, even where the page was asked while it was off.
    auditor.deeds.set(input.visit, [{ pupil: owner ?? anybody, at: touchAt, reason: null }]);
    this.tell(`back ${input.visit} ${input.by}`);
    this.send<ReturnAnswer>({
      what: `back ${input.visit}`,
      input,
      ask: (house, command) => house.returns.back(command, input),
      essence: ({ state }) => (state === 'welcome-back' ? state : null),
      then: ({ state }) => {
        this.tell(`${input.visit} ${state}`);
        if (state === 'welcome-back') auditor.acknowledgedReturn(input.visit);
      },
    });
  }

  // ---- Staff ----

  private staff(): void {
    const { machine } = this.ports;
    const { house } = machine;
    if (house === null) return;
    const ledger = house.desk.durable;
    const movements = [...ledger.movements.values()].slice(-20);
    switch (this.chance.below(7)) {
      case 0:
      case 1:
        if (movements.length > 0) this.corrects(this.one(movements));
        return;
      case 2:
        return this.holds();
      case 3: {
        const badges = [...ledger.badges.keys()];
        if (badges.length === 0 || this.often(0.7)) return;
        const input = { badge: this.one(badges), by: 'Ms Reed' };
        return this.staffSends('void', input, (one, command) => one.staff.voidBadge(command, input));
      }
      case 4: {
        const notes = [...ledger.notes.keys()];
        if (notes.length === 0) return;
        const input = { note: this.one(notes), by: 'Ms Reed' };
        return this.staffSends('note done', input, (one, command) => one.staff.noteDone(command, input));
      }
      case 5:
        return void (this.often(0.5) ? house.roster.acceptHeld('Ms Reed') : house.roster.discardHeld('Ms Reed')).catch(
          () => undefined,
        );
      default: {
        const waiting = [...ledger.marks.values()].filter((mark) => personal.has(stateOf(mark)));
        if (waiting.length > 0) this.settles(this.one(waiting));
      }
    }
  }

  /** The whole tray, at the end of a day. */
  settleAll(): void {
    const ledger = this.ports.machine.house?.desk.durable;
    for (const mark of ledger?.marks.values() ?? []) if (personal.has(stateOf(mark))) this.settles(mark);
  }

  private staffSends(what: string, input: object, ask: Ask<null>, then?: () => void): void {
    this.tell(`staff ${what} ${JSON.stringify(input)}`);
    this.send<null>({
      what: `staff ${what}`,
      input,
      ask,
      essence: () => 'done',
      ...(then === undefined ? {} : { then }),
    });
  }

  private corrects({ record, cancelled }: Movement): void {
    if (cancelled) return;
    const { auditor } = this.ports;
    const movement = record.ref;
    if (this.often(0.6)) {
      const input = { movement, correction: { how: 'undo' }, why: null, by: 'Ms Reed' } as const;
      const then = (): void => auditor.acknowledgedUndo(movement);
      return this.staffSends('undo', input, (house, command) => house.staff.correct(command, input), then);
    }
    const pupil = this.one(this.ports.pupils);
    const input = { movement, correction: { how: 'another-pupil', pupil }, why: null, by: 'Ms Reed' } as const;
    auditor.movedTo(record.visit, pupil);
    const back = this.ports.machine.house?.desk.durable.movements.get(movement)?.endedBy;
    const returned = this.ports.machine.house?.desk.durable.movements.get(back ?? '');
    if (returned !== undefined) auditor.movedTo(returned.record.visit, pupil);
    this.staffSends('moves', input, (house, command) => house.staff.correct(command, input));
  }

  private holds(): void {
    const { auditor, schedule, settings } = this.ports;
    const agoMs = this.chance.below(15 * minute);
    const reason = this.one(settings.lateReasons).id;
    const set = { hold: { reason, agoMs }, by: 'Ms Reed' };
    auditor.holds.push({ at: schedule.now - agoMs, reason });
    this.staffSends('hold', set, (house, command) => house.staff.holdArrivals(command, set));
    const end = { hold: null, by: 'Ms Reed' };
    this.in(minute + this.chance.below(10 * minute), () =>
      this.staffSends('hold ends', end, (house, command) => house.staff.holdArrivals(command, end)),
    );
  }

  private settles(mark: Mark): void {
    const { mis } = this.ports;
    const { key, pupil: upi, date, session } = mark;
    const by = 'Ms Reed';
    const send = (verdict: Parameters<House['staff']['settle']>[1]['verdict']): void => {
      const input = { key, verdict, by };
      this.staffSends('settles', input, (house, command) => house.staff.settle(command, input));
    };
    const wish = wishOf(mark);
    switch (stateOf(mark)) {
      case 'proposed': {
        const code = wish.kind === 'proposal' && wish.code !== null ? wish.code : this.one(['U', 'L', 'M']);
        const minutes = wish.kind === 'proposal' && (code === 'L' || code === 'U') ? wish.minutes : null;
        if (this.often(0.7)) send({ kind: 'write', code, minutes, seen: null });
        else if (this.often(0.5)) send({ kind: 'keep-theirs' });
        return;
      }
      case 'conflict':
        if (this.often(0.4)) {
          const code = wish.kind === 'mark' ? wish.code : 'L';
          const minutes = wish.kind === 'mark' ? wish.minutes : null;
          send({ kind: 'write', code, minutes, seen: mark.settled?.seen ?? null });
        } else if (this.often(0.5)) send({ kind: 'keep-theirs' });
        return;
      case 'rejected':
      case 'expired':
        if (this.often(0.5)) send({ kind: 'retry' });
        else if (this.often(0.4)) send({ kind: 'keep-theirs' });
        return;
      case 'clear-by-hand':
        this.tell(`cleared by hand ${key}`);
        if (mis.mis.markOf(upi, date, session)?.code === mark.ours?.code)
          mis.mis.teach({ upi, date, session, code: null, minutesLate: null, comment: null });
        send({ kind: 'cleared' });
        return;
      default:
    }
  }

  // ---- At the MIS ----

  private takeRegister(date: string, session: 'AM' | 'PM'): void {
    const { mis } = this.ports;
    this.tell(`register ${date} ${session}`);
    mis.mis.settle();
    for (const { upi } of mis.mis.onRoll()) {
      if ((mis.mis.markOf(upi, date, session)?.code ?? null) !== null || this.often(0.3)) continue;
      const code = this.often(0.3) ? 'N' : session === 'AM' ? '/' : '\\';
      mis.mis.teach({ upi, date, session, code, minutesLate: null, comment: null });
    }
  }

  private teacher(date: string): void {
    const { mis, pupils } = this.ports;
    const upi = this.one(pupils);
    const session = this.one(['AM', 'PM'] as const);
    const code = this.one([null, '/', 'N', 'M', 'I', 'E', 'L', 'B', 'U']);
    this.tell(`teacher ${upi} ${date} ${session} ${code ?? '-'}`);
    mis.mis.teach({ upi, date, session, code, minutesLate: null, comment: null });
  }

  private office(): void {
    const { mis, schedule } = this.ports;
    const pupil = mis.mis.withUpi(this.one(this.ports.pupils));
    if (pupil === undefined) return;
    const what = this.chance.below(5);
    this.tell(`office ${pupil.upi} ${what}`);
    if (what === 0 && pupil.onRoll && mis.mis.onRoll().length > 8) mis.mis.leave(pupil);
    else if (what === 1) mis.mis.reEnrol(pupil);
    else if (what === 2) mis.mis.rename(pupil, { forename: `${pupil.forename}e` });
    else if (what === 3) {
      mis.mis.roster = this.one(['empty', 'third-smaller'] as const);
      schedule.after(minute + this.chance.below(2 * day), () => (mis.mis.roster = 'full'));
    } else {
      const gone = this.ports.pupils.flatMap((upi) => mis.mis.withUpi(upi) ?? []).find(({ onRoll }) => !onRoll);
      if (gone !== undefined) mis.mis.reEnrol(gone);
    }
  }

  // ---- The page ----

  private send<T>(asking: Asking<T>): void {
    const { schedule } = this.ports;
    this.commands += 1;
    const page = {
      id: `command-${this.commands}`,
      hash: hashOfInput(asking.input),
      madeAt: schedule.now,
      first: null as string | null,
      over: false,
    };
    this.try(asking, page);
    if (this.often(0.04)) this.try(asking, page);
    if (this.often(0.05)) this.in(this.chance.below(4 * minute), () => this.try(asking, page));
  }

  private try<T>(asking: Asking<T>, page: Page): void {
    const { schedule, machine, auditor } = this.ports;
    const { house, run } = machine;
    const ageMs = schedule.now - page.madeAt;
    const again = (): void => {
      if (page.over || schedule.now - page.madeAt > patienceMs) return;
      this.in(1_000 + this.chance.below(3_000), () => this.try(asking, page));
    };
    if (house === null || run === null) return again();
    let answered = false;
    const command = { id: page.id, hash: page.hash, ageMs };
    asking.ask(house, command).then(
      (result) => {
        if (!run.alive) return;
        answered = true;
        page.over = true;
        auditor.log(`= ${page.id} ${asking.what} ${result.ok ? 'ok' : result.error.code}`);
        if (!result.ok) return this.refused(page, result.error.code);
        const essence = asking.essence(result.value);
        if (page.first === null) {
          page.first = essence;
          asking.then?.(result.value);
        } else if (page.first !== essence)
          this.fail(
            new Violation('a repeat gets the same answer', `${asking.what}: ${page.first}, then ${essence ?? '-'}`),
          );
      },
      (error: unknown) => {
        if (run.alive) this.fail(error);
      },
    );
    this.in(10 * second, () => {
      if (!answered) again();
    });
  }

  /** What was once said yes to is not refused later, unless the card has failed meanwhile. */
  private refused(page: Page, code: string): void {
    if (page.first !== null && code !== 'storage_failed')
      this.fail(new Violation('a repeat gets the same answer', `${page.id}: ${page.first}, then ${code}`));
  }

  private fail(error: unknown): void {
    this.ports.machine.broken ??= error;
  }
}

interface Page {
  readonly id: string;
  readonly hash: string;
  readonly madeAt: number;
  first: string | null;
  over: boolean;
}

const personal: ReadonlySet<string> = new Set(['proposed', 'conflict', 'rejected', 'expired', 'clear-by-hand']);
export const today = (schedule: Schedule): string => localOf(schedule.now).date;
