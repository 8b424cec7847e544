/** Looks for a badge's QR code before the camera while "Sign back in" is open (product.md 3). Typing always works too. */
import { Worker } from 'node:worker_threads';
import { parseQr } from '../domain/badge.ts';
import type { Log, Timers } from '../system/ports.ts';
import type { Camera } from './port.ts';

/** It stops by itself after this long (contract/kiosk.ts, `look`). */
const lookMaxMs = 2 * 60_000;

/** A bus pass, a phone, or a picture that is none ends nothing: it looks on. */
const isBadge = (text: unknown): text is string => typeof text === 'string' && parseQr(text) !== null;

export interface BadgeReaderParts {
  readonly camera: Camera;
  /** `qr-thread.ts`, built. */
  readonly threadFile: string;
  readonly timers: Timers;
  readonly log: Log;
}

export class BadgeReader {
  private looking: { readonly visit: string; readonly stop: () => void } | null = null;
  private readonly parts: BadgeReaderParts;

  constructor(parts: BadgeReaderParts) {
    this.parts = parts;
  }

  /** Looks until a badge's code is read, until `stop`, or for two minutes. `seen` gets what the code says, once. */
  start(visit: string, seen: (code: string) => void): void {
    this.stop();
    if (this.parts.camera.status().state !== 'ready') return;
    const done = new AbortController();
    const cancel = this.parts.timers.after(lookMaxMs, () => {
      done.abort();
    });
    const thread = new Worker(this.parts.threadFile);
    thread.unref();
    const stop = (): void => {
      cancel();
      done.abort();
      void thread.terminate();
    };
    this.looking = { visit, stop };
    thread.on('error', (error) => {
      this.parts.log.warn('qr-thread', { why: error.name });
      stop();
    });
    this.read(thread, done.signal)
      .then((code) => {
        if (code !== null) seen(code);
      }, stop)
      .finally(() => {
        if (this.looking?.stop === stop) this.stop();
      });
  }

  stop(visit?: string): void {
    if (visit !== undefined && this.looking?.visit !== visit) return;
    this.looking?.stop();
    this.looking = null;
  }

  /** One picture at a time: those that come while the thread is at work are passed over. */
  private async read(thread: Worker, signal: AbortSignal): Promise<string | null> {
    for await (const picture of this.parts.camera.live(signal)) {
      const code = await this.codeIn(thread, picture, signal);
      if (code !== null || signal.aborted) return signal.aborted ? null : code;
    }
    return null;
  }

  private codeIn(thread: Worker, picture: Uint8Array, signal: AbortSignal): Promise<string | null> {
    return new Promise((resolve) => {
      const none = (): void => {
        resolve(null);
      };
      signal.addEventListener('abort', none, { once: true });
      thread.once('message', (texts: unknown) => {
        signal.removeEventListener('abort', none);
        resolve(Array.isArray(texts) ? (texts.find(isBadge) ?? null) : null);
      });
      thread.postMessage(picture);
    });
  }
}
