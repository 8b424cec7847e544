/** A kiosk page without a screen that keeps books of what it was told, over any number of restarts of the box. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { EarlyAnswer, LateAnswer } from '../../device/contract/kiosk.ts';
import type { Ack, Result } from '../../device/contract/result.ts';
import type { Seeded } from '../../device/demo/random.ts';
import type { KioskClient } from './porter.ts';

/** Settings of the box: held so long before a mark may be sent. An undo in that time is never sent. */
export const holdMs = 10_000;
/** A box has 994 badge numbers a day. */
const departuresMax = 900;
/** It remembers 5,000 commands; an older one is refused by its age. */
const repeatable = 4_500;

export type Verb = 'late' | 'undo' | 'early' | 'return';
/** A command as a page made it: sent again, unchanged, until it is answered. */
export interface Order {
  readonly id: string;
  readonly verb: Verb;
  readonly pupil: string;
  readonly input: object;
  readonly madeAt: number;
  tries: number;
  answer: Result<unknown> | null;
  answeredAt: number;
  /** So many orders were answered before. */
  place: number;
}

export interface Tally {
  readonly rounds: number;
  /** Kills before the box said that it is there. */
  killsInStart: number;
  answered: number;
  /** Orders that were answered only after a restart. */
  answeredLater: number;
  repeated: number;
  readonly by: Record<Verb, number>;
  marks: number;
  /** Claimed, and killed before the write left: sent again once it is sure that it did not land (durability.md 20). */
  unsure: number;
  undoneUnsent: number;
  /** Sentences; none when all is well. */
  readonly wrong: string[];
}

/** One page: its own pupils, one command after the other. */
export class Page {
  readonly orders: Order[] = [];
  /** Pupils in the school who may come late, and who have been signed in for good. */
  private readonly fresh: string[];
  readonly kept = new Map<string, Order>();
  readonly out = new Map<string, Order>();
  private readonly inside: string[];
  private readonly name: string;
  private readonly chance: Seeded;
  /** What the page goes on with when it is back: the command without an answer, or the undo that was meant. */
  private open: Order | null = null;
  private meansToUndo: Order | null = null;
  keepMore = 0;

  constructor(name: string, chance: Seeded, late: readonly string[], leavers: readonly string[]) {
    this.name = name;
    this.chance = chance;
    this.fresh = [...late];
    this.inside = [...leavers];
  }

  /** Works until the line breaks. */
  async work(kiosk: KioskClient, tally: Tally): Promise<void> {
    await this.repeatSome(kiosk, tally);
    while (kiosk.connected) {
      const order = this.open ?? this.nextOrder(tally);
      if (!(await this.send(kiosk, order, tally))) return;
      await sleep(this.chance.below(60));
    }
  }

  /** What is still open, and nothing new. */
  async finish(kiosk: KioskClient, tally: Tally): Promise<void> {
    while (this.open !== null || this.meansToUndo !== null) {
      if (!(await this.send(kiosk, this.open ?? this.nextOrder(tally), tally)))
        throw new Error('the line broke at the end');
    }
  }

  /** Every answer that the box remembers is given again, word for word, whatever has happened since. */
  async repeatSome(
    kiosk: KioskClient,
    tally: Tally,
    orders = [1, 2].flatMap(() => (this.orders.length === 0 ? [] : [this.chance.pick(this.orders)])),
  ): Promise<void> {
    for (const order of orders) {
      if (order.answer?.ok !== true || tally.answered - order.place > repeatable) continue;
      const again = await emit(kiosk, order);
      if (again === null) return;
      tally.repeated += 1;
      if (!isDeepStrictEqual(withoutPaper(again), withoutPaper(order.answer))) {
        tally.wrong.push(`${order.id} was answered ${JSON.stringify(order.answer)} and then ${JSON.stringify(again)}`);
      }
    }
  }

  private async send(kiosk: KioskClient, order: Order, tally: Tally): Promise<boolean> {
    this.open = order;
    order.tries += 1;
    const answer = await emit(kiosk, order);
    if (answer === null) return false;
    this.open = null;
    order.answer = answer;
    order.answeredAt = performance.now();
    order.place = tally.answered;
    tally.answered += 1;
    if (order.tries > 1) tally.answeredLater += 1;
    if (answer.ok) tally.by[order.verb] += 1;
    this.take(order, tally);
    return true;
  }

  private order(verb: Verb, pupil: string, input: object): Order {
    const id = `${this.name}-${String(this.orders.length)}`;
    const order = {
      id,
      verb,
      pupil,
      input: { visit: id, ...input },
      madeAt: performance.now(),
      tries: 0,
      answer: null,
      answeredAt: 0,
      place: 0,
    };
    this.orders.push(order);
    return order;
  }

  private nextOrder({ by }: Tally): Order {
    const { chance } = this;
    const undo = this.meansToUndo;
    if (undo !== null) {
      const { movement } = valueOf(undo) as LateAnswer;
      return this.order('undo', undo.pupil, { visit: undo.id, movement });
    }
    const isOut = [...this.out.entries()];
    const dice = chance.below(10);
    if (dice < 3 && this.inside.length > 0 && by.early < departuresMax) {
      const leave = {
        pupil: chance.pick(this.inside),
        reason: 'medical',
        back: 'after-lunch',
        withWhom: null,
        photo: 'none',
        touchAgoMs: 0,
      };
      return this.order('early', leave.pupil, leave);
    }
    if (dice < 5 && isOut.length > 0) {
      const [pupil, departure] = chance.pick(isOut);
      const answer = valueOf(departure) as EarlyAnswer;
      const badge = answer.state === 'departed' ? answer.badge : '';
      return this.order('return', pupil, { by: 'typed', badge, touchAgoMs: 0 });
    }
    const pupil = chance.pick(this.fresh);
    return this.order('late', pupil, { pupil, reason: 'bus', touchAgoMs: chance.below(3000) });
  }

  /** Enters an answer into the books. Refused is only what is too old by now, and then it never happened. */
  private take(order: Order, tally: Tally): void {
    const { answer, verb, pupil } = order;
    if (answer?.ok !== true) {
      const late = answer?.error.code === 'too_late' || (verb === 'undo' && answer?.error.code === 'wrong_state');
      if (!late) tally.wrong.push(`${order.id} (${verb}) was refused: ${JSON.stringify(answer)}`);
      if (verb === 'undo') this.keep(pupil);
      return;
    }
    if (verb === 'late') {
      this.kept.set(pupil, order);
      if (this.keepMore > 0 && this.chance.below(3) > 0) {
        this.keepMore -= 1;
        this.keep(pupil);
      } else this.meansToUndo = order;
    } else if (verb === 'undo') {
      this.meansToUndo = null;
      this.kept.delete(pupil);
    } else if (verb === 'early') {
      this.inside.splice(this.inside.indexOf(pupil), 1);
      this.out.set(pupil, order);
    } else {
      this.out.delete(pupil);
      this.inside.push(pupil);
    }
  }

  private keep(pupil: string): void {
    this.meansToUndo = null;
    if (this.fresh.includes(pupil)) this.fresh.splice(this.fresh.indexOf(pupil), 1);
  }

  /** Pupils whose sign-ins were all undone before a mark could have been claimed. */
  undoneInTime(): readonly string[] {
    const undone = new Set(this.orders.filter(({ verb }) => verb === 'undo').map(({ pupil }) => pupil));
    return [...undone].filter((pupil) => {
      if (this.kept.has(pupil)) return false;
      const own = this.orders.filter((order) => order.pupil === pupil && order.answer?.ok === true);
      return own.every(
        (order, at) => order.verb !== 'late' || (own[at + 1]?.answeredAt ?? Infinity) - order.madeAt < holdMs,
      );
    });
  }
}

export const valueOf = ({ answer }: Order): unknown => {
  if (answer?.ok !== true) throw new Error('an order without an answer');
  return answer.value;
};
/** Whether the printer is ready belongs to the moment, not to the departure. */
const withoutPaper = (answer: Result<unknown>): unknown =>
  answer.ok && typeof answer.value === 'object' ? { ...answer.value, printing: null } : answer;

/** Null: the line broke before the answer. */
function emit(kiosk: KioskClient, { id, verb, input, madeAt }: Order): Promise<Result<unknown> | null> {
  return new Promise((resolve) => {
    kiosk.once('disconnect', () => {
      resolve(null);
    });
    if (!kiosk.connected) resolve(null);
    const command = { commandId: id, ageMs: Math.round(performance.now() - madeAt), input };
    (kiosk.emit as (event: string, message: object, ack: Ack<unknown>) => void).call(kiosk, verb, command, resolve);
  });
}
