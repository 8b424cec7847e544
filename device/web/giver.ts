/** A command of staff as it comes in at any door: what it says, and whose it is. */
import type { GenericSchema } from 'valibot';
import type { Result } from '../contract/result.ts';
import type { DeskCommand } from '../desk/desk.ts';
import type { Actor } from '../domain/record.ts';

/** Whose command it is, and its identity (durability.md 4). */
export interface Giver {
  readonly by: Actor;
  readonly command: DeskCommand;
  /** Of the staff page; left out: the control socket. */
  readonly session?: string;
}
export type Commands = Readonly<Record<string, (input: unknown, giver: Giver) => Promise<Result<unknown>>>>;

/** Makes a command of what parses its input and what is done then. */
export type On = <T>(
  schema: GenericSchema<unknown, T>,
  run: (value: T, giver: Giver) => Result<unknown> | Promise<Result<unknown>>,
) => (input: unknown, giver: Giver) => Promise<Result<unknown>>;
