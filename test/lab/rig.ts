/**
 * What outlives the cuts: the disk and its server, the MIS, the time at the school, the book of promises. Two sorts: here a plain machine
 * whose data disk it is; the whole card of an image is in `card-rig.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '../../device/demo/random.ts';
import { emptyBook } from './book.ts';
import type { Book } from './book.ts';
import { powerOn } from './box.ts';
import type { Box } from './box.ts';
import { copyImage, makeFileSystem } from './file-system.ts';
import type { Images } from './images.ts';
import { startMis } from './mis.ts';
import type { Mis, WireEvent } from './mis.ts';
import { serveNbd } from './nbd-server.ts';
import type { DiskRequest, NbdServer } from './nbd-server.ts';
import type { Instant } from './plan.ts';
import type { SavedState } from './saved-state.ts';
import { schoolTime } from './school-time.ts';
import type { SchoolTime } from './school-time.ts';
import { openVolatileDisk } from './volatile-disk.ts';
import type { VolatileDisk } from './volatile-disk.ts';

export interface Rig {
  readonly folder: string;
  readonly image: string;
  readonly disk: VolatileDisk;
  readonly nbd: NbdServer;
  readonly mis: Mis;
  readonly time: SchoolTime;
  readonly book: Book;
  /** Gives the machine power. */
  readonly start: () => Promise<Box>;
  /** The file system with the data as it lies on the disk, copied: for whoever looks at it. */
  readonly copy: () => string;
  /** Where the key file is not beside the data; null: it is. */
  readonly recoveryKey: () => string | null;
  /** What happens at these events; replaced in each round. */
  readonly on: Events;
  readonly close: () => Promise<void>;
}
interface Events {
  disk: (request: DiskRequest) => void;
  /** May it pass? */
  wire: (event: WireEvent) => boolean;
}

const diskMb = 256;
/** A card is slow at it. Milliseconds. */
const flushMaxMs = 25;

export interface RigOptions {
  readonly seed: number;
  /** The disk says that it has flushed, and has not. */
  readonly lies: boolean;
}
/** A rig but for its machine. `path`: where the disk is served. */
export type Frame = Omit<Rig, 'start' | 'copy' | 'recoveryKey'> & { readonly path: string };

export async function openRig(images: Images, saved: SavedState, options: RigOptions): Promise<Rig> {
  const frame = await openFrame(schoolTime(), options, (image) => makeFileSystem(image, diskMb));
  const { folder, image, mis, time, path } = frame;
  return {
    ...frame,
    start: () => powerOn({ images, saved, folder, disk: path, now: time.now, misPort: mis.port }),
    copy() {
      const copy = join(folder, 'copy.img');
      copyImage(image, copy);
      return copy;
    },
    recoveryKey: () => null,
  };
}

export async function openFrame(
  time: SchoolTime,
  { seed, lies }: RigOptions,
  make: (image: string, folder: string) => void,
): Promise<Frame> {
  const folder = mkdtempSync(join(tmpdir(), 'porter-lab-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const image = join(folder, 'disk.img');
  make(image, folder);
  const disk = openVolatileDisk(image, lies);
  const on: Events = { disk: () => undefined, wire: () => true };
  const slowness = seeded(seed);
  const path = join(folder, 'disk');
  const before = (request: DiskRequest): void => on.disk(request);
  const nbd = await serveNbd({ disk, path, before, flushMs: () => slowness.below(flushMaxMs) });
  const mis = await startMis(time.now, (event) => on.wire(event));
  return {
    ...{ folder, image, disk, nbd, mis, time, on, path, book: emptyBook() },
    close: async () => {
      await nbd.close();
      await mis.stop();
      disk.close();
      remove();
      process.off('exit', remove);
    },
  };
}

export interface Cut {
  readonly signal: AbortSignal;
  /** The disk has no power from this very moment, the machine is killed. Only the first call does something. */
  fire(): void;
  /** The machine that it is for, as soon as there is one. */
  for(box: Box): void;
}

export function cutOf({ nbd }: Rig): Cut {
  const controller = new AbortController();
  let machine: Box['machine'] | null = null;
  return {
    signal: controller.signal,
    fire() {
      if (controller.signal.aborted) return;
      nbd.powerDown();
      void machine?.kill();
      controller.abort();
    },
    for(box) {
      ({ machine } = box);
      if (controller.signal.aborted) void machine.kill();
    },
  };
}

/** Fires the cut at the instant's event, if it is one of the disk or of the wire, in this part of the round. */
export function arm({ on, disk }: Rig, instant: Instant, cut: Cut, during: 'start' | 'load'): void {
  let seen = 0;
  on.disk = (request) => {
    if (!('during' in instant) || instant.during !== during || instant.on !== request) return;
    if (disk.pending().length === 0) return;
    seen += 1;
    if (seen >= instant.n) cut.fire();
  };
  on.wire = (event) => {
    if (during === 'start' || instant.on !== event) return true;
    cut.fire();
    return false;
  };
}
