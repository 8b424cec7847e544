/** Programs as processes of their own: how soon they serve, and what the kernel says that they use. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Ticks of /proc/PID/stat, on every Linux that there is for these machines. */
const tickMs = 10;
const servedMaxMs = 180_000;
const stopMaxMs = 20_000;

export interface ProgramOptions {
  /** Of Node. */
  readonly args: readonly string[];
  /** Answers 200 when it serves. */
  readonly url: string;
  readonly cwd?: string;
  /** Beside that of the bench; undefined: it is not handed on. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export class Program {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to the page, ms; and CPU time of all its threads until then, ms. */
  servedMs = NaN;
  servedCpuMs = NaN;
  private readonly child: ChildProcess;
  private said = '';

  private constructor(child: ChildProcess, url: string) {
    this.child = child;
    this.url = url;
    this.pid = child.pid ?? 0;
    const hear = (text: Buffer): void => {
      this.said = `${this.said}${text.toString()}`.slice(-4000);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
  }

  static async start({ args, url, cwd, env }: ProgramOptions): Promise<Program> {
    const began = performance.now();
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    const program = new Program(child, url);
    while (!(await answers(url))) {
      if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended: ${program.said}`);
      if (performance.now() - began > servedMaxMs) {
        child.kill('SIGKILL');
        throw new Error(`${args.join(' ')} does not serve ${url}: ${program.said}`);
      }
      await sleep(5);
    }
    program.servedMs = performance.now() - began;
    program.servedCpuMs = program.cpuMs();
    return program;
  }

  memoryMb(): number {
    return memoryMbOf(this.pid);
  }

  /** Of all threads of the process and its children so far. */
  cpuMs(): number {
    return treeOf(this.pid).reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), stopMaxMs);
    await ended;
    clearTimeout(late);
  }
}

/** Resident memory of the process and its children, MB of 1,000,000 bytes. */
export function memoryMbOf(root: number): number {
  const kib = treeOf(root).map((pid) => Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${String(pid)}/status`))?.[1] ?? 0));
  return (kib.reduce((sum, one) => sum + one, 0) * 1024) / 1e6;
}

export function cpuMsOf(pid: number): number {
  const fields = read(`/proc/${String(pid)}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * tickMs;
}

/** Empty where the process has gone. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function treeOf(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(
      read(`/proc/${name}/stat`)
        .replace(/^.*\) /s, '')
        .split(' ')[1] ?? 0,
    );
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const all = [root];
  for (const pid of all) all.push(...(children.get(pid) ?? []));
  return all;
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(url, { agent: false }, (response) => {
      response.resume();
      response.once('end', () => {
        resolve(response.statusCode === 200);
      });
    });
    asked.once('error', () => {
      resolve(false);
    });
  });
}
