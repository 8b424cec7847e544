/** A backup that is about to be downloaded: made ready by a command, taken once, by the session that asked, within a minute. */
import { Readable } from 'node:stream';
import type { Clock, Random } from '../system/ports.ts';
import { backup, backupKey } from './backup.ts';
import type { About, BackupKey } from './backup.ts';

export interface TakingPorts {
  readonly clock: Pick<Clock, 'mono'>;
  readonly random: Pick<Random, 'bytes' | 'id'>;
  readonly folder: string;
  readonly about: () => About;
}
export interface TakenFile {
  readonly name: string;
  readonly stream: Readable;
}

const readyMs = 60_000;

export class Taking {
  private readonly ports: TakingPorts;
  private ready: {
    readonly token: string;
    readonly session: string;
    readonly key: BackupKey;
    readonly at: number;
  } | null = null;

  constructor(ports: TakingPorts) {
    this.ports = ports;
  }

  /** The token to take it with. One at a time: another takes its place. */
  async prepare(password: string, session: string): Promise<string> {
    const { clock, random } = this.ports;
    const key = await backupKey(password, (count) => random.bytes(count));
    this.ready = { token: random.id(), session, key, at: clock.mono() };
    return this.ready.token;
  }

  take(token: string, session: string): TakenFile | null {
    const { clock, random, folder, about } = this.ports;
    const { ready } = this;
    if (ready?.token !== token || ready.session !== session || clock.mono() - ready.at > readyMs) return null;
    this.ready = null;
    const said = about();
    const bytes = backup({ folder, about: said, random: (count) => random.bytes(count) }, ready.key);
    return {
      name: `porter-${said.made.slice(0, 10)}.porter-backup`,
      stream: Readable.from(bytes, { objectMode: false }),
    };
  }
}
