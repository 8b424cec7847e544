/**
 * `porter update`: what of an update takes root (look at a stick, install, commit), what takes time (fetch), and how it stands, for a
 * technician. Units of systemd call it (systemd/porter-update*.service); the daemon only says what is wanted. Part of `main.ts`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { commitTrial } from './update/commit.ts';
import type { Daemon } from './update/commit.ts';
import { NotHad, describedAt, fetched, fileStem } from './update/fetch.ts';
import type { Folds } from './update/folds.ts';
import { halvesOf, isTrial } from './update/halves.ts';
import {
  beforeSchema,
  forgetFetched,
  foundSchema,
  keepJson,
  keepLast,
  lastSchema,
  putJson,
  readJson,
  wishSchema,
} from './update/places.ts';
import type { Found, Last, Places, Wish } from './update/places.ts';
import { compatibleOf, install, manifestOf, trialRefusal } from './update/rauc.ts';
import { lastWords } from './update/said.ts';
import { refusalOf } from './update/version.ts';

export interface UpdateCommand {
  readonly places: Places;
  readonly root: string;
  /** Of this program. */
  readonly version: string;
  /** Of the records as they lie on the disk, up to a number. */
  readonly folds: (upTo: number) => Folds;
  readonly daemon: Daemon;
  readonly proxy: string | null;
  readonly json: boolean;
  readonly print: (text: string) => void;
  readonly now: () => number;
  readonly mono: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** 0: done; 1: not, and why is said. Null: no such action. */
export async function updateCommand(command: UpdateCommand, action: string | undefined, more: readonly string[]) {
  const [word] = more;
  switch (`${action ?? ''} ${String(more.length)}`) {
    case 'status 0':
      return status(command);
    case 'look 1':
      return look(command, word ?? '');
    case 'fetch 0':
      return fetchUpdate(command);
    case 'wanted 0':
      return wanted(command);
    case 'install 1':
      return installFile(command, resolve(word ?? ''), { from: 'file', by: 'a technician' });
    case 'commit 0':
      return commitTrial({ ...command, before: readJson(beforeSchema, command.places.before) });
    default:
      return null;
  }
}

function status({ places, version, json, print }: UpdateCommand): 0 {
  const halves = halvesOf(places.slot, places.autoboot);
  const last = readJson(lastSchema, places.lastHere) ?? readJson(lastSchema, places.last);
  const trial = isTrial(halves);
  const found = [places.stick, places.found].flatMap((path) => readJson(foundSchema, path) ?? []);
  if (json) {
    print(`${JSON.stringify({ version, ...halves, trial, found, last }, null, 2)}\n`);
    return 0;
  }
  print(`Version ${version}${halves === null ? '' : `, half ${halves.running}${trial ? ', on trial' : ''}`}\n`);
  for (const { from, where, version: theirs, refused } of found) {
    const place = from === 'stick' ? 'On the USB stick' : `At ${where}`;
    print(`${place}: ${theirs ?? 'no update'}${refused === null ? '' : `. ${refused}`}\n`);
  }
  if (last !== null) print(`${lastWords(last, version, trial)}\n`);
  return 0;
}

/** What is on a stick that was plugged in; it is not left mounted. */
async function look(command: UpdateCommand, device: string): Promise<0 | 1> {
  const { places } = command;
  mkdirSync(join(places.stick, '..'), { recursive: true, mode: 0o755 });
  const found = await onStick(command, device, async (folder) => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.raucb'));
    const all = await Promise.all(files.map((name) => examined(command, 'stick', device, join(folder, name))));
    // One that may be installed before those that may not.
    return all.find(({ refused }) => refused === null) ?? all[0] ?? null;
  });
  if (found === null) return 0;
  if ('wrong' in found) {
    command.print(`${found.wrong}\n`);
    return 1;
  }
  putJson(places.stick, { ...found, file: basename(found.file ?? '') });
  return 0;
}

async function onStick<T>(
  { places: { mount } }: UpdateCommand,
  device: string,
  use: (folder: string) => Promise<T>,
): Promise<T | { readonly wrong: string }> {
  mkdirSync(mount, { recursive: true, mode: 0o700 });
  const mounted = spawnSync('mount', ['-o', 'ro,nosuid,nodev,noexec', device, mount], { encoding: 'utf8' });
  if (mounted.status !== 0) return { wrong: `The USB stick cannot be read: ${mounted.stderr.trim()}.` };
  try {
    return await use(mount);
  } finally {
    spawnSync('umount', ['--lazy', mount]);
  }
}

async function examined(
  { places, version }: UpdateCommand,
  from: Found['from'],
  where: string,
  file: string,
): Promise<Found> {
  const manifest = await manifestOf(file, places.raucConfig);
  if ('refused' in manifest) return { from, where, file, version: null, refused: manifest.refused };
  const refused = refusalOf(manifest, { version, compatible: compatibleOf(places.raucConfig) });
  return { from, where, file, version: manifest.version, refused };
}

async function fetchUpdate(command: UpdateCommand): Promise<0 | 1> {
  const { places, proxy, version, print } = command;
  const address = existsSync(places.url) ? readFileSync(places.url, 'utf8').trim() : '';
  if (address === '') return 0;
  const keep = (found: Found): 0 | 1 => {
    keepJson(places.found, found);
    if (found.refused !== null) print(`${found.refused}\n`);
    return found.refused === null ? 0 : 1;
  };
  const none: Found = { from: 'url', where: address, file: null, version: null, refused: null };
  try {
    const described = await describedAt(address, proxy);
    const refused = refusalOf(described, { version, compatible: compatibleOf(places.raucConfig) });
    forgetFetched(places.kept, refused === null ? fileStem(described) : null);
    if (refused !== null) return keep({ ...none, version: described.version, refused });
    const before = readJson(foundSchema, places.found);
    const file = await fetched(address, described, places.kept, proxy);
    // RAUC has taken it from whom it belonged to, where it was to be installed before: it is as it was.
    if (before?.file === file && before.refused === null) return 0;
    return keep(await examined(command, 'url', address, file));
  } catch (error) {
    if (error instanceof NotHad) return keep({ ...none, refused: error.message });
    throw error;
  }
}

/** As the daemon has noted it: once. */
async function wanted(command: UpdateCommand): Promise<0 | 1> {
  const { places } = command;
  const wish = readJson(wishSchema, places.wish);
  rmSync(places.wish, { force: true });
  if (wish === null) return 1;
  const found = readJson(foundSchema, wish.from === 'stick' ? places.stick : places.found);
  const file = found?.file ?? null;
  if (found === null || file === null) return refuse(command, wish, wish.version, 'It is not there any more.');
  if (wish.from === 'url') return installFile(command, file, wish);
  const done = await onStick(command, found.where, (folder) =>
    installFile(command, join(folder, basename(file)), wish),
  );
  return typeof done === 'number' ? done : refuse(command, wish, wish.version, done.wrong);
}

type Who = Pick<Last, 'from' | 'by'> & Partial<Pick<Wish, 'version'>>;

/** Checked, written to the other half, and tried: the machine starts anew. */
async function installFile(command: UpdateCommand, file: string, who: Who): Promise<0 | 1> {
  const { places, root, version, print } = command;
  const manifest = await manifestOf(file, places.raucConfig);
  if ('refused' in manifest) return refuse(command, who, who.version ?? null, manifest.refused);
  const refused =
    (who.version === undefined || who.version === manifest.version
      ? null
      : `There is another version now: look again.`) ??
    refusalOf(manifest, { version, compatible: compatibleOf(places.raucConfig) }) ??
    trialRefusal(root) ??
    (isTrial(halvesOf(places.slot, places.autoboot)) ? 'The version that runs is on trial itself: wait.' : null);
  if (refused !== null) return refuse(command, who, manifest.version, refused);
  mkdirSync(join(places.progress, '..'), { recursive: true, mode: 0o755 });
  try {
    putJson(places.progress, { percent: null, words: 'Checked' });
    // First what the trial will need: without the key, or on a full card, nothing is written.
    const wrong =
      noteBefore(command) ??
      (await install(file, (now) => {
        putJson(places.progress, now);
        print(`${String(now.percent)} % ${now.words}\n`);
      }));
    if (wrong !== null) return refuse(command, who, manifest.version, wrong);
    keepLast(places, lastOf(command, who, manifest.version, 'trying', null));
  } finally {
    rmSync(places.progress, { force: true });
  }
  print(`Version ${manifest.version} is installed. The box starts anew to try it.\n`);
  // The firmware's word for "once, from the other half"; nothing of it is left should the plug be pulled now.
  const asked = spawnSync('systemctl', ['--no-block', 'reboot', '--reboot-argument=0 tryboot'], { encoding: 'utf8' });
  if (asked.status === 0) return 0;
  return refuse(command, who, manifest.version, `The box does not start anew: ${asked.stderr.trim()}.`);
}

/** What the version that is tried must make of the records too. Null: noted. Else why not, a sentence. */
function noteBefore({ places, version, folds }: UpdateCommand): string | null {
  const because = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  let made: Folds;
  try {
    made = folds(Infinity);
  } catch (error) {
    return `The records cannot be read, so that a new version could not be judged by them: ${because(error)}.`;
  }
  try {
    keepJson(places.before, { build: version, ...made });
    return null;
  } catch (error) {
    return `The card is full or broken: ${because(error)}.`;
  }
}

function refuse(command: UpdateCommand, who: Who, version: string | null, why: string): 1 {
  keepLast(command.places, lastOf(command, who, version, 'not-installed', why));
  command.print(`${why}\n`);
  return 1;
}

function lastOf(
  { now }: UpdateCommand,
  { from, by }: Who,
  version: string | null,
  outcome: Last['outcome'],
  why: string | null,
): Last {
  return { version, from, by, at: now(), outcome, why };
}
