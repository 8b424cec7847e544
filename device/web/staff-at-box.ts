/** Staff at the touchscreen, behind a PIN, as far as the role goes: approvals, self-test, switching off (product.md 3). */
import type { PartReport, StaffAct, StaffMenu } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import type { Role } from '../contract/staff.ts';
import type { Departures } from '../desk/departures.ts';
import type { DeskCommand } from '../desk/desk.ts';
import type { Ledger } from '../domain/ledger.ts';
import { reasonLabel } from '../desk/school.ts';
import type { School } from '../desk/school.ts';
import type { Pins } from './pins.ts';
import { allows, mayCommand } from './staff/roles.ts';
import type { Rule } from './staff/roles.ts';

/** A pass opens the menu this long; nobody leaves the box open by walking away. Monotonic time. */
const passMs = 2 * 60_000;

/** As the staff page's own; whoever may test the box may switch it off. */
const mayAct: Readonly<Record<StaffAct['act'], Rule>> = {
  'let-go': mayCommand.answer,
  refuse: mayCommand.answer,
  'self-test': mayCommand['self-test'],
  'switch-off': mayCommand['self-test'],
};

export interface StaffAtBoxPorts {
  readonly school: School;
  readonly ledger: () => Ledger;
  readonly departures: Departures;
  readonly pins: Pins;
  readonly selfTest: () => Promise<readonly PartReport[]>;
  readonly switchOff: () => void;
  /** The role of now; null: nobody of that name is there any more. */
  readonly roleOf: (name: string) => Role | null;
  /** Is told in the records. */
  readonly refused: (what: string, by: string) => void;
}

export class StaffAtBox {
  private pass: { readonly id: string; readonly staff: string; readonly until: number } | null = null;
  private readonly ports: StaffAtBoxPorts;

  constructor(ports: StaffAtBoxPorts) {
    this.ports = ports;
  }

  async enter(pin: string): Promise<Result<StaffMenu>> {
    const who = await this.ports.pins.check(pin);
    if (who === 'locked') return { ok: false, error: { code: 'paused' } };
    if (who === 'wrong') return { ok: false, error: { code: 'unauthorised' } };
    if (!Object.values(mayAct).some((rule) => this.lets(who.name, rule))) return this.refuse('Staff', who.name);
    const { clock, random } = this.ports.school;
    this.pass = { id: random.id(), staff: who.name, until: clock.mono() + passMs };
    return { ok: true, value: this.menu(who.name, this.pass.id) };
  }

  async act(
    command: DeskCommand,
    input: StaffAct & { readonly pass: string },
  ): Promise<Result<{ readonly parts?: readonly PartReport[]; readonly menu: StaffMenu }>> {
    const { pass } = this;
    if (pass?.id !== input.pass || this.ports.school.clock.mono() > pass.until) {
      return { ok: false, error: { code: 'unauthorised' } };
    }
    const by = pass.staff;
    if (!this.lets(by, mayAct[input.act])) return this.refuse(input.act, by);
    switch (input.act) {
      case 'self-test':
        return { ok: true, value: { parts: await this.ports.selfTest(), menu: this.menu(by, pass.id) } };
      case 'switch-off':
        this.ports.switchOff();
        return { ok: true, value: { menu: this.menu(by, pass.id) } };
      case 'let-go':
      case 'refuse': {
        const answer = input.act === 'let-go' ? 'let-go' : 'no';
        const adult = input.act === 'let-go' ? input.adult : null;
        const done = await this.ports.departures.answer(command, { visit: input.visit, answer, adult, by });
        return done.ok ? { ok: true, value: { menu: this.menu(by, pass.id) } } : done;
      }
    }
  }

  private lets(name: string, rule: Rule): boolean {
    const role = this.ports.roleOf(name);
    return role !== null && allows(rule, role);
  }

  private refuse(what: string, by: string): Result<never> {
    this.ports.refused(`${what} at the kiosk`, by);
    return { ok: false, error: { code: 'forbidden' } };
  }

  private menu(staff: string, pass: string): StaffMenu {
    const { school, ledger } = this.ports;
    const requests = this.lets(staff, mayCommand.answer) ? ledger().waitingRequests() : [];
    const waiting = requests.map(({ record }) => {
      const pupil = school.roster.byKey(record.pupil);
      return {
        visit: record.visit,
        name: pupil === undefined ? 'No longer on the roster' : `${pupil.forename} ${pupil.surname}`.trim(),
        reason: reasonLabel(school.settings, 'leave', record.reason) ?? '',
        back: record.leave.back,
        withWhom: record.leave.withWhom,
        waitingForMs: waitedMs(school, record.at),
      };
    });
    return { staff, pass, waiting };
  }
}

function waitedMs(
  school: School,
  since: { readonly mono: number; readonly boot: string; readonly earliest: number },
): number {
  const { clock } = school;
  return Math.max(0, since.boot === clock.boot ? clock.mono() - since.mono : clock.now() - since.earliest);
}
