/** Whole files beside the journal, small and written whole: what is stored outlives the daemon, what is being written does not. */
import type { CheckpointFile } from '../../../device/journal/checkpoint-file.ts';
import type { Table } from '../../../device/journal/table.ts';
import type { PhotoVault } from '../../../device/journal/photo-vault.ts';
import type { WorldDisk } from './disk.ts';

type Checkpoint = NonNullable<ReturnType<CheckpointFile['load']>>;

/** A turn of the card, dropped with the run that asked for it. */
export type Turn = (run: () => void) => void;

export class Store {
  private readonly files = new Map<string, string>();
  private readonly disk: WorldDisk;

  constructor(disk: WorldDisk) {
    this.disk = disk;
  }

  private put(name: string, text: string | null): void {
    const code = this.disk.faults.all ?? (this.disk.used() >= this.disk.capacity ? 'ENOSPC' : null);
    // What goes needs no room.
    if (code !== null && (text !== null || code !== 'ENOSPC')) throw Object.assign(new Error('not stored'), { code });
    if (text === null) this.files.delete(name);
    else this.files.set(name, text);
  }

  private inTurn(turn: Turn, work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      turn(() => {
        try {
          work();
          turn(resolve);
        } catch (error) {
          reject(error instanceof Error ? error : new Error('not stored'));
        }
      });
    });
  }

  /** As `openTable` gives it. `parse` null: a damaged one. */
  table<T extends object>(name: string, empty: T, parse: (data: unknown) => T | null, turn: Turn): Table<T> {
    const text = this.files.get(name);
    const stored = text === undefined ? null : parse(JSON.parse(text));
    const table = {
      data: stored ?? empty,
      opened: text === undefined ? ('new' as const) : ('ok' as const),
      write: async (next: T) => {
        await this.inTurn(turn, () => this.put(name, JSON.stringify(next)));
        table.data = next;
      },
    };
    return table;
  }

  /**
   * Under the key of then. `spoil` says what the card gives back: the last one, the one before it (a copy that was put back), or
   * nothing that can be trusted.
   */
  checkpoint(key: string, turn: Turn, spoil: () => 'last' | 'before' | 'damaged'): CheckpointFile {
    const read = (name: string): ReturnType<CheckpointFile['load']> => {
      const text = this.files.get(name);
      const stored = text === undefined ? null : (JSON.parse(text) as Checkpoint & { readonly key: string });
      return stored?.key === key ? stored : null;
    };
    return {
      load: () => {
        const given = spoil();
        return given === 'damaged' ? null : read(given === 'last' ? 'checkpoint' : 'checkpoint before');
      },
      save: async (head, lines, rest) => {
        const text = JSON.stringify({ key, head, lines: [...lines] });
        await rest();
        const before = this.files.get('checkpoint') ?? null;
        await this.inTurn(turn, () => this.put('checkpoint before', before));
        await this.inTurn(turn, () => this.put('checkpoint', text));
      },
      remove: () => this.inTurn(turn, () => this.put('checkpoint', null)),
    };
  }

  /** As a backup holds them: without photos. */
  copy(): ReadonlyMap<string, string> {
    return new Map([...this.files].filter(([name]) => !name.startsWith('photo ')));
  }
  replace(files: ReadonlyMap<string, string>): void {
    this.files.clear();
    for (const [name, text] of files) this.files.set(name, text);
  }

  lastCheckpoint(): string {
    return this.files.get('checkpoint') ?? '';
  }

  vault(turn: Turn): PhotoVault {
    const nameOf = (visit: string): string => `photo ${visit}`;
    return {
      put: (visit, jpeg) => this.inTurn(turn, () => this.put(nameOf(visit), Buffer.from(jpeg).toString('latin1'))),
      get: (visit) => {
        const text = this.files.get(nameOf(visit));
        return Promise.resolve(text === undefined ? null : Buffer.from(text, 'latin1'));
      },
      destroy: (visit) => this.inTurn(turn, () => this.put(nameOf(visit), null)),
      list: () =>
        Promise.resolve(
          [...this.files.keys()].filter((name) => name.startsWith('photo ')).map((name) => name.slice(6)),
        ),
    };
  }

  photos(): readonly string[] {
    return [...this.files.keys()].filter((name) => name.startsWith('photo ')).map((name) => name.slice(6));
  }
}
