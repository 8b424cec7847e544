/**
 * Files that staff take: offered to one session for ten minutes, made while they are fetched. The address is of no use to anybody
 * else, nor to the same person signed in elsewhere.
 */
import type { Clock, Random } from '../../system/ports.ts';

const offeredMs = 10 * 60_000;
const offersMax = 40;

export interface OfferedFile {
  readonly name: string;
  /** As HTTP names it. */
  readonly type: string;
  readonly parts: () => AsyncIterable<string>;
}
interface Offer {
  readonly session: string;
  readonly until: number;
  readonly file: OfferedFile;
}

export class Files {
  private readonly offers = new Map<string, Offer>();
  private readonly clock: Clock;
  private readonly random: Random;

  constructor(ports: { readonly clock: Clock; readonly random: Random }) {
    this.clock = ports.clock;
    this.random = ports.random;
  }

  /** Where it can be fetched. */
  offer(session: string, file: OfferedFile): string {
    const now = this.clock.mono();
    for (const [id, { until }] of this.offers) if (until <= now) this.offers.delete(id);
    for (const id of [...this.offers.keys()].slice(0, Math.max(0, this.offers.size + 1 - offersMax)))
      this.offers.delete(id);
    const id = this.random.id();
    this.offers.set(id, { session, until: now + offeredMs, file });
    return `/file/${id}`;
  }

  /** Null: none, over, or another session's. */
  find(session: string, id: string): OfferedFile | null {
    const offer = this.offers.get(id);
    return offer !== undefined && offer.session === session && offer.until > this.clock.mono() ? offer.file : null;
  }
}
