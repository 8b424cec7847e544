/** The clock of the box: an interval, from all the evidence that there is (durability.md 17). The wall clock may be wrong. */
import { isTrusted } from '../domain/clock-trust.ts';
import type { Recorded } from '../domain/record.ts';
import {
  estimate,
  heard,
  jumpAloneMaxMs,
  jumpMaxMs,
  learnt,
  noDates,
  rtcJudgedWithinMs,
  rtcWord,
  saidByMis,
  wallWord,
} from '../domain/time-evidence.ts';
import type { DateHeard, Estimate, Evidence, Known, TimeSource, WallKnown } from '../domain/time-evidence.ts';
import { thisMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import type { Clock, ClockPupil, TimeReading } from './ports.ts';

export interface ClockOptions {
  /** `system` trusts the wall clock always. */
  readonly trust: 'auto' | 'system';
  /** Milliseconds added to the wall clock; demo and tests only. */
  readonly offsetMs: number;
  /** The build's time, milliseconds since the epoch: an earlier wall clock is wrong. */
  readonly builtAt: number;
  /** Is there an MIS whose certificate says that its `Date` can be believed? Then the wall clock need not be alone. */
  readonly hasMis: boolean;
}

/** The wall clock is looked at this often, when somebody asks for the time. */
const lookEveryMs = 1_000;

export class SystemClock implements Clock, ClockPupil {
  readonly boot: string;
  private readonly options: ClockOptions;
  private readonly machine: Machine;
  private known: Known;
  private wall: WallKnown | null = null;
  private dates = noDates;
  private lookedAt = -Infinity;
  /** The last boot of which a person said what time it was. */
  private setByHand: string | null = null;
  /** When the battery clock was last seen to be right, by a time that others knew; null: never. */
  private rtcRightAt: number | null = null;
  /** What the journal says comes first: until then nothing is sure. */
  private begun = false;

  constructor(options: ClockOptions, machine: Machine = thisMachine) {
    this.options = options;
    this.machine = machine;
    this.boot = machine.boot;
    const { builtAt, hasMis } = options;
    this.known = { evidence: [], builtAt, newest: null, jumpMaxMs: hasMis ? jumpMaxMs : jumpAloneMaxMs };
  }

  /** The wall clock, brought into the interval where it lies outside. */
  now(): number {
    const wall = this.machine.wall() + this.options.offsetMs;
    if (this.options.trust === 'system') return wall;
    const { earliest, latest } = this.at(this.mono());
    // Whole, as every clock's: widening makes fractions, which calendars do not take.
    return Math.max(Math.ceil(earliest), latest === null ? wall : Math.min(Math.floor(latest), wall));
  }

  mono(): number {
    return this.machine.mono();
  }

  trusted(): boolean {
    return this.options.trust === 'system' || isTrusted(this.at(this.mono()));
  }

  sources(): readonly TimeSource[] {
    return this.options.trust === 'system' ? ['system'] : this.trusted() ? this.at(this.mono()).sources : [];
  }

  /** Not by its own word, nor by what followed from it. */
  rtcOffMs(): number | null {
    const { earliest, latest, sources } = this.at(this.mono());
    const isOthers = sources.some((source) => source !== 'rtc' && source !== 'record');
    const shows = this.machine.rtc();
    if (shows === null || latest === null || !isOthers || latest - earliest > rtcJudgedWithinMs) return null;
    return Math.round(shows - (earliest + latest) / 2);
  }

  reading(agoMs = 0): TimeReading {
    const mono = this.mono() - agoMs;
    const { boot } = this;
    if (this.options.trust === 'system') {
      const then = this.now() - agoMs;
      return { earliest: then, latest: then, mono, boot };
    }
    const { earliest, latest } = this.at(mono);
    return { earliest: Math.floor(earliest), latest: latest === null ? null : Math.ceil(latest), mono, boot };
  }

  // ---- What teaches it ----

  recorded(records: readonly Recorded[]): void {
    for (const record of records) {
      const { at } = record;
      const isOfThisBoot = at.boot === this.boot;
      if (isTrusted(at)) {
        const { earliest, latest } = at;
        // Whoever sets a box by hand may be wrong, and may put it right.
        if (at.boot !== this.setByHand) {
          this.known = { ...this.known, newest: { earliest, mono: isOfThisBoot ? at.mono : 0 } };
        }
        if (isOfThisBoot) this.learn({ source: 'record', earliest, latest, mono: at.mono });
      }
      if (record.type === 'time' && record.rtcOffMs !== undefined) this.rtcRightAt = record.earliest;
      if (record.type !== 'time' || record.by === null || record.movement !== undefined) continue;
      this.setByHand = record.boot;
      const { boot, earliest, latest, mono } = record;
      if (boot === this.boot) this.learn({ source: 'person', earliest, latest, mono });
    }
  }

  begin(): void {
    this.begun = true;
    const shows = this.machine.rtc();
    // In a boot that has records of a sure time, those know better.
    if (this.rtcRightAt === null || shows === null || this.known.evidence.length > 0) return;
    const word = rtcWord(this.rtcRightAt, shows, this.mono());
    if (word !== null) this.learn(word);
  }

  /** The `Date` of an answer of the MIS, whose certificate was checked. */
  heard(date: DateHeard): void {
    this.dates = heard(this.dates, date);
    const word = saidByMis(this.dates);
    if (word !== null) this.learn(word);
  }

  private learn(word: Evidence): void {
    this.known = learnt(this.known, word);
  }

  private at(mono: number): Estimate {
    this.look();
    if (!this.begun) return { earliest: this.known.builtAt, latest: null, sources: [] };
    return estimate(this.known, mono);
  }

  private look(): void {
    const mono = this.mono();
    if (mono - this.lookedAt < lookEveryMs) return;
    this.lookedAt = mono;
    const seen = { wall: this.machine.wall(), mono, synchronised: this.machine.synchronised() };
    const { known, word } = wallWord(this.wall, seen);
    this.wall = known;
    if (word !== null) this.learn(word);
  }
}
