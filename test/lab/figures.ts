/** What `scripts/lab all` leaves in test/README.md: between two marks, all of it anew each time. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { project } from './images.ts';

const readme = join(project, 'test/README.md');
const [begin, end] = ['<!-- scripts/lab all: begin -->', '<!-- scripts/lab all: end -->'];

/** @param lines of the table of figures: command, what came out, how long it took. @param table of faults */
export function writeFigures(lines: readonly string[], table: string): void {
  const text = readFileSync(readme, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${readme} has no place for figures: ${begin} and ${end}`);
  const made = `
On ${new Date().toISOString().slice(0, 10)}, ${version()}. Seconds are the guest's.

| command | figure | took |
|---|---|---|
${lines.join('\n')}

${table}
`;
  writeFileSync(readme, `${text.slice(0, from + begin.length)}${made}${text.slice(to)}`);
}

function version(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', project, ...args], { encoding: 'utf8' }).trim();
  return `${git('log', '-1', '--format=%h')}${git('status', '--porcelain', '--', 'device') === '' ? '' : ' and changes'}`;
}
