/** Debian for the guest: a tree of packages from the mirror that apt takes its own from, and images of trees. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const suite = 'trixie';
const withoutPaths = ['/usr/share/doc/*', '/usr/share/locale/*', '/usr/share/man/*', '/usr/share/info/*'];
/** In the guest's first seconds: what is needed to find its root. */
const initrdSetup = `mkdir -p "$1/etc/initramfs-tools/conf.d"
printf 'virtio_pci\\nvirtio_blk\\next4\\n' >"$1/etc/initramfs-tools/modules"
printf 'MODULES=list\\nCOMPRESS=cat\\n' >"$1/etc/initramfs-tools/conf.d/lab"`;
const firstProgram = '#!/bin/bash\n/usr/bin/mount -o ro /dev/vdb /app && exec /app/guest/init.sh\n';

/** What a tree is made from. */
export const recipeOf = (packages: readonly string[]): readonly string[] => [
  ...[suite, packages.join(), withoutPaths.join()],
  ...[initrdSetup, firstProgram],
];

/** Unpacks the packages and what they need into `tree`. */
export function debianTree(tree: string, packages: readonly string[]): void {
  asRoot('mmdebstrap', [
    ...['--quiet', '--variant=minbase', `--include=${packages.join()}`, '--aptopt=Apt::Install-Recommends "false"'],
    ...withoutPaths.map((path) => `--dpkgopt=path-exclude=${path}`),
    '--dpkgopt=force-unsafe-io', // a tree that is cut off in the middle is made anew
    `--essential-hook=${initrdSetup}`,
    '--customize-hook=mkdir -p "$1/app" "$1/data"',
    ...[suite, tree, debianMirror()],
  ]);
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

/** Kernel, initrd, `root.img` and `made` (what it consists of) from a tree, in `folder`. `spareMb` beside what the tree holds. */
export function bootable(tree: string, folder: string, spareMb: number): void {
  const boot = (name: string): string => {
    const found = readdirSync(join(tree, 'boot')).find((file) => file.startsWith(name));
    if (found === undefined) throw new Error(`the guest has no ${name}`);
    return join(tree, 'boot', found);
  };
  writeFileSync(join(folder, 'lab-init'), firstProgram, { mode: 0o755 });
  asRoot('cp', [join(folder, 'lab-init'), tree]);
  asRoot('cp', [boot('vmlinuz-'), join(folder, 'vmlinuz')]);
  asRoot('cp', [boot('initrd.img-'), join(folder, 'initrd')]);
  makeImage(tree, join(folder, 'root.img'), spareMb);
  const versions = execFileSync('dpkg-query', ['--admindir', join(tree, 'var/lib/dpkg'), '-W'], { encoding: 'utf8' });
  writeFileSync(join(folder, 'made'), `${versions}${firstProgram}`);
  asRoot('chown', ['-R', String(process.getuid?.() ?? 0), folder]);
}

export function asRoot(program: string, given: readonly string[]): void {
  const [command = program, ...args] = [...(process.getuid?.() === 0 ? [] : ['sudo']), program, ...given];
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr.trim()}`);
}

/** An ext4 image without a journal, for reading only. `spareMb` beside what the tree holds. */
export function makeImage(tree: string, image: string, spareMb: number): void {
  const [used = '0'] = execFileSync('du', ['-sm', tree], { encoding: 'utf8' }).split('\t');
  const size = `${String(Number(used) + spareMb)}M`;
  asRoot('mkfs.ext4', ['-q', '-m', '0', '-O', '^has_journal', '-d', tree, image, size]);
}
