/**
 * What the MIS keeps failing at while it answers other questions: a list too long to read, a write that is always sent
 * elsewhere. One good answer to another question says nothing of these, so each kind is kept until it succeeds again.
 */
import { gateAfter, openGate } from '../domain/back-off.ts';
import type { Gate } from '../domain/back-off.ts';
import type { MisFailure } from './connector.ts';
import { gateEvent } from './gate-event.ts';

/** The MIS's health is no question of its own: it speaks for the line as a whole. */
export type Question = 'write' | 'register' | 'codes' | 'write-back' | 'write-backs';

/** A read that failed once is a blip, asked again by itself; marks whose write failed may wait a quarter of an hour. */
const timesShown = (question: Question): number => (question === 'write' ? 1 : 2);
const whatFails: Readonly<Record<Question, string>> = {
  write: 'Marks cannot be written',
  register: 'Marks cannot be read',
  codes: 'The list of codes cannot be read',
  'write-back': 'The MIS does not say what became of a write',
  'write-backs': 'The MIS does not list its writes',
};

interface Trouble {
  readonly failure: MisFailure;
  /** In a row. */
  readonly times: number;
  /** When this kind may be asked again: its own, as the line's opens with every answer (durability.md 25). */
  readonly gate: Gate;
}

export class Troubles {
  private readonly troubles = new Map<Question, Trouble>();

  worked(question: Question): void {
    this.troubles.delete(question);
  }

  /** `now`: monotonic milliseconds; `uniform`: random in [0, 1). */
  failed(question: Question, failure: MisFailure, now: number, uniform: number): void {
    const before = this.troubles.get(question);
    // One that was away for hours and now asks us to wait is there again: no reason for a wait by those hours.
    const wasAway = before !== undefined && gateEvent(before.failure).kind === 'down';
    const isBack = wasAway && gateEvent(failure).kind === 'throttled';
    const gateBefore = before === undefined || isBack ? openGate(now) : before.gate;
    const gate = gateAfter(gateBefore, { kind: 'down' }, now, uniform);
    this.troubles.set(question, { failure, times: (before?.times ?? 0) + 1, gate });
  }

  mayAsk(question: Question, now: number): boolean {
    const trouble = this.troubles.get(question);
    return trouble === undefined || trouble.gate.state === 'open' || now >= trouble.gate.nextAt;
  }

  /** A sentence that a person can act on; null: nothing keeps failing. */
  words(): string | null {
    return this.wordsOf(() => true);
  }

  /** The same of what the MIS answers each time with a no: a day of these is one on which marks were tried (product.md 4). */
  refusal(): string | null {
    return this.wordsOf(({ kind }) => kind === 'refused-redirect' || kind === 'too-big');
  }

  private wordsOf(counts: (failure: MisFailure) => boolean): string | null {
    for (const [question, { failure, times }] of this.troubles) {
      if (times >= timesShown(question) && counts(failure)) return `${whatFails[question]}. ${failure.words}`;
    }
    return null;
  }
}
