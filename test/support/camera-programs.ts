/** A machine with camera programs that behave, or do not, and with video devices that come and go: no camera is needed. */
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckedParts } from '../../device/camera/checked.ts';
import type { RealCameraParts } from '../../device/camera/real.ts';
import { machineTimers } from '../../device/system/outside.ts';
import type { Log } from '../../device/system/ports.ts';
import { frameFolder } from './badges.ts';

const dist = join(import.meta.dirname, '../../dist');
const program = join(import.meta.dirname, 'camera-program.sh');
const names = ['rpicam-vid', 'rpicam-still', 'v4l2-ctl'] as const;

/** What `camera-program.sh` can do. */
export type Behaviour =
  | 'good'
  | 'usb' // nothing on the ribbon cable; libcamera lists the USB camera, which rpicam-vid cannot drive
  | 'slow'
  | 'hang'
  | 'stubborn'
  | 'half'
  | 'error'
  | 'busy'
  | 'gone'
  | 'raw'
  | 'crash'
  | 'flood'
  | 'nothing'
  | 'grandchild'
  | 'orphan'
  | 'stops';

export class CameraPrograms {
  readonly folder = mkdtempSync(join(tmpdir(), 'porter-camera-'));
  readonly videoFolder = join(this.folder, 'video4linux');
  readonly scratch = join(this.folder, 'scratch');

  constructor(behaviour: Behaviour) {
    mkdirSync(this.videoFolder);
    for (const name of ['video0', 'video1', 'video31']) this.plug(name);
    for (const file of ['calls', 'processes']) appendFileSync(join(this.folder, file), '');
    this.shows('somebody');
    for (const name of names) this.install(name);
    this.set(behaviour);
  }

  /** What a camera needs of the machine, with time as it really passes. */
  parts(change: Partial<RealCameraParts> = {}): RealCameraParts & CheckedParts {
    return {
      clock: { mono: () => performance.now() },
      timers: machineTimers,
      log: silent,
      path: `${this.folder}:/usr/bin:/bin`,
      videoFolder: this.videoFolder,
      scratch: this.scratch,
      stillProgram: join(dist, 'camera-still.js'),
      shim: join(dist, 'camera-shim'),
      ...change,
    };
  }

  /** `node`: of this USB camera alone, whatever the others do. */
  set(behaviour: Behaviour, node?: string): void {
    writeFileSync(join(this.folder, node === undefined ? 'behaviour' : `behaviour-${node}`), behaviour);
  }
  /** What is before the lens: somebody at the desk, or nothing to be seen. */
  shows(what: 'somebody' | 'black'): void {
    for (let i = 0; i < 6; i++) {
      const shown = what === 'black' ? 'black.jpg' : `frame-0${String(i)}.jpg`;
      copyFileSync(join(frameFolder, shown), join(this.folder, `frame-${String(i)}.jpg`));
    }
  }
  install(name: string): void {
    copyFileSync(program, join(this.folder, name));
    chmodSync(join(this.folder, name), 0o755);
  }
  remove(name: (typeof names)[number]): void {
    rmSync(join(this.folder, name));
  }
  rename(name: (typeof names)[number], to: string): void {
    this.remove(name);
    this.install(to);
  }
  plug(node: string): void {
    mkdirSync(join(this.videoFolder, node), { recursive: true });
  }
  unplug(node: string): void {
    rmSync(join(this.videoFolder, node), { recursive: true });
  }

  /** Each call: the program's name and its arguments. */
  calls(): readonly string[] {
    return readFileSync(join(this.folder, 'calls'), 'utf8').split('\n').slice(0, -1);
  }

  /** Processes that live of those that were started with these programs, whatever became of their parents. */
  living(): readonly string[] {
    return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && this.isOurs(pid));
  }

  /** How many of them lead a group: camera programs at work, lists among them. */
  heads(): number {
    return this.living().filter((pid) => groupOf(pid) === pid).length;
  }

  close(): void {
    for (const pid of this.living()) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // it ended by itself since it was seen
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private isOurs(pid: string): boolean {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${this.folder}:`);
    } catch {
      return false; // gone, or somebody else's
    }
  }
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The fifth field of `/proc/PID/stat`, after a name that may hold spaces. */
function groupOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')[2];
  } catch {
    return undefined; // gone
  }
}

/** Waits, in real time, until something holds: the test's own limit ends it otherwise. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
