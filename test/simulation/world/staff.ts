/** Staff beside the box: they put movements right, decide what waits for a person, set a time for a queue, tick off and void. */
import type { Movement } from '../../../device/domain/ledger.ts';
import { stateOf, wishOf } from '../../../device/domain/mark.ts';
import type { Mark } from '../../../device/domain/mark.ts';
import type { House } from './machine.ts';
import { minute } from './oracle.ts';
import type { Ask } from './pages.ts';
import { Scene } from './scene.ts';

export class Staff extends Scene {
  acts(): void {
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
        return this.send('void', input, (one, command) => one.staff.voidBadge(command, input));
      }
      case 4: {
        const notes = [...ledger.notes.keys()];
        if (notes.length === 0) return;
        const input = { note: this.one(notes), by: 'Ms Reed' };
        return this.send('note done', input, (one, command) => one.staff.noteDone(command, input));
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

  private send(what: string, input: object, ask: Ask<null>, then?: () => void): void {
    this.tell(`staff ${what} ${JSON.stringify(input)}`);
    this.ports.pages.send<null>({
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
      return this.send('undo', input, (house, command) => house.staff.correct(command, input), then);
    }
    const pupil = this.one(this.ports.pupils);
    const input = { movement, correction: { how: 'another-pupil', pupil }, why: null, by: 'Ms Reed' } as const;
    auditor.truth.movedTo(record.visit, pupil);
    const back = this.ports.machine.house?.desk.durable.movements.get(movement)?.endedBy;
    const returned = this.ports.machine.house?.desk.durable.movements.get(back ?? '');
    if (returned !== undefined) auditor.truth.movedTo(returned.record.visit, pupil);
    this.send('moves', input, (house, command) => house.staff.correct(command, input));
  }

  private holds(): void {
    const { auditor, schedule, settings } = this.ports;
    const agoMs = this.chance.below(15 * minute);
    const reason = this.one(settings.lateReasons).id;
    const set = { hold: { reason, agoMs }, by: 'Ms Reed' };
    auditor.truth.holds.push({ at: schedule.now - agoMs, reason });
    this.send('hold', set, (house, command) => house.staff.holdArrivals(command, set));
    const end = { hold: null, by: 'Ms Reed' };
    this.in(minute + this.chance.below(10 * minute), () =>
      this.send('hold ends', end, (house, command) => house.staff.holdArrivals(command, end)),
    );
  }

  private settles(mark: Mark): void {
    const { mis } = this.ports;
    const { key, pupil: upi, date, session } = mark;
    const by = 'Ms Reed';
    const send = (verdict: Parameters<House['staff']['settle']>[1]['verdict']): void => {
      const input = { key, verdict, by };
      this.send('settles', input, (house, command) => house.staff.settle(command, input));
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
}

const personal: ReadonlySet<string> = new Set(['proposed', 'conflict', 'rejected', 'expired', 'clear-by-hand']);
