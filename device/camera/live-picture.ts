/** The live picture of a real camera: one program that writes JPEGs without end, while somebody watches. */
import type { Turns } from '../domain/turns.ts';
import type { Clock } from '../system/ports.ts';
import { JpegSplitter } from './jpeg-splitter.ts';
import { CameraProblem, liveEveryMs, stallMs } from './port.ts';
import { startProgram } from './program.ts';
import type { Command, Ending, Program, ProgramParts } from './program.ts';
import { createPictureStream } from './stream.ts';
import { pause } from './waiting.ts';
import { noPictureWords, unplugged, wordsOf } from './words.ts';

export interface LivePictureParts extends ProgramParts {
  readonly clock: Pick<Clock, 'mono'>;
  /** Shared with whoever else starts the camera. */
  readonly turns: Turns;
  /** It has been given up; for staff. */
  readonly failed: (words: string) => void;
}

interface Played {
  readonly ending: Ending;
  readonly pictures: number;
  readonly lastedMs: number;
  readonly stalled: boolean;
}

/** A program that ends by itself is started again after these; then the camera has failed. */
const restartMs = [250, 1_000] as const;
/** One that showed pictures for so long has not failed at starting. */
const settledMs = 5_000;
/** The first pictures are dark, or too bright: the camera is still finding out. */
const warmUp = 4;

export class LivePicture {
  private readonly parts: LivePictureParts;
  private readonly stream = createPictureStream(
    () => this.begin(),
    () => this.stopping.abort(),
  );
  private command: Command | null = null;
  private stopping = new AbortController();
  private program: Program | null = null;
  /** Pictures of the present program. */
  private shown = 0;
  private shownAt = -Infinity;
  /** Of the last failure. */
  private why = noPictureWords;

  constructor(parts: LivePictureParts) {
    this.parts = parts;
  }

  get running(): boolean {
    return this.stream.watchers > 0;
  }

  watch(command: Command, signal: AbortSignal): AsyncIterable<Uint8Array> {
    this.command = command;
    return this.stream.watch(signal);
  }

  /** The next picture that is fit to be a photo. */
  async one(command: Command, signal: AbortSignal): Promise<Uint8Array> {
    for await (const picture of this.watch(command, signal)) if (this.shown >= warmUp) return picture;
    signal.throwIfAborted();
    throw new CameraProblem(this.why);
  }

  /** Whoever watches watches no longer; the program is stopped. */
  end(): void {
    this.stream.end();
  }

  /** The same, at once and for ever. */
  close(): void {
    this.stream.end();
    this.program?.kill();
  }

  private begin(): void {
    const { command } = this;
    const stopping = new AbortController();
    this.stopping = stopping;
    if (command !== null) void this.parts.turns.take(() => this.run(command, stopping.signal));
  }

  private async run(command: Command, signal: AbortSignal): Promise<void> {
    const left = (): boolean => signal.aborted;
    for (let failures = 0; !left();) {
      const played = await this.play(command, signal);
      if (left()) return;
      if (played.pictures > 0 && played.lastedMs > settledMs) failures = 0;
      const waitMs = restartMs[failures];
      const words = played.stalled ? noPictureWords : wordsOf(played.ending);
      if (played.stalled || played.ending.missing || words === unplugged || waitMs === undefined) {
        this.why = words;
        this.parts.failed(words);
        this.stream.end();
        return;
      }
      failures += 1;
      await pause(waitMs, this.parts.timers, signal);
    }
  }

  /** One program, from its start to its end. */
  private async play(command: Command, signal: AbortSignal): Promise<Played> {
    const { clock, timers } = this.parts;
    const begun = clock.mono();
    this.shown = 0;
    let stalled = false;
    const stall = (): void => {
      stalled = true;
      program.kill();
    };
    let cancelStall = timers.after(stallMs, stall);
    const splitter = new JpegSplitter((picture) => {
      cancelStall();
      cancelStall = timers.after(stallMs, stall);
      this.show(picture);
    });
    const program = startProgram(command, (chunk) => splitter.push(chunk), this.parts);
    this.program = program;
    const stop = (): void => program.stop();
    signal.addEventListener('abort', stop, { once: true });
    const ending = await program.ended;
    signal.removeEventListener('abort', stop);
    cancelStall();
    this.program = null;
    return { ending, pictures: this.shown, lastedMs: clock.mono() - begun, stalled };
  }

  /** A camera may give more than are shown: a page would fall behind. */
  private show(picture: Uint8Array): void {
    this.shown += 1;
    const now = this.parts.clock.mono();
    if (this.shown > 1 && now - this.shownAt < liveEveryMs * paceSlack) return;
    this.shownAt = now;
    this.stream.push(picture);
  }
}

/** Ten a second come a little early now and then. */
const paceSlack = 0.7;
