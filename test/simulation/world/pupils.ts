/** Pupils at the kiosk: who comes late, leaves, is let go or not, comes back, and thinks better of it. */
import type { EarlyAnswer, LateAnswer, ReturnAnswer, ReturnInput } from '../../../device/contract/kiosk.ts';
import { anybody } from './truth.ts';
import { day, minute } from './oracle.ts';
import { second } from './people-ports.ts';
import { Scene } from './scene.ts';

export class Pupils extends Scene {
  private visits = 0;

  private visit(): string {
    this.visits += 1;
    return `visit-${this.visits}`;
  }

  /** A pupil who is late, or says so. */
  comes(pupil: string): void {
    const visit = this.visit();
    const touchAt = this.ports.schedule.now;
    const told = this.often(0.7) ? this.ports.machine.house?.picker.choose({ visit, flow: 'late', pupil }) : undefined;
    if (told?.ok === false || (told?.ok === true && told.value.next === 'already-signed-in')) return;
    if (told?.ok === true && told.value.next === 'sign-back-in') {
      this.in(3_000, () =>
        this.isBack({ visit, by: 'name', pupil, touchAgoMs: this.ports.schedule.now - touchAt }, pupil, touchAt),
      );
      return;
    }
    if (told?.ok === true && told.value.next === 'see-reception') return;
    this.in(1_000 + this.chance.below(12_000), () => this.late(pupil, visit, touchAt));
  }

  private late(pupil: string, visit: string, touchAt: number, withVisit?: string): void {
    const { auditor, schedule, settings } = this.ports;
    const reason = this.one(settings.lateReasons).id;
    const asks = settings.late.comesAndGoes.length > 0 && this.often(0.5);
    const input = {
      visit,
      pupil,
      reason,
      touchAgoMs: schedule.now - touchAt,
      ...(asks ? { forRegistration: this.often(0.5) } : {}),
      ...(withVisit === undefined ? {} : { withVisit }),
    };
    auditor.truth.did(visit, { pupil, at: touchAt, reason });
    this.tell(`late ${pupil} ${visit} ${reason}`);
    this.ports.pages.send<LateAnswer>({
      what: `late ${visit}`,
      input,
      ask: (house, command) => house.arrivals.late(command, input),
      essence: ({ movement }) => movement,
      then: ({ movement }) => {
        auditor.acknowledged(movement);
        if (this.often(0.15)) this.in(this.chance.below(13_000), () => this.undo(visit, movement));
        if (withVisit !== undefined || !this.often(0.08)) return;
        const sibling = this.one(this.ports.pupils);
        this.in(8_000, () => this.late(sibling, this.visit(), touchAt, visit));
      },
    });
  }

  private undo(visit: string, movement: string): void {
    const input = { visit, movement };
    this.tell(`undo ${visit}`);
    this.ports.pages.send<null>({
      what: `undo ${visit}`,
      input,
      ask: (house, command) => house.arrivals.undo(command, input),
      essence: () => 'undone',
      then: () => this.ports.auditor.acknowledgedUndo(movement),
    });
  }

  leaves(pupil: string): void {
    const { machine, auditor, schedule, settings } = this.ports;
    const visit = this.visit();
    const touchAt = schedule.now;
    const told = this.often(0.7) ? machine.house?.picker.choose({ visit, flow: 'early', pupil }) : undefined;
    if (told !== undefined && (!told.ok || told.value.next !== 'ask')) return;
    const reason = this.one(settings.leaveReasons);
    const photo = this.often(0.3) ? machine.house?.photos.take(visit) : undefined;
    void photo?.catch(() => undefined);
    this.in(10_000 + this.chance.below(15_000), () => {
      const input = {
        visit,
        pupil,
        reason: reason.id,
        back: reason.back === 'ask' ? this.one(['before-lunch', 'after-lunch', 'not-today', 'unknown'] as const) : null,
        withWhom: null,
        photo: photo === undefined ? ('none' as const) : ('taken' as const),
        touchAgoMs: schedule.now - touchAt,
      };
      auditor.truth.did(visit, { pupil, at: touchAt, reason: reason.id });
      this.tell(`early ${pupil} ${visit} ${reason.id}`);
      this.ports.pages.send<EarlyAnswer>({
        what: `early ${visit}`,
        input,
        ask: (house, command) => house.departures.early(command, input),
        essence: (answer) => (answer.state === 'departed' ? answer.badge : answer.state),
        then: (answer) => {
          if (answer.state === 'departed') this.comesBackSomeTime(answer.badge);
          else this.in(20 * second + this.chance.below(8 * minute), () => this.answers(visit, pupil));
        },
      });
    });
  }

  /** Staff let the pupil go, or not; sometimes nobody comes. */
  private answers(visit: string, pupil: string): void {
    const { auditor, schedule } = this.ports;
    if (this.often(0.15)) return;
    const answer = this.often(0.8) ? ('let-go' as const) : ('no' as const);
    const input = { visit, answer, adult: null, by: 'Ms Reed' };
    auditor.truth.did(visit, { pupil, at: schedule.now, reason: null });
    this.tell(`${answer} ${visit}`);
    this.ports.pages.send<unknown>({
      what: `${answer} ${visit}`,
      input,
      ask: (house, command) => house.departures.answer(command, input),
      essence: () => answer,
      then: () => {
        const badge = this.badgeOf(visit);
        if (answer === 'let-go' && badge !== null) this.comesBackSomeTime(badge);
      },
    });
  }

  private badgeOf(visit: string): string | null {
    const ledger = this.ports.machine.house?.desk.durable;
    const movement = ledger?.movements.get(ledger.visits.get(visit) ?? '');
    return ledger?.badges.get(movement?.badge ?? '')?.record.id ?? null;
  }

  private comesBackSomeTime(badge: string): void {
    if (this.often(0.2)) return;
    const wait = this.often(0.15) ? day + this.chance.below(day) : minute + this.chance.below(240 * minute);
    this.in(wait, () => this.showsBadge(badge));
    // The same badge again, by somebody who found it.
    if (this.often(0.25)) this.in(wait + this.chance.below(30 * minute), () => this.showsBadge(badge));
    if (this.often(0.1)) this.in(wait, () => this.showsBadge(badge));
  }

  private showsBadge(id: string): void {
    const { machine, schedule } = this.ports;
    const ledger = machine.house?.desk.durable;
    const badge = [...(ledger?.badges.values() ?? [])].findLast(({ record }) => record.id === id);
    const owner = ledger?.movements.get(badge?.record.movement ?? '')?.record.pupil ?? null;
    const visit = this.visit();
    const touchAt = schedule.now;
    const wrong = this.often(0.08);
    const typed = wrong ? String((Number(id) + 1 + this.chance.below(99)) % 1e8).padStart(8, '0') : id;
    const qr = badge !== undefined && !wrong && this.often(0.4);
    const input = (touchAgoMs: number): ReturnInput =>
      qr
        ? { visit, by: 'qr', code: `P1:${id}:${badge.record.token.toUpperCase()}`, touchAgoMs }
        : { visit, by: 'typed', badge: typed, touchAgoMs };
    this.in(2_000 + this.chance.below(6_000), () => this.isBack(input(schedule.now - touchAt), owner, touchAt));
  }

  private isBack(input: ReturnInput, owner: string | null, touchAt: number): void {
    const { auditor } = this.ports;
    // Whose badge it is the box knows, even where the page was asked while it was off.
    auditor.truth.did(input.visit, { pupil: owner ?? anybody, at: touchAt, reason: null });
    this.tell(`back ${input.visit} ${input.by}`);
    this.ports.pages.send<ReturnAnswer>({
      what: `back ${input.visit}`,
      input,
      ask: (house, command) => house.returns.back(command, input),
      essence: ({ state }) => (state === 'welcome-back' ? state : null),
      then: ({ state }) => {
        this.tell(`${input.visit} ${state}`);
        if (state === 'welcome-back') auditor.acknowledgedReturn(input.visit);
      },
    });
  }
}
