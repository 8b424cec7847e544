/**
 * Looks through the present register for everybody, now and then: who is marked absent or away, whether our marks still
 * stand, and whether a write of ours came late and again (durability.md 20 to 22).
 */
import type { Ledger } from '../domain/ledger.ts';
import { wishOf } from '../domain/mark.ts';
import type { Mark } from '../domain/mark.ts';
import { bearsOurComment } from '../domain/outbox.ts';
import type { ReportRow } from '../domain/record.ts';
import type { Pupil } from '../domain/pupil.ts';
import type { SessionName } from '../domain/settings.ts';
import type { Clock } from '../system/ports.ts';
import type { SeenMark } from './connector.ts';
import type { Registers } from './registers.ts';

const everyMs = 10 * 60_000;

export interface SweepPorts {
  readonly registers: Registers;
  readonly clock: Clock;
  readonly ledger: () => Ledger;
  readonly pupils: () => readonly Pupil[];
  /** Session null outside school hours: then nothing is read. */
  readonly today: () => { readonly date: string; readonly session: SessionName | null };
}

export class Sweep {
  private sweptAt = -Infinity;
  /** Marks that were not as we left them, and what stood there: it may have been a stale read. */
  private doubts = new Map<string, string | null>();
  private readonly ports: SweepPorts;

  constructor(ports: SweepPorts) {
    this.ports = ports;
  }

  isDue(): boolean {
    if (this.ports.clock.mono() - this.sweptAt < everyMs) return false;
    return this.ports.today().session !== null && this.ports.pupils().length > 0;
  }

  async run(): Promise<readonly ReportRow[]> {
    const { date, session } = this.ports.today();
    if (session === null) return [];
    this.sweptAt = this.ports.clock.mono();
    const ours = [...this.ports.ledger().marks.values()].filter(
      (mark) => mark.date === date && mark.session === session && mark.flight === null && mark.writes.length > 0,
    );
    const known = new Map(ours.map(({ key, pupil }) => [key, this.ports.registers.last(pupil, date, session)]));
    const seen = await this.ports.registers.readNow(date, session, this.ports.pupils());
    if (!seen.ok) return [];
    const before = this.doubts;
    this.doubts = new Map();
    return ours.flatMap((mark) => {
      const standing = seen.value.get(mark.pupil);
      if (standing === undefined) return []; // no longer on the roster
      return this.look(mark, standing, known.get(mark.key) ?? null, before.get(mark.key)) ?? [];
    });
  }

  private look(
    mark: Mark,
    standing: SeenMark | null,
    known: SeenMark | null,
    doubt: string | null | undefined,
  ): ReportRow | null {
    const { key, ours, writes } = mark;
    const code = standing?.code ?? null;
    if (code === (ours?.code ?? null)) return null;
    // The MIS has applied a write of ours once more.
    if (writes.some(({ item }) => bearsOurComment(item, standing))) return { key, event: 'seen', seen: code };
    if (ours === null || wishOf(mark).kind === 'restore') return null;
    // Registers never go back to an older mark; "no mark" has no time, and after a restart nothing is known.
    const isNewer = standing !== null && known?.code === ours.code;
    if (isNewer || doubt === code) return { key, event: 'changed', seen: code, why: 'changed by school' };
    this.doubts.set(key, code);
    return null;
  }
}
