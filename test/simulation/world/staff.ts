/** Staff beside the box: they put movements right, decide what waits for a person, set a time for a queue, tick off and void. */
import type { Movement } from '../../../device/domain/ledger.ts';
import { standingClaim, stateOf, wishOf } from '../../../device/domain/mark.ts';
import type { Mark } from '../../../device/domain/mark.ts';
import type { House } from './machine.ts';
import { epochOf, localOf, minute, registersOn } from './oracle.ts';
import type { Ask } from './pages.ts';
import { Scene } from './scene.ts';

export class Staff extends Scene {
  acts(): void {
    const { house } = this.ports.machine;
    if (house === null) return;
    const ledger = house.desk.durable;
    const movements = [...ledger.movements.values()].slice(-20);
    switch (this.chance.below(12)) {
      case 0:
      case 1:
        if (movements.length > 0) this.corrects(this.one(movements));
        return;
      case 2:
        return this.holds();
      case 3:
        return this.voids([...ledger.badges.keys()]);
      case 4:
        return this.ticksOff([...ledger.notes.keys()]);
      case 5:
        return void (this.often(0.5) ? house.roster.acceptHeld(by) : house.roster.discardHeld(by)).catch(
          () => undefined,
        );
      case 6:
      case 7:
        return this.recordsFor();
      case 8:
        return this.freezes();
      case 9:
        return this.quarrels([...ledger.marks.values()].filter(({ ours }) => ours?.before !== undefined));
      case 10:
        return this.tellsTime([...ledger.undecided]);
      default: {
        const waiting = [...ledger.marks.values()].filter(isForStaff);
        if (waiting.length > 0) this.settles(this.one(waiting));
      }
    }
  }

  /** The whole tray, at the end of a day: one after the other, or all at once. */
  settleAll(): void {
    const ledger = this.ports.machine.house?.desk.durable;
    const tray = [...(ledger?.marks.values() ?? [])].filter(isForStaff);
    if (this.often(0.5)) return tray.forEach((mark) => this.settles(mark));
    const marks = tray.flatMap((mark) => {
      const verdict = this.verdictOn(mark);
      return verdict === null ? [] : [{ key: mark.key, verdict }];
    });
    const input = { marks, by };
    if (marks.length > 0) this.send('settles all', input, (house, command) => house.staff.settleAll(command, input));
  }

  /** The box hears from the MIS that it may write a mark, and in that moment its movement is undone (durability.md 23). */
  undoesWhatWaits(): void {
    const marks = this.ports.machine.house?.desk.durable.marks.values() ?? [];
    const waiting = [...marks].filter((mark) => stateOf(mark) === 'waiting');
    const mark = waiting.length > 0 && this.often(0.1) ? this.one(waiting) : null;
    const movement = mark === null ? undefined : standingClaim(mark)?.decided.movement;
    if (movement !== undefined) this.undoes(movement);
  }

  /** At the end of a life: whatever a person must say so that marks go on. */
  letGoOn(): void {
    const { house } = this.ports.machine;
    const frozen = house?.desk.durable.frozen ?? null;
    if (house === null || frozen === null) return;
    house.roster.discardHeld(by).catch(() => undefined);
    this.in(minute, () => this.send('thaw', { by }, (one, command) => one.staff.thaw(command, { by })));
  }

  private voids(badges: readonly string[]): void {
    if (badges.length === 0 || this.often(0.7)) return;
    const input = { badge: this.one(badges), by };
    this.send('void', input, (one, command) => one.staff.voidBadge(command, input));
  }

  private ticksOff(notes: readonly string[]): void {
    if (notes.length === 0) return;
    const input = { note: this.one(notes), by };
    this.send('note done', input, (one, command) => one.staff.noteDone(command, input));
  }

  /** For hours, or for as long as nobody thinks of it. */
  private freezes(): void {
    const thaw = (): void => this.send('thaw', { by }, (house, command) => house.staff.thaw(command, { by }));
    if (this.ports.machine.house?.desk.durable.frozen !== null) return thaw();
    if (this.often(0.6)) return;
    this.send('freeze', { by }, (house, command) => house.staff.freeze(command, { by }));
    this.in(minute + this.chance.below(120 * minute), thaw);
  }

  /** A teacher changes a mark of ours, and reception undoes what it came from at about the same time: theirs must stay. */
  private quarrels(ours: readonly Mark[]): void {
    if (ours.length === 0) return;
    const { pupil: upi, date, session, claims } = this.one(ours);
    const code = this.one(['M', 'I', 'N', '/']);
    this.tell(`teacher ${upi} ${date} ${session} ${code}`);
    this.ports.mis.mis.teach({ upi, date, session, code, minutesLate: null, comment: null });
    const movement = claims.find(({ cancelled }) => !cancelled)?.decided.movement;
    if (movement === undefined) return;
    const input = { movement, correction: { how: 'undo' }, why: null, by } as const;
    this.in(this.chance.below(minute), () =>
      this.send('undo', input, (house, command) => house.staff.correct(command, input)),
    );
  }

  /** What a clock on the wall says, or when somebody remembers that it was; they are right to the minute. */
  private tellsTime(undecided: readonly string[]): void {
    const { schedule, auditor } = this.ports;
    const movement = undecided.length > 0 && this.often(0.5) ? this.one(undecided) : null;
    const touch = auditor.wishes.movements.get(movement ?? '')?.touch;
    const { date, ms } = localOf(touch === undefined ? schedule.now : auditor.truth.timeOf(touch));
    const input = { date, minute: Math.floor(ms / minute), movement: touch === undefined ? null : movement, by };
    this.tell(`staff tell the time ${JSON.stringify(input)}`);
    this.ports.pages.send({
      what: 'staff tell the time',
      input,
      ask: (house, command) => house.staff.confirmTime(command, input),
      essence: () => 'done',
    });
  }

  /** Up to so many minutes before, and often the very minute in which a register opens, closes or ends. */
  private minuteToEnter(date: string, before: number, most: number): number {
    const { AM, PM } = registersOn(date, null, this.ports.settings);
    const edges = [AM, PM].flatMap((times) => (times === null ? [] : [times.opens, times.closes, times.ends]));
    const near = edges.filter((edge) => edge <= before && edge > before - most - 60);
    if (near.length > 0 && this.often(0.5)) return this.one(near);
    return Math.max(1, Math.min(1439, before - this.chance.below(most)));
  }

  /** What the kiosk did not record: just now, or at a time of today or of the day before. */
  private recordsFor(): void {
    const { schedule, settings, pupils, auditor } = this.ports;
    const pupil = this.one(pupils);
    const local = localOf(schedule.now);
    const day = this.often(0.1) ? localOf(schedule.now - 24 * 60 * minute).date : local.date;
    const at = this.often(0.4)
      ? null
      : { date: day, minute: this.minuteToEnter(day, Math.floor(local.ms / minute), 180) };
    const reason = this.one(settings.leaveReasons);
    const what = this.one([
      { kind: 'late', reason: this.one(settings.lateReasons).id, forRegistration: this.often(0.5) },
      { kind: 'leave', reason: reason.id, back: null, adult: null, badge: this.often(0.5) },
      { kind: 'return' },
      { kind: 'return' },
    ] as const);
    const input = { pupil, at, what, by };
    this.send(`records ${what.kind}`, input, (house, command) => {
      const when = at === null ? schedule.now - command.ageMs : epochOf(at.date, at.minute);
      auditor.truth.did(command.id, { pupil, at: when, reason: null });
      return house.staff.recordFor(command, input);
    });
  }

  private send(what: string, input: object, ask: Ask<unknown>, then?: () => void): void {
    this.tell(`staff ${what} ${JSON.stringify(input)}`);
    this.ports.pages.send<unknown>({
      what: `staff ${what}`,
      input,
      ask,
      essence: () => 'done',
      ...(then === undefined ? {} : { then }),
    });
  }

  private corrects(movement: Movement): void {
    if (movement.cancelled) return;
    const { auditor } = this.ports;
    const { ref, visit } = movement.record;
    const correct = (correction: Correction): void => this.correct(ref, correction);
    const how = this.one(['undo', 'undo', 'another-pupil', 'time', 'time', 'reason'] as const);
    switch (how) {
      case 'undo':
        return this.undoes(ref);
      case 'another-pupil': {
        const pupil = this.one(this.ports.pupils);
        auditor.truth.movedTo(visit, pupil);
        const returned = this.ports.machine.house?.desk.durable.movements.get(movement.endedBy ?? '');
        if (returned !== undefined) auditor.truth.movedTo(returned.record.visit, pupil);
        return correct({ how, pupil });
      }
      case 'time': {
        const { date, ms } = localOf(auditor.truth.timeOf(movement.record.touch));
        const minutes = this.minuteToEnter(date, Math.floor(ms / minute) + 30, 90);
        auditor.truth.saidOf(ref, { at: epochOf(date, minutes) });
        return correct({ how, minute: minutes });
      }
      case 'reason': {
        const { lateReasons, leaveReasons } = this.ports.settings;
        const reason = this.one<{ readonly id: string }>(
          movement.record.kind === 'late-arrival' ? lateReasons : leaveReasons,
        ).id;
        auditor.truth.saidOf(ref, { reason });
        return correct({ how, reason });
      }
    }
  }

  private undoes(movement: string): void {
    this.correct(movement, { how: 'undo' }, () => this.ports.auditor.acknowledgedUndo(movement));
  }

  private correct(movement: string, correction: Correction, then?: () => void): void {
    const input = { movement, correction, why: null, by };
    this.send(correction.how, input, (house, command) => house.staff.correct(command, input), then);
  }

  private holds(): void {
    const { auditor, schedule, settings } = this.ports;
    const agoMs = this.chance.below(15 * minute);
    const reason = this.one(settings.lateReasons).id;
    const set = { hold: { reason, agoMs }, by };
    auditor.truth.holds.push({ at: schedule.now - agoMs, reason });
    this.send('hold', set, (house, command) => house.staff.holdArrivals(command, set));
    const end = { hold: null, by };
    this.in(minute + this.chance.below(10 * minute), () =>
      this.send('hold ends', end, (house, command) => house.staff.holdArrivals(command, end)),
    );
  }

  private settles(mark: Mark): void {
    const verdict = this.verdictOn(mark);
    if (verdict === null) return;
    const input = { key: mark.key, verdict, by };
    this.send('settles', input, (house, command) => house.staff.settle(command, input));
  }

  /** What somebody decides of it; null: it is left for another time. */
  private verdictOn(mark: Mark): Verdict | null {
    const wish = wishOf(mark);
    if (this.often(0.06)) return { kind: 'withdraw' };
    switch (stateOf(mark)) {
      case 'proposed': {
        const code = wish.kind === 'proposal' && wish.code !== null ? wish.code : this.one(['U', 'L', 'M']);
        const minutes = wish.kind === 'proposal' && (code === 'L' || code === 'U') ? wish.minutes : null;
        if (this.often(0.7)) return { kind: 'write', code, minutes, seen: null };
        return this.often(0.5) ? { kind: 'keep-theirs' } : null;
      }
      case 'conflict': {
        const code = wish.kind === 'mark' ? wish.code : 'L';
        const minutes = wish.kind === 'mark' ? wish.minutes : null;
        if (this.often(0.4)) return { kind: 'write', code, minutes, seen: mark.settled?.seen ?? null };
        return this.often(0.5) ? { kind: 'keep-theirs' } : null;
      }
      case 'rejected':
      case 'expired':
        if (this.often(0.5)) return { kind: 'retry' };
        return this.often(0.4) ? { kind: 'keep-theirs' } : null;
      case 'clear-by-hand':
        this.clearsInMis(mark);
        return { kind: 'cleared' };
      default:
        return null;
    }
  }

  private clearsInMis({ key, pupil: upi, date, session, ours }: Mark): void {
    const { mis } = this.ports.mis;
    this.tell(`cleared by hand ${key}`);
    if (mis.markOf(upi, date, session)?.code === ours?.code)
      mis.teach({ upi, date, session, code: null, minutesLate: null, comment: null });
  }
}

type Correction = Parameters<House['staff']['correct']>[1]['correction'];
type Verdict = Parameters<House['staff']['settle']>[1]['verdict'];
const by = 'Ms Reed';
/** Some are left lying, for as long as a life lasts. */
const isForStaff = (mark: Mark): boolean => personal.has(stateOf(mark)) && !/[0-3]$/.test(mark.pupil);
const personal: ReadonlySet<string> = new Set(['proposed', 'conflict', 'rejected', 'expired', 'clear-by-hand']);
