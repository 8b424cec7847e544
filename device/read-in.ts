/** What the records add up to, taken in at the start: from the checkpoint and what follows it, or from the first record on. */
import type { AppParts } from './app-parts.ts';
import type { Desk } from './desk/desk.ts';
import { Ledger } from './domain/ledger.ts';
import type { CheckpointHead } from './journal/checkpoint-file.ts';
import { causeOf } from './journal/error.ts';

type Ports = Pick<AppParts, 'checkpoints' | 'clockPupil' | 'erasedBefore' | 'forgetCopies' | 'journal' | 'log'> & {
  readonly photos: Pick<AppParts['photos'], 'list' | 'destroy'>;
};

/** How many records were read. */
export async function readIn(ports: Ports, desk: Desk): Promise<number> {
  const { checkpoints, clockPupil, journal, log } = ports;
  const begun = (await checkpoints?.restore()) ?? null;
  const { count, erased } = await read(ports, desk, begun);
  let all = count;
  await eraseAgain(ports, desk);
  // Where a power cut came before a key was destroyed, or a backup has brought it back, somebody who is erased has been read.
  const keys = [...desk.durable.erasedKeys];
  const back = await journal.destroyKeys(keys).catch((error: unknown) => {
    log.error('keys-not-destroyed', { why: causeOf(error) });
    return keys;
  });
  // The erasure may have been cut off before what is kept beside the records was forgotten.
  if (back.length > 0 || erased !== null) {
    await forgetBeside(ports, erased ?? new Set()).catch((error: unknown) => {
      log.error('copies-not-forgotten', { why: causeOf(error) });
    });
  }
  if (back.length > 0 || (erased !== null && begun !== null)) {
    await checkpoints?.forget();
    checkpoints?.keepAgain();
    desk.restore(new Ledger());
    all += (await read(ports, desk, null)).count;
  }
  if (back !== keys) await ports.erasedBefore.done();
  clockPupil.begin();
  return all;
}

async function forgetBeside({ forgetCopies, photos }: Ports, erased: ReadonlySet<string>): Promise<void> {
  await forgetCopies([]);
  for (const visit of await photos.list()) if (erased.has(visit)) await photos.destroy(visit);
}

/** A backup was restored that does not know of these: whoever has been erased stays so (durability.md 13). */
async function eraseAgain({ erasedBefore }: Ports, desk: Desk): Promise<void> {
  const keys = erasedBefore.keys.filter((key) => !desk.durable.erasedKeys.has(key));
  if (keys.length === 0) return;
  const why = 'erased after the backup was made that was restored';
  await desk.commit([{ type: 'erase', v: 1, keys, by: 'Porter', second: 'the folder before', why }]);
}

/** `erased`: of whoever has been since the checkpoint, which knows them yet: visits whose photos go too. */
async function read(
  { checkpoints, clockPupil, journal }: Ports,
  desk: Desk,
  begun: CheckpointHead | null,
): Promise<{ readonly count: number; readonly erased: ReadonlySet<string> | null }> {
  let count = 0;
  let erased: Set<string> | null = null;
  if (begun !== null) clockPupil.recorded(begun.clock);
  for await (const records of journal.replay(begun?.place)) {
    count += records.length;
    for (const record of records) {
      if (record.type !== 'erase') continue;
      erased ??= new Set();
      for (const visit of record.photos ?? []) erased.add(visit);
    }
    checkpoints?.saw(records);
    desk.replay(records);
    clockPupil.recorded(records);
  }
  return { count, erased };
}
