/** What goes wrong around the box: the line, the MIS, the card, the clock, power, printer and camera. One plan a day, by chance. */
import type { MisFault } from '../../../device/demo/faults.ts';
import type { Seeded } from '../../../device/demo/random.ts';
import { testKey } from '../../support/keys.ts';
import type { MachineClock } from './clock.ts';
import type { WorldDisk } from './disk.ts';
import type { History } from './history.ts';
import type { Machine } from './machine.ts';
import type { MisWorld } from './mis.ts';
import { epochOf, minute } from './oracle.ts';
import type { CameraWorld, PrinterWorld } from './parts.ts';
import type { Schedule } from './schedule.ts';

const second = 1_000;
const hour = 60 * minute;

export interface WeatherPorts {
  readonly schedule: Schedule;
  readonly chance: Seeded;
  readonly history: History;
  readonly machine: Machine;
  readonly mis: MisWorld;
  readonly disk: WorldDisk;
  readonly clock: MachineClock;
  readonly printer: PrinterWorld;
  readonly camera: CameraWorld;
  /** How stormy: 0 to 1. */
  readonly storm: number;
  /** What this MIS never does as it should, or never shows. */
  readonly ways: readonly MisFault[];
}

export class Weather {
  private over = false;
  private readonly ports: WeatherPorts;

  constructor(ports: WeatherPorts) {
    this.ports = ports;
    ports.machine.onBoot = () => this.setClockSome();
  }

  plan(date: string): void {
    const { chance, storm, schedule } = this.ports;
    this.usualWays();
    const count = Math.round(storm * (4 + chance.below(22)));
    for (let made = 0; made < count; made += 1) {
      const inHours = chance.next() < 0.85;
      const at = epochOf(date, inHours ? 500 + chance.below(460) : chance.below(1440)) + chance.below(minute);
      schedule.at(at, () => {
        if (this.over) return;
        this.ports.machine.stir();
        this.strike();
      });
    }
  }

  private tell(line: string): void {
    this.ports.history.add(this.ports.schedule.now, `~ ${line}`);
  }
  private one<T>(of: readonly T[]): T {
    return this.ports.chance.pick(of);
  }
  private later(ms: number, run: () => void): void {
    this.ports.schedule.after(ms, run);
  }

  private strike(): void {
    const { machine, chance } = this.ports;
    switch (chance.below(17)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return this.misFault();
      case 4:
      case 5:
        return this.line();
      case 6:
        return this.schoolOffline();
      case 7:
        this.tell('kill');
        return machine.kill();
      case 8:
        this.tell('power cut');
        return machine.cut(this.off());
      case 9:
      case 10: {
        const how = this.one(['kill', 'cut'] as const);
        const changes = chance.below(14);
        this.tell(`${how} after ${changes} changes of the card`);
        return machine.dieAtChange(changes, how, this.off());
      }
      case 11:
        this.tell('stop');
        return machine.stop();
      case 12:
      case 13:
        return this.card();
      case 14:
        return this.parts();
      case 15:
        return this.dataFolder();
      default:
        return this.pace();
    }
  }

  private off(): number {
    return this.one([0, 0, 10 * second, 5 * minute, 2 * hour]);
  }

  private misFault(): void {
    const { chance, mis } = this.ports;
    const lasts = this.one<Partial<MisFault>>([
      { times: 1 },
      { times: 3 },
      { for_ms: 90 * second },
      { for_ms: 40 * minute },
    ]);
    const where = this.one<Partial<MisFault>>([
      {},
      { method: 'POST' },
      { path: 'attendance/session' },
      { method: 'GET' },
    ]);
    const stored = chance.next() < 0.5;
    const student = this.one(mis.mis.onRoll()).id;
    const fault = this.one<MisFault>([
      { name: '400' },
      { name: '500', stored },
      { name: '502', stored },
      { name: '503', stored },
      { name: 'html', stored },
      { name: 'hang', stored },
      { name: 'empty' },
      { name: 'truncated' },
      { name: 'half-answer' },
      { name: 'reset-before' },
      { name: 'reset-after' },
      { name: 'redirect' },
      { name: 'tls' },
      { name: '429', seconds: 1 + chance.below(90) },
      { name: '429-date', seconds: 1 + chance.below(60) },
      { name: '429-bare' },
      { name: '401' },
      { name: '403' },
      { name: '404' },
      { name: '422', student_id: student },
      { name: 'partial' },
      { name: 'writeback-failed', message: 'The register is locked' },
      { name: 'not-stored' },
      { name: 'odd-status' },
      { name: 'out-of-order' },
      { name: 'duplicates', ms: this.one([5 * second, 30 * second, 20 * minute]) },
      { name: 'stale-read', ms: 30 * second },
      { name: 'slow', ms: 4 * second },
      { name: 'no-comment' },
      { name: 'no-minutes' },
      { name: 'no-writeback' },
      { name: 'no-u' },
      { name: 'ignore-filters' },
    ]);
    const whole = { ...where, ...fault, ...lasts };
    this.tell(`mis ${JSON.stringify(whole)}`);
    mis.simulation.faults.set(whole);
  }

  private line(): void {
    const { mis } = this.ports;
    const way = this.one(['refused', 'black-hole'] as const);
    const lasts = this.one([5 * second, 40 * second, 10 * minute, 3 * hour, 20 * hour]);
    this.tell(`line ${way} for ${lasts / 1000} s`);
    mis.way = way;
    this.later(lasts, () => (mis.way = 'open'));
  }

  private schoolOffline(): void {
    const { mis } = this.ports.mis;
    const lasts = this.one([minute, 20 * minute, 3 * hour, 16 * hour]);
    this.tell(`school offline for ${lasts / minute} min`);
    mis.setSchoolOnline(false);
    this.later(lasts, () => mis.setSchoolOnline(true));
  }

  private card(): void {
    const { disk, machine, chance } = this.ports;
    const lasts = this.one([10 * second, 3 * minute, 30 * minute]);
    const what = this.one(['full', 'full', 'EROFS', 'EIO', 'write', 'short', 'sync', 'slow', 'slow'] as const);
    this.tell(`card ${what} for ${lasts / 1000} s`);
    switch (what) {
      case 'full':
        disk.capacity = disk.used() + this.one([0, 100, 700, 5_000]);
        this.later(lasts, () => (disk.capacity = Infinity));
        return;
      case 'EROFS':
      case 'EIO':
        disk.faults.all = what;
        this.later(lasts, () => (disk.faults.all = null));
        return;
      case 'write':
      case 'sync':
        disk.faults[what] = this.one(['EIO', 'ENOSPC']);
        return;
      case 'short':
        disk.faults.short = chance.below(300);
        return;
      case 'slow':
        machine.cardMs = this.one([
          [200, 900],
          [1_500, 6_000],
          [20_000, 70_000],
          [20_000, 70_000],
        ]);
        this.later(lasts, () => (machine.cardMs = [1, 8]));
    }
  }

  private parts(): void {
    const { printer, camera } = this.ports;
    printer.state = this.one(['ready', 'paper-out', 'cover-open', 'offline', 'paper-low']);
    printer.hangs = this.one([true, false]);
    camera.fault = this.one(['none', 'missing', 'hang']);
    this.tell(`printer ${printer.state} ${String(printer.hangs)}, camera ${camera.fault}`);
    this.later(this.one([30 * second, 20 * minute]), () => this.mendParts());
  }
  private mendParts(): void {
    const { printer, camera } = this.ports;
    printer.state = 'ready';
    printer.hangs = false;
    camera.fault = 'none';
  }

  /** Its keys are made new while no Porter runs, a copy of the checkpoint is put back, or it is spoilt. */
  private dataFolder(): void {
    const { machine, chance } = this.ports;
    const what = this.one(['keys', 'before', 'damaged'] as const);
    this.tell(`data folder: ${what}`);
    if (what === 'keys') machine.keys.push(testKey(2 + (machine.keys.length % 250)));
    else machine.checkpoint = what;
    machine.stop();
    this.later(chance.below(30 * minute), () => (machine.checkpoint = 'last'));
  }

  private usualWays(): void {
    for (const way of this.ports.ways) this.ports.mis.simulation.faults.set(way);
  }

  private pace(): void {
    const { mis, chance, storm } = this.ports;
    mis.latency = this.one([
      [1, 3],
      [5, 120],
      [300, 2_500],
      [3_000, 25_000],
    ]);
    mis.mis.delayMs = this.one([0, 1_000, 2_000, 20_000, 70_000, 15 * minute]);
    mis.loss = { before: this.one([0, 0, 0.1]), after: this.one([0, 0, 0.1]) };
    this.tell(
      `pace ${mis.latency.join('-')} ms, write-backs ${mis.mis.delayMs} ms, loss ${mis.loss.before} ${mis.loss.after}`,
    );
    // In a quiet life a line stays slow for no whole week: so many tries would be all that happens.
    if (chance.next() < 0.7 || storm < 0.2) this.later(30 * minute, () => this.usualPace());
  }
  private usualPace(): void {
    const { mis } = this.ports;
    mis.latency = [5, 120];
    mis.mis.delayMs = 2_000;
    mis.loss = { before: 0, after: 0 };
  }

  /** After a boot a time server sets the clock: soon, hours later, or never in this boot. */
  private setClockSome(): void {
    const { clock, chance } = this.ports;
    const { boot } = clock;
    const wait = this.over ? 2_000 : this.one([2_000, 20_000, 20_000, 10 * minute, 3 * hour, null]);
    if (wait === null) return;
    this.later(wait, () => {
      if (clock.boot !== boot || clock.isSynchronised) return;
      clock.synchronise(chance.below(100) - 50);
      this.tell('the clock is set');
      this.ports.machine.stir();
    });
  }

  /** Everything well again, and it stays so. */
  heal(): void {
    const { mis, disk, machine, clock } = this.ports;
    this.over = true;
    this.tell('all is well');
    mis.simulation.faults.clear();
    this.usualWays();
    mis.way = 'open';
    mis.mis.roster = 'full';
    this.usualPace();
    mis.mis.setSchoolOnline(true);
    disk.capacity = Infinity;
    Object.assign(disk.faults, { all: null, write: null, sync: null, short: null });
    machine.cardMs = [1, 8];
    this.mendParts();
    if (!clock.isSynchronised) clock.synchronise(0);
    machine.stir();
  }
}
