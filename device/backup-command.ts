/** `porter backup create|check|restore FILE`: the data folder to a file with a password, and back. */
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { backup, backupKey, passwordLeast, readBackup, takenName } from './copies/backup.ts';
import type { About } from './copies/backup.ts';
import { placeWords } from './copies/place-words.ts';
import { restore } from './copies/restore.ts';
import { atConsole } from './desk/backups-told.ts';
import { JournalError, causeOf } from './journal/error.ts';
import { openDisk } from './journal/disk.ts';
import type { RandomBytes } from './journal/seal.ts';
import { syncFolder } from './journal/whole-file.ts';

export interface BackupCommand {
  readonly action: string | undefined;
  readonly file: string | undefined;
  readonly dataFolder: string;
  readonly replace: boolean;
  readonly about: () => About;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly random: RandomBytes;
  readonly erased: () => Promise<readonly string[] | null>;
  readonly print: (text: string) => void;
  /** A line from whoever sits there: the password. */
  readonly ask: () => Promise<string>;
}

/** 0: done; 1: it cannot be done, nothing was changed. Null: no such action. */
export async function backupCommand(command: BackupCommand): Promise<0 | 1 | null> {
  const { action, file, print } = command;
  if (file === undefined || !['create', 'check', 'restore'].includes(action ?? '')) return null;
  try {
    const password = await command.ask();
    if (action === 'create') await create(command, file, password);
    else if (action === 'check') {
      let read = 0;
      const { head, files } = await readBackup(createReadStream(file), password, async (_, bytes) => {
        for await (const piece of bytes) read += piece.length;
      });
      print(
        `Whole: ${files} files, ${read} bytes, of ${head.school}, ${head.box}, made ${head.made}. To be kept until ${head.until}.\n`,
      );
    } else await putBack(command, file, password);
    return 0;
  } catch (error) {
    print(
      error instanceof JournalError
        ? `${error.message}. Nothing was changed.\n`
        : `It cannot be done: ${placeWords(causeOf(error))}.\n`,
    );
    return 1;
  }
}

async function create(
  { dataFolder, about, random, print }: BackupCommand,
  file: string,
  password: string,
): Promise<void> {
  if (!existsSync(join(dataFolder, 'journal'))) throw new JournalError('refused', `${dataFolder} holds no records`);
  if (password.length < passwordLeast)
    throw new JournalError('refused', `a password of ${passwordLeast} letters or more`);
  if (existsSync(file)) throw new JournalError('refused', `${file} is there already`);
  const given = about();
  const key = await backupKey(password, random);
  await writeNew(file, backup({ folder: dataFolder, about: given, random }, key));
  noteTaken(dataFolder, given.made);
  print(`Written: ${file}. It opens with that password; reading it takes the recovery key too.\n`);
}

/** Under its name only when all of it is on the disk: a stick may be full, or be pulled out. */
async function writeNew(file: string, bytes: AsyncIterable<Buffer>): Promise<void> {
  const part = `${file}.part`;
  try {
    await pipeline(bytes, createWriteStream(part, { mode: 0o600 }));
    const handle = await openFile(part, 'r+');
    await handle.sync().finally(() => handle.close());
    renameSync(part, file);
    await syncFolder(dirname(resolve(file)));
  } catch (error) {
    try {
      rmSync(part, { force: true });
    } catch {
      // it is gone with the stick
    }
    throw error;
  }
}

/** For the view Box, whoever runs Porter. A card that takes nothing is what backups are for. */
function noteTaken(dataFolder: string, made: string): void {
  try {
    writeFileSync(join(dataFolder, takenName), made, { mode: 0o644 });
  } catch {
    // Box goes on showing the one before
  }
}

async function putBack(command: BackupCommand, file: string, password: string): Promise<void> {
  const { dataFolder, replace, now, erased, print } = command;
  // A Porter that runs would write on into the folder that goes aside.
  const journal = join(dataFolder, 'journal');
  const unlock = existsSync(journal) ? openDisk(journal).lock() : () => undefined;
  try {
    const done = await restore({ file, folder: dataFolder, password, replace, now, by: atConsole, erased });
    print(`Restored: ${done.files} files of ${done.head.school}, ${done.head.box}, as of ${done.head.made}.\n`);
    if (done.aside !== null) print(`What was there before is in ${done.aside}: destroy it once all is well.\n`);
    if (!done.knowsErased) {
      print(
        'The folder that was there cannot be read: whoever was erased since the backup must be erased again (receipts).\n',
      );
    }
    print(
      'Photos are in no backup. If the key file is not here: porter key recover --data FOLDER, with the recovery key.\n',
    );
  } finally {
    unlock();
  }
}
