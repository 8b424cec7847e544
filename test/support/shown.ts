/** Tables that name the test behind a claim: the name must stand in the file, so that no test goes without its claim being noticed. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export interface Shown {
  /** Below `test/`. */
  readonly file: string;
  /** As it stands in the source, with its placeholders. */
  readonly name: string;
}

export function isThere({ file, name }: Shown): boolean {
  const path = resolve(import.meta.dirname, '..', file);
  if (!existsSync(path)) return false;
  const text = readFileSync(path, 'utf8');
  return [`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => text.includes(quoted));
}

const in_ = (file: string, name: string): Shown => ({ file, name });
type About =
  | ''
  | '-corrections'
  | '-days'
  | '-doubt'
  | '-faults'
  | '-freeze'
  | '-oddities'
  | '-overwrite'
  | '-random'
  | '-sweep'
  | '-window';

export const shownIn = {
  file: in_,
  outbox: (about: About, name: string): Shown => in_(`simulation/outbox${about}.test.ts`, name),
  desk: (about: string, name: string): Shown => in_(`simulation/desk-${about}.test.ts`, name),
  roster: (name: string): Shown => in_('unit/roster-sync.test.ts', name),
  unit: (about: string, name: string): Shown => in_(`unit/${about}.test.ts`, name),
};
