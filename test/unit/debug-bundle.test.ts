/** What a helper is sent of a box: how it is, and nobody's name, secret or record, wherever one was left lying. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { debugBundle } from '../../device/support/bundle.ts';
import type { BundleAsked } from '../../device/support/bundle.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'porter-debug-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function bundle(changes: Partial<BundleAsked> = {}): Promise<string> {
  const parts: string[] = [];
  const asked: BundleAsked = {
    ...{ root, dataDir: join(root, 'data'), configPath: join(root, 'porter.toml') },
    ...{ version: '1.0', made: '2026-11-30T08:00:00Z', ask: () => null, tell: () => Promise.resolve(null), ...changes },
  };
  for await (const part of debugBundle(asked)) parts.push(part);
  return parts.join('');
}

const file = `[school]
name = "St Brannoc"
badge_key = "badge-key-of-brannoc"
[box]
name = "Hutch of Mrs Quill"
[late]
where_next = { en = "Ask Mrs Quill." }
[mis]
connector = "wonde"
school_id = "A1930499544"
token = "wonde-7f"
[hardware]
printer = { kind = "usb", paper_mm = 80 }
[times]
am = { opens = "08:40", closes = "09:10", ends = "12:15" }
[leave]
approval = { year_groups = ["Year 7", "Badgers"] }
[network]
hostname = "brannoc-front"
wifi = { ssid = "Brannoc Guest", psk = "fish finger pie" }
proxy = "http://quill:hunter22@proxy.brannoc.example:3128"
ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx quill@laptop"]
`;
/** None of it may ever be seen again. */
const planted = [
  ...['Brannoc', 'Quill', 'badge-key-of', 'A1930499544', 'wonde-7f', 'Badgers', 'fish finger', 'hunter22', 'AAAAC3Nz'],
  ...['Amara', 'Okafor', '1839 1270', '18391270', '246810', 'K7QM-2XPD-9RTA', '0123456789abcdef0123456789abcdef'],
  ...['10.4.3.2', 'dc:a6:32:01:02:03', 'fe80::1ff:fe23:4567:890a', 'SER-99'],
];

describe('everything is planted with what is nobody’s business', () => {
  const kernel = [
    '[ 1.0] kernel: usb 1-1: New USB device found, idVendor=046d, idProduct=0825, bcdDevice= 0.10',
    '[ 1.1] kernel: usb 1-1: Product: Amara Okafor iPhone',
    '[ 1.2] kernel: usb 1-1: SerialNumber: SER-99',
    '[ 1.3] kernel: uvcvideo 1-1:1.0: Found UVC 1.00 device Okafor (046d:0825)',
    '[ 1.4] kernel: wlan0: associated with dc:a6:32:01:02:03 Brannoc Guest',
    '[ 2.0] kernel: hwmon hwmon1: Undervoltage detected!',
    '[ 3.0] kernel: EXT4-fs error (device mmcblk0p6): ext4_lookup:1855: inode #12: comm node: deleted inode referenced: 812',
  ];
  const log = [
    '2026-11-30T07:21:20+0000 porter[412]: warn roster-pull-failed kind="auth" waitMs=640000',
    '2026-11-30T07:21:21+0000 porter[412]: porter.toml, line 12, mis.school_id: found "A1930499544", expected x',
    '2026-11-30T07:21:22+0000 porter[412]: badge 1839 1270 or 18391270, PIN 246810, code K7QM-2XPD-9RTA',
    '2026-11-30T07:21:23+0000 porter[412]: wonde-7f for quill@laptop.example from 10.4.3.2 and fe80::1ff:fe23:4567:890a',
    '2026-11-30T07:21:24+0000 porter[412]: key 0123456789abcdef0123456789abcdef of dc:a6:32:01:02:03, fish finger pie',
  ];
  const state = {
    ...{ clockTrusted: true, movementsWithoutMark: 2, school: 'St Brannoc', now: '08:00' },
    sum: { recorded: 12, confirmed: 9, waiting: 2, needsPerson: 1 },
    mis: { state: 'refused', words: 'The MIS refused our password at 09:12.', lastContact: null },
    roster: { pupils: 1003, age: '2 hours', held: 'Amara Okafor is missing' },
    faults: ['Printer: Out of paper: put in a new roll.', 'Settings: found "Hutch of Mrs Quill"'],
    storage: { state: 'ok', words: 'Records are kept', lastSyncMs: 4, slowestSyncMs: 31, writtenTodayBytes: 40960 },
    late: [{ pupil: 'Amara Okafor' }],
    notes: [{ words: 'Amara Okafor used 1839 1270' }],
  };
  const told = () => {
    put('porter.toml', file);
    put('data/journal/000001-000000000001.pj', 'no segment');
    put('data/photos/Amara Okafor.jpg', 'a face');
    put('data/roster.json', '{"forename":"Amara","surname":"Okafor"}');
    put('proc/mounts', '/dev/mmcblk0p6 /data ext4 rw 0 0\n/dev/sda1 /media/Okafor vfat ro 0 0\n');
    put('sys/block/mmcblk0/device/life_time', '0x01 0x02\n');
    put('sys/bus/usb/devices/1-1/idVendor', '046d\n');
    put('sys/bus/usb/devices/1-1/product', 'Okafor\n');
    put('sys/fs/ext4/mmcblk0p6/errors_count', '3\n');
    put('run/porter-box/concerns', 'The box is hot (83 degrees): give it air.\n');
    return bundle({
      ask: (program, ...args) => {
        if (program === 'journalctl') return (args.includes('--dmesg') ? kernel : log).join('\n');
        return program === 'systemctl'
          ? 'Id=porter.service\nActiveState=active\nNRestarts=3\n'
          : 'Startup finished in 9 s';
      },
      tell: (command) => Promise.resolve(command === 'state' ? state : null),
    });
  };

  it('none of it is in the text', async () => {
    const text = await told();
    expect(planted.filter((one) => text.toLowerCase().includes(one.toLowerCase()))).toEqual([]);
  });

  it.each([
    ['version and time', /== Porter\n1\.0\nNode\.js .*\nmade 2026-11-30T08:00:00Z/],
    ['what is wrong', /Printer: Out of paper/],
    ['the sum', /sum: \{"recorded":12,"confirmed":9,"waiting":2,"needsPerson":1\}/],
    ['how long a record takes', /"slowestSyncMs":31/],
    ['bytes written', /"writtenTodayBytes":40960/],
    ['settings that are nobody’s', /hardware\.printer\.paper_mm = 80\n[^]*times\.am\.opens = "08:40"/],
    ['that others are given', /mis\.token = \(given\)\n/],
    ['wear', /mmcblk0 life_time=0x01 0x02/],
    ['errors of the file system', /mmcblk0p6 errors_count=3/],
    ['where a stick is, not what it is called', /\/dev\/sda1 elsewhere vfat ro/],
    ['voltage', /Undervoltage detected!/],
    ['USB devices by their numbers', /1-1 idVendor=046d[^]*New USB device found, idVendor=046d/],
    ['units', /Id=porter\.service ActiveState=active NRestarts=3/],
    ['the log', /warn roster-pull-failed kind="auth" waitMs=640000/],
    ['heat', /hot \(83 degrees\)/],
    ['timings of the start', /Startup finished in 9 s/],
  ])('%s is', async (_, words) => {
    expect(await told()).toMatch(words);
  });
});

describe('a box that does not work', () => {
  it('no data folder, no technician file, no daemon, no systemd: each is said', async () => {
    const text = await bundle();
    expect(text).toContain('== Health\nno daemon answers');
    expect(text).toContain('== Technician file\ncannot be read (ENOENT)');
    expect(text).toContain('== Data folder\ncannot be read (ENOENT)');
    expect(text).toContain('== Records checked\ncannot be checked (ENOENT)');
    expect(text).toContain('== Services\nno systemd');
  });

  it('a data folder that is no folder, a journal of garbage', async () => {
    put('data', 'a file');
    expect(await bundle()).toContain('== Data folder\ncannot be read (ENOTDIR)');
    rmSync(join(root, 'data'));
    put('data/journal/000001-000000000001.pj', 'garbage '.repeat(100));
    put('data/journal/spine', 'garbage');
    const text = await bundle();
    expect(text).toContain('journal      2 files, 807 bytes');
    expect(text).toMatch(/== Records checked\nsegments: 1\n[^]*"kind":"/);
  });

  it('a technician file that is no TOML gives away none of its words', async () => {
    put('porter.toml', 'token = sekret-token-1\n[school\nname = "Okafor\n');
    const text = await bundle({ tell: () => Promise.resolve('why="sekret-token-1"') });
    expect(text).toMatch(/line \d+ is no TOML/);
    for (const secret of ['sekret', 'Okafor']) expect(text).not.toContain(secret);
  });

  it('where the machine keeps no log, what the daemon still knows of its own', async () => {
    const text = await bundle({
      tell: (command) => Promise.resolve(command === 'log' ? 'info mis-line state="on"\n' : null),
    });
    expect(text).toContain('== Log\ninfo mis-line state="on"');
  });
});
