/** Who looks after what is kept: days are exported, pupils erased, settings changed. Each only in lives that have it (`traits.ts`). */
import { createHash } from 'node:crypto';
import { unfinished } from '../../../device/domain/prune.ts';
import type { Settings } from '../../../device/domain/settings.ts';
import { register } from '../../unit/hill-view.ts';
import { minute } from './oracle.ts';
import type { Backup } from './machine.ts';
import type { Pages } from './pages.ts';
import type { PeoplePorts } from './people-ports.ts';
import type { Pupils } from './pupils.ts';
import { Scene } from './scene.ts';

export class Keepers extends Scene {
  private readonly kiosk: Pupils;
  private changes = 0;
  private backup: { readonly of: Backup; readonly last: number; readonly at: number } | null = null;

  constructor(ports: PeoplePorts & { readonly pages: Pages }, kiosk: Pupils) {
    super(ports);
    this.kiosk = kiosk;
  }

  /** One date. `at`: a minute of it. */
  plan(at: (minutes: number) => number): void {
    const { traits } = this.ports;
    const some = (minutes: number, span: number): number =>
      at(minutes + this.chance.below(span)) + this.chance.below(minute);
    if (traits.retention) this.at(some(17 * 60, 40), () => this.exports());
    if (traits.erasing) {
      if (this.often(0.7)) this.at(some(9 * 60, 360), () => this.erases());
      this.at(some(16 * 60 + 30, 120), () => this.erases());
    }
    if (traits.adoption) {
      if (this.often(0.5)) this.at(some(8 * 60, 800), () => this.enrolsAnew());
      for (const minutes of [9 * 60, 13 * 60 + 20]) this.at(some(minutes, 120), () => this.adopts());
    }
    if (traits.holding) {
      for (const minutes of [9 * 60, 15 * 60 + 30]) this.at(some(minutes, 240), () => this.holds());
      this.at(some(12 * 60, 600), () => this.looksAtHeld());
    }
    if (traits.restores && this.often(0.6)) this.at(some(7 * 60, 600), () => this.backsUp());
    if (traits.restores && this.often(0.5)) this.at(some(9 * 60, 420), () => this.restores());
    if (traits.settings && this.often(0.6))
      this.at(some(this.often(0.5) ? 20 * 60 : 8 * 60 + 30, 200), () => this.changesSettings());
  }

  private exports(): void {
    const ledger = this.ports.machine.house?.desk.durable;
    for (const date of ledger?.days.keys() ?? []) {
      // Some days nobody ever thinks of.
      const isForgotten = Number(date.slice(-2)) % 5 === 0;
      if (isForgotten || ledger?.exported.has(date) === true || this.often(0.15)) continue;
      const input = { date, by: 'Ms Reed' };
      this.tell(`exported ${date}`);
      this.ports.pages.send({
        what: `exported ${date}`,
        input,
        ask: (house, command) => house.staff.exported(command, input),
        essence: () => 'done',
      });
    }
  }

  /** Somebody of whom nothing is open: else it is refused. The power may go in the middle, or the pupil come. */
  private erases(): void {
    const { machine, auditor } = this.ports;
    const ledger = machine.house?.desk.durable;
    if (ledger === undefined) return;
    const open = new Set(unfinished(ledger));
    const known = [...ledger.byPupil.keys()].filter((pupil) => !open.has(pupil) || this.often(0.05));
    if (known.length === 0) return;
    // Rare, and the hardest to be rid of: of whom something stands on after the segment that it was recorded in.
    const carried = known.filter((one) => auditor.carried.has(one));
    const pupil = this.one(carried.length > 0 && this.often(0.5) ? carried : known);
    const input = { pupil, by: 'Ms Reed', second: 'Mr Shah', why: 'asked for in writing' };
    this.tell(`erase ${pupil}`);
    let asked = '';
    this.ports.pages.send({
      what: 'erase',
      input,
      ask: (house, command) => {
        asked = command.id;
        auditor.keeping.asks(command.id, pupil);
        return house.erasing.erase(command, input);
      },
      essence: ({ record }) => record,
      then: () => auditor.erased(asked, machine.photos()),
    });
    if (this.often(0.3))
      machine.dieAtChange(this.chance.below(16), this.one(['kill', 'cut'] as const), this.one([0, 5 * minute]));
    else if (this.often(0.3)) this.in(this.chance.below(60), () => this.kiosk.comes(pupil));
  }

  /** Somebody may have to see what was recorded of a pupil, and the photo: neither goes by date until a day, or until let go of. */
  private holds(): void {
    const { machine, auditor } = this.ports;
    const ledger = machine.house?.desk.durable;
    if (ledger === undefined) return;
    const held = [...ledger.holds].flatMap(([ref, { until }]) => (until === null ? [] : [ref]));
    const isLetGo = held.length > 0 && this.often(0.4);
    const shown = [...ledger.movements.values()].filter(({ record }) => machine.photos().includes(record.visit));
    const from = shown.length > 0 && this.often(0.7) ? shown : [...ledger.movements.values()];
    if (!isLetGo && from.length === 0) return;
    const movement = isLetGo ? this.one(held) : this.one(from).record.ref;
    const visit = ledger.movements.get(movement)?.record.visit;
    const days = isLetGo ? null : this.one([1, 2, 5, 30]);
    const input = { movement, days, why: isLetGo ? null : 'asked for by the safeguarding lead', by: 'Ms Reed' };
    this.tell(`hold ${JSON.stringify(input)}`);
    this.ports.pages.send({
      what: isLetGo ? 'let go of a movement' : 'hold a movement',
      input,
      ask: (house, command) => house.staff.holdMovement(command, input),
      essence: () => 'done',
      then: () => {
        auditor.count('held');
        auditor.keeping.heldWith(movement, visit, machine.photos());
      },
    });
  }

  private looksAtHeld(): void {
    const { machine, auditor } = this.ports;
    if (machine.house !== null) auditor.keeping.heldStays(machine.photos(), this.ports.schedule.now);
  }

  /** The office enrols a pupil anew: another person, for all that the MIS knows. */
  private enrolsAnew(): void {
    const { mis, auditor, pupils, schedule } = this.ports;
    const pupil = mis.mis.withUpi(this.one(pupils));
    if (pupil?.onRoll !== true) return;
    const upi = createHash('md5').update(`${pupil.upi} ${schedule.now}`).digest('hex');
    this.tell(`enrolled anew: ${pupil.upi}, now ${upi}`);
    mis.mis.leave(pupil);
    mis.mis.reEnrol({ ...pupil, upi, misId: String(90_000 + this.chance.below(9_999)), onRoll: false });
    auditor.truth.anew.set(pupil.upi, upi);
    pupils.splice(pupils.indexOf(pupil.upi), 1, upi);
  }

  /** Whom the roster shows under another key by now; now and then somebody takes it back. */
  private adopts(): void {
    const { machine, auditor } = this.ports;
    const { house } = machine;
    if (house === null) return;
    // Else the box hears of it in the night.
    if (this.often(0.3)) house.roster.pull().catch(() => undefined);
    for (const [from, to] of auditor.truth.anew) {
      const roster = house.roster.roster();
      const isDone = house.desk.durable.adopted.get(from) === to;
      if (isDone ? !this.often(0.04) : roster.byKey(to) === undefined || roster.byKey(from) !== undefined) continue;
      const input = isDone ? { from: to, to: from, by: 'Ms Reed' } : { from, to, by: 'Ms Reed' };
      this.tell(`adopt ${input.from} ${input.to}`);
      this.ports.pages.send({
        what: 'adopt',
        input,
        ask: (one, command) => one.staff.adopt(command, input),
        essence: () => 'done',
      });
    }
  }

  private backsUp(): void {
    const { machine, auditor, schedule } = this.ports;
    if (machine.house === null) return;
    this.tell('backup');
    this.backup = { of: machine.backup(), last: auditor.heard, at: schedule.now };
  }

  /** The card has died, and what a copy holds goes on; now and then the power goes again as Porter starts on it. */
  private restores(): void {
    const { machine, auditor, schedule } = this.ports;
    const { backup } = this;
    if (backup === null || machine.house === null || schedule.now - backup.at < 10 * minute) return;
    this.tell(`restored: the copy up to ${backup.last}`);
    auditor.count('restored');
    // Once: the same copy put back twice gives the same badge IDs twice on a day, and nothing on the card can tell.
    this.backup = null;
    machine.restore(backup.of, 10 * minute, () => {
      auditor.restored(backup.last);
      if (this.often(0.5)) machine.dieAtChange(this.chance.below(30), this.one(['kill', 'cut'] as const), 0);
    });
  }

  /** Other register times, reasons and rules; Porter starts with them. */
  private changesSettings(): void {
    const { settings, machine } = this.ports;
    this.changes += 1;
    const { times, leave, late, lateReasons } = settings;
    const next: Partial<Settings> = {
      version: `test-${this.changes}`,
      times: {
        ...times,
        am: this.one([
          register('08:40', '09:10', '12:15'),
          register('08:30', '09:20', '12:05'),
          register('08:50', '09:05', '12:30'),
        ]),
        pm: this.one([register('13:15', '13:45', '15:20'), register('13:00', '13:50', '15:10')]),
      },
      leave: { ...leave, writeLaterSession: this.often(0.5) },
      late: { ...late, afterClose: this.one(['office', 'code'] as const) },
      lateReasons: lateReasons.map((one) =>
        one.id === 'appointment' ? { ...one, afterClose: this.one(['M', 'I', null]) } : one,
      ),
    };
    this.tell(`settings ${JSON.stringify(next)}`);
    this.ports.auditor.count('settings changed');
    Object.assign(settings, next);
    if (machine.house === null) machine.kill();
    else machine.stop();
  }
}
