/** What a command's input says, for "same id and other input" (durability.md 4). */
import { createHash } from 'node:crypto';

const leftOut: ReadonlySet<string> = new Set(['touchAgoMs', 'password', 'secondPassword', 'secondCode', 'pin']);

/**
 * Short SHA-256 of the input with its keys in order. The elapsed time grows with each repeat and is left out; so are passwords and codes, which
 * could be guessed from the hash that stands in the record.
 */
export function hashOfInput(input: unknown): string {
  const canonical = JSON.stringify(input, (name, value: unknown) => {
    if (leftOut.has(name)) return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)));
  });
  return createHash('sha256').update(canonical).digest('hex').slice(0, 16);
}
