/** A whole Porter as its users have it: the built daemon as a process of its own, and an MIS simulator beside it. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import type { DeviceToKiosk, KioskToDevice } from '../../device/contract/kiosk.ts';
import type { Browser, Page } from 'playwright-core';
import type { Role, SignIn, StaffSnapshot } from '../../device/contract/staff.ts';
import { startMisSimulator } from '../../device/demo/simulator.ts';
import type { MisSimulator } from '../../device/demo/simulator.ts';
import { controlPaths } from '../../device/web/control.ts';
import { freePort } from './free-port.ts';
import { staffRequest, staffSocket } from './staff-client.ts';
import type { StaffClient } from './staff-client.ts';

const daemon = join(import.meta.dirname, '../../dist/porter.js');
const startMaxMs = 30_000;

export interface PorterOptions {
  /** Local time at which both clocks start. */
  readonly clock: string;
  /** Lines after the needed sections of the technician file. */
  readonly settings?: string;
  readonly delayMs?: number;
  /** Kinds, as the technician file names them; simulated unless given. */
  readonly hardware?: Hardware;
  /** Another machine's root, for what a box tells itself in /run. */
  readonly root?: string;
  /** A command that runs the daemon, such as `strace -D -f`. */
  readonly under?: readonly string[];
  /** Of Node, before the program. */
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

type Hardware = Partial<Readonly<Record<'printer' | 'camera' | 'lights', string>>>;

const hardwareSettings = ({
  printer = 'simulated',
  camera = 'simulated',
  lights = 'simulated',
}: Hardware = {}): string => `
[hardware]
printer = { kind = "${printer}", paper_mm = 58 }
camera = { kind = "${camera}" }
lights = { kind = "${lights}" }
`;

interface Time {
  /** From the machine's wall clock to Porter's and the MIS's, milliseconds. */
  offsetMs: number;
}

export class Porter {
  readonly folder = mkdtempSync(join(tmpdir(), 'porter-e2e-'));
  readonly mis: MisSimulator;
  kioskUrl = '';
  staffUrl = '';
  /** What the daemon said on standard error. */
  said = '';
  private child: ChildProcess | null = null;
  private readonly options: PorterOptions;
  private readonly time: Time;

  private constructor(mis: MisSimulator, options: PorterOptions, time: Time, ports: readonly [number, number]) {
    this.mis = mis;
    this.options = options;
    this.time = time;
    const { baseUrl, schoolId, token } = mis;
    writeFileSync(
      join(this.folder, 'porter.toml'),
      `[school]\nname = "Hill View School"\n[mis]\nconnector = "wonde"\nbase_url = "${baseUrl}"\nschool_id = "${schoolId}"\ntoken = "${token}"\n[web]\nkiosk_port = ${String(ports[0])}\nstaff_port = ${String(ports[1])}\nstaff_bind = "127.0.0.1"\n${hardwareSettings(options.hardware)}${options.settings ?? ''}`,
    );
  }

  /** `clock` is London time in winter: the simulator's clock is set to the same. */
  static async start(options: PorterOptions): Promise<Porter> {
    const time = { offsetMs: Date.parse(`${options.clock}:00Z`) - Date.now() };
    const mis = await startMisSimulator({ now: () => Date.now() + time.offsetMs, delayMs: options.delayMs ?? 200 });
    const porter = new Porter(mis, options, time, [await freePort(), await freePort()]);
    await porter.run();
    return porter;
  }

  /** Starts the daemon, also again on the same data: its clock goes on. */
  async run(): Promise<void> {
    const args = [
      '--config',
      join(this.folder, 'porter.toml'),
      '--data',
      join(this.folder, 'data'),
      '--clock',
      new Date(Date.now() + this.time.offsetMs).toISOString().slice(0, -1),
      ...(this.options.root === undefined ? [] : ['--root', this.options.root]),
    ];
    const { nodeFlags = [] } = this.options;
    const [command, ...before] = [...(this.options.under ?? []), process.execPath];
    const child = spawn(command, [...before, ...nodeFlags, daemon, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.options.env },
    });
    this.child = child;
    child.stderr.on('data', (text: Buffer) => {
      this.said += text.toString();
    });
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`Porter did not start: ${this.said}`));
      }, startMaxMs);
      // Not at its exit: what it said last may not have been read by then.
      child.once('close', (code) => {
        reject(new Error(`Porter ended with ${String(code)}: ${this.said}`));
      });
      createInterface(child.stdout).on('line', (line) => {
        const [, name, url] = /^(Kiosk|Staff): (\S+)$/.exec(line) ?? [];
        if (name === 'Kiosk') this.kioskUrl = url ?? '';
        if (name !== 'Staff') return;
        this.staffUrl = url ?? '';
        clearTimeout(late);
        resolve();
      });
    });
  }

  /** While the daemon is off: both clocks go on by so much. */
  later(ms: number): void {
    this.time.offsetMs += ms;
  }

  /** Of the daemon, where `under` does not stand between. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Resolves with the exit code or the signal's name. */
  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string | null> {
    const ended = this.ended();
    this.child?.kill(signal);
    return ended;
  }

  /** The same, of a daemon that ends by itself. */
  async ended(): Promise<number | string | null> {
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) {
      return child?.exitCode ?? child?.signalCode ?? null;
    }
    return new Promise((resolve) => {
      child.once('exit', (code, by) => {
        resolve(code ?? by);
      });
    });
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM');
    await this.mis.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A command over the control socket, as `scripts/sim` gives it. */
  tell(name: string, input: object = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const [socketPath] = controlPaths(join(this.folder, 'data'));
      // A connection kept from before may be one that the box has closed while the test did something else.
      const asked = request({ socketPath, path: `/${name}`, method: 'POST', agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const said = JSON.parse(Buffer.concat(chunks).toString()) as {
            ok: boolean;
            value?: unknown;
            error?: unknown;
          };
          if (said.ok) resolve(said.value);
          else reject(new Error(JSON.stringify(said.error)));
        });
      });
      asked.on('error', reject);
      asked.end(JSON.stringify(input));
    });
  }

  /** Every record, as a technician reads them beside the running box. */
  records(): readonly { readonly type: string }[] {
    const args = ['journal', 'export', '--json', '--data', join(this.folder, 'data')];
    const text = execFileSync(process.execPath, [daemon, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as { readonly type: string }]));
  }

  async state(): Promise<StaffSnapshot> {
    return (await this.tell('state')) as StaffSnapshot;
  }

  /** Waits until the staff page would show this; fails with what it shows instead. */
  async until(what: string, holds: (state: StaffSnapshot) => boolean, withinMs = 30_000): Promise<StaffSnapshot> {
    const end = Date.now() + withinMs;
    for (;;) {
      const state = await this.state();
      if (holds(state)) return state;
      if (Date.now() > end) {
        throw new Error(`not within ${String(withinMs)} ms: ${what}. ${inShort(state)}\n${this.said.slice(-2000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Somebody of that role, made where there is nobody yet: the role is the name, and the name with "of Hill View" the password. */
  async person(role: Role): Promise<SignIn> {
    // Without one, the page asks for the first-use code.
    if (role !== 'administrator') await this.person('administrator');
    const person = { name: role, password: `${role} of Hill View` };
    await this.tell('people-add', { ...person, role, pin: null }).catch((error: unknown) => {
      if (!String(error).includes('there is somebody of this name')) throw error;
    });
    return person;
  }

  /** Over HTTP, as the page signs in; the answer is the cookie. */
  async signIn(role: Role): Promise<string> {
    const { headers } = await staffRequest(this.staffUrl, 'POST', '/session', await this.person(role));
    const [cookie = ''] = headers['set-cookie'] ?? [];
    return cookie.split(';')[0] ?? '';
  }

  /** A staff page without a screen: the same socket. */
  async staff(role: Role): Promise<StaffClient> {
    return staffSocket(this.staffUrl, await this.signIn(role));
  }

  /** The staff page in a browser, signed in. The caller closes it. */
  async staffPage(browser: Browser, role: Role): Promise<Page> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const { name, password } = await this.person(role);
    await page.goto(this.staffUrl);
    await page.getByLabel('Your name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
    return page;
  }

  /** A kiosk page without a screen: the same socket. */
  async kiosk(): Promise<KioskClient> {
    const socket: Socket<DeviceToKiosk, KioskToDevice> = io(this.kioskUrl, {
      transports: ['websocket'],
      forceNew: true,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    return socket;
  }
}

export type KioskClient = Socket<DeviceToKiosk, KioskToDevice>;

/** The sum, what is said of the MIS, and how many marks are in which state. */
export function inShort({ sum, marks, mis }: StaffSnapshot): string {
  const counts = new Map<string, number>();
  for (const { state, history } of marks) {
    const said = `${state}, at last "${history.at(-1)?.words ?? ''}"`;
    counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  const lines = [...counts].map(([said, times]) => `\n  ${String(times)} ${said}`);
  return `${JSON.stringify(sum)} ${mis.words}${lines.join('')}`;
}
