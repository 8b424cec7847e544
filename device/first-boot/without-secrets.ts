/** The technician file with its secrets taken out, as long as it was, so that it can be written in place (`in-place.ts`). No I/O. */
import { STORED } from '../settings/kinds.ts';
import type { KeyPath } from '../settings/problem.ts';
import { readToml } from '../settings/toml.ts';

export interface TakenOut {
  readonly path: KeyPath;
  /** Where the key has another name once it is stored: `token_file` is `token` then. */
  readonly as?: string;
}

/**
 * Each value becomes `"(stored)"` and spaces. Only where a value is shorter than that the file grows, by at most nine bytes a value.
 * `bytes`: UTF-8 that has been read as TOML. What is not in it is left out.
 */
export function withoutSecrets(bytes: Uint8Array, taken: readonly TakenOut[]): Buffer {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const mark = text.startsWith('\uFEFF') ? 1 : 0;
  const { spanOf } = readToml(text);
  const cuts = taken.flatMap(({ path, as }) => {
    const span = spanOf(path);
    if (span === null) return [];
    const [from, words] = as === undefined ? [span.value, `"${STORED}"`] : [span.start, `${as} = "${STORED}"`];
    return [{ from: from + mark, to: span.end + mark, words }];
  });
  return cuts
    .toSorted((a, b) => b.from - a.from)
    .reduce((file, { from, to, words }) => {
      const start = Buffer.byteLength(text.slice(0, from));
      const length = Buffer.byteLength(text.slice(from, to));
      return Buffer.concat([file.subarray(0, start), Buffer.from(words.padEnd(length)), file.subarray(start + length)]);
    }, Buffer.from(bytes));
}
