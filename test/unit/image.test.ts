/** What an image is made of (provisioning/): it has what units and daemon lean on, and the two sides name the same things. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codesOf } from '../../device/domain/codes.ts';
import { readSettings } from '../../device/settings/read.ts';
import { keys } from '../../device/settings/schema-walk.ts';

const project = join(import.meta.dirname, '../..');
const provisioning = join(project, 'provisioning');
const read = (path: string): string => readFileSync(join(project, path), 'utf8');
const boards = readdirSync(join(provisioning, 'board'));
const packages = (path: string): readonly string[] =>
  read(`provisioning/${path}`)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
const all = readdirSync(provisioning, { recursive: true, encoding: 'utf8' }).filter((path) =>
  statSync(join(provisioning, path)).isFile(),
);
const scripts = ['scripts/image', ...all.map((path) => `provisioning/${path}`)].filter((path) =>
  /^#!\/(bin\/sh|usr\/bin\/env bash)\n/.test(read(path)),
);

describe('packages', () => {
  it('are named once', () => {
    for (const board of boards) {
      const names = [
        ...packages('packages/box'),
        ...packages('packages/kiosk'),
        ...packages(`board/${board}/packages`),
      ];
      expect(names.length).toBe(new Set(names).size);
    }
  });

  /** Program or service, and the package of Debian that has it. */
  it.each([
    ['systemd-creds, which seals the host key', 'device/first-boot/keys.ts', 'systemd-creds', 'systemd'],
    ['v4l2-ctl, for cameras on USB', 'device/camera/commands.ts', "'v4l2-ctl'", 'v4l-utils'],
    ['Node', 'systemd/porter.service', '/usr/bin/node ', 'nodejs'],
    ['nft', 'systemd/porter-firewall.service', '/usr/sbin/nft ', 'nftables'],
    ['cage', 'systemd/kiosk.sh', 'cage ', 'cage'],
    ['Chromium', 'systemd/kiosk.sh', 'chromium ', 'chromium'],
    ['sudo', 'systemd/install.sh', 'sudoers.d', 'sudo'],
    ['zram', 'systemd/install.sh', 'zram-generator.conf.d', 'systemd-zram-generator'],
    ['NetworkManager', 'systemd/porter.preset', 'NetworkManager.service', 'network-manager'],
  ])('have %s', (_, file, named, name) => {
    expect(read(file)).toContain(named);
    expect([...packages('packages/box'), ...packages('packages/kiosk')]).toContain(name);
  });
});

describe('fstab', () => {
  const lines = read('provisioning/overlay/etc/fstab')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/ +/));

  it('mounts what units and daemon name, and nothing else; a start never waits for it', () => {
    expect(lines.map(([device, place, type]) => [device, place, type])).toEqual([
      ['/dev/disk/by-partlabel/data', '/data', 'ext4'],
      ['/dev/disk/by-partlabel/config', '/config', 'vfat'],
    ]);
    for (const [, , , options = ''] of lines) {
      expect(options.split(',')).toEqual(expect.arrayContaining(['nofail', 'nodev', 'nosuid', 'noexec']));
    }
    expect(read('systemd/porter.service')).toContain('PORTER_CONFIG=/config/porter.toml PORTER_DATA=/data/porter');
  });

  it('gives the card to the daemon, to read', () => {
    expect(lines[1]?.[3]?.split(',')).toEqual(expect.arrayContaining(['ro', 'uid=porter', 'umask=0077']));
  });

  it('lets the data partition grow: the type that systemd-repart looks for is that of the card', () => {
    const type = /^Type=(.*)$/m.exec(read('provisioning/overlay/usr/lib/repart.d/50-data.conf'))?.[1] ?? 'none';
    expect(read('provisioning/genimage.cfg').toLowerCase()).toContain(`partition-type-uuid = "${type}"`);
    expect(lines[0]?.[3]).toContain('x-systemd.growfs');
  });
});

describe.each(boards)('the firmware’s files of %s', (board) => {
  const config = read(`provisioning/board/${board}/config.txt`);
  const minimal = '[school]\nname = "Hill View School"\n[mis]\nconnector = "none"\n';
  const settings = readSettings(minimal, 'porter.toml', {
    baseDir: '/config',
    codes: () => codesOf('england', '2026-11-23'),
  });

  it('light red, on the pins that the daemon has', () => {
    if (!settings.ok) throw new Error('no settings');
    const { green, amber, red } = settings.settings.hardware.lights;
    const pins = [...config.matchAll(/^gpio=([\d,]+)=op,(d[hl])$/gm)].map(([, numbers = '', level]) => [
      numbers,
      level,
    ]);
    expect(pins).toEqual([
      [String(red), 'dh'],
      [[green, amber].toSorted((a, b) => a - b).join(), 'dl'],
    ]);
  });

  it('start kernels that its boot-files.sh puts there', () => {
    const named = [...config.matchAll(/^(?:kernel=|initramfs )(\S+)/gm)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThanOrEqual(2);
    const kinds = read(`provisioning/board/${board}/boot-files.sh`);
    for (const name of named) {
      const pattern = name.replace(/-(v8|2712)/, '-$kind');
      expect(kinds).toContain(`$boot/${pattern}"`);
    }
  });

  it('give the kernel one line, quiet, from the read-only system, with memory accounted for', () => {
    const line = read(`provisioning/board/${board}/cmdline.txt`);
    expect(line.trim().split('\n')).toHaveLength(1);
    for (const word of ['rootfstype=squashfs', 'ro', 'quiet', 'systemd.getty_auto=no']) {
      expect(line.trim().split(' ')).toContain(word);
    }
    // RAUC would take it for the half that runs, before it asks slots.sh (1.13, src/context.c): initramfs/slot says it.
    expect(line).not.toMatch(/root=|rauc\./);
    // Raspberry Pi's kernel has it off; without it no unit's MemoryMax holds.
    if (board === 'raspios') expect(line).toContain('cgroup_enable=memory');
  });
});

describe('updates', () => {
  const rauc = read('provisioning/overlay/etc/rauc/system.conf');
  it('write partitions that the card has, each pair of one half', () => {
    const devices = [...rauc.matchAll(/^device=\/dev\/disk\/by-partlabel\/(.*)$/gm)].map(([, name = '']) => name);
    expect(devices).toEqual(['system_a', 'boot_a', 'system_b', 'boot_b']);
    const card = read('provisioning/genimage.cfg');
    for (const name of devices) expect(card).toContain(`partition ${name} {`);
  });

  it('are asked for by root alone: RAUC is closed to everybody else, after Debian’s file has opened it', () => {
    const rules = read('provisioning/overlay/etc/dbus-1/system.d/porter-rauc.conf').replace(/<!--[^]*?-->/g, '');
    const policies = [...rules.matchAll(/<policy (\w+="\w+")>\s*<(\w+) send_destination="de\.pengutronix\.rauc"\/>/g)];
    expect(policies.map(([, whom, what]) => [whom, what])).toEqual([
      ['context="default"', 'deny'],
      ['user="root"', 'allow'],
    ]);
  });

  it('are of the board that the image is of, signed by whom the image says, and go by slots.sh', () => {
    const assemble = read('provisioning/build/assemble.sh');
    expect(rauc).toContain('compatible=porter-@BOARD@\n');
    expect(assemble).toContain('s/@BOARD@/$board/');
    expect(assemble).toContain(`$tree${/^path=(.*)$/m.exec(rauc)?.[1] ?? 'none'}"`);
    expect(rauc).toContain('bootloader-custom-backend=/usr/lib/porter/slots.sh\n');
    expect(read('provisioning/build/bundle.sh')).toContain('compatible=porter-$board\n');
  });
});

describe('a trial', () => {
  it('is what the daemon asks of the module that Debian’s kernel gets for it', () => {
    const module = 'rpi_tryboot';
    const [source, build] = ['rpi_tryboot.c', 'build.sh'].map((file) =>
      read(`provisioning/board/debian/modules/${file}`),
    );
    expect(source).toContain('strstr(argument, "tryboot")');
    expect(read('device/update-command.ts')).toContain("'--reboot-argument=0 tryboot'");
    expect(build).toContain('/updates" /made/modules/*.ko');
    expect(read('device/update/rauc.ts')).toContain(`'sys/module/${module}'`);
  });

  it('is asked for by a module of the same kernel: its headers come as that comes, and go again', () => {
    const download = read('provisioning/board/debian/modules/download.sh');
    expect(download).toContain('kernel=$(basename "$tree"/usr/lib/modules/*)');
    expect(read('provisioning/build/root.sh')).toContain('"$provisioning/board/$board"/*/download.sh');
    expect(read('provisioning/board/debian/modules/build.sh')).toContain('rm -rf "$tree/usr/src/porter"');
  });
});

describe('under-voltage', () => {
  it('is told by the sensor that the self-check reads, made for Debian’s kernel', () => {
    const sensor = read('provisioning/board/debian/modules/rpi_volt.c');
    const [, name = 'none', alarm = 'none'] =
      /= (\w+) \] && \[ "\$\(value "\$sensor\/(\w+)"\)" = 1/.exec(read('systemd/self-check.sh')) ?? [];
    expect([name, alarm]).toEqual(['rpi_volt', 'in0_lcrit_alarm']);
    expect(sensor).toContain(`"${name}", firmware, &chip`);
    expect(sensor).toContain('HWMON_CHANNEL_INFO(in, HWMON_I_LCRIT_ALARM)');
    expect(sensor).toContain('MODULE_ALIAS("platform:raspberrypi-hwmon")');
  });
});

describe('the card', () => {
  const example = read('provisioning/card/porter-example.toml');
  const options = { baseDir: '/config', codes: () => codesOf('england', '2026-11-23') };

  it('has room for what first boot writes in place', () => {
    const card = read('provisioning/build/card.sh');
    const command = read('device/first-boot-command.ts');
    const bytes = (name: string): string => new RegExp(`const ${name}Bytes = ([\\d_]+)`).exec(command)?.[1] ?? '';
    expect(card).toContain(`message porter-error.txt ${bytes('error').replace('_', '')} `);
    expect(card).toContain(`message porter-support.txt ${bytes('support').replace('_', '')} `);
  });

  it('has an example of the technician file that is right', () => {
    expect(readSettings(example, 'porter.toml', options)).toMatchObject({ ok: true, warnings: [] });
  });

  it.each([...example.matchAll(/^# (\w+ = .*)$/gm)].map(([, line = '']) => line))('which is right with: %s', (line) => {
    // Certificate and key come together.
    const off = line.startsWith('tls_') ? /^# (?=tls_)/gm : /^# /m;
    const from = line.startsWith('tls_') ? 0 : example.indexOf(`# ${line}\n`);
    const text = example.slice(0, from) + example.slice(from).replace(off, '');
    const given = line.startsWith('token_file') ? text.replace(/^token = .*$/m, '') : text;
    const found = readSettings(given, 'porter.toml', options);
    expect(found).toMatchObject({ ok: true });
    // Where no example is said to stand, the default does.
    if (!/# .*example/.test(line)) expect(found).toEqual(readSettings(example, 'porter.toml', options));
  });

  it('which names every key, in its section', () => {
    const sections = new Map(
      [...example.matchAll(/^\[(\w+)\](.*?)(?=^\[|$(?![\s\S]))/gms)].map(([, name = '', text = '']) => [name, text]),
    );
    const missing = keys().flatMap(({ key }) => {
      const [section = '', name = ''] = key.split(/[.[]/);
      return section === 'reason' || new RegExp(`\\b${name} = `).test(sections.get(section) ?? '') ? [] : [key];
    });
    expect(missing).toEqual([]);
  });

  it('has an autoboot.txt that fits a sector and is as long whichever slot it names', () => {
    const text = read('provisioning/card/autoboot.txt');
    expect(text.length).toBeLessThan(512);
    expect([...text.matchAll(/^boot_partition=(.*)$/gm)].map(([, number]) => number)).toEqual(['2', '3']);
    const names = [...read('provisioning/genimage.cfg').matchAll(/^ {2}partition (\w+)/gm)].map(([, name]) => name);
    expect(names).toEqual(['config', 'boot_a', 'boot_b', 'system_a', 'system_b', 'data']);
  });
});

describe('the recipe', () => {
  it('names no host: Debian comes from where apt takes it', () => {
    const named = [...scripts, ...all.map((path) => `provisioning/${path}`)].flatMap((path) =>
      [...read(path).matchAll(/https?:\/\/[\w.-]+|\b[\w-]+\.(?:org|com|net|io)\b/g)].map(([host]) => ({ path, host })),
    );
    const examples = ['http://proxy', 'https://porter.local', 'https://wonde.example'];
    expect(named.filter(({ host }) => !examples.includes(host))).toEqual([]);
  });

  it.each(scripts)('%s is understood by its shell, and may be executed', (path) => {
    const shell = read(path).startsWith('#!/bin/sh') ? 'sh' : 'bash';
    execFileSync(shell, ['-n', join(project, path)]);
    expect(statSync(join(project, path)).mode & 0o111).not.toBe(0);
  });

  it('uses every file that is there', () => {
    const texts = ['scripts/image', ...all.map((path) => `provisioning/${path}`)].map(read).join('\n');
    const names = all
      .filter((path) => !/^(overlay|board|card)\/|(README\.md|tsconfig\.json)$/.test(path))
      .map((path) => path.replace(/^.*\//, ''));
    expect(names.length).toBeGreaterThan(12);
    expect(names.filter((name) => !texts.includes(name))).toEqual([]);
    expect(existsSync(join(provisioning, 'README.md'))).toBe(true);
  });
});
