/** Who are you? Name lists by year and birth month, within hours, and not for leafing through (product.md 3). */
import type { Accepting, ChooseAnswer, Flow, NamesAnswer, NoteInput } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import type { Ledger } from '../domain/ledger.ts';
import { labels } from '../domain/names.ts';
import { localTime, withinKioskHours } from '../domain/school-day.ts';
import type { Desk, DeskCommand } from './desk.ts';
import { note } from './note.ts';
import { afterTheName, awayCode } from './presence.ts';
import type { School } from './school.ts';

/** Three visits in five minutes that open a list and choose nobody pause the lists for a minute. Monotonic time. */
const idleVisitsMax = 3;
const idleVisitsWithinMs = 5 * 60_000;
const pauseMs = 60_000;
/** Visits remembered; a kiosk has one at a time. */
const visitsMax = 20;

export interface Picker {
  accepting(): Accepting;
  names(input: { readonly visit: string; readonly yearGroup: string; readonly month: number }): Result<NamesAnswer>;
  choose(input: { readonly visit: string; readonly flow: Flow; readonly pupil: string }): Result<ChooseAnswer>;
  /** The visit went Home. */
  ended(visit: string): Promise<void>;
  /** "I'm not sure", "I'm not on the list", "I haven't got a badge". */
  note(command: DeskCommand, input: NoteInput): Promise<Result<null>>;
}

/** `storageWorks`: may anything be accepted at all? */
export function picker(school: School, desk: Desk, storageWorks: () => boolean): Picker {
  return new ListPicker(school, desk, storageWorks);
}

class ListPicker implements Picker {
  /** Visits that opened a list: did they choose somebody, or say who they are in another way? */
  private readonly opened = new Map<string, boolean>();
  private idle: number[] = [];
  private pausedUntil = 0;
  /** Staff are to be told of a pause: with the next visit where the card does not take it. */
  private toTell = false;
  private readonly school: School;
  private readonly desk: Desk;
  private readonly storageWorks: () => boolean;

  constructor(school: School, desk: Desk, storageWorks: () => boolean) {
    this.school = school;
    this.desk = desk;
    this.storageWorks = storageWorks;
  }

  accepting(): Accepting {
    const { school } = this;
    if (!this.storageWorks()) return { state: 'storage-failed' };
    if (school.roster.pupils.length === 0) return { state: 'no-roster' };
    const pause = this.pausedUntil - school.clock.mono();
    if (pause > 0) return { state: 'paused', retryInMs: pause };
    // With a clock that is not trusted nobody can say that it is out of hours.
    if (!school.clock.trusted()) return { state: 'open' };
    const local = localTime(school.clock.now(), school.settings.school.timeZone);
    return withinKioskHours(local, school.settings) ? { state: 'open' } : { state: 'closed' };
  }

  names(input: { readonly visit: string; readonly yearGroup: string; readonly month: number }): Result<NamesAnswer> {
    const refusal = this.refusal();
    if (refusal !== null) return refusal;
    const { roster, settings } = this.school;
    const { visit, yearGroup, month } = input;
    if (!this.opened.has(visit)) this.remember(visit, false);
    const onKiosk = !settings.roster.offKiosk.includes(yearGroup);
    const here = roster.pupils.filter(
      (pupil) => onKiosk && pupil.yearGroup === yearGroup && pupil.birthMonth === month,
    );
    const { pupils, hidden } = labels(here, settings.school.languages[0] ?? 'en');
    return { ok: true, value: { pupils, someHidden: hidden > 0 } };
  }

  choose(input: { readonly visit: string; readonly flow: Flow; readonly pupil: string }): Result<ChooseAnswer> {
    const refusal = this.refusal();
    if (refusal !== null) return refusal;
    const pupil = this.school.roster.byKey(input.pupil);
    if (pupil === undefined) return { ok: false, error: { code: 'not_found' } };
    this.remember(input.visit, true);
    const touch = this.school.clock.reading();
    return { ok: true, value: afterTheName(this.school, this.desk.durable, input.flow, pupil, touch) };
  }

  async ended(visit: string): Promise<void> {
    const choseNobody = this.opened.get(visit) === false;
    this.opened.delete(visit);
    if (choseNobody) this.wasIdle();
    if (!this.toTell) return;
    this.toTell = false;
    const told = await this.desk.record(() => [note('lists-opened', { detail: String(idleVisitsMax) })]);
    if (told.length === 0) this.toTell = true;
  }

  private wasIdle(): void {
    const now = this.school.clock.mono();
    this.idle = [...this.idle.filter((at) => now - at < idleVisitsWithinMs), now];
    if (this.idle.length < idleVisitsMax) return;
    this.idle = [];
    this.pausedUntil = now + pauseMs;
    this.toTell = true;
  }

  note(command: DeskCommand, input: NoteInput): Promise<Result<null>> {
    const { kind, visit, pupil = null } = input;
    this.remember(visit, true);
    // Somebody whom the MIS has as absent, suspended or away wants to leave: that cannot wait.
    const urgent = kind === 'see-reception';
    return this.desk.execute(
      command,
      (ahead) => [note(kind, { urgent, visit, pupil, detail: this.detailOf(ahead, input, command.ageMs) })],
      () => null,
    );
  }

  /** What the pupil said, or the code for which they were sent to reception. */
  private detailOf(
    ahead: Ledger,
    { yearGroup, month, pupil: key, touchAgoMs }: NoteInput,
    ageMs: number,
  ): string | null {
    const pupil = this.school.roster.byKey(key ?? '');
    const touch = this.school.clock.reading(ageMs + touchAgoMs);
    const code = pupil === undefined ? null : awayCode(this.school, ahead, pupil, touch);
    const parts = [
      yearGroup ?? null,
      month === undefined ? null : `month ${String(month)}`,
      code === null ? null : `the MIS says ${code}`,
    ].filter((part) => part !== null);
    return parts.length === 0 ? null : parts.join(', ');
  }

  private refusal(): Extract<Result<never>, { ok: false }> | null {
    const accepting = this.accepting();
    switch (accepting.state) {
      case 'open':
        return null;
      case 'paused':
        return { ok: false, error: { code: 'paused' } };
      case 'storage-failed':
        return { ok: false, error: { code: 'storage_failed' } };
      case 'closed':
      case 'no-roster':
        return { ok: false, error: { code: 'closed' } };
    }
  }

  private remember(visit: string, chose: boolean): void {
    this.opened.delete(visit);
    this.opened.set(visit, chose);
    const [oldest] = this.opened.keys();
    if (this.opened.size > visitsMax && oldest !== undefined) this.opened.delete(oldest);
  }
}
