/** What the records add up to, taken in at the start: from the checkpoint and what follows it, or from the first record on. */
import type { AppParts } from './app-parts.ts';
import type { Desk } from './desk/desk.ts';
import { Ledger } from './domain/ledger.ts';
import type { CheckpointHead } from './journal/checkpoint-file.ts';
import { causeOf } from './journal/error.ts';

type Ports = Pick<AppParts, 'checkpoints' | 'clockPupil' | 'erasedBefore' | 'forgetCopies' | 'journal' | 'log'>;

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
  if (back.length > 0 || erased) {
    await ports.forgetCopies([]).catch((error: unknown) => {
      log.error('copies-not-forgotten', { why: causeOf(error) });
    });
  }
  if (back.length > 0 || (erased && begun !== null)) {
    await checkpoints?.forget();
    checkpoints?.keepAgain();
    desk.restore(new Ledger());
    all += (await read(ports, desk, null)).count;
  }
  if (back !== keys) await ports.erasedBefore.done();
  clockPupil.begin();
  return all;
}

/** A backup was restored that does not know of these: whoever has been erased stays so (durability.md 13). */
async function eraseAgain({ erasedBefore }: Ports, desk: Desk): Promise<void> {
  const keys = erasedBefore.keys.filter((key) => !desk.durable.erasedKeys.has(key));
  if (keys.length === 0) return;
  const why = 'erased after the backup was made that was restored';
  await desk.commit([{ type: 'erase', v: 1, keys, by: 'Porter', second: 'the folder before', why }]);
}

/** `erased`: somebody has been, since the checkpoint; it knows them yet. */
async function read(
  { checkpoints, clockPupil, journal }: Ports,
  desk: Desk,
  begun: CheckpointHead | null,
): Promise<{ readonly count: number; readonly erased: boolean }> {
  let [count, erased] = [0, false];
  if (begun !== null) clockPupil.recorded(begun.clock);
  for await (const records of journal.replay(begun?.place)) {
    count += records.length;
    erased ||= records.some(({ type }) => type === 'erase');
    checkpoints?.saw(records);
    desk.replay(records);
    clockPupil.recorded(records);
  }
  return { count, erased };
}
