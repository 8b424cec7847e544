/**
 * What a virtual machine is made of: a read-only Debian with its kernel and Node, and a read-only image with this checkout's
 * daemon. Both are kept in the cache folder under a hash of what they were made from.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { cache, cachedFile, hashOf, hashOfTree } from './cache.ts';
import type { Timing } from './machine.ts';
import { bootable, debianTree, makeImage, recipeOf } from './debian.ts';

export const project = join(import.meta.dirname, '../..');

/** What tells one sort of machine from another. */
export interface MachineKind {
  /** Before the names of its images in the cache. */
  readonly prefix: string;
  /** For whoever waits. */
  readonly takes: string;
  readonly packages: readonly string[];
  /** Files, and folders of them: `init.sh`, the guest's first program, and what it needs. */
  readonly scripts: readonly string[];
  /** Where the daemon is not in the machine when its state is saved, but plugged in later: the scripts beside it. */
  readonly lateScripts?: string;
  readonly memoryMb: number;
  readonly timing: Timing;
  /** More for QEMU: what is plugged in. */
  readonly devices: readonly string[];
  /** More for the tree, before it becomes an image; files to keep go to `folder`. `recipe`: of what it adds. */
  readonly more?: { readonly recipe: string; readonly add: (tree: string, folder: string) => void };
  /** More for the image with the daemon. `guest`: the folder above. */
  readonly moreApp?: (tree: string, guest: string) => void;
}

/** The kernel for virtual machines: no hardware drivers, a third of the size. */
export const plainMachine: MachineKind = {
  prefix: '',
  takes: 'about a minute',
  packages: ['linux-image-cloud-amd64', 'nodejs', 'socat', 'iproute2', 'kmod'],
  scripts: [join(import.meta.dirname, 'guest')],
  memoryMb: 640,
  timing: 'wall',
  devices: [],
};

export interface Images {
  readonly kernel: string;
  readonly initrd: string;
  readonly root: string;
  /** The first program's scripts, and the daemon unless it comes later. */
  readonly app: string;
  /** The daemon, to be plugged in later; null: it is in `app`. */
  readonly late: string | null;
  /** Of all but `late`, for what is made of them. */
  readonly hash: string;
  readonly memoryMb: number;
  readonly timing: Timing;
  readonly devices: readonly string[];
}

export interface BuildOptions {
  /** Also what is in the cache already. */
  readonly force: boolean;
  readonly say: (words: string) => void;
}

export function buildImages(kind: MachineKind, options: BuildOptions): Images {
  mkdirSync(cache, { recursive: true });
  const guest = buildGuest(kind, options);
  const { scripts, lateScripts } = kind;
  const daemon = (tree: string): void => {
    daemonInto(tree);
    kind.moreApp?.(tree, guest);
  };
  const nothing = (): void => undefined;
  const app = buildImage(`${kind.prefix}app`, scripts, lateScripts === undefined ? daemon : nothing, options);
  const late = lateScripts === undefined ? null : buildImage(`${kind.prefix}late`, [lateScripts], daemon, options);
  return {
    kernel: join(guest, 'vmlinuz'),
    initrd: join(guest, 'initrd'),
    root: join(guest, 'root.img'),
    app,
    late,
    hash: hashOf(readFileSync(join(guest, 'made')), app),
    memoryMb: kind.memoryMb,
    timing: kind.timing,
    devices: kind.devices,
  };
}

function buildGuest({ prefix, packages, takes, more }: MachineKind, { force, say }: BuildOptions): string {
  const recipe = more === undefined ? [] : [more.recipe];
  const place = cachedFile(`${prefix}guest`, hashOf(...recipeOf(packages), ...recipe));
  if (existsSync(place) && !force) return place;
  say(`Building the guest: Debian with ${packages.join(', ')} (${takes}) ...`);
  const fresh = mkdtempSync(join(cache, 'new-'));
  const tree = join(fresh, 'tree');
  debianTree(tree, packages);
  more?.add(tree, fresh);
  bootable(tree, fresh, 150);
  rmSync(tree, { recursive: true, force: true });
  rmSync(place, { recursive: true, force: true });
  renameSync(fresh, place);
  return place;
}

/** Scripts in `guest/`, and what `fill` adds. */
function buildImage(
  name: string,
  scripts: readonly string[],
  fill: (tree: string) => void,
  { force }: Pick<BuildOptions, 'force'>,
): string {
  const fresh = mkdtempSync(join(cache, 'new-'));
  const tree = join(fresh, 'tree');
  const inside = join(tree, 'guest');
  for (const from of scripts) {
    cpSync(from, statSync(from).isFile() ? join(inside, basename(from)) : inside, { recursive: true });
  }
  for (const file of readdirSync(inside)) chmodSync(join(inside, file), 0o755);
  fill(tree);
  const place = cachedFile(name, hashOfTree(tree));
  if (!existsSync(place) || force) {
    makeImage(tree, join(fresh, 'image'), 40);
    renameSync(join(fresh, 'image'), place);
  }
  rmSync(fresh, { recursive: true, force: true });
  return place;
}

function daemonInto(tree: string): void {
  const dist = join(project, 'dist');
  cpSync(dist, join(tree, 'dist'), { recursive: true, filter: (path) => path !== join(dist, '.built.json') });
  for (const name of packagesAtRunTime()) {
    cpSync(join(project, 'node_modules', name), join(tree, 'node_modules', name), { recursive: true });
  }
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
