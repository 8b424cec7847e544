/**
 * A machine with two halves of a card, as folders: what of an update takes root runs on it for real (`updateCommand`, slots.sh, RAUC's
 * checks of real bundles); mounting a stick, writing partitions and starting anew are small programs that do as much to the folders.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { updateCommand } from '../../device/update-command.ts';
import type { UpdateCommand } from '../../device/update-command.ts';
import type { Folds } from '../../device/update/folds.ts';
import { lastSchema, placesOf, putJson, readJson } from '../../device/update/places.ts';

const project = join(import.meta.dirname, '../..');
export const running = '0.2.0+20261123.1a2b3c4';
export const newer = '0.3.0+20261201.5e6f708';

/** Makes and signs bundles as `scripts/image bundle` does, small ones; a certificate of its own. */
export class Signer {
  readonly folder = mkdtempSync(join(tmpdir(), 'porter-signer-'));
  readonly cert = join(this.folder, 'cert.pem');
  readonly key = join(this.folder, 'key.pem');

  constructor() {
    const subject = ['-subj', '/CN=made for a test', '-days', '36500'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, '-keyout', this.key, '-out', this.cert],
      { stdio: 'ignore' },
    );
  }

  bundle(version = newer, compatible = 'porter-debian'): string {
    const made = mkdtempSync(join(this.folder, 'bundle-'));
    for (const name of ['system', 'boot']) writeFileSync(join(made, `${name}.img`), randomBytes(64 * 1024));
    const images = ['system', 'boot'].map((name) => `[image.${name}]\nfilename=${name}.img\n`).join('');
    const head = `[update]\ncompatible=${compatible}\nversion=${version}\n[bundle]\nformat=verity\n`;
    writeFileSync(join(made, 'manifest.raucm'), head + images);
    const file = `${made}.raucb`;
    execFileSync('rauc', ['bundle', `--cert=${this.cert}`, `--keyring=${this.cert}`, `--key=${this.key}`, made, file], {
      stdio: 'ignore',
    });
    return file;
  }
}

/** Programs in front of the machine's own. RAUC's checks are the real one's. */
const programs = (root: string, rauc: string): Readonly<Record<string, string>> => ({
  // A stick is a folder `sticks/NAME`; the device is `/dev/NAME`.
  mount: `stick=${root}/sticks/$(basename "$3"); [ -d "$stick" ] || { echo 'no medium' >&2; exit 32; }; cp -r "$stick/." "$4/"`,
  umount: `rm -rf "$2"`,
  systemctl: `echo "$*" >>${root}/systemctl`,
  rauc: `case "$*" in
  "status mark-good")
    # Which half it takes for the one that runs (RAUC 1.13, src/context.c): what the kernel was told, and only then what slots.sh says.
    running=$(grep -oE 'root=/dev/disk/by-partlabel/system_[ab]' ${root}/proc/cmdline | tail -c 2)
    ${project}/systemd/slots.sh set-state "\${running:-$(${project}/systemd/slots.sh get-current)}" good || exit 1
    [ ! -e ${root}/breaks ] || { cat ${root}/breaks >&2; exit 1; } ;;
  "install "*)
    echo installing; echo '  0% Installing'
    if [ -e ${root}/breaks ]; then echo "LastError: $(cat ${root}/breaks)"; exit 1; fi
    other=$([ "$(${project}/systemd/slots.sh get-current)" = a ] && echo b || echo a)
    cp "$2" ${root}/half_$other; echo ' 99% Copying image to boot.1 done.'; echo '100% Installing done.' ;;
  *) exec ${rauc} "$@" ;;
esac`,
});

export class UpdateMachine {
  readonly root = mkdtempSync(join(tmpdir(), 'porter-update-'));
  readonly places = placesOf(this.root, join(this.root, 'config/porter.toml'), join(this.root, 'data/porter'));
  /** What the kernel was told. */
  readonly cmdline = join(this.root, 'proc/cmdline');
  version = running;
  folds: Folds = { upTo: 4217, folds: { marks: 'm', movements: 'v' } };
  /** Why the records cannot be read; null: they can. */
  unread: string | null = null;
  /** What the daemon says when it is asked whether all is well. */
  vouch: () => string | null = () => null;
  /** How much time has passed, monotonic. */
  passedMs = 0;
  said = '';
  proxy: string | null = null;
  private readonly pathBefore = process.env['PATH'] ?? '';

  constructor(signer: Signer) {
    const { root } = this;
    for (const folder of [
      'config',
      'data/update',
      'run/porter',
      'run/porter-boot',
      'run/porter-box',
      'etc/rauc',
      'bin',
      'proc',
    ])
      mkdirSync(join(root, folder), { recursive: true });
    cpSync(join(project, 'provisioning/card/autoboot.txt'), this.places.autoboot);
    cpSync(join(project, 'provisioning/board/debian/cmdline.txt'), this.cmdline);
    this.starts('a');
    const settings = readFileSync(join(project, 'provisioning/overlay/etc/rauc/system.conf'), 'utf8');
    writeFileSync(
      this.places.raucConfig,
      settings.replace('@BOARD@', 'debian').replace('/etc/rauc/keyring.pem', signer.cert),
    );
    for (const [name, script] of Object.entries(programs(root, '/usr/bin/rauc'))) {
      writeFileSync(join(root, 'bin', name), `#!/bin/bash\n${script}\n`);
      chmodSync(join(root, 'bin', name), 0o755);
    }
    process.env['PATH'] = `${join(root, 'bin')}:${this.pathBefore}`;
    process.env['PORTER_ROOT'] = root;
  }

  close(): void {
    process.env['PATH'] = this.pathBefore;
    delete process.env['PORTER_ROOT'];
    rmSync(this.root, { recursive: true });
  }

  /** The firmware has started from this half. */
  starts(half: 'a' | 'b'): void {
    writeFileSync(this.places.slot, `${half}\n`);
  }

  /** From which half the firmware starts by itself, as it reads the file: 2 is a, 3 is b. */
  get kept(): string {
    return execFileSync(join(project, 'systemd/slots.sh'), ['get-primary'], { encoding: 'utf8' }).trim();
  }

  stick(device: string, files: Readonly<Record<string, string>>): void {
    const folder = join(this.root, 'sticks', device);
    mkdirSync(folder, { recursive: true });
    for (const [name, from] of Object.entries(files)) cpSync(from, join(folder, name));
  }

  wish(from: 'stick' | 'url', version = newer): void {
    putJson(this.places.wish, { from, version, by: 'Ms Reed' });
  }

  update(action: string, ...more: readonly string[]): Promise<0 | 1 | null> {
    const command: UpdateCommand = {
      ...{ places: this.places, root: this.root, version: this.version, proxy: this.proxy, json: false },
      folds: (upTo) => {
        if (this.unread !== null) throw new Error(this.unread);
        return { ...this.folds, upTo: Math.min(upTo, this.folds.upTo) };
      },
      daemon: { vouch: () => Promise.resolve(this.vouch()) },
      print: (text) => {
        this.said += text;
      },
      now: () => Date.parse('2026-12-01T16:00Z'),
      mono: () => this.passedMs,
      sleep: (ms) => {
        this.passedMs += ms;
        return Promise.resolve();
      },
    };
    return updateCommand(command, action, more);
  }

  get last() {
    return readJson(lastSchema, this.places.lastHere) ?? readJson(lastSchema, this.places.last);
  }

  /** The card has no room for another file beside these. */
  fill(): void {
    for (const name of ['last', 'before', 'found'] as const)
      mkdirSync(`${this.places[name]}.new/full`, { recursive: true });
  }

  /** What systemd was asked for. */
  get asked(): string {
    const path = join(this.root, 'systemctl');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }
}
