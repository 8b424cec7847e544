/**
 * The journal as it lies on the disk, looked at outside the machine with `porter journal`: is it whole, and is everything
 * promised in it, of every day, and the movement of every mark that the MIS has? The daemon's own lists show one day only.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { SimMark } from '../../device/demo/mis-control.ts';
import type { Book } from './book.ts';
import { numberOf, sequenceOf } from './checks.ts';

const porter = join(import.meta.dirname, '../../dist/porter.js');

export interface Outside {
  readonly lost: readonly string[];
  readonly wrong: readonly string[];
  /** What could not be looked at, and why. */
  readonly remarks: readonly string[];
}

const recordSchema = v.object({ ref: v.string(), type: v.string(), movement: v.optional(v.string()) });

/**
 * @param image a disk that no machine uses, its file system's journal replayed; `folder` is for the files of it
 * @param recoveryKey where its key file is not beside the data; null: it is
 */
export function journalOutside(
  image: string,
  folder: string,
  book: Book,
  marks: readonly SimMark[],
  recoveryKey: string | null,
): Outside {
  const files = join(folder, 'files');
  rmSync(files, { recursive: true, force: true });
  mkdirSync(files);
  const copy = (what: string): unknown => execFileSync('debugfs', ['-R', what, image], { stdio: 'ignore' });
  copy(`rdump /porter ${files}`);
  copy(`dump /porter.key ${join(files, 'porter.key')}`);
  const tell = (action: string): { readonly status: number | null; readonly stdout: string } =>
    spawnSync(process.execPath, [porter, 'journal', action, '--data', join(files, 'porter')], {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    });

  if (recoveryKey !== null)
    execFileSync(process.execPath, [porter, 'key', 'recover', '--data', join(files, 'porter')], {
      input: recoveryKey,
      stdio: 'pipe',
    });
  const verified = tell('verify');
  const wrong = verified.status === 0 ? [] : [`porter journal verify says: ${verified.stdout.trim()}`];
  const exported = tell('export');
  if (exported.status !== 0) {
    return { lost: [], wrong, remarks: [`porter journal export says: ${exported.stdout.trim().slice(0, 300)}`] };
  }
  const records = exported.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => v.parse(recordSchema, JSON.parse(line)));
  const movements = new Set(records.filter(({ type }) => type === 'movement').map(({ ref }) => ref));
  const corrected = new Set(records.filter(({ type }) => type === 'correction').map(({ movement }) => movement));
  const lost = [...book.arrivals.values()].flatMap(({ movement, undone }) => {
    if (!movements.has(movement)) return [`the arrival ${movement} is not in the journal`];
    return undone === 'yes' && !corrected.has(movement) ? [`the undo of ${movement} is not in the journal`] : [];
  });
  const numbers = new Set([...movements].map(sequenceOf));
  const strange = marks.filter(({ history }) =>
    history.some(({ by, comment }) => by !== 'teacher' && !numbers.has(numberOf(comment))),
  );
  const ofNobody = strange.map(
    ({ upi, date, session }) => `${upi}|${date}|${session} is of no movement in the journal`,
  );
  return { lost, wrong: [...wrong, ...ofNobody], remarks: [] };
}
