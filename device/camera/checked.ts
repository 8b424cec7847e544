/**
 * Tells staff of a camera that gives pictures of nothing. A pupil never waits for it: pictures go on as they are, and are looked at
 * beside (product.md 9).
 */
import type { Clock, Log } from '../system/ports.ts';
import { concernOf, concernWords } from './look.ts';
import type { Concern } from './look.ts';
import type { Camera } from './port.ts';

/** A live picture is looked at this often, and is believed the second time: somebody may stand close. */
const lookEveryMs = 2_000;
/** A sensor makes noise: so many pictures that are the same to the bit come from none. Three seconds. */
const sameMax = 24;

export interface CheckedParts {
  readonly clock: Pick<Clock, 'mono'>;
  readonly log: Log;
}

export function checked(camera: Camera, parts: CheckedParts): Camera {
  const checks = new Checks(parts);
  return {
    kind: camera.kind,
    status: () => {
      const status = camera.status();
      return status.state === 'ready' && checks.concern !== null
        ? { ...status, concern: concernWords[checks.concern] }
        : status;
    },
    take: async (signal) => {
      const picture = await camera.take(signal);
      checks.took(picture);
      return picture;
    },
    live: async function* (signal) {
      for await (const picture of camera.live(signal)) {
        checks.saw(picture);
        yield picture;
      }
    },
    close: () => {
      camera.close();
    },
  };
}

class Checks {
  concern: Concern | null = null;
  private readonly parts: CheckedParts;
  private before: Uint8Array | null = null;
  private same = 0;
  private lookedAt = -Infinity;
  private suspected: Concern | null = null;

  constructor(parts: CheckedParts) {
    this.parts = parts;
  }

  /** A photo is believed at once. */
  took(picture: Uint8Array): void {
    void this.look(picture).then((found) => {
      if (this.concern !== 'frozen' || found !== null) this.tell(found);
    });
  }

  saw(picture: Uint8Array): void {
    // Several may watch the same picture.
    if (picture === this.before) return;
    const same = this.before !== null && Buffer.compare(picture, this.before) === 0;
    this.before = picture;
    this.same = same ? this.same + 1 : 0;
    const now = this.parts.clock.mono();
    if (now - this.lookedAt < lookEveryMs) return;
    this.lookedAt = now;
    void this.look(picture).then((seen) => {
      const found = seen ?? (this.same >= sameMax ? 'frozen' : null);
      if (found === null || found === this.suspected) this.tell(found);
      this.suspected = found;
    });
  }

  private async look(picture: Uint8Array): Promise<'black' | 'covered' | null> {
    try {
      return await concernOf(picture);
    } catch (error) {
      this.parts.log.warn('picture-not-looked-at', { why: error instanceof Error ? error.name : 'unknown' });
      return null;
    }
  }

  private tell(found: Concern | null): void {
    if (found !== this.concern) this.parts.log.warn('camera-concern', { what: found ?? 'none' });
    this.concern = found;
  }
}
