/**
 * The people of a school day, and when they do what: pupils at the kiosk (`pupils.ts`), staff beside it (`staff.ts`), teachers
 * and the office at the MIS (`mis-users.ts`).
 */
import { MisUsers } from './mis-users.ts';
import { epochOf, minute, registersOn } from './oracle.ts';
import { Pages } from './pages.ts';
import { Pupils } from './pupils.ts';
import { second } from './people-ports.ts';
import type { PeoplePorts } from './people-ports.ts';
import { Keepers } from './keepers.ts';
import { Scene } from './scene.ts';
import { Staff } from './staff.ts';

export class People extends Scene {
  private readonly atKiosk: Pupils;
  private readonly staff: Staff;
  private readonly misUsers: MisUsers;
  private readonly keepers: Keepers;

  constructor(ports: PeoplePorts) {
    const all = { ...ports, pages: new Pages(ports) };
    super(all);
    this.atKiosk = new Pupils(all);
    this.staff = new Staff(all);
    this.misUsers = new MisUsers(all);
    this.keepers = new Keepers({ ...all, chance: ports.rare }, this.atKiosk);
  }

  /** See `Traits.lateUndo`. */
  misAnswered(): void {
    if (this.ports.traits.lateUndo) this.staff.undoesWhatWaits();
  }

  /** At the end of a life: what staff must say so that marks go on. */
  letGoOn(): void {
    this.staff.letGoOn();
  }

  /** Plans one date; nothing on days without school, but for somebody who tries. */
  plan(date: string): void {
    const { settings, pupils, bustle } = this.ports;
    const { atKiosk, staff, misUsers } = this;
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
        if (!this.often(0.4 * bustle)) continue;
        const edge = at(this.one(edges)) + this.one([-1, 0, 1, -40, 40, -second, second, 30 * second]);
        const time = this.often(0.2)
          ? edge
          : at(times.opens - 20 + this.chance.below(span)) + this.chance.below(minute);
        this.at(time, () => atKiosk.comes(pupil));
      }
      for (const pupil of pupils) {
        if (!this.often(0.16 * bustle)) continue;
        this.at(at(times.opens + this.chance.below(span)) + this.chance.below(minute), () => atKiosk.leaves(pupil));
      }
      if (this.often(0.8)) this.at(at(times.opens + this.chance.below(20)), () => misUsers.takeRegister(date, session));
      for (let count = this.chance.below(5) * bustle; count > 0; count -= 1)
        this.at(at(times.opens + this.chance.below(span)), () => misUsers.teacher(date));
      for (let count = this.chance.below(10) * bustle; count > 0; count -= 1)
        this.at(at(times.opens + this.chance.below(span)), () => staff.acts());
    }
    if (this.often(0.3 * bustle)) this.at(at(19 * 60) + this.chance.below(180 * minute), () => misUsers.office());
    if (this.often(0.3 * bustle)) this.at(at(this.chance.below(1440)), () => atKiosk.comes(this.one(pupils)));
    if (this.often(0.5)) this.at(at(16 * 60), () => staff.settleAll());
    this.keepers.plan(at);
  }
}
