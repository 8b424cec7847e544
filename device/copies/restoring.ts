/**
 * A restore from the staff page: a backup is sent to the box, unpacked beside what is in force, looked at, and confirmed; the next
 * start takes it (`swap.ts`). Until it is confirmed nothing but room on the card is used. One at a time, by one session.
 */
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Result } from '../contract/result.ts';
import { JournalError, causeOf } from '../journal/error.ts';
import type { KeyPlaces } from '../journal/key-folder.ts';
import { syncFolder } from '../journal/whole-file.ts';
import type { Clock, Random, Timers } from '../system/ports.ts';
import type { Room } from '../system/storage.ts';
import type { BackupHead } from './backup.ts';
import { placeWords } from './place-words.ts';
import { finish, noteOf, settle, unpack } from './restore.ts';
import { opensHere, putUnderHostKey } from './staged-keys.ts';
import { asideIn, destroyAside, makingIn, readyIn, sizeOf } from './swap.ts';
import type { Aside } from './swap.ts';

export interface RestoringPorts {
  readonly clock: Pick<Clock, 'mono' | 'now' | 'trusted'>;
  readonly timers: Timers;
  readonly random: Pick<Random, 'bytes' | 'id'>;
  readonly places: KeyPlaces;
  /** Of the card; may reject. */
  readonly room: () => Promise<Room>;
  /** Why nothing can be restored here; null: it can. */
  readonly refusal: string | null;
  /** Ends the process, to be started again. */
  readonly restart: () => void;
}

/** A backup that has been unpacked and could be restored. */
export interface Found {
  readonly head: BackupHead;
  readonly files: number;
  /** It is of another box, or of before this one had other keys. */
  readonly wantsKey: boolean;
}
export interface Sent {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Of the whole file. */
  readonly size: number;
}
export interface Confirmed {
  readonly session: string;
  readonly by: string;
  /** As it is written down; null: none was asked for. */
  readonly recoveryKey: string | null;
  /** Ids of the keys of whoever has been erased on this box. */
  readonly erased: readonly string[];
}

/** From the password to the first byte. */
const readyMs = 60_000;
/** Whoever sends stops for so long: the line is cut off. */
const quietMaxMs = 30_000;
/** A backup that nobody confirms goes. */
const waitsMaxMs = 30 * 60_000;
/** Is left on the card for pupils who sign in meanwhile. */
const roomLeft = 64 * 1024 * 1024;
/** What a restore has put aside goes by itself: the records in it have policies of their own. */
export const asideMaxMs = 14 * 86_400_000;

export class Restoring {
  private readonly ports: RestoringPorts;
  private ticket: {
    readonly token: string;
    readonly session: string;
    readonly password: string;
    readonly at: number;
  } | null = null;
  private found: (Found & { readonly session: string; readonly stopWaiting: () => void }) | null = null;
  private isBusy = false;
  /** Bytes, by name. */
  private readonly sizes = new Map<string, number>();

  constructor(ports: RestoringPorts) {
    this.ports = ports;
  }

  /** The token to send the file with, once, within a minute. */
  prepare(password: string, session: string): Result<{ readonly token: string }> {
    const { clock, random, refusal } = this.ports;
    if (refusal !== null) return wrongState(refusal);
    if (this.isBusy) return busy;
    const token = random.id();
    this.ticket = { token, session, password, at: clock.mono() };
    return { ok: true, value: { token } };
  }

  /** Unpacks it as it comes. Null: not with this token. What was sent before and not confirmed goes. */
  async receive(token: string, session: string, sent: Sent): Promise<Result<Found> | null> {
    const { ticket } = this;
    if (ticket?.token !== token || ticket.session !== session) return null;
    this.ticket = null;
    if (this.ports.clock.mono() - ticket.at > readyMs) return null;
    return this.alone(async () => {
      await this.remove();
      try {
        const found = await this.unpack(ticket.password, sent);
        const stopWaiting = this.ports.timers.after(waitsMaxMs, () => void this.drop(session));
        this.found = { ...found, session, stopWaiting };
        return { ok: true, value: found };
      } catch (error) {
        await this.remove();
        throw error;
      }
    });
  }

  private async unpack(password: string, { bytes, size }: Sent): Promise<Found> {
    const { clock, places, room } = this.ports;
    const making = makingIn(places.dataFolder);
    if (size + roomLeft > (await room()).freeBytes)
      throw new JournalError('refused', 'there is no room for it on the card of this box');
    const unpacked = await unpack(this.inTime(bytes), password, making, clock.now());
    return { ...unpacked, wantsKey: !opensHere(places, making) };
  }

  /** What comes, as long as it comes. */
  private async *inTime(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const from = bytes[Symbol.asyncIterator]();
    for (;;) {
      let stop = (): void => undefined;
      const tooLate = new Promise<never>((_, fail) => {
        stop = this.ports.timers.after(quietMaxMs, () => {
          fail(new JournalError('refused', 'the file stopped coming: send it once more'));
        });
      });
      const next = await Promise.race([from.next(), tooLate]).finally(stop);
      if (next.done === true) return;
      yield next.value;
    }
  }

  /** The next start takes it. After an answer that is no refusal the process is to end at once. */
  async confirm({ session, by, recoveryKey, erased }: Confirmed): Promise<Result<null>> {
    const { found } = this;
    if (found?.session !== session) return wrongState('the backup is not here any more: choose the file again');
    return this.alone(async () => {
      const { clock, places, random } = this.ports;
      const making = makingIn(places.dataFolder);
      if (found.wantsKey) putUnderHostKey(places, making, recoveryKey ?? '', (count) => random.bytes(count));
      await finish(making, noteOf(found.head, by, clock.now()), erased);
      await settle(making, places.dataFolder);
      await rename(making, readyIn(places.dataFolder));
      // The start that follows at once sees it also where the card refuses this; to say no would be wrong.
      await syncFolder(dirname(making)).catch(() => undefined);
      found.stopWaiting();
      this.found = null;
      return { ok: true, value: null };
    });
  }

  /** Whoever looked at it does not want it. */
  async drop(session: string): Promise<Result<null>> {
    if (this.found?.session !== session) return { ok: true, value: null };
    return this.alone(async () => {
      await this.remove();
      return { ok: true, value: null };
    });
  }

  restart(): void {
    this.ports.restart();
  }

  private async remove(): Promise<void> {
    this.found?.stopWaiting();
    this.found = null;
    await rm(makingIn(this.ports.places.dataFolder), { recursive: true, force: true });
  }

  /** What goes wrong with file, key or card is told in words. */
  private async alone<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    if (this.isBusy) return busy;
    this.isBusy = true;
    try {
      return await work();
    } catch (error) {
      if (error instanceof JournalError) return wrongState(wordsOf(error));
      if (error instanceof Error && 'code' in error)
        return wrongState(`it cannot be kept: ${placeWords(causeOf(error))}`);
      throw error;
    } finally {
      this.isBusy = false;
    }
  }

  /** Why nothing can be restored here; null: it can. */
  get refused(): string | null {
    return this.ports.refusal;
  }

  /** The same, and what was there before a restore, with how many bytes, null: not counted yet. Looks into the data folder. */
  view() {
    const aside = asideIn(this.ports.places.dataFolder);
    return {
      refused: this.refused,
      aside: aside.map(({ at, name }) => ({ at, bytes: this.sizes.get(name) ?? null })),
    };
  }

  destroyAside(): Promise<void> {
    return destroyAside(this.ports.places.dataFolder);
  }

  /** Destroys what has been aside for its time, counts the rest. How many went. */
  async look(): Promise<number> {
    const { clock, places } = this.ports;
    const { dataFolder } = places;
    // Also what a clock that was wrong has put far ahead.
    const isOver = ({ at }: Aside): boolean => Math.abs(clock.now() - at) > asideMaxMs;
    const over = clock.trusted() ? asideIn(dataFolder).filter(isOver) : [];
    await destroyAside(dataFolder, over);
    for (const one of asideIn(dataFolder)) {
      const bytes = await sizeOf(dataFolder, one).catch(() => null); // it goes just now, or the card does not answer
      if (bytes !== null) this.sizes.set(one.name, bytes);
    }
    return over.length;
  }
}

/** A file of ours that does not open has a wrong password, or is damaged; of keys and versions the journal has its own words. */
function wordsOf({ code, message }: JournalError): string {
  return code === 'newer' ? 'this backup was made by a newer version of Porter: update this box first' : message;
}

const wrongState = (detail: string): Result<never> => ({ ok: false, error: { code: 'wrong_state', detail } });
const busy: Result<never> = { ok: false, error: { code: 'busy', detail: 'another backup is being looked at' } };
