/** The README's settings table says what the schema says. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { keys } from '../../device/settings/schema-walk.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('every setting stands in the README with its values, default and meaning', () => {
  const rows = keys().map(
    ({ key, type, default: usual, meaning }) => `| \`${key}\` | ${type} | ${usual} | ${meaning} |`,
  );
  expect(rows.filter((row) => !readme.includes(row))).toEqual([]);
});

test('the two commands come first', () => {
  const firstHeading = readme.indexOf('\n## ');
  for (const command of ['scripts/run', 'scripts/test']) {
    expect(readme.indexOf(command)).toBeGreaterThan(0);
    expect(readme.indexOf(command)).toBeLessThan(firstHeading);
  }
});
