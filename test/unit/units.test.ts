/** The units of a box: systemd takes them as they are, each name in them is somebody's, and the daemon may do little else than its work. */
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { switchOffStatus } from '../../device/endings.ts';
import { machineFiles } from '../../device/first-boot/machine-files.ts';
import { fileSchema } from '../../device/settings/schema.ts';
import { placesOf } from '../../device/update/places.ts';

const systemd = join(import.meta.dirname, '../../systemd');
const scratch = mkdtempSync(join(tmpdir(), 'porter-units-'));
/** As installed. */
const root = join(scratch, 'root');
/** The same, with programs where they are found here. */
const here = join(scratch, 'units');
const installed = join(root, 'usr/lib/systemd/system');
const programs = join(root, 'usr/lib/porter');
const units = readdirSync(systemd).filter((name) => /\.(service|timer|mount|path)$/.test(name));
const read = (name: string): string => readFileSync(join(systemd, name), 'utf8');

/** Of these packages of Debian (`dpkg-deb -c`, 2026-11-30): what is not part of systemd itself. */
const ofPackages: Readonly<Record<string, string>> = {
  'NetworkManager.service': 'network-manager',
  'wpa_supplicant.service': 'wpasupplicant',
  'avahi-daemon.service': 'avahi-daemon',
  'ssh.service': 'openssh-server',
  'seatd.service': 'seatd',
  'systemd-timesyncd.service': 'systemd-timesyncd',
  // Made from the image's fstab.
  'data.mount': 'systemd',
  'config.mount': 'systemd',
};
const folders = ['/usr/lib/systemd/system', '/lib/systemd/system'];

beforeAll(() => {
  execFileSync(join(systemd, 'install.sh'), [root], { cwd: '/' });
  mkdirSync(here);
  for (const name of units) {
    const text = readFileSync(join(installed, name), 'utf8').replaceAll('/usr/lib/porter/', `${programs}/`);
    // Which Node a box has is the image's business.
    writeFileSync(join(here, name), text.replaceAll('/usr/bin/node', process.execPath));
  }
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

describe('systemd', () => {
  it('takes every unit without a word', async () => {
    const files = units.map((name) => join(here, name));
    const said = await promisify(execFile)('systemd-analyze', ['verify', ...files], {
      env: { ...process.env, SYSTEMD_UNIT_PATH: `${here}:` },
    });
    expect(said).toEqual({ stdout: '', stderr: '' });
  });

  it('would say if one were wrong', () => {
    const wrong = join(scratch, 'wrong.service');
    writeFileSync(wrong, `[Service]\nExecStart=${programs}/no-such-program\nProtectSytem=strict\n`);
    expect(() => execFileSync('systemd-analyze', ['verify', wrong], { stdio: 'pipe' })).toThrow(/no-such-program/);
  });

  it('rates the daemon at 1.8 or below, and the unit explains each line that is left', () => {
    const told = execFileSync(
      'systemd-analyze',
      ['security', '--offline=true', '--no-pager', join(here, 'porter.service')],
      {
        encoding: 'utf8',
        env: { ...process.env, SYSTEMD_UNIT_PATH: `${here}:` },
      },
    );
    expect(Number(/exposure level for porter\.service: ([\d.]+)/.exec(told)?.[1])).toBeLessThanOrEqual(1.8);
    const [, explained = ''] = read('porter.service').split('# Left open');
    const left = [...told.matchAll(/^✗ (\w+)/gm)].map(([, name]) => name ?? '');
    expect(left.length).toBeGreaterThan(5);
    expect(left.filter((name) => !explained.includes(name))).toEqual([]);
  });

  it('starts on a box what the preset says, and nothing else of ours', () => {
    execFileSync('systemctl', [`--root=${root}`, 'preset-all'], { stdio: 'ignore' });
    const wanted = readdirSync(join(root, 'etc/systemd/system'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.includes('.wants/'))
      .map((path) => path.replace(/^.*\//, ''));
    // The others are started by their timers, by the path that is watched, by udev.
    const byOthers = ['porter-kiosk-reload.service', 'porter-self-check.service', 'porter-update.service'];
    byOthers.push('porter-go-back.service');
    byOthers.push('porter-update-fetch.service', 'porter-stick@.service', 'porter-stick-backup.service');
    expect(wanted.toSorted()).toEqual(units.filter((name) => !byOthers.includes(name)).toSorted());
  });
});

/** `man 5 systemd.exec`: what these mount or take away, only they see. */
const ownFileSystems =
  /^(Private(Tmp|Devices|Mounts)|Protect(System|Home|KernelTunables|KernelModules|KernelLogs|ControlGroups|Proc)|ProcSubset|MountFlags|\w+Paths|BindPaths|RootDirectory)=/m;

it('a box runs the daemon with the memory that scripts/run and every measurement give it', () => {
  const setup = readFileSync(join(systemd, '../scripts/setup.sh'), 'utf8');
  const flags = /^node_flags=\((.*)\)$/m.exec(setup)?.[1] ?? 'none';
  const freed = /^export (MALLOC_.*)$/m.exec(setup)?.[1] ?? 'none';
  expect(read('porter.service')).toContain(`\nExecStart=/usr/bin/node ${flags} /usr/lib/porter/porter.js\n`);
  expect(read('porter.service')).toContain(`\nEnvironment=${freed}\n`);
});

describe('a sealed key', () => {
  it('that this machine cannot open stops nobody who wants it: they all start without one', () => {
    const wanting = units.filter((name) => read(name).includes('LoadCredentialEncrypted=porter.key'));
    expect(wanting).toContain('porter.service');
    const key = read('porter-key.service');
    const [, before = ''] = /^Before=(.*)$/m.exec(key) ?? [];
    // An update that is asked for comes later anyhow.
    const first = (name: string): boolean =>
      before.split(' ').includes(name) || /^After=.*porter-first-boot\.service/m.test(read(name));
    expect(wanting.filter((name) => !first(name))).toEqual(['porter-update.service']);
    expect(key).not.toMatch(ownFileSystems);
    const [, bound] = /^Where=(.*)$/m.exec(read('etc-credstore.encrypted.mount')) ?? [];
    expect(key).toContain(`umount --lazy ${String(bound)}'`);
  });

  it.each([
    ['that it can open stays', 'echo secret', /^systemd-creds decrypt --name=porter\.key \S+ -\n$/],
    [
      'that it cannot open goes out of sight',
      'exit 1',
      /^systemd-creds .*\numount --lazy \/etc\/credstore\.encrypted\n$/,
    ],
  ])('%s', async (_, creds, wanted) => {
    const box = stand({ 'systemd-creds': creds, umount: '' });
    const line = /^ExecStart=\/bin\/sh -c '(.*)'$/m.exec(read('porter-key.service'))?.[1] ?? 'exit 9';
    expect(await box.run('/bin/sh', ['-c', line])).toBe(0);
    expect(box.calls()).toMatch(wanted);
  });
});

describe('an update', () => {
  const places = placesOf('/', '/config/porter.toml', '/data/porter');
  it('is seen where the daemon notes it, fetched to where root looks for it, and a stick that is gone is forgotten', () => {
    expect(read('porter-update.path')).toContain(`PathExists=${places.wish}\n`);
    expect(read('porter-update-fetch.service')).toContain(`ReadWritePaths=${places.kept}\n`);
    expect(read('porter-update-fetch.service')).toContain(`ConditionPathExists=${places.url}\n`);
    expect(read('porter-stick@.service')).toContain(`rm -f ${places.stick}\n`);
    expect(read('porter-data.service')).toMatch(
      new RegExp(`mkdir -p .* ${places.kept}\\b[^]*chown porter:porter .*${places.kept}\n`),
    );
  });

  it('on a stick is where RAUC sees it: who mounts it has no file systems of its own (`man 5 systemd.exec`)', () => {
    expect(read('porter-update-fetch.service')).toMatch(ownFileSystems);
    expect(read('porter-update.service')).not.toMatch(ownFileSystems);
  });

  it('that cannot even be judged is gone back from', () => {
    const [commit, back] = [read('porter-commit.service'), read('porter-go-back.service')];
    expect(commit).toContain('OnFailure=porter-go-back.service\n');
    // With a condition, a key that cannot be opened skips the unit: it has not failed (`man 5 systemd.service`).
    expect(commit).not.toMatch(/^Exec(Condition|StartPre)=/m);
    expect(back).toMatch(/^ExecCondition=.*is-trial\nExecStart=.*reboot$/m);
    expect(back).not.toMatch(/Credential|node/);
  });

  it.each([
    ['is judged where it is on trial', 'exit 0', 'slots.sh is-trial\nnode /usr/lib/porter/porter.js update commit'],
    ['is left alone where it was kept', 'exit 1', 'slots.sh is-trial\n'],
  ])('%s', async (_, trial, wanted) => {
    const box = stand({ 'slots.sh': trial, node: '' });
    const line = /^ExecStart=\/bin\/sh -c '(.*)'$/m.exec(read('porter-commit.service'))?.[1] ?? 'exit 9';
    const here = line.replace('/usr/lib/porter/slots.sh', 'slots.sh').replace('/usr/bin/node', 'node');
    expect(await box.run('/bin/sh', ['-c', here])).toBe(0);
    expect(box.calls()).toMatch(new RegExp(`^${wanted}`));
    expect(box.calls().split('\n')).toHaveLength(wanted.split('\n').length + (wanted.endsWith('\n') ? 0 : 1));
  });
});

describe('names', () => {
  const texts = readdirSync(systemd).map((name) => [name, read(name).replace(/^#.*$/gm, '')] as const);
  const isThere = (unit: string): boolean =>
    units.includes(unit) || unit in ofPackages || folders.some((folder) => existsSync(join(folder, unit)));

  it('of units are all somebody’s', () => {
    const named = texts.flatMap(([file, text]) =>
      [...text.matchAll(/[\w@%.-]+\.(?:service|target|timer|mount|socket|path)\b/g)].map(([unit]) => ({ file, unit })),
    );
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter(({ unit }) => !isThere(unit.replace(/@[^.]+/, '@')))).toEqual([]);
  });

  it('of packages are in the image', () => {
    const lists = ['box', 'kiosk'].map((name) => readFileSync(join(systemd, '../provisioning/packages', name), 'utf8'));
    const packages = lists.join('\n').split('\n');
    expect(Object.values(ofPackages).filter((name) => !packages.includes(name))).toEqual([]);
  });

  it('of programs under /usr/lib/porter are installed, or built', () => {
    const named = texts.flatMap(([, text]) =>
      [...text.matchAll(/\/usr\/lib\/porter\/([\w.-]+)/g)].map(([, name]) => name),
    );
    const built = ['porter.js'];
    expect(new Set(named).size).toBeGreaterThan(7);
    expect(
      [...new Set(named)].filter((name = '') => !built.includes(name) && !existsSync(join(programs, name))),
    ).toEqual([]);
  });

  it('of files here are all installed', () => {
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const contents = new Set(files.map((one) => readFileSync(join(one.parentPath, one.name), 'utf8')));
    expect(readdirSync(systemd).filter((name) => name !== 'install.sh' && !contents.has(read(name)))).toEqual([]);
  });

  it('of users are made', () => {
    const made = [...read('porter.sysusers.conf').matchAll(/^[ug] (\S+)/gm)].map(([, name]) => name);
    const asked = texts.flatMap(([, text]) => [...text.matchAll(/^(?:User|Group)=(\S+)/gm)].map(([, name]) => name));
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.filter((name) => !made.includes(name))).toEqual([]);
  });
});

describe('the firewall', () => {
  it.each([8443, 9443])(
    'is one that the kernel takes, with what first boot writes beside it (port %i)',
    (staffPort) => {
      const network = v.parse(fileSchema.entries.network, { ssh_keys: ['ssh-ed25519 AAAA one'] });
      const wanted = { network, web: { kioskPort: 8080, staffPort }, configPath: null, authority: null, updateUrl: '' };
      const beside = join(scratch, 'firewall-ports.nft');
      writeFileSync(beside, machineFiles(wanted).find((file) => file.path.endsWith('/firewall-ports.nft'))?.text ?? '');
      expect(readFileSync(beside, 'utf8')).toMatch(/login \{ 22 \}/);
      const rules = join(scratch, 'rules.nft');
      writeFileSync(rules, read('firewall.nft').replace('/run/porter-box/firewall*.nft', beside));
      const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
      execFileSync('env', [...asRoot, 'nft', '--check', '--file', rules]);
    },
  );

  it('opens the staff page and mDNS to everybody, and SSH to nobody before there are keys', () => {
    const rules = read('firewall.nft');
    const open = [...rules.matchAll(/^\s*(?:ip6? saddr [^\n]*?)?(?:tcp|udp) (?:sport \d+ udp )?dport (\S+) accept$/gm)];
    expect(open.map(([, port]) => port)).toEqual(['68', '546', '5353', '@staff', '@login', '@login']);
    expect(/set login \{[^}]*\}/.exec(rules)?.[0]).not.toContain('elements');
    expect(rules).toContain('type filter hook input priority filter; policy drop;');
  });
});

/** Programs of these names come first: each notes that it was called, and does what is given. */
function stand(fakes: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(scratch, 'fake-'));
  for (const [name, script] of Object.entries(fakes)) {
    writeFileSync(join(folder, name), `#!/bin/bash\necho "${name} $*" >>${folder}/calls\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const calls = (): string => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : '');
  const run = async (program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const path = `${folder}:${process.env['PATH'] ?? ''}`;
    return promisify(execFile)(resolve(programs, program), args, { env: { ...env, PATH: path } }).then(
      () => 0,
      (error: unknown) => (error instanceof Error && 'code' in error ? Number(error.code) : -1),
    );
  };
  return { folder, calls, run };
}

describe('switching off', () => {
  it.each([
    [
      'staff at the box',
      { EXIT_CODE: 'exited', EXIT_STATUS: String(switchOffStatus) },
      'systemctl --no-block poweroff\n',
    ],
    ['a stop, an update, a restart', { EXIT_CODE: 'exited', EXIT_STATUS: '0' }, ''],
    ['killed', { EXIT_CODE: 'killed', EXIT_STATUS: 'KILL' }, ''],
    ['a signal of that number', { EXIT_CODE: 'dumped', EXIT_STATUS: String(switchOffStatus) }, ''],
    ['started by hand', {}, ''],
  ])('%s', async (_, env, wanted) => {
    const box = stand({ systemctl: '' });
    expect(await box.run('switch-off.sh', [], env)).toBe(0);
    expect(box.calls()).toBe(wanted);
  });

  it('is not followed by another start', () => {
    expect(read('porter.service')).toContain(`RestartPreventExitStatus=2 ${String(switchOffStatus)}\n`);
  });
});

describe('the screen', () => {
  const screen = async (box: string, cage = '', ends = 0, seconds = 60) => {
    const runtime = mkdtempSync(join(scratch, 'kiosk-'));
    const fake = stand({ cage });
    const script = join(programs, `${basename(runtime)}.sh`);
    writeFileSync(script, read('kiosk.sh').replace('box=/run/porter-box', `box=${box}`), { mode: 0o755 });
    const shown = async () => {
      expect(await fake.run(basename(script), [String(seconds)], { XDG_RUNTIME_DIR: runtime })).toBe(ends);
      return fake.calls().trim().split(/\s/).at(-1);
    };
    return { shown, first: await shown() };
  };
  const folder = (files: Readonly<Record<string, string>>): string => {
    const made = mkdtempSync(join(scratch, 'box-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(made, name), text);
    return made;
  };

  it('waits for the daemon, at the port that the technician file gives it', async () => {
    const server = createServer((socket) => socket.end());
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const at = server.address();
        resolve(at !== null && typeof at === 'object' ? at.port : 0);
      });
    });
    try {
      const { first } = await screen(folder({ 'kiosk-port': `${String(port)}\n` }));
      expect(first).toBe(`http://127.0.0.1:${String(port)}/set-up`);
    } finally {
      server.close();
    }
  });

  it('shows what is wrong with the file as long as nothing else can be shown', async () => {
    const box = folder({ 'screen.html': 'wrong', 'screen-once.html': 'told' });
    const { first, shown } = await screen(box);
    expect([first, await shown()]).toEqual([`file://${box}/screen.html`, `file://${box}/screen.html`]);
  });

  it('shows what is to be told once, not again when the browser is started anew', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = server.address();
    const port = at !== null && typeof at === 'object' ? String(at.port) : '';
    try {
      const box = folder({ 'screen-once.html': 'told', 'kiosk-port': port });
      const { first, shown } = await screen(box);
      expect([first, await shown()]).toEqual([`file://${box}/screen-once.html`, `http://127.0.0.1:${port}/set-up`]);
    } finally {
      server.close();
    }
  });

  it.each([
    ['a browser without a page is started anew', 'sleep 60 & trap "kill $!" EXIT; wait', 1, 3],
    ['one that shows its page is left alone', 'exec 3<>/dev/tcp/127.0.0.1/PORT; sleep 12', 0, 8],
  ])('%s', async (_, cage, ends, seconds) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = server.address();
    const port = at !== null && typeof at === 'object' ? String(at.port) : '';
    try {
      const { first } = await screen(folder({ 'kiosk-port': port }), cage.replace('PORT', port), ends, seconds);
      expect(first).toBe(`http://127.0.0.1:${port}/set-up`);
    } finally {
      server.close();
    }
  });

  describe('starts anew at night', () => {
    const since = (seconds: number) => `echo $(( ($(cut -d. -f1 /proc/uptime) - ${String(seconds)}) * 1000000 ))`;
    /** The kernel's device of a screen: nothing to read until it is touched. */
    const touchscreen = (touched: boolean): string => {
      const inputs = mkdtempSync(join(scratch, 'input-'));
      if (touched) writeFileSync(join(inputs, 'event0'), Buffer.alloc(24));
      else execFileSync('mkfifo', [join(inputs, 'event0')]);
      return inputs;
    };
    it.each([
      ['nobody touches it', 30_000, false, 0],
      ['somebody is at it', 30_000, true, 1],
      ['it has been started lately', 600, false, 1],
    ])('%s', async (_, seconds, touched, code) => {
      const box = stand({ systemctl: since(seconds) });
      expect(await box.run('kiosk-idle.sh', ['0.3', touchscreen(touched)])).toBe(code);
    });
  });
});

describe('the self-check', () => {
  const machine = (files: Readonly<Record<string, string>>): string => {
    const made = mkdtempSync(join(scratch, 'machine-'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(made, path, '..'), { recursive: true });
      writeFileSync(join(made, path), text);
    }
    return made;
  };
  const well = {
    'sys/class/watchdog/watchdog0/state': 'active\n',
    'sys/class/hwmon/hwmon0/name': 'cpu_thermal\n',
    'sys/class/hwmon/hwmon1/name': 'rpi_volt\n',
    'sys/class/hwmon/hwmon1/in0_lcrit_alarm': '0\n',
    'sys/class/thermal/thermal_zone0/temp': '61200\n',
    'proc/meminfo': 'MemTotal:        933632 kB\nMemAvailable:    401220 kB\n',
  };
  const concerns = async (files: Readonly<Record<string, string>>, fakes: Readonly<Record<string, string>> = {}) => {
    const made = machine({ ...well, ...files });
    const box = stand({ systemctl: '[ "$1" = show ] && echo 0', nft: '', journalctl: '', ...fakes });
    expect(await box.run('self-check.sh', [made])).toBe(0);
    return readFileSync(join(made, 'run/porter-box/concerns'), 'utf8').trim().split('\n').filter(Boolean);
  };

  it('says nothing of a machine that is well', async () => {
    expect(await concerns({})).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, RegExp]>([
    [
      'a service that has failed',
      {},
      { systemctl: 'case $1 in show) echo 0 ;; *) echo avahi-daemon.service loaded failed ;; esac' },
      /avahi-daemon\.service/,
    ],
    [
      'first boot that has failed',
      {},
      { systemctl: 'case $1 in show) echo 0 ;; *) echo porter-first-boot.service loaded failed ;; esac' },
      /technician file could not be applied/,
    ],
    [
      'a browser that is started again and again',
      {},
      { systemctl: '[ "$1" = show ] && echo 12' },
      /started anew 12 times/,
    ],
    [
      'what first boot could not do',
      { 'run/porter-box/first-boot': 'The technician file is not taken: no room.\n' },
      {},
      /is not taken: no room/,
    ],
    ['no firewall', {}, { nft: 'exit 1' }, /firewall is not in force/],
    ['no watchdog', { 'sys/class/watchdog/watchdog0/state': 'inactive\n' }, {}, /watchdog does not run/],
    ['under-voltage', { 'sys/class/hwmon/hwmon1/in0_lcrit_alarm': '1\n' }, {}, /power supply is too weak/],
    [
      'under-voltage between two looks',
      {},
      { journalctl: 'echo "hwmon hwmon1: Undervoltage detected!"; echo "hwmon hwmon1: Voltage normalised"' },
      /was too weak \(under-voltage\) within the last hour, 1 times/,
    ],
    ['heat', { 'sys/class/thermal/thermal_zone0/temp': '83100\n' }, {}, /hot \(83 degrees\)/],
    ['heat in another place', { 'sys/class/thermal/thermal_zone1/temp': '91200\n' }, {}, /hot \(91 degrees\)/],
    ['little memory', { 'proc/meminfo': 'MemAvailable:   30720 kB\n' }, {}, /little memory left \(30 MB\)/],
  ])('tells of %s, and of nothing else', async (_, files, fakes, words) => {
    const told = await concerns(files, fakes);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(words);
  });
});

describe('the screen before the kiosk', () => {
  it.each([
    ['45 160', '\u001b[22;78HPorter', '\u001b[24;72HOne moment please'],
    ['', '\u001b[15;48HPorter', '\u001b[17;42HOne moment please'],
  ])('of %s letters: black, no cursor, two lines in its middle', async (size, first, second) => {
    const screen = join(mkdtempSync(join(scratch, 'screen-')), 'tty1');
    writeFileSync(screen, 'a message of the kernel');
    const box = stand({ stty: size === '' ? 'exit 1' : `echo ${size}` });
    expect(await box.run('splash.sh', [screen, scratch])).toBe(0);
    const shown = readFileSync(screen, 'utf8');
    expect(shown).toMatch(/^\u001b\[\?25l\u001b\[2J/);
    expect(shown).toContain(first);
    expect(shown).toContain(second);

    expect(shown.replace(/\u001b\[[?\d;]*[A-Za-z]/g, '')).toBe('PorterOne moment please');
  });

  it.each(['debian', 'raspios'])('neither firmware, kernel, systemd nor a login write on it: %s', (board) => {
    const of = (file: string): string =>
      readFileSync(join(systemd, '../provisioning/board', board, file), 'utf8').replace(/^#.*$/gm, '');
    expect(of('config.txt')).toMatch(/^disable_splash=1$/m);
    const words = of('cmdline.txt').trim().split(' ');
    expect(words).toEqual(
      expect.arrayContaining([
        ...['quiet', 'logo.nologo', 'vt.global_cursor_default=0', 'consoleblank=0'],
        ...['systemd.show_status=false', 'systemd.getty_auto=no'],
      ]),
    );
    expect(read('porter-kiosk.service')).toMatch(/^Conflicts=getty@tty1\.service$/m);
  });
});

describe('a backup to the stick in the box', () => {
  /** What the daemon has asked for, and the stick that is there, if one is. */
  async function asked(device: string | null, fakes: Readonly<Record<string, string>> = {}) {
    const machine = mkdtempSync(join(scratch, 'stick-'));
    const put = (path: string, text: string): void => {
      mkdirSync(join(machine, path, '..'), { recursive: true });
      writeFileSync(join(machine, path), text);
    };
    put('run/porter/stick/backup', 'id-1\nthree plain words\n');
    put('run/porter-box/kiosk-port', '8080\n');
    if (device !== null) put(`dev/disk/by-id/${device}`, '');
    const box = stand({
      ...{ mount: '', umount: '', node: 'read -r typed; echo "typed: $typed" >>"${0%/*}/calls"; echo Written' },
      blkid: 'case "$*" in *" TYPE "*) echo exfat ;; *own*) echo boot_a ;; esac',
      ...fakes,
    });
    expect(await box.run('stick-backup.sh', [machine])).toBe(0);
    expect(existsSync(join(machine, 'run/porter/stick/backup'))).toBe(false);
    const [id, how, words] = readFileSync(join(machine, 'run/porter-box/stick-backup'), 'utf8').split('\n');
    return { id, how, words, calls: box.calls() };
  }

  it('is written with the password that was given, and the stick let go', async () => {
    const { calls, ...said } = await asked('usb-Stick-part1');
    expect(said).toEqual({ id: 'id-1', how: '0', words: 'The backup is on the stick, which may be taken out.' });
    expect(calls).toMatch(/mount -o nosuid,nodev,noexec \S*usb-Stick-part1 /);
    expect(calls).toMatch(/porter\.js backup create \S*\/porter-[\d-]+\.porter-backup --data \/data\/porter/);
    expect(calls).toMatch(/typed: three plain words\numount /);
    expect(calls).not.toMatch(/node .*three plain words/);
  });

  it.each<[string, string | null, Readonly<Record<string, string>>, string]>([
    ['no stick', null, {}, 'There is no USB stick in the box'],
    ['the drive that the box starts from', 'usb-own-part2', {}, 'There is no USB stick in the box'],
    ['one of another kind', 'usb-Stick-part1', { blkid: 'echo ntfs' }, 'There is no USB stick in the box'],
    ['one that cannot be mounted', 'usb-Stick-part1', { mount: 'exit 32' }, 'cannot be read'],
    ['one that is full', 'usb-Stick-part1', { node: 'echo "It cannot be done: no room."; exit 1' }, 'no room'],
    ['one that is pulled out at the end', 'usb-Stick-part1', { umount: '[ "$1" = --lazy ]' }, 'taken out too soon'],
  ])('%s: it is said', async (_, device, fakes, words) => {
    const said = await asked(device, fakes);
    expect([said.id, said.how]).toEqual(['id-1', '1']);
    expect(said.words).toContain(words);
  });
});

describe('the machine’s SSH key', () => {
  const made = 'while [ $# -gt 1 ]; do shift; done; echo secret >"$1"; echo public >"$1.pub"';
  it('is made once', async () => {
    const folder = mkdtempSync(join(scratch, 'ssh-'));
    const box = stand({ 'ssh-keygen': made });
    expect([await box.run('ssh-key.sh', [folder]), await box.run('ssh-key.sh', [folder])]).toEqual([0, 0]);
    expect(box.calls().match(/ssh-keygen/g)).toHaveLength(1);
    expect(readFileSync(join(folder, 'ssh_host_ed25519_key'), 'utf8')).toBe('secret\n');
  });

  it('is made again where a cut left half of one', async () => {
    const folder = mkdtempSync(join(scratch, 'ssh-'));
    writeFileSync(join(folder, 'ssh_host_ed25519_key'), '');
    copyFileSync(join(folder, 'ssh_host_ed25519_key'), join(folder, 'ssh_host_ed25519_key.new'));
    const box = stand({ 'ssh-keygen': made });
    expect(await box.run('ssh-key.sh', [folder])).toBe(0);
    expect(readFileSync(join(folder, 'ssh_host_ed25519_key'), 'utf8')).toBe('secret\n');
  });
});
