/**
 * What seals the frames of a journal: one key for each segment, derived from a master key, the journal's id and the
 * segment's number, so that a frame opens even where the header of its segment is damaged. Each run begins a segment of its
 * own (durability.md 9).
 */
import { createHmac } from 'node:crypto';
import { JournalError } from './error.ts';
import { CHECK_BYTES } from './frame.ts';
import type { FrameSeal, HeaderSeal, StoredSegmentHeader } from './frame.ts';
import type { Master, Masters } from './masters.ts';
import { deriveKey, openBytes, sealBytes } from './seal.ts';
import type { RandomBytes } from './seal.ts';

export class FrameKeys {
  readonly masters: Masters;
  readonly random: RandomBytes;
  private readonly derived = new Map<string, Buffer>();

  constructor(masters: Masters, random: RandomBytes) {
    this.masters = masters;
    this.random = random;
  }

  /** For the header of a new segment. */
  header(journal: string): HeaderSeal {
    const { newest } = this.masters;
    return { keyId: newest.id, check: (bytes) => this.checkOf(newest, journal, bytes) };
  }

  /** For a frame of that segment. */
  seal(journal: string, segment: number): FrameSeal {
    const key = this.frameKey(this.masters.newest, journal, segment);
    return (payload, about) => sealBytes(this.random, key, payload, inJournal(journal, about));
  }

  /**
   * Throws `wrong_key` where a segment stands under a key that is not here, `forged` where its header was not written by a
   * Porter that had the key, or is plain where nothing plain belongs.
   */
  accept(header: StoredSegmentHeader): void {
    if (header.sealed === null) {
      if (!this.masters.plainBefore) throw forged(header.segment);
      return;
    }
    const { keyId, check, checked } = header.sealed;
    const master = this.masters.all.find(({ id }) => id === keyId);
    if (master === undefined) {
      throw new JournalError('wrong_key', `segment ${header.segment} of the journal is under a key that is not here`);
    }
    if (!this.checkOf(master, header.journal, checked).equals(check)) throw forged(header.segment);
  }

  /**
   * What a good frame says. `header` is its segment's, or null where that is damaged: then every master key and each of
   * `journals` is tried. Throws `forged`: whole, but not written with any key that is here.
   */
  open(
    frame: { readonly open: Buffer; readonly sealed: Buffer | null; readonly about: Buffer; readonly segment: number },
    header: StoredSegmentHeader | null,
    journals: readonly string[],
  ): Buffer {
    const { masters } = this;
    const { segment, open, sealed, about } = frame;
    if (sealed === null) {
      if (header === null ? masters.plainBefore : header.sealed === null) return open;
      throw forged(segment);
    }
    const candidates = masters.all.filter(({ id }) => header === null || id === header.sealed?.keyId);
    for (const journal of header === null ? journals : [header.journal]) {
      for (const master of candidates) {
        const opened = openBytes(this.frameKey(master, journal, segment), sealed, inJournal(journal, about));
        if (opened !== null) return open.length > 0 ? open : opened;
      }
    }
    throw forged(segment);
  }

  private checkOf(master: Master, journal: string, bytes: Uint8Array): Buffer {
    const key = this.cached(`header ${master.id} ${journal}`, () =>
      deriveKey(master.key, 'segment header', Buffer.from(journal, 'hex')),
    );
    return createHmac('sha256', key).update(bytes).digest().subarray(0, CHECK_BYTES);
  }

  private frameKey(master: Master, journal: string, segment: number): Buffer {
    return this.cached(`${segment} ${master.id} ${journal}`, () =>
      deriveKey(master.key, `segment ${segment}`, Buffer.from(journal, 'hex')),
    );
  }

  private cached(name: string, derive: () => Buffer): Buffer {
    const key = this.derived.get(name) ?? derive();
    this.derived.set(name, key);
    return key;
  }
}

const inJournal = (journal: string, about: Uint8Array): Buffer => Buffer.concat([Buffer.from(journal, 'hex'), about]);

const forged = (segment: number): JournalError =>
  new JournalError('forged', `segment ${segment} of the journal holds what was not written with its key`);
