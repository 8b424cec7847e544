/**
 * Keeps a checkpoint, so that a start takes as long after ten years as after one (durability.md 11). It is written at a clean
 * stop, after a start that had much to read, and once a day, where it pays; it is believed only if this same build wrote it and the journal
 * has its place with its head of the chain.
 */
import type { Desk } from './desk/desk.ts';
import { isTrusted } from './domain/clock-trust.ts';
import { ledgerFrom, ledgerLines } from './domain/checkpoint.ts';
import type { Recorded } from './domain/record.ts';
import type { CheckpointFile, CheckpointHead } from './journal/checkpoint-file.ts';
import { causeOf } from './journal/error.ts';
import type { Journal } from './journal/journal.ts';
import type { Log, Timers } from './system/ports.ts';

/** Records read at a start after which one is written at once. */
const muchToRead = 2_000;
/**
 * A large one is written where a tenth of what it holds is new: reading so few records again is quicker than writing all of it,
 * and a box that is switched off and on all day would wear its card out. One of so many entries or fewer is no matter.
 */
const smallEntries = 1_000;
const newOneIn = 10;
/** Words on the time of one boot. */
const saidMax = 20;
const everyMs = 24 * 3_600_000;
/** Between two pieces, for everybody else. */
const restMs = 2;

export interface CheckpointPorts {
  readonly file: CheckpointFile;
  /** Version of the program: another may fold the same records into something else. */
  readonly build: string;
  readonly journal: Pick<Journal, 'id' | 'opened' | 'place' | 'knows'>;
  readonly desk: Pick<Desk, 'durable' | 'restore' | 'holds'>;
  readonly timers: Timers;
  readonly log: Log;
}

export class Checkpoints {
  private readonly ports: CheckpointPorts;
  /** What was said of the time of the newest boot, and the newest record whose time is sure. */
  private said: readonly Recorded[] = [];
  /** That the battery clock was right, the last time. */
  private rtc: Recorded | null = null;
  private sure: Recorded | null = null;
  private boot = '';
  private saving: Promise<void> | null = null;
  /** Number up to which the one on the disk goes; 0: there is none that this run may use. */
  private savedUpTo = 0;
  private paused = false;

  constructor(ports: CheckpointPorts) {
    this.ports = ports;
  }

  /** The desk begins from it. Null: none that is beyond doubt, read everything. */
  async restore(): Promise<CheckpointHead | null> {
    const { file, build, journal, desk } = this.ports;
    const loaded = file.load();
    if (loaded === null) return null;
    const { head, lines } = loaded;
    if (head.build !== build || head.journal !== journal.id || !(await journal.knows(head.place))) return null;
    const ledger = ledgerFrom(lines);
    if (ledger === null) return null;
    desk.restore(ledger);
    this.savedUpTo = head.place.seen;
    this.saw(head.clock);
    return head;
  }

  /** Somebody is erased: none stays that knows of them, and none is written until `keepAgain`. */
  async forget(): Promise<void> {
    this.paused = true;
    await this.saving;
    await this.ports.file.remove();
    this.savedUpTo = 0;
  }

  keepAgain(): void {
    this.paused = false;
  }

  /** Told of every record that is on the disk. */
  saw(records: readonly Recorded[]): void {
    for (const record of records) {
      if (record.at.boot !== this.boot) this.said = [];
      this.boot = record.at.boot;
      if (isTrusted(record.at)) this.sure = record;
      if (record.type === 'time' && record.rtcOffMs !== undefined) this.rtc = record;
      if (record.type === 'time') this.said = [...this.said, record].slice(-saidMax);
    }
  }

  /** `read`: records that this start read. The answer ends it. */
  keep(read: number): () => void {
    if (read > muchToRead) void this.save('gently');
    return this.ports.timers.every(everyMs, () => void this.save('gently'));
  }

  /** Never rejects: without it, the next start takes longer. */
  save(how: 'gently' | 'at once'): Promise<void> {
    this.saving ??= this.write(how)
      .catch((error: unknown) => {
        this.ports.log.warn('no-checkpoint', { why: causeOf(error) });
      })
      .finally(() => {
        this.saving = null;
      });
    return this.saving;
  }

  private async write(how: 'gently' | 'at once'): Promise<void> {
    const { file, build, journal, desk, timers } = this.ports;
    // What this version cannot fold must be met again at the next start.
    const unread = journal.opened.faults.some(
      (fault) =>
        fault.kind === 'must-understand' ||
        fault.kind === 'unreadable' ||
        (fault.kind === 'keys-lost' && fault.among !== null),
    );
    if (unread || this.paused) return;
    const place = await journal.place();
    const turn = (): Promise<void> =>
      new Promise((resolve) => void timers.after(how === 'gently' ? restMs : 0, resolve));
    // The journal has answered for every record up to there; the desk hears of the last ones in the same turn.
    for (let tries = 0; !desk.holds(place.seen) && tries < 10; tries += 1) await turn();
    if (!desk.holds(place.seen) || !this.pays(place.seen)) return;
    const clock = [this.rtc, ...this.said, this.sure].filter((one) => one !== null);
    const head: CheckpointHead = { build, journal: journal.id, place, clock };
    const rest = how === 'gently' ? turn : () => Promise.resolve();
    await file.save(head, ledgerLines(desk.durable.copy()), rest);
    this.savedUpTo = place.seen;
  }

  private pays(upTo: number): boolean {
    const { movements, marks, badges, commands } = this.ports.desk.durable;
    const entries = movements.size + marks.size + badges.size + commands.size;
    return entries <= smallEntries || (upTo - this.savedUpTo) * newOneIn >= entries;
  }
}
