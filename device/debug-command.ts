/** `porter debug-bundle`: what a helper far away needs to know of a box, to a file or to standard output. Part of `main.ts`. */
import { execFile, spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { causeOf } from './journal/error.ts';
import { debugBundle } from './support/bundle.ts';
import type { Asked } from './support/bundle.ts';
import type { Ask } from './support/machine-facts.ts';
import { tellControl } from './web/control.ts';

export interface DebugCommand extends Omit<Asked, 'ask'> {
  /** Null: standard output. */
  readonly out: string | null;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** A program of the machine that takes longer has nothing to say. */
const askMaxMs = 10_000;
export const askMachine: Ask = (program, ...args) => {
  const { status, stdout } = spawnSync(program, args, {
    ...{ encoding: 'utf8', timeout: askMaxMs, maxBuffer: 8 * 1024 * 1024 },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout : null;
};

/** What the daemon says; null: it refuses, there is none, or it does not answer. */
async function valueOf(answer: Promise<unknown>): Promise<unknown> {
  const said = await answer.catch(() => null);
  return typeof said === 'object' && said !== null && 'value' in said ? said.value : null;
}
const tellMaxMs = 5_000;

/** One of a card that hangs ends here. */
const takenMaxMs = 60_000;

/** The same for the staff page, as this run was started: a process that may hang, and read a year of records. What it said until its end. */
export function takeDebugBundle(): Promise<string> {
  const { argv, execPath, execArgv } = process;
  const [, program = '', ...started] = argv;
  const options = { timeout: takenMaxMs, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 * 1024 } as const;
  return new Promise((done) => {
    execFile(execPath, [...execArgv, program, 'debug-bundle', ...started], options, (error, said) => {
      done(error === null ? said : `${said}== It ended early\n`);
    });
  });
}

/** 0: written; 1: FILE cannot be. */
export async function debugCommand({ out, print, complain, ...asked }: DebugCommand): Promise<0 | 1> {
  if (out !== null && `${resolve(out)}${sep}`.startsWith(`${asked.dataDir}${sep}`)) {
    complain(`${out} is in the data folder, in which nothing is written: name another place.\n`);
    return 1;
  }
  const write = out === null ? print : (text: string) => appendFileSync(out, text);
  try {
    if (out !== null) writeFileSync(out, '', { flag: 'wx', mode: 0o600 });
    const tell = (command: 'state' | 'log'): Promise<unknown> =>
      valueOf(tellControl(asked.dataDir, command, {}, tellMaxMs));
    for await (const part of debugBundle({ ...asked, ask: askMachine, tell })) write(part);
  } catch (error) {
    complain(`${out ?? 'it'} cannot be written (${causeOf(error)}).\n`);
    return 1;
  }
  if (out !== null) print(`Written: ${out}. Read it before you send it.\n`);
  return 0;
}
