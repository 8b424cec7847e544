/** One stream of pictures, shared: it runs while somebody watches, and everybody sees the newest picture only. */

export interface PictureStream {
  /** Ends with the signal, or when `end` is called. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
  /** A new picture, for whoever is waiting for one. */
  readonly push: (picture: Uint8Array) => void;
  /** No more pictures for those who watch now; later watchers start anew. */
  readonly end: () => void;
  /** How many watch. */
  readonly watchers: number;
}

/** `start` is called for the first watcher, `stop` after the last. */
export function createPictureStream(start: () => void, stop: () => void): PictureStream {
  const watchers = new Set<Watcher>();
  const leave = (watcher: Watcher): void => {
    if (watchers.delete(watcher) && watchers.size === 0) stop();
  };
  return {
    get watchers() {
      return watchers.size;
    },
    watch: async function* (signal) {
      if (signal.aborted) return;
      const watcher = new Watcher();
      const end = (): void => watcher.end();
      watchers.add(watcher);
      signal.addEventListener('abort', end, { once: true });
      try {
        if (watchers.size === 1) start();
        for (let picture = await watcher.next(); picture !== null; picture = await watcher.next()) yield picture;
      } finally {
        signal.removeEventListener('abort', end);
        leave(watcher);
      }
    },
    push: (picture) => {
      for (const watcher of watchers) watcher.give(picture);
    },
    end: () => {
      const all = [...watchers];
      for (const watcher of all) {
        watcher.end();
        leave(watcher); // not only when it next looks: whoever comes before that starts the stream anew
      }
    },
  };
}

class Watcher {
  private newest: Uint8Array | null = null;
  private ended = false;
  private wake: () => void = () => undefined;

  give(picture: Uint8Array): void {
    this.newest = picture;
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  /** Null at the end. */
  async next(): Promise<Uint8Array | null> {
    if (this.newest === null && !this.ended) await new Promise<void>((resolve) => (this.wake = resolve));
    const picture = this.ended ? null : this.newest;
    this.newest = null;
    return picture;
  }
}
