/** One virtual machine: a QEMU process, its control socket (QMP) and the line of commands into the guest. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';

/** How the guest's instructions are run. Part of what a saved state is good for. */
export type Accelerator = 'kvm' | 'tcg';

/**
 * Emulated, the guest's clock goes with ours, or (`instructions`) by what it has run, 2 ns each, about as fast as a slow Pi: beside
 * other work it then slows down as a whole, and deadlines mean in it what they mean on a box. One processor: those that take turns
 * would wait for each other.
 */
export type Timing = 'wall' | 'instructions';

export interface MachineOptions {
  readonly accelerator: Accelerator;
  readonly kernel: string;
  readonly initrd: string;
  readonly root: string;
  readonly app: string;
  readonly memoryMb: number;
  readonly timing: Timing;
  /** More for QEMU: what is plugged in beside disks, network and the line. */
  readonly devices: readonly string[];
  /** For sockets and the console's text. */
  readonly folder: string;
  /** Guest port to host port, both TCP, the host's on loopback. */
  readonly ports?: Readonly<Record<number, number>>;
  /** A saved state to go on from. */
  readonly restore?: string;
}

export interface Machine {
  /** A QMP command. @throws Error with QEMU's words */
  qmp(execute: string, given?: object): Promise<unknown>;
  /** Runs a line of bash in the guest. @throws Error when it fails or takes too long */
  run(line: string, withinMs: number): Promise<string>;
  /** Runs a line that never ends by itself; its words go to `heard`. */
  follow(line: string, heard: (words: string) => void): void;
  /** Pulls the plug. Resolves when the process is gone. */
  kill(): Promise<void>;
  readonly gone: Promise<void>;
}

const connectMaxMs = 30_000;

/**
 * no_timer_check: an emulated timer on a busy machine looks broken to the kernel, and it gives up. If it does for another
 * reason, QEMU ends instead of waiting for ever.
 */
const kernelWords =
  'root=/dev/vda ro init=/lab-init console=ttyS0 quiet net.ifnames=0 mitigations=off no_timer_check panic=1';

const processors: Readonly<Record<'kvm' | Timing, readonly string[]>> = {
  kvm: ['-accel', 'kvm', '-cpu', 'host', '-smp', '2'],
  wall: ['-accel', 'tcg,thread=multi,tb-size=256', '-cpu', 'max', '-smp', '2'],
  instructions: ['-accel', 'tcg,thread=single,tb-size=512', '-icount', 'shift=1', '-cpu', 'max', '-smp', '1'],
};

/** What QEMU is told: a saved state is good for just this. */
export function argumentsOf(options: MachineOptions): readonly string[] {
  const { folder, accelerator, timing, ports = {} } = options;
  const disk = (path: string): readonly string[] => ['-drive', `file=${path},if=virtio,format=raw,readonly=on`];
  const forwarded = Object.entries(ports).map(([guest, host]) => `,hostfwd=tcp:127.0.0.1:${String(host)}-:${guest}`);
  return [
    ...['-machine', 'pc', ...processors[accelerator === 'kvm' ? 'kvm' : timing], '-m', String(options.memoryMb)],
    ...['-kernel', options.kernel, '-initrd', options.initrd],
    ...['-append', kernelWords, '-no-reboot'],
    ...[...disk(options.root), ...disk(options.app)],
    // Long ago: whoever asks for the time after a restore sees that much has passed, and renews what is old.
    ...['-rtc', 'base=2000-01-01'],
    ...['-device', 'vmgenid,guid=auto', '-device', 'virtio-rng-pci'],
    ...['-netdev', `user,id=net${forwarded.join('')}`, '-device', 'virtio-net-pci,netdev=net'],
    ...['-device', 'virtio-serial-pci', '-chardev', `socket,id=line,path=${join(folder, 'line')},server=on,wait=off`],
    ...['-device', 'virtserialport,chardev=line'],
    ...['-qmp', `unix:${join(folder, 'qmp')},server=on,wait=off`, '-serial', `file:${join(folder, 'console')}`],
    ...['-nodefaults', '-display', 'none'],
    ...options.devices,
    ...(options.restore === undefined ? [] : ['-incoming', `exec:cat '${options.restore}'`]),
  ];
}

/** Starts it and waits until it can be talked to. The guest may still be booting. */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const errors = join(options.folder, 'qemu-errors');
  const child = spawn('qemu-system-x86_64', argumentsOf(options), {
    stdio: ['ignore', 'ignore', openSync(errors, 'w')],
  });
  const gone = endWith(child);
  try {
    const qmp = talkQmp(await connected(join(options.folder, 'qmp'), child));
    await qmp('qmp_capabilities');
    const line = await connected(join(options.folder, 'line'), child);
    return { qmp, ...talk(line), kill: () => killed(child, gone), gone };
  } catch (error) {
    await killed(child, gone);
    throw new Error(`QEMU does not run: ${readFileSync(errors, 'utf8').trim()}`, { cause: error });
  }
}

/** Nobody is left behind, however this process ends. Resolves when the child is gone. */
export function endWith(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const orphan = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', orphan);
  void gone.then(() => process.off('exit', orphan));
  return gone;
}

export async function killed(child: ChildProcess, gone: Promise<void>): Promise<void> {
  child.kill('SIGKILL');
  await gone;
}

async function connected(path: string, child: ChildProcess): Promise<Socket> {
  for (let waited = 0; waited < connectMaxMs && child.exitCode === null; waited += 20) {
    const socket = connect(path);
    const error = await new Promise<Error | null>((done) => {
      socket.once('connect', () => done(null));
      socket.once('error', done);
    });
    if (error === null) {
      socket.on('error', () => undefined); // the machine is killed
      return socket;
    }
    await sleep(20);
  }
  throw new Error(`nobody listens at ${path}`);
}

function onLines(socket: Socket, heard: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(heard);
  });
}

const qmpAnswer = v.union([
  v.object({ return: v.unknown() }),
  v.object({ error: v.object({ desc: v.string() }) }),
  v.object({ event: v.string() }),
  v.object({ QMP: v.unknown() }),
]);

function talkQmp(socket: Socket): Machine['qmp'] {
  const waiting: ((answer: v.InferOutput<typeof qmpAnswer>) => void)[] = [];
  let closed = false;
  socket.on('close', () => {
    closed = true;
    for (const answer of waiting.splice(0)) answer({ error: { desc: 'the machine is gone' } });
  });
  onLines(socket, (line) => {
    const answer = v.parse(qmpAnswer, JSON.parse(line));
    if ('return' in answer || 'error' in answer) waiting.shift()?.(answer);
  });
  return (execute, given = {}) =>
    new Promise((resolve, reject) => {
      if (closed) throw new Error(`${execute}: the machine is gone`);
      waiting.push((answer) => {
        if ('return' in answer) resolve(answer.return);
        else reject(new Error(`${execute}: ${'error' in answer ? answer.error.desc : 'no answer'}`));
      });
      socket.write(`${JSON.stringify({ execute, arguments: given })}\n`);
    });
}

function talk(socket: Socket): Pick<Machine, 'run' | 'follow'> {
  let hear = (_line: string): void => undefined;
  let fail = (_why: Error): void => undefined;
  socket.on('close', () => {
    fail(new Error('the machine is gone'));
  });
  onLines(socket, (line) => {
    hear(line);
  });
  return {
    run: (line, withinMs) =>
      new Promise((resolve, reject) => {
        const said: string[] = [];
        const late = setTimeout(() => {
          reject(new Error(`the guest has not done it: ${line}\n${said.join('\n')}`));
        }, withinMs);
        fail = (why) => {
          clearTimeout(late);
          reject(why);
        };
        hear = (heard) => {
          const [, code] = /^##END (\d+)$/.exec(heard) ?? [];
          if (code === undefined) {
            said.push(heard);
            return;
          }
          clearTimeout(late);
          if (code === '0') resolve(said.join('\n'));
          else reject(new Error(`in the guest, ${line} ended with ${code}\n${said.join('\n')}`));
        };
        socket.write(`${line}\n`);
      }),
    follow(line, heard) {
      hear = heard;
      socket.write(`${line}\n`);
    },
  };
}

const statusSchema = v.object({ status: v.string() });

export async function statusOf(machine: Pick<Machine, 'qmp'>): Promise<string> {
  return v.parse(statusSchema, await machine.qmp('query-status')).status;
}
