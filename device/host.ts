/** What staff may know and do of the machine beneath (`web/staff/views/box.ts`). */
import type { Result } from './contract/result.ts';
import type { Stick } from './copies/stick.ts';
import type { Restoring } from './copies/restoring.ts';
import type { Taking } from './copies/taking.ts';
import type { Memory } from './system/machine.ts';
import type { Updates } from './updates.ts';
import type { Recovery } from './web/set-up-page.ts';

export interface Host {
  readonly memory: () => Memory;
  /** Celsius; null: this machine does not tell. */
  readonly degrees: () => number | null;
  /** Of what runs Porter. */
  readonly versions: Readonly<Record<string, string>>;
  /** Of this run; without names. */
  readonly log: () => string;
  /** As `porter debug-bundle` writes it. */
  readonly debugBundle: () => Promise<string>;
  /** Ends the process; null: nothing would start it again. */
  readonly restart: (() => void) | null;
  /** Null: no MIS is connected. */
  readonly misToken: MisToken | null;
  readonly taking: Taking;
  readonly restoring: Restoring;
  /** Null: no box, which has a place for one. */
  readonly stick: Stick | null;
  /** When `porter backup create` last took a backup, milliseconds since the epoch; null: never. */
  readonly takenAtConsole: () => number | null;
  readonly recovery: Recovery;
  /** Null: a machine without two halves of a card. */
  readonly updates: Updates | null;
}

/** A new token for the MIS. */
export interface MisToken {
  /** Why none can be entered here, in words; null: one can. */
  readonly refused: string | null;
  /** Does the MIS take it? Nothing is changed by it. */
  readonly try: (token: string) => Promise<Result<null>>;
  /** From the next start on. Throws where the card does not take it. */
  readonly keep: (token: string) => void;
}
