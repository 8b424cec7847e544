/**
 * How the machine and its files are, for a helper far away: figures of the kernel's, and of its messages those that cannot name
 * anybody. Reads only; what cannot be read is said to be so (durability.md 28).
 */
import { readFileSync, readdirSync, statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { diskReader } from '../journal/disk.ts';
import { causeOf } from '../journal/error.ts';
import { segmentsOf } from '../journal/segments.ts';

export interface Section {
  readonly title: string;
  readonly text: string;
}
/** What a program of the machine says; null: it is not there, it fails, or it takes too long. */
export type Ask = (program: string, ...args: readonly string[]) => string | null;

export interface MachineAsked {
  /** Of the machine; another one in tests. */
  readonly root: string;
  readonly dataDir: string;
  readonly ask: Ask;
}

/** In the order in which a helper reads them. Lines of a log: `most` at most, the last ones. */
export function machineSections(asked: MachineAsked, most: number): readonly Section[] {
  const section = (title: string, make: (asked: MachineAsked) => string): Section => {
    try {
      return { title, text: make(asked) };
    } catch (error) {
      return { title, text: `cannot be read (${causeOf(error)})` };
    }
  };
  return [
    section('Machine', machine),
    section('Storage', storage),
    section('Data folder', folders),
    section('Records', records),
    section('Services', services),
    section('What the kernel said of power, storage and USB', (of) => last(kernelLines(of), most)),
  ];
}

export const last = (lines: readonly string[], most: number): string => lines.slice(-most).join('\n');

function machine({ root }: MachineAsked): string {
  const file = (path: string): string => read(root, path) ?? 'not there';
  return [
    file('proc/device-tree/model'),
    file('proc/version'),
    `up for ${file('proc/uptime').split('.')[0] ?? ''} s, load ${file('proc/loadavg')}`,
    ...file('proc/meminfo').split('\n').slice(0, 3),
    ...values(root, 'sys/class/thermal', /^thermal_zone/, ['type', 'temp']),
    ...values(root, 'sys/class/hwmon', /^hwmon/, ['name', 'in0_lcrit_alarm']),
    ...values(root, 'sys/class/watchdog', /^watchdog/, ['state', 'timeout', 'bootstatus']),
    ...values(root, 'sys/bus/usb/devices', /^[\d.-]+$/, ['idVendor', 'idProduct', 'bcdDevice', 'speed']),
    `clock synchronised: ${read(root, 'run/systemd/timesync/synchronized') === null ? 'no' : 'yes'}`,
    `failures: ${read(root, 'run/porter/failures.json') ?? 'none counted'}`,
    `half of the card: ${read(root, 'run/porter-boot/slot') ?? 'unknown'}`,
  ].join('\n');
}

function storage({ root, dataDir }: MachineAsked): string {
  const room = (): string => {
    const { bavail, blocks, bsize, ffree } = statfsSync(dataDir);
    return `free: ${String(bavail * bsize)} of ${String(blocks * bsize)} bytes, ${String(ffree)} names`;
  };
  return [
    orWhy(room),
    ...values(root, 'sys/block', /^mmcblk\d+$/, card),
    ...values(root, 'sys/fs/ext4', /^(?!features$)/, ext4),
    ...(read(root, 'proc/partitions') ?? '').split('\n'),
    // Where they are mounted may be called after somebody.
    ...(read(root, 'proc/mounts') ?? '').split('\n').flatMap((line) => {
      const [device = '', place = '', kind = '', options = ''] = line.split(' ');
      const known = ['/', '/data', '/config'].includes(place) ? place : 'elsewhere';
      return device.startsWith('/dev/') ? [`${device} ${known} ${kind} ${options}`] : [];
    }),
  ].join('\n');
}
const card = ['name', 'type', 'manfid', 'oemid', 'date', 'life_time', 'pre_eol_info'].map((name) => `device/${name}`);
const ext4 = ['errors_count', 'first_error_time', 'last_error_time', 'lifetime_write_kbytes', 'session_write_kbytes'];

/** Counts and bytes only: files are called after days and badges. */
function folders({ dataDir }: MachineAsked): string {
  const all = readdirSync(dataDir, { withFileTypes: true });
  const names = ['.', ...all.filter((one) => one.isDirectory()).map(({ name }) => name)];
  return names.map((name) => `${name.padEnd(12)} ${orWhy(() => sizeOf(join(dataDir, name)))}`).join('\n');
}
function sizeOf(folder: string): string {
  const files = readdirSync(folder, { withFileTypes: true }).filter((one) => one.isFile());
  const bytes = files.reduce((sum, one) => sum + statSync(join(folder, one.name)).size, 0);
  return `${String(files.length)} files, ${String(bytes)} bytes`;
}

function records({ dataDir }: MachineAsked): string {
  const disk = diskReader(join(dataDir, 'journal'));
  const segments = segmentsOf(disk);
  const bytes = segments.reduce((sum, { name }) => sum + disk.size(name), 0);
  const aside = disk.list().filter((name) => name.includes('.damaged-')).length;
  return [
    `${String(segments.length)} segments, ${String(bytes)} bytes`,
    `first number ${String(segments[0]?.first ?? 0)}, first of the last segment ${String(segments.at(-1)?.first ?? 0)}`,
    `files set aside: ${String(aside)}`,
  ].join('\n');
}

const properties = 'Id,ActiveState,SubState,Result,NRestarts,ExecMainStatus,ExecMainStartTimestamp,MemoryCurrent';
const others = ['NetworkManager', 'avahi-daemon', 'systemd-timesyncd', 'seatd', 'ssh', 'rauc'];
function services({ root, ask }: MachineAsked): string {
  const shown = ask(
    'systemctl',
    'show',
    `--property=${properties}`,
    'porter*',
    ...others.map((one) => `${one}.service`),
  );
  if (shown === null) return 'no systemd';
  return [
    ...shown.split('\n\n').map((unit) => unit.trim().split('\n').join(' ')),
    ...(ask('systemctl', 'list-units', '--state=failed', '--plain', '--no-legend', '--no-pager') ?? '').split('\n'),
    ask('systemd-analyze', 'time') ?? '',
    ...(read(root, 'run/porter-box/concerns') ?? '').split('\n'),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** By what a message begins with; never those that tell what a device calls itself. */
const tells =
  /^(?:usb|hub|xhci|dwc2|usblp|mmc|sdhci|EXT4-fs|JBD2|FAT-fs|SQUASHFS|I\/O error|Buffer I\/O error|blk_|hwmon|thermal|cpufreq|Out of memory|oom|watchdog|INFO: task|Kernel panic)/;
const names = /(?:Product|Manufacturer|SerialNumber): |\bFound\b.*\bdevice\b/;
function kernelLines({ ask }: MachineAsked): readonly string[] {
  const said = ask('journalctl', '--dmesg', '--quiet', '--no-hostname', '--output=short-monotonic', '--lines=4000');
  if (said === null) return ['its log cannot be read'];
  return said.split('\n').filter((line) => {
    const message = line.replace(/^.*? kernel: /, '');
    return tells.test(message) && !names.test(message);
  });
}

function read(root: string, path: string): string | null {
  try {
    return readFileSync(join(root, path), 'utf8').replaceAll('\0', '').trim();
  } catch {
    return null;
  }
}

/** `mmcblk0 name=SD16G life_time=0x01 0x02`: of each folder that is called so, what is there. */
function values(root: string, folder: string, called: RegExp, files: readonly string[]): readonly string[] {
  let found: readonly string[] = [];
  try {
    found = readdirSync(join(root, folder)).filter((name) => called.test(name));
  } catch {
    // not on this machine
  }
  return found.map((name) => {
    const each = files.flatMap((file) => {
      const text = read(root, join(folder, name, file));
      return text === null ? [] : [`${file.replace('device/', '')}=${text}`];
    });
    return [name, ...each].join(' ');
  });
}

function orWhy(make: () => string): string {
  try {
    return make();
  } catch (error) {
    return `cannot be read (${causeOf(error)})`;
  }
}
