/** Files by which daemon, root's helper (`porter update`) and the next version tell each other of updates, each written whole. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { readdirSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { boxFolder } from '../first-boot/machine-files.ts';
import { openDisk } from '../journal/disk.ts';

const sources = ['stick', 'url'] as const;
export type Source = (typeof sources)[number];

/** A bundle that was found. */
export const foundSchema = v.object({
  from: v.picklist(sources),
  /** The device of the stick, or the address. */
  where: v.string(),
  /** Its name on the stick, or its path; null: there is none. */
  file: v.nullable(v.string()),
  /** Null: it does not say so in a way that can be believed. */
  version: v.nullable(v.string()),
  /** Why it is not taken, or could not be had; null: it may be installed. */
  refused: v.nullable(v.string()),
});
export type Found = v.InferOutput<typeof foundSchema>;

/** What came of the last one. */
export const lastSchema = v.object({
  version: v.nullable(v.string()),
  from: v.picklist([...sources, 'file']),
  by: v.string(),
  /** Milliseconds since the epoch, by the machine's clock. */
  at: v.number(),
  /** `trying`: installed; whether it took is seen by which version runs (`lastWords`). */
  outcome: v.picklist(['not-installed', 'trying', 'taken', 'went-back']),
  /** Why not, a sentence. */
  why: v.nullable(v.string()),
});
export type Last = v.InferOutput<typeof lastSchema>;

/** What the version before leaves for the one that is tried (durability.md 29). */
export const beforeSchema = v.object({
  build: v.string(),
  /** The highest number that was folded. */
  upTo: v.number(),
  /** Of each part of what the records add up to, SHA-256. */
  folds: v.record(v.string(), v.string()),
});
export type Before = v.InferOutput<typeof beforeSchema>;

export const progressSchema = v.object({ percent: v.nullable(v.number()), words: v.string() });
export type Progress = v.InferOutput<typeof progressSchema>;

export const wishSchema = v.object({ from: v.picklist(sources), version: v.string(), by: v.string() });
export type Wish = v.InferOutput<typeof wishSchema>;

export type Places = ReturnType<typeof placesOf>;

/** `root`: of the machine; the card is where the technician file is to be; what is kept lies beside the data folder. */
export function placesOf(root: string, configPath: string | null, dataFolder: string) {
  const box = join(root, boxFolder);
  const kept = join(dirname(resolve(dataFolder)), 'update');
  return {
    slot: join(root, 'run/porter-boot/slot'),
    autoboot: join(configPath === null ? join(root, 'config') : dirname(resolve(configPath)), 'autoboot.txt'),
    /** The daemon's, which may write nowhere else; systemd/porter-update.path looks for it. */
    wish: join(root, 'run/porter/update-wish'),
    ...{ stick: join(box, 'update/stick.json'), progress: join(box, 'update/progress.json') },
    mount: join(root, 'run/porter-stick'),
    url: join(box, 'update-url'),
    raucConfig: join(root, 'etc/rauc/system.conf'),
    kept,
    found: join(kept, 'found.json'),
    last: join(kept, 'last.json'),
    /** The same where the card takes no more words. */
    lastHere: join(box, 'update/last.json'),
    before: join(kept, 'before.json'),
  };
}

/** Null: there is none, or none that can be read. */
export function readJson<T>(schema: v.GenericSchema<unknown, T>, path: string): T | null {
  try {
    return v.parse(schema, JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** The same for the daemon, which waits for no card. */
export async function readJsonLater<T>(schema: v.GenericSchema<unknown, T>, path: string): Promise<T | null> {
  try {
    return v.parse(schema, JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

/** On the card, to last, whole; for the daemon to read as well as for root. */
export function keepJson(path: string, value: object): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(`${path}.new`, { force: true });
  const file = openSync(`${path}.new`, 'wx', 0o644);
  try {
    writeSync(file, JSON.stringify(value));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  openDisk(dirname(path)).syncFolder();
}

/** For staff, who are to hear of it also where the card is full or broken: then until the next start. */
export function keepLast({ last, lastHere }: Pick<Places, 'last' | 'lastHere'>, value: Last): void {
  try {
    keepJson(last, value);
    rmSync(lastHere, { force: true });
  } catch {
    mkdirSync(dirname(lastHere), { recursive: true, mode: 0o755 });
    putJson(lastHere, value);
  }
}

/** In memory: gone at the next start. */
export function putJson(path: string, value: object): void {
  writeFileSync(`${path}.new`, JSON.stringify(value));
  renameSync(`${path}.new`, path);
}

/** What was fetched, and half fetched, but the files that begin so; null: all. */
export function forgetFetched(folder: string, kept: string | null): void {
  if (!existsSync(folder)) return;
  const gone = readdirSync(folder).filter((name) => /\.(raucb|part)$/.test(name));
  for (const name of gone) if (kept === null || !name.startsWith(kept)) rmSync(join(folder, name), { force: true });
}
