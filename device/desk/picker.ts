/** Who are you? Name lists by year and birth month, within hours, and not for leafing through (product.md 3). */
import type { Accepting, ChooseAnswer, Flow, NamesAnswer, NoteInput } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import { labels } from '../domain/names.ts';
import { localTime, withinKioskHours } from '../domain/school-day.ts';
import type { Body } from '../domain/record.ts';
import type { Desk, DeskCommand } from './desk.ts';
import { afterTheName } from './presence.ts';
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
  private readonly opened = new Map<string, { readonly chose: boolean }>();
  private idle: number[] = [];
  private pausedUntil = 0;
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
    if (!this.opened.has(input.visit)) this.remember(input.visit);
    const here = this.school.roster.pupils.filter(
      (pupil) => pupil.yearGroup === input.yearGroup && pupil.birthMonth === input.month,
    );
    const { pupils, hidden } = labels(here, this.school.settings.school.languages[0] ?? 'en');
    return { ok: true, value: { pupils, someHidden: hidden > 0 } };
  }

  choose(input: { readonly visit: string; readonly flow: Flow; readonly pupil: string }): Result<ChooseAnswer> {
    const refusal = this.refusal();
    if (refusal !== null) return refusal;
    const pupil = this.school.roster.byKey(input.pupil);
    if (pupil === undefined) return { ok: false, error: { code: 'not_found' } };
    this.opened.set(input.visit, { chose: true });
    const touch = this.school.clock.reading();
    return { ok: true, value: afterTheName(this.school, this.desk.durable, input.flow, pupil, touch) };
  }

  async ended(visit: string): Promise<void> {
    const seen = this.opened.get(visit);
    this.opened.delete(visit);
    if (seen?.chose !== false) return;
    const now = this.school.clock.mono();
    this.idle = [...this.idle.filter((at) => now - at < idleVisitsWithinMs), now];
    if (this.idle.length < idleVisitsMax) return;
    this.idle = [];
    this.pausedUntil = now + pauseMs;
    await this.desk.commit([noteBody('lists-opened', false, null, null, String(idleVisitsMax))]);
  }

  note(command: DeskCommand, input: NoteInput): Promise<Result<null>> {
    this.opened.set(input.visit, { chose: true });
    const detail = [input.yearGroup, input.month === undefined ? undefined : `month ${String(input.month)}`]
      .filter((part) => part !== undefined)
      .join(', ');
    return this.desk.execute(
      command,
      // Somebody whom the MIS has as absent, suspended or away wants to leave: that cannot wait.
      () => [
        noteBody(
          input.kind,
          input.kind === 'see-reception',
          input.visit,
          input.pupil ?? null,
          detail === '' ? null : detail,
        ),
      ],
      () => null,
    );
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

  private remember(visit: string): void {
    this.opened.set(visit, { chose: false });
    const [oldest] = this.opened.keys();
    if (this.opened.size > visitsMax && oldest !== undefined) this.opened.delete(oldest);
  }
}

function noteBody(
  kind: NoteInput['kind'] | 'lists-opened',
  urgent: boolean,
  visit: string | null,
  pupil: string | null,
  detail: string | null,
): Body {
  return { type: 'note', v: 1, kind, urgent, visit, pupil, detail };
}
