/**
 * What stands in the MIS's registers, as last read. Every read goes through here, so that the kiosk's "please see reception"
 * and the watch over our own marks live off the same pages.
 */
import type { Pupil } from '../domain/pupil.ts';
import type { SessionName } from '../domain/settings.ts';
import type { Clock } from '../system/ports.ts';
import type { MisAnswer, MisConnector, SeenMark } from './connector.ts';
import type { Line } from './line.ts';

/** Sessions kept: today's two, and what a backlog reads besides. */
const sessionsMax = 16;

export interface Register {
  /** Monotonic milliseconds of the last read of anybody in it. */
  readonly readAt: number;
  /** Pupil key to what stands; null: read, and no mark. */
  readonly marks: Map<string, SeenMark | null>;
}

export class Registers {
  private readonly read = new Map<string, Register>();
  private readonly connector: MisConnector;
  private readonly line: Line;
  private readonly clock: Clock;

  constructor(connector: MisConnector, line: Line, clock: Clock) {
    this.connector = connector;
    this.line = line;
    this.clock = clock;
  }

  /** Reads these pupils' marks now. */
  async readNow(
    date: string,
    session: SessionName,
    pupils: readonly Pupil[],
  ): Promise<MisAnswer<ReadonlyMap<string, SeenMark | null>>> {
    const misIds = pupils.map((pupil) => pupil.misId);
    const answer = await this.line.ask((signal) => this.connector.readMarks({ date, session, misIds }, signal));
    if (!answer.ok) return answer;
    const seen = new Map(pupils.map((pupil) => [pupil.key, answer.value.get(pupil.misId) ?? null]));
    const register = this.registerOf(date, session);
    for (const [pupil, mark] of seen) register.marks.set(pupil, mark);
    return { ok: true, value: seen };
  }

  /** The code that stood at the last read; null when none did or nobody read. */
  lastCode(pupil: string, date: string, session: SessionName): string | null {
    return this.read.get(`${date} ${session}`)?.marks.get(pupil)?.code ?? null;
  }

  private registerOf(date: string, session: SessionName): Register {
    const name = `${date} ${session}`;
    const marks = this.read.get(name)?.marks ?? new Map<string, SeenMark | null>();
    const register = { readAt: this.clock.mono(), marks };
    this.read.delete(name);
    this.read.set(name, register);
    const [oldest] = this.read.keys();
    if (this.read.size > sessionsMax && oldest !== undefined) this.read.delete(oldest);
    return register;
  }
}
