/**
 * The MIS token that an administrator entered on the staff page. It lies over the technician's, in the manner of settings.md, and
 * until the technician gives another one. Sealed in the data folder.
 */
import { join } from 'node:path';
import * as v from 'valibot';
import type { FileSeal } from '../journal/sealed-file.ts';
import { peekWhole, writeWhole } from '../journal/whole-file.ts';

const fileName = 'entered-token.json';
/** `over`: the technician's token that it replaces; empty where there was none. */
const entered = v.object({ token: v.string(), over: v.string() });

/** Null: none was entered over this token. Throws what opening the keys throws. */
export function enteredOver(given: string, dataDir: string, seal: FileSeal): string | null {
  const found = readEntered(dataDir, seal);
  return found?.over === given ? found.token : null;
}

/** `inForce`: the token until now, whoever gave it. */
export function enterToken(token: string, inForce: string, dataDir: string, seal: FileSeal): void {
  const before = readEntered(dataDir, seal);
  const over = before?.token === inForce ? before.over : inForce;
  writeWhole(join(dataDir, fileName), Buffer.from(JSON.stringify({ token, over })), seal);
}

/** A damaged file is none: the technician's token holds again. */
function readEntered(dataDir: string, seal: FileSeal): v.InferOutput<typeof entered> | null {
  const bytes = peekWhole(join(dataDir, fileName), seal);
  if (bytes === null) return null;
  try {
    const parsed = v.safeParse(entered, JSON.parse(bytes.toString('utf8')));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
