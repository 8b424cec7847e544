/** What the MIS says of our writes, besides its registers: the write-backs (mis.md 2.7, durability.md 20). */
import type { Ledger } from '../domain/ledger.ts';
import type { Instant } from '../domain/record.ts';
import type { MisAnswer, MisConnector, MisFailure, SeenWriteback, WritebackState } from './connector.ts';
import type { Line } from './line.ts';

/** A write-back that we have no name for may be ours if the MIS made it around the time of sending: clocks differ. */
const madeBeforeMs = 2 * 60_000;
const madeAfterMs = 5 * 60_000;

export class Writebacks {
  private readonly connector: MisConnector;
  private readonly line: Line;
  private readonly ledger: () => Ledger;

  constructor(connector: MisConnector, line: Line, ledger: () => Ledger) {
    this.connector = connector;
    this.line = line;
    this.ledger = ledger;
  }

  /**
   * What became of a write, sent at `sent`, that the MIS has accepted. `gone`: it does not know it any more. `open`: it does not
   * tell, and only the register can. Null: the line is down.
   */
  async poll(id: string | null, sent: Instant): Promise<WritebackState | 'gone' | 'open' | null> {
    if (id === null) return 'open'; // it gave no name to ask by
    const answer = await this.line.ask('write-back', (signal) => this.connector.writeback(id, signal), tellsNothing);
    if (answer.ok) return answer.value;
    if (!tellsNothing(answer.failure)) return null;
    if (answer.failure.kind !== 'not-found') return 'open';
    // Does it not know this one, or tell of none? Then ours may still be on its way, for as long as any other.
    const listed = await this.list(sent);
    if (!listed.ok) return tellsNothing(listed.failure) ? 'open' : null;
    return listed.value.find((one) => one.id === id)?.state ?? 'gone';
  }

  /**
   * Looks for a write that got no answer. `pending`: one that may be it is still on its way. `complete`: one that may be it
   * is done. `nothing`: no trace of it. `untold`: the MIS does not show its list. Null: the line is down.
   */
  async trace(sent: Instant): Promise<'pending' | 'complete' | 'nothing' | 'untold' | null> {
    const answer = await this.list(sent);
    if (!answer.ok) return tellsNothing(answer.failure) ? 'untold' : null;
    const named = this.named();
    const nameless = answer.value.filter((one) => !named.has(one.id) && mayBeOf(sent, one));
    if (nameless.some(({ state }) => state === 'pending')) return 'pending';
    return nameless.some(({ state }) => state === 'complete') ? 'complete' : 'nothing';
  }

  private list(sent: Instant): Promise<MisAnswer<readonly SeenWriteback[]>> {
    const from = sent.earliest - madeBeforeMs;
    return this.line.ask('write-backs', (signal) => this.connector.writebacks(from, signal), tellsNothing);
  }

  /** Those that the MIS has named to us. */
  private named(): ReadonlySet<string> {
    const marks = [...this.ledger().marks.values()];
    return new Set(marks.flatMap(({ writes }) => writes.flatMap(({ writeback }) => writeback ?? [])));
  }
}

/** This question is not answered here; that says nothing of the line, and must not stop the marks (mis.md 11). */
function tellsNothing({ kind }: MisFailure): boolean {
  return ['not-found', 'forbidden', 'invalid', 'other', 'too-big', 'server'].includes(kind);
}

function mayBeOf(sent: Instant, { createdAt }: SeenWriteback): boolean {
  // Without a time, or with a clock that was not sure when it left, any may be it.
  if (createdAt === null || sent.latest === null) return true;
  return createdAt >= sent.earliest - madeBeforeMs && createdAt <= sent.latest + madeAfterMs;
}
