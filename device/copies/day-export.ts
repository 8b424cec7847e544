/**
 * The daily export (product.md 6 and 10): every record of a closed school day, with the pupils whom they name, as JSON lines in an
 * envelope. It opens by the recovery key alone, also when the box is gone: the master key goes along, sealed by it as in `keys/`.
 */
import * as v from 'valibot';
import { JournalError } from '../journal/error.ts';
import { openMasters } from '../journal/master-file.ts';
import type { MasterFile } from '../journal/master-file.ts';
import type { Master, Masters } from '../journal/masters.ts';
import { deriveKey } from '../journal/seal.ts';
import type { RandomBytes } from '../journal/seal.ts';
import { open, seal } from './envelope.ts';
import type { Bytes } from './envelope.ts';

const headSchema = v.object({
  kind: v.literal('day'),
  v: v.literal(1),
  date: v.pipe(v.string(), v.isoDate()),
  master: v.string(),
  /** The part of `keys/masters` that the recovery key opens; null: there are no such keys (a demo). */
  masters: v.nullable(
    v.object({
      v: v.literal(1),
      generation: v.number(),
      plainBefore: v.boolean(),
      boxes: v.array(v.object({ for: v.picklist(['host', 'recovery']), box: v.string() })),
    }),
  ),
});

export interface ExportKeys {
  readonly masters: Masters;
  /** As it lies in `keys/`. */
  readonly file: MasterFile | null;
  readonly random: RandomBytes;
}

/** `lines`: each one an object. */
export async function sealDay(date: string, lines: readonly object[], keys: ExportKeys): Promise<Buffer> {
  const { newest } = keys.masters;
  const file =
    keys.file === null ? null : { ...keys.file, boxes: keys.file.boxes.filter((one) => one.for === 'recovery') };
  const head = { kind: 'day', v: 1, date, master: newest.id, masters: file } as const;
  const plain = lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`));
  const parts: Buffer[] = [];
  for await (const part of seal({ head, key: keyOf(newest, date), random: keys.random }, plain)) parts.push(part);
  return Buffer.concat(parts);
}

/** With the keys of the box, or with the recovery key. Rejects with `JournalError`. */
export async function openDay(
  stored: Bytes,
  opener: { readonly masters: Masters } | { readonly recovery: Uint8Array },
): Promise<{ readonly date: string; readonly plain: AsyncGenerator<Buffer> }> {
  let date = '';
  const { plain } = await open(stored, (given) => {
    const head = v.safeParse(headSchema, given);
    if (!head.success) throw new JournalError('refused', 'this is no daily export, or one of a newer version');
    ({ date } = head.output);
    const { master, masters: file } = head.output;
    const masters =
      'masters' in opener ? opener.masters : file === null ? null : openMasters(file, 'recovery', opener.recovery);
    if (masters === null) throw new JournalError('wrong_key', 'that is not the recovery key of this export');
    const found = masters.all.find(({ id }) => id === master);
    if (found === undefined) throw new JournalError('wrong_key', 'it was written under keys that are not here');
    return keyOf(found, date);
  });
  return { date, plain };
}

const keyOf = (master: Master, date: string): Buffer => deriveKey(master.key, 'day export', Buffer.from(date));
