/**
 * A camera's program as a child, at the head of a process group of its own: whatever it starts goes with it. It gets constant
 * arguments, nothing of our environment but where programs are, and nothing on its standard input.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Timers } from '../system/ports.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** The working folder; as ours when not given. */
  readonly folder?: string;
}

export interface Ending {
  /** Null: ended by a signal, or never started. */
  readonly code: number | null;
  readonly missing: boolean;
  /** The last of what it said on standard error. */
  readonly said: string;
}

export interface Program {
  /** Never rejects. By then the whole group has been killed. */
  readonly ended: Promise<Ending>;
  /** SIGTERM, and SIGKILL half a second later. */
  stop(): void;
  /** SIGKILL, now. */
  kill(): void;
}

export interface ProgramParts {
  /** Where programs are looked for: a PATH. */
  readonly path: string;
  readonly timers: Timers;
}

const graceMs = 500;
/** A program that complains without end is listened to, and forgotten. */
const saidMaxChars = 2_048;

export function startProgram(command: Command, output: (chunk: Buffer) => void, parts: ProgramParts): Program {
  const child = spawn(command.file, command.args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: parts.path, LANG: 'C.UTF-8' },
    ...(command.folder !== undefined && { cwd: command.folder }),
  });
  let said = '';
  child.stdout.on('data', output);
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('latin1')).slice(-saidMaxChars);
  });
  let missing = false;
  let cancelKill: () => void = () => undefined;
  const ended = end(child, parts.timers).then((code) => {
    cancelKill();
    return { code, missing, said };
  });
  child.on('error', (error) => {
    missing = 'code' in error && error.code === 'ENOENT';
    said ||= error.message;
  });
  return {
    ended,
    stop: () => {
      signal(child, 'SIGTERM');
      cancelKill();
      cancelKill = parts.timers.after(graceMs, () => {
        signal(child, 'SIGKILL');
      });
    },
    kill: () => {
      signal(child, 'SIGKILL');
    },
  };
}

/** Its exit code, once all that it held open is closed. */
function end(child: ChildProcess, timers: Timers): Promise<number | null> {
  return new Promise((resolve) => {
    let exitCode: number | null = null;
    let cancel: () => void = () => undefined;
    child.once('exit', (code) => {
      exitCode = code;
      // What it leaves behind would hold the camera, and our pipe.
      signal(child, 'SIGKILL');
      cancel = timers.after(graceMs, () => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      });
    });
    child.once('close', () => {
      cancel();
      resolve(exitCode);
    });
  });
}

function signal(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // The group has gone.
  }
}
