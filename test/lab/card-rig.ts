/**
 * The other sort of rig: a whole box, started from the card that `scripts/image build` has made, with all of that card on the disk that
 * loses its power. Without its browser, which writes nothing there and takes most of a start under emulation. It is spoken to over
 * SSH, whose key stands in the technician file; through that the kiosk's and the control socket come out and the MIS comes in.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { localTime } from '../../device/domain/school-day.ts';
import type { StaffSnapshot } from '../../device/contract/staff.ts';
import { freePort } from '../support/free-port.ts';
import { ask, connected } from './box.ts';
import type { Box } from './box.ts';
import { copyImage } from './file-system.ts';
import { endWith, killed } from './machine.ts';
import { openFrame } from './rig.ts';
import type { Frame, Rig, RigOptions } from './rig.ts';
import type { SchoolTime } from './school-time.ts';

const cardBytes = 4 * 2 ** 30;
/** Emulated, beside other work. */
const startMaxMs = 1_200_000;
const inside = join(import.meta.dirname, 'card-ports.cjs');
const guestPorts = { kiosk: 9001, control: 9002 } as const;
const kernelWords =
  'console=ttyAMA0 systemd.mask=porter-kiosk.service systemd.mask=porter-splash.service systemd.default_device_timeout_sec=600';

/** @param file `porter-BOARD.img.zst`, or unpacked */
export async function openCardRig(file: string, options: RigOptions): Promise<Rig> {
  if (!existsSync(file)) throw new Error(`there is no ${file}: scripts/image build makes it`);
  const frame = await openFrame(allDay, options, (card, folder) => {
    if (file.endsWith('.zst')) execFileSync('zstd', ['-dqf', '--sparse', file, '-o', card]);
    else copyImage(file, card);
    truncateSync(card, cardBytes);
    prepare(card, folder);
  });
  const { folder, image } = frame;
  let recoveryKey = '';
  return {
    ...frame,
    start: () => powerOn(frame, (key) => (recoveryKey = key)),
    // The data partition, by itself.
    copy() {
      const copy = join(folder, 'data.img');
      const { start, size } = partition(image, 'data');
      const [from, bytes] = [`skip=${String(start * 512)}`, `count=${String(size * 512)}`];
      const how = ['bs=1M', 'iflag=skip_bytes,count_bytes', 'conv=sparse', 'status=none'];
      execFileSync('dd', [`if=${image}`, `of=${copy}`, from, bytes, ...how]);
      return copy;
    },
    recoveryKey: () => recoveryKey,
  };
}

/** A school whose registers are open at any hour, so that this can be run then. */
const allDay: SchoolTime = {
  now: Date.now,
  session() {
    const { date, msOfDay } = localTime(Date.now(), 'Europe/London');
    return `${date} ${msOfDay < (12 * 60 + 5) * 60_000 ? 'AM' : 'PM'}`;
  },
  goOn: () => undefined,
  next: () => undefined,
};
const technicianFile = (
  publicKey: string,
): string => `${readFileSync(join(import.meta.dirname, '../image/all-day.toml'), 'utf8')}
[late]
hold_seconds = 2
[mis]
connector = "wonde"
base_url = "http://127.0.0.1:9000/v1.0"
school_id = "A1930499544"
token = "demo-token"
[clock]
trust = "system"
[hardware]
printer = { kind = "simulated", paper_mm = 58 }
camera = { kind = "simulated" }
lights = { kind = "none" }
[network]
ssh_keys = [${JSON.stringify(publicKey)}]
`;

/** As a technician would, and what of the card QEMU must have beside it. */
function prepare(card: string, folder: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
  writeFileSync(join(folder, 'porter.toml'), technicianFile(readFileSync(join(folder, 'key.pub'), 'utf8').trim()));
  const of = (name: string): string => `${card}@@${String(partition(card, name).start * 512)}`;
  execFileSync('mcopy', ['-n', '-o', '-i', of('config'), join(folder, 'porter.toml'), '::/']);
  for (const name of ['vmlinuz', 'initrd.img', 'cmdline.txt'])
    execFileSync('mcopy', ['-n', '-o', '-i', of('boot_a'), `::/${name}`, join(folder, name)]);
}

const table = v.object({
  partitiontable: v.object({
    partitions: v.array(v.object({ name: v.optional(v.string(), ''), start: v.number(), size: v.number() })),
  }),
});

/** In sectors of 512 bytes. */
function partition(card: string, name: string): { readonly start: number; readonly size: number } {
  // It warns of a table that does not know yet how large the card is.
  const dump = execFileSync('sfdisk', ['--json', card], { encoding: 'utf8', stdio: 'pipe' });
  const { partitiontable } = v.parse(table, JSON.parse(dump));
  const found = partitiontable.partitions.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${card} has no partition ${name}`);
  return found;
}

async function powerOn({ folder, path, mis }: Frame, recovery: (key: string) => void): Promise<Box> {
  const ports = { kiosk: await freePort(), control: await freePort(), ssh: await freePort() };
  const machine = qemu(folder, path, [
    [ports.ssh, 22],
    [ports.kiosk, guestPorts.kiosk],
    [ports.control, guestPorts.control],
  ]);
  const ssh = sshTo(folder, ports.ssh);
  const tell = (name: string, input = {}): Promise<unknown> => ask(ports.control, name, input);
  const state = async (): Promise<StaffSnapshot> => (await tell('state')) as StaffSnapshot;
  const said = (): string => readFileSync(join(folder, 'serial'), 'latin1');
  let isGone = false;
  const gone = machine.gone.then(() => void (isGone = true));
  const until = async (holds: () => Promise<unknown>): Promise<void> => {
    for (const last = Date.now() + startMaxMs; ; await sleep(1000)) {
      if (isGone) throw new Error('the machine has no power');
      if (Date.now() > last) throw new Error(`the box does not start: ${said().slice(-2000)}`);
      if (
        await holds().then(
          () => true,
          () => false,
        )
      )
        return;
    }
  };
  const start = async (): Promise<void> => {
    await until(() => ssh('true'));
    recovery(await ssh('sudo cat /run/porter-box/recovery-key'));
    const bridge = ssh(`sudo node - ${String(mis.port)}`, inside);
    bridge.catch(() => undefined); // it ends with the machine
    await until(state);
  };
  const ready = start();
  ready.catch(() => undefined); // whoever cuts during the start does not wait for it
  const kiosk = (): ReturnType<Box['kiosk']> => connected(`http://127.0.0.1:${String(ports.kiosk)}/`);
  return { machine: { kill: machine.kill, gone }, said, ready, kiosk, tell, state };
}

function qemu(
  folder: string,
  disk: string,
  forwarded: readonly (readonly [host: number, guest: number])[],
): Box['machine'] {
  const words = readFileSync(join(folder, 'cmdline.txt'), 'utf8').replace('quiet', '').trim();
  const child = spawn(
    'qemu-system-aarch64',
    [
      ...['-M', 'virt', '-cpu', 'cortex-a72', '-smp', '2', '-m', '1024', '-accel', 'tcg,thread=multi', '-nodefaults'],
      ...['-no-reboot', '-display', 'none', '-serial', `file:${join(folder, 'serial')}`],
      ...['-kernel', join(folder, 'vmlinuz'), '-initrd', join(folder, 'initrd.img')],
      ...['-append', `${words} ${kernelWords} porter.slot=a`],
      '-blockdev',
      JSON.stringify({
        driver: 'raw',
        'node-name': 'card',
        cache: { direct: true },
        file: { driver: 'nbd', server: { type: 'unix', path: disk } },
      }),
      ...['-device', 'virtio-blk-pci,drive=card,write-cache=on', '-device', 'virtio-rng-pci'],
      '-netdev',
      `user,id=net${forwarded.map(([host, guest]) => `,hostfwd=tcp:127.0.0.1:${String(host)}-:${String(guest)}`).join('')}`,
      ...['-device', 'virtio-net-pci,netdev=net,romfile='],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const gone = endWith(child);
  return { gone, kill: () => killed(child, gone) };
}

/** Runs a line in the box; rejects when it fails. `input`: a file for it to read. */
function sshTo(folder: string, port: number): (line: string, input?: string) => Promise<string> {
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ConnectTimeout=20'];
  const all = ['-q', '-i', join(folder, 'key'), '-p', String(port), ...options.flatMap((one) => ['-o', one])];
  return (line, input) =>
    new Promise((resolve, reject) => {
      const child = spawn('ssh', [...all, 'technician@127.0.0.1', line], { stdio: ['pipe', 'pipe', 'ignore'] });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      child.stdin.on('error', () => undefined);
      child.stdin.end(input === undefined ? '' : readFileSync(input));
      void endWith(child);
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve(said.trim());
        else reject(new Error(`${line} ended with ${String(code)}`));
      });
    });
}
