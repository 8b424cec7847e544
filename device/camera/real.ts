/**
 * A camera on the ribbon cable or on USB. It is looked for, and proved by one picture that nobody sees, until one gives one; then it
 * is ready until it fails. One program of it runs at a time.
 */
import { rmSync } from 'node:fs';
import { Turns } from '../domain/turns.ts';
import type { Clock } from '../system/ports.ts';
import { cameras, videoNodes, whyNone } from './find.ts';
import type { FindParts, FoundCamera } from './find.ts';
import { LivePicture } from './live-picture.ts';
import { CameraProblem, takeDeadlineMs } from './port.ts';
import type { Camera, CameraStatus } from './port.ts';
import { scratchFolder } from './scratch.ts';
import { takeStill } from './still.ts';
import type { StillParts } from './still.ts';
import { within } from './waiting.ts';
import { noPictureWords, unplugged } from './words.ts';

export interface RealCameraParts extends FindParts, StillParts {
  readonly clock: Pick<Clock, 'mono'>;
  /** In the data folder, for a photo on its way where nothing is in memory. */
  readonly scratch: string;
}

export type RealKind = 'auto' | 'libcamera' | 'v4l2';

/** Between looks for a camera that is not there, or has failed: each costs a Pi half a second of work. */
const restMs = [2_000, 5_000, 15_000, 60_000] as const;
/** A USB camera that comes or goes is noticed within this. */
const nodesEveryMs = 2_000;

type Looked = { readonly found: FoundCamera; readonly picture: Uint8Array } | { readonly problem: string };

export class RealCamera implements Camera {
  readonly kind: RealKind;
  private readonly parts: RealCameraParts;
  private readonly turns = new Turns();
  private readonly moving: LivePicture;
  private readonly closing = new AbortController();
  private now: CameraStatus = { state: 'absent', words: 'Porter is looking for the camera' };
  private found: FoundCamera | null = null;
  private folder: string | null = null;
  /** Who waits for the look that is under way, or comes next. */
  private asking = new Set<(looked: Looked) => void>();
  private wake: () => void = () => undefined;
  private failed: (words: string) => void = () => undefined;

  constructor(kind: RealKind, parts: RealCameraParts) {
    this.kind = kind;
    this.parts = parts;
    this.moving = new LivePicture({ ...parts, turns: this.turns, failed: (words) => this.failed(words) });
    void this.watchOver();
  }

  status(): CameraStatus {
    return this.now;
  }

  async take(signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    const limit = this.limit(signal);
    const { found } = this;
    try {
      return await (found === null ? this.ask(limit.signal) : this.picture(found, limit.signal));
    } catch (error) {
      if (found !== null && !signal.aborted) this.failed(wordsOfError(error));
      throw error;
    } finally {
      limit.end();
    }
  }

  async *live(signal: AbortSignal): AsyncIterable<Uint8Array> {
    if (this.found !== null && !signal.aborted) yield* this.moving.watch(this.found.live, signal);
  }

  close(): void {
    this.closing.abort(new CameraProblem('The camera is switched off'));
    this.found = null;
    this.now = { state: 'absent', words: 'The camera is switched off' };
    this.moving.close();
    this.failed('');
    this.wake();
    this.removeFolder();
  }

  private removeFolder(): void {
    if (this.folder !== null) rmSync(this.folder, { recursive: true, force: true });
  }

  private closed(): boolean {
    return this.closing.signal.aborted;
  }

  /** Looks until it is found and works, then waits until it does not. */
  private async watchOver(): Promise<void> {
    for (let looks = 0; !this.closed();) {
      const nodes = await videoNodes(this.parts.videoFolder);
      const looked = await this.look();
      if ('found' in looked) {
        looks = 0;
        await this.serve(looked);
      } else this.settle({ state: 'failed', words: looked.problem }, looked);
      if (this.closed()) return;
      const changed = await this.rest(restMs[Math.min(looks, restMs.length - 1)] ?? 0, nodes);
      looks = changed ? 0 : looks + 1;
    }
  }

  /** The first that gives a picture: one that does not must not keep the box from using the next. */
  private async look(): Promise<Looked> {
    const tried: { readonly name: string; readonly words: string }[] = [];
    const none: string[] = [];
    for await (const found of cameras(this.kind, this.parts, this.closing.signal)) {
      if (this.closed()) break;
      if (typeof found === 'string') {
        none.push(found);
        continue;
      }
      const limit = this.limit();
      try {
        return { found, picture: await this.picture(found, limit.signal) };
      } catch (error) {
        tried.push({ name: found.name, words: wordsOfError(error) });
      } finally {
        limit.end();
      }
    }
    if (tried.length === 0) return { problem: whyNone(this.kind, none) };
    return { problem: tried.map(({ name, words }) => (tried.length === 1 ? words : `${name}: ${words}`)).join('; ') };
  }

  /** Ready, until it fails or is pulled out. */
  private async serve(looked: Extract<Looked, { found: FoundCamera }>): Promise<void> {
    if (this.closed()) return;
    const { found } = looked;
    this.found = found;
    const over = new Promise<string>((resolve) => (this.failed = resolve));
    this.settle({ state: 'ready', words: `Ready (${found.name})` }, looked);
    const { node } = found;
    const stop = this.onNodes((nodes) => {
      if (node !== null && !nodes.includes(node)) this.failed(unplugged);
    });
    const words = await over;
    stop();
    this.failed = () => undefined;
    this.found = null;
    this.moving.end();
    if (!this.closed()) this.now = { state: 'failed', words };
  }

  private settle(status: CameraStatus, looked: Looked): void {
    if (!this.closed()) this.now = status;
    const asking = [...this.asking];
    this.asking.clear();
    for (const tell of asking) tell(looked);
  }

  /** True: a USB camera came or went meanwhile. */
  private rest(ms: number, nodes: readonly string[]): Promise<boolean> {
    return new Promise((resolve) => {
      const over = (changed: boolean): void => {
        cancel();
        stop();
        this.wake = () => undefined;
        resolve(changed);
      };
      const cancel = this.parts.timers.after(ms, () => {
        over(false);
      });
      const stop = this.onNodes((now) => {
        if (now.join() !== nodes.join()) over(true);
      });
      this.wake = () => {
        over(false);
      };
      if (this.asking.size > 0) over(false);
    });
  }

  private onNodes(look: (nodes: readonly string[]) => void): () => void {
    if (this.kind === 'libcamera') return () => undefined;
    let stopped = false;
    const stop = this.parts.timers.every(nodesEveryMs, () => {
      void videoNodes(this.parts.videoFolder).then((nodes) => {
        if (!stopped) look(nodes);
      });
    });
    return () => {
      stopped = true;
      stop();
    };
  }

  /** The picture of the look under way, or of one that begins now. */
  private ask(signal: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const gone = (): void => {
        this.asking.delete(tell);
        reject(reasonOf(signal));
      };
      const tell = (looked: Looked): void => {
        signal.removeEventListener('abort', gone);
        if ('picture' in looked) resolve(looked.picture);
        else reject(new CameraProblem(looked.problem));
      };
      this.asking.add(tell);
      signal.addEventListener('abort', gone, { once: true });
      if (signal.aborted) gone();
      else this.wake();
    });
  }

  private async picture(found: FoundCamera, signal: AbortSignal): Promise<Uint8Array> {
    if (found.kind === 'v4l2' || this.moving.running) return await this.moving.one(found.live, signal);
    return await this.turns.take(async () => {
      signal.throwIfAborted();
      this.folder ??= await scratchFolder(this.parts.scratch);
      return await takeStill(this.folder, this.parts, signal).finally(() => {
        if (this.closed()) this.removeFolder();
      });
    });
  }

  private limit(...signals: readonly AbortSignal[]): { readonly signal: AbortSignal; readonly end: () => void } {
    const late = (): Error => new CameraProblem(noPictureWords);
    return within(takeDeadlineMs, late, this.parts.timers, this.closing.signal, ...signals);
  }
}

const reasonOf = ({ reason }: AbortSignal): Error => (reason instanceof Error ? reason : new CameraProblem('Given up'));
const wordsOfError = (error: unknown): string => (error instanceof CameraProblem ? error.message : noPictureWords);
