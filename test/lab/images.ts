/**
 * What the virtual machine is made of: a read-only Debian with its kernel and Node, a read-only image with this checkout's
 * daemon, and the saved state of a machine that has booted both. Each is kept in the cache folder under a hash of what it
 * was made from.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';

const project = join(import.meta.dirname, '../..');
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'porter-lab');

const suite = 'trixie';
/** The kernel for virtual machines: no hardware drivers, a third of the size. */
const packages = ['linux-image-cloud-amd64', 'nodejs', 'socat', 'iproute2', 'kmod'];
const withoutPaths = ['/usr/share/doc/*', '/usr/share/locale/*', '/usr/share/man/*', '/usr/share/info/*'];
/** In the guest's first seconds: what is needed to find its root. */
const initrdSetup = `mkdir -p "$1/etc/initramfs-tools/conf.d"
printf 'virtio_pci\\nvirtio_blk\\next4\\n' >"$1/etc/initramfs-tools/modules"
printf 'MODULES=list\\nCOMPRESS=cat\\n' >"$1/etc/initramfs-tools/conf.d/lab"`;
const firstProgram = '#!/bin/bash\n/usr/bin/mount -o ro /dev/vdb /app && exec /app/guest/init.sh\n';

export interface Images {
  readonly kernel: string;
  readonly initrd: string;
  readonly root: string;
  readonly app: string;
  /** Of all four, for what is made of them. */
  readonly hash: string;
}

export interface BuildOptions {
  /** Also what is in the cache already. */
  readonly force: boolean;
  readonly say: (words: string) => void;
}

export function buildImages(options: BuildOptions): Images {
  mkdirSync(cache, { recursive: true });
  const guest = buildRoot(options);
  const app = buildApp(options);
  return {
    kernel: join(guest, 'vmlinuz'),
    initrd: join(guest, 'initrd'),
    root: join(guest, 'root.img'),
    app,
    hash: hashOf(readFileSync(join(guest, 'made')), app),
  };
}

const unusedMaxMs = 24 * 60 * 60_000;

/** A place in the cache for what is made from `hash`. What nobody has used for a day is removed meanwhile. */
export function cachedFile(kind: string, hash: string): string {
  const now = Date.now();
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (!name.startsWith(`${kind}-`)) continue;
    if (name.startsWith(`${kind}-${hash}`)) utimesSync(path, now / 1000, now / 1000);
    else if (now - statSync(path).mtimeMs > unusedMaxMs) rmSync(path, { recursive: true, force: true });
  }
  return join(cache, `${kind}-${hash}`);
}

/** Where the disks of failed cuts are kept. */
export const failuresFolder = join(cache, 'failures');

// ---- Debian ----

function buildRoot({ force, say }: BuildOptions): string {
  const place = cachedFile('guest', hashOf(suite, packages.join(), withoutPaths.join(), initrdSetup, firstProgram));
  if (existsSync(place) && !force) return place;
  const from = debianMirror();
  say(`Building the guest: Debian ${suite} with ${packages.join(', ')} (about a minute) ...`);
  const fresh = mkdtempSync(join(cache, 'new-'));
  const tree = join(fresh, 'tree');
  asRoot('mmdebstrap', [
    ...['--quiet', '--variant=minbase', `--include=${packages.join()}`, '--aptopt=Apt::Install-Recommends "false"'],
    ...withoutPaths.map((path) => `--dpkgopt=path-exclude=${path}`),
    `--essential-hook=${initrdSetup}`,
    '--customize-hook=mkdir -p "$1/app" "$1/data"',
    ...[suite, tree, from],
  ]);
  writeFileSync(join(fresh, 'lab-init'), firstProgram, { mode: 0o755 });
  asRoot('cp', [join(fresh, 'lab-init'), tree]);
  const boot = (name: string): string => {
    const found = readdirSync(join(tree, 'boot')).find((file) => file.startsWith(name));
    if (found === undefined) throw new Error(`the guest has no ${name}`);
    return join(tree, 'boot', found);
  };
  asRoot('cp', [boot('vmlinuz-'), join(fresh, 'vmlinuz')]);
  asRoot('cp', [boot('initrd.img-'), join(fresh, 'initrd')]);
  makeImage(tree, join(fresh, 'root.img'), 150);
  const versions = execFileSync('dpkg-query', ['--admindir', join(tree, 'var/lib/dpkg'), '-W'], { encoding: 'utf8' });
  writeFileSync(join(fresh, 'made'), `${versions}${firstProgram}`);
  asRoot('chown', ['-R', String(process.getuid?.() ?? 0), fresh]);
  rmSync(tree, { recursive: true, force: true });
  rmSync(place, { recursive: true, force: true });
  renameSync(fresh, place);
  return place;
}

/** The mirror that apt itself takes Debian from. */
function debianMirror(): string {
  const told = execFileSync('apt-get', ['indextargets', '--format', '$(ORIGIN)|$(COMPONENT)|$(CODENAME)|$(REPO_URI)'], {
    encoding: 'utf8',
  });
  // Security and updates have an archive, or at least a suite, of their own: the plain one has the plain code name.
  const [, found] = /^Debian\|main\|[a-z]+\|(.+)$/m.exec(told) ?? [];
  if (found === undefined) throw new Error('apt knows no Debian archive: the guest cannot be built here');
  return found;
}

function asRoot(program: string, given: readonly string[]): void {
  const [command = program, ...args] = [...(process.getuid?.() === 0 ? [] : ['sudo']), program, ...given];
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr.trim()}`);
}

/** An ext4 image without a journal, for reading only. `spareMb` beside what the tree holds. */
function makeImage(tree: string, image: string, spareMb: number): void {
  const [used = '0'] = execFileSync('du', ['-sm', tree], { encoding: 'utf8' }).split('\t');
  const size = `${String(Number(used) + spareMb)}M`;
  asRoot('mkfs.ext4', ['-q', '-m', '0', '-O', '^has_journal', '-d', tree, image, size]);
}

// ---- The daemon ----

function buildApp({ force }: BuildOptions): string {
  const fresh = mkdtempSync(join(cache, 'new-'));
  const tree = join(fresh, 'app');
  const dist = join(project, 'dist');
  cpSync(dist, join(tree, 'dist'), { recursive: true, filter: (path) => path !== join(dist, '.built.json') });
  for (const name of packagesAtRunTime()) {
    cpSync(join(project, 'node_modules', name), join(tree, 'node_modules', name), { recursive: true });
  }
  const scripts = join(tree, 'guest');
  cpSync(join(import.meta.dirname, 'guest'), scripts, { recursive: true });
  for (const name of readdirSync(scripts)) chmodSync(join(scripts, name), 0o755);
  const place = cachedFile('app', hashOfTree(tree));
  if (!existsSync(place) || force) {
    makeImage(tree, join(fresh, 'app.img'), 40);
    renameSync(join(fresh, 'app.img'), place);
  }
  rmSync(fresh, { recursive: true, force: true });
  return place;
}

const packageSchema = v.object({
  dependencies: v.optional(v.record(v.string(), v.string()), {}),
  optionalDependencies: v.optional(v.record(v.string(), v.string()), {}),
});

/** What dist/ needs beside itself, and what that needs, as far as it is installed here. */
function packagesAtRunTime(): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (folder: string): void => {
    const { dependencies, optionalDependencies } = v.parse(
      packageSchema,
      JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
    );
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const installed = join(project, 'node_modules', name);
      if (found.has(name) || !existsSync(installed)) continue;
      found.add(name);
      add(installed);
    }
  };
  add(join(project, 'dist'));
  return found;
}

function hashOfTree(tree: string): string {
  const files = readdirSync(tree, { recursive: true, encoding: 'utf8' }).sort();
  return hashOf(
    ...files.flatMap((name) => (statSync(join(tree, name)).isFile() ? [name, readFileSync(join(tree, name))] : [])),
  );
}

export function hashOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
}
