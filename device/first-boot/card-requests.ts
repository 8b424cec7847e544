/**
 * What a file on the card asks for by its name, once: `factory-reset` erases everything, `support` writes what helpers need to know
 * beside it. Written anew, it is another request. Nothing on the card has to be removed for that: it may be read-only.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { openDisk, putFile } from '../journal/disk.ts';

export type Request = 'factory-reset' | 'support';

const doneSchema = v.object({ 'factory-reset': v.optional(v.string()), support: v.optional(v.string()) });

/** Beside the data folder: it outlives what a factory reset erases. */
const doneFile = (dataDir: string): string => `${dataDir}.card.json`;

/** Which request lies there and has not been met; null: none. Windows likes to add an ending. */
export function requestOn(card: string, request: Request, dataDir: string): string | null {
  for (const name of [request, `${request}.txt`]) {
    const found = statSync(join(card, name), { throwIfNoEntry: false });
    if (found?.isFile() !== true) continue;
    const id = createHash('sha256')
      .update(`${name} ${String(found.mtimeMs)}`)
      .digest('hex')
      .slice(0, 16);
    return readDone(dataDir)[request] === id ? null : id;
  }
  return null;
}

export function requestDone(request: Request, id: string, dataDir: string): void {
  const done = { ...readDone(dataDir), [request]: id };
  const file = doneFile(dataDir);
  putFile(openDisk(dirname(file)), basename(file), Buffer.from(JSON.stringify(done)));
}

function readDone(dataDir: string): v.InferOutput<typeof doneSchema> {
  try {
    return v.parse(doneSchema, JSON.parse(readFileSync(doneFile(dataDir), 'utf8')));
  } catch {
    return {}; // none was met yet
  }
}

/** Folders beside the data folder of a box, with what it has made, learnt and been told. */
const besides = ['ssh', 'update', 'NetworkManager'];

/** Everything that was ever recorded, and the keys to it, first. Cut off, the next start goes on with it. */
export function eraseEverything(dataDir: string): void {
  const folder = dirname(dataDir);
  const keys = [join(folder, 'credstore.encrypted/porter.key'), `${dataDir}.key`, join(dataDir, 'keys')];
  for (const path of keys) {
    rmSync(path, { recursive: true, force: true });
    if (existsSync(dirname(path))) openDisk(dirname(path)).syncFolder();
  }
  // What a restore has put aside is a data folder too (copies/restore.ts).
  const others = readdirSync(folder).filter((name) => name.startsWith(`${basename(dataDir)}.`));
  for (const path of others.map((name) => join(folder, name)))
    if (path !== doneFile(dataDir)) rmSync(path, { recursive: true, force: true });
  openDisk(folder).syncFolder();
  for (const path of [...besides.map((name) => join(folder, name)), dataDir]) empty(path);
}

function empty(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  openDisk(folder).syncFolder();
}
