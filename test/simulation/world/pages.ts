/** The pages at which commands are given: they ask again when no answer comes, and now and then somebody taps twice. */
import type { Result } from '../../../device/contract/result.ts';
import type { DeskCommand } from '../../../device/desk/desk.ts';
import { hashOfInput } from '../../../device/web/input-hash.ts';
import { Violation } from './history.ts';
import type { House } from './machine.ts';
import { minute } from './oracle.ts';
import { second } from './people-ports.ts';
import type { PeoplePorts } from './people-ports.ts';

/** A page gives a command up after this long. */
const patienceMs = 90 * second;

export type Ask<T> = (house: House, command: DeskCommand) => Promise<Result<T>>;
export interface Asking<T> {
  readonly what: string;
  readonly input: object;
  readonly ask: Ask<T>;
  /** The part of an answer that a repeat must give again; null: nothing was recorded. */
  readonly essence: (value: T) => string | null;
  readonly then?: (value: T) => void;
}

interface Page {
  readonly id: string;
  readonly hash: string;
  readonly madeAt: number;
  readonly runId: string | undefined;
  /** How often a copy of the data folder had been put back. */
  readonly restores: number;
  first: string | null;
  over: boolean;
}

export class Pages {
  private commands = 0;
  /** Of the box, as the pages have it from their last snapshot. */
  private seen: { readonly runId: string; readonly boot: string } | null = null;
  private readonly ports: PeoplePorts;

  constructor(ports: PeoplePorts) {
    this.ports = ports;
  }

  send<T>(asking: Asking<T>): void {
    const { schedule, chance } = this.ports;
    this.commands += 1;
    const { machine, auditor } = this.ports;
    if (machine.house !== null) this.seen = { runId: machine.house.journal.run, boot: machine.boot };
    const page = {
      id: `command-${this.commands}`,
      hash: hashOfInput(asking.input),
      madeAt: schedule.now,
      runId: this.seen?.runId,
      restores: auditor.restores,
      first: null as string | null,
      over: false,
    };
    auditor.truth.commanded(page.id, page.madeAt, this.seen?.boot ?? null);
    this.try(asking, page);
    if (chance.next() < 0.04) this.try(asking, page);
    if (chance.next() < 0.05) this.in(chance.below(4 * minute), () => this.try(asking, page));
  }

  private try<T>(asking: Asking<T>, page: Page): void {
    const { schedule, machine, auditor } = this.ports;
    const { house, run } = machine;
    const ageMs = schedule.now - page.madeAt;
    const again = (): void => {
      if (page.over || schedule.now - page.madeAt > patienceMs) return;
      this.in(1_000 + this.ports.chance.below(3_000), () => this.try(asking, page));
    };
    if (house === null || run === null) return again();
    let answered = false;
    const command = { id: page.id, hash: page.hash, ageMs, ...(page.runId === undefined ? {} : { runId: page.runId }) };
    const told = asking.ask(house, command).then(
      (result) => {
        if (!run.alive) return;
        answered = true;
        page.over = true;
        auditor.log(`= ${page.id} ${asking.what} ${result.ok ? 'ok' : JSON.stringify(result.error)}`);
        if (!result.ok) return this.refused(page, result.error.code);
        const essence = asking.essence(result.value);
        if (page.first === null) {
          page.first = essence;
          asking.then?.(result.value);
        } else if (page.first !== essence && !auditor.keeping.isCommandOfErased(page.id))
          this.fail(
            new Violation('a repeat gets the same answer', `${asking.what}: ${page.first}, then ${essence ?? '-'}`),
          );
      },
      (error: unknown) => {
        if (run.alive) this.fail(error);
      },
    );
    told.catch((error: unknown) => this.fail(error));
    this.in(10 * second, () => {
      if (!answered) again();
    });
  }

  /** What was once said yes to is not refused later, unless the card has failed meanwhile. */
  private refused(page: Page, code: string): void {
    if (page.restores !== this.ports.auditor.restores) return;
    const isNew = code === 'storage_failed' || this.ports.auditor.keeping.isCommandOfErased(page.id);
    if (page.first !== null && !isNew)
      this.fail(new Violation('a repeat gets the same answer', `${page.id}: ${page.first}, then ${code}`));
  }

  private fail(error: unknown): void {
    this.ports.machine.broken ??= error;
  }

  private in(ms: number, act: () => void): void {
    this.ports.schedule.after(ms, () => {
      this.ports.machine.stir();
      act();
    });
  }
}
