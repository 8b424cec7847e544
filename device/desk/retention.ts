/**
 * Takes segments away whose time is over (durability.md 14): marked, a day later what only they tell is told again, it is
 * recorded that they go, and they go. Cut off anywhere, it is finished or begun anew at the next look.
 */
import { missing } from '../domain/carry.ts';
import { sureDate } from '../domain/clock-trust.ts';
import { segmentName } from '../domain/expiry.ts';
import { Ledger } from '../domain/ledger.ts';
import { finished } from '../domain/prune.ts';
import type { Recorded } from '../domain/record.ts';
import { cutOff, fateOf } from '../domain/retention.ts';
import { takeIn } from '../domain/take-in.ts';
import type { Journal } from '../journal/journal.ts';
import type { SpineEntry } from '../journal/spine.ts';
import { causeOf } from '../journal/error.ts';
import type { Log, Timers } from '../system/ports.ts';
import type { Desk } from './desk.ts';
import { expire } from './expire.ts';
import type { School } from './school.ts';

export interface RetentionPorts {
  readonly school: School;
  readonly desk: Desk;
  readonly journal: Pick<Journal, 'opened' | 'closed' | 'remove' | 'replay'>;
  readonly timers: Timers;
  readonly log: Log;
}

const who = 'Porter';
/** Records taken in between two rests, for everybody else; and the rest, ms. */
const atOnce = 200;
const restMs = 2;
/** More turns than that for what is open: something is wrong, and the segments stay. */
const turnsMax = 1_000;

export class Retention {
  private readonly ports: RetentionPorts;
  private looking = false;

  constructor(ports: RetentionPorts) {
    this.ports = ports;
  }

  /** To be called once in a while. What the card does not take is tried again with the next look; anything else is a bug. */
  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      await this.ports.desk.alone(() => this.goThrough());
    } catch (error) {
      if (!(error instanceof Error && error.name === 'JournalError')) throw error;
      this.ports.log.warn('retention-put-off', { why: causeOf(error) });
    } finally {
      this.looking = false;
    }
  }

  private async goThrough(): Promise<void> {
    await this.finish();
    const going = await this.due();
    if (going.length > 0) await this.takeAway(going);
  }

  /** It was recorded that they go, and then the box stopped. */
  private async finish(): Promise<void> {
    const { desk, journal } = this.ports;
    const { removing } = desk.durable;
    if (removing === null) return;
    const { segments, why, by, at } = removing;
    await journal.remove(segments, { why, by, at: at.earliest });
  }

  /** Those that were marked a day of running ago, and whose time is over still. */
  private async due(): Promise<readonly SpineEntry[]> {
    const { school, desk, journal } = this.ports;
    const { settings, clock } = school;
    const rules = { events: settings.keep.events, timeZone: settings.school.timeZone };
    const today = clock.trusted() ? sureDate(clock.reading(), rules.timeZone) : null;
    if (today === null) return [];
    // What this version does not understand it must not throw away.
    const isPuzzled = journal.opened.faults.some(({ kind }) => kind === 'must-understand' || kind === 'unreadable');
    if (isPuzzled || desk.durable.setAside.size > 0) return [];
    const closed = (await journal.closed()).filter(({ removed }) => removed === null);
    const over = closed.filter((one) => fateOf(one, closed, desk.durable, today, rules).kind === 'goes');
    // What has not left the ledger yet would have to be carried: it leaves first (`prune.ts`).
    const upTo = Math.max(0, ...over.map(({ last }) => last));
    const { movements, marks } = finished(desk.durable, cutOff(today, rules), upTo);
    if (movements.size + marks.length > 0) return [];
    const ripe = await expire(school, desk, 'segment', new Set(over.map(({ segment }) => segmentName(segment))));
    return over.filter(({ segment }) => ripe.includes(segmentName(segment)));
  }

  /**
   * A second ledger is folded from what stays, and goes on with what is recorded meanwhile. When both are the same, nothing leans
   * on the segments any more; that they go is recorded in the same turn.
   */
  private async takeAway(going: readonly SpineEntry[]): Promise<void> {
    const { desk, journal, log } = this.ports;
    const segments = going.map(({ segment }) => segment);
    const upTo = Math.max(...going.map(({ last }) => last));
    const rest = new Ledger();
    const news: Recorded[] = [];
    const stop = desk.onDurable((records) => news.push(...records));
    try {
      for await (const records of journal.replay(undefined, segments)) await this.takeInSlowly(rest, records);
      for (let turn = 0; turn < turnsMax; turn += 1) {
        await this.takeInSlowly(rest, news.splice(0));
        const records = await desk.record((ahead) => {
          // Something is on its way to the card, and heard of in a later turn.
          if (ahead.last !== rest.last) return [];
          const carried = missing(ahead, rest, upTo);
          if (carried.length > 0) return carried;
          return [{ type: 'removed', v: 1, photos: [], segments, upTo, why: 'retention', by: who }];
        });
        if (!records.some(({ type }) => type === 'removed')) continue;
        log.info('retention', { segments: segments.length, upTo });
        await this.finish();
        return;
      }
      log.warn('retention-put-off', { why: 'more is open than can be carried' });
    } finally {
      stop();
    }
  }

  private async takeInSlowly(ledger: Ledger, records: readonly Recorded[]): Promise<void> {
    for (let at = 0; at === 0 || at < records.length; at += atOnce) {
      takeIn(ledger, records.slice(at, at + atOnce));
      await new Promise<void>((resolve) => void this.ports.timers.after(restMs, resolve));
    }
  }
}
