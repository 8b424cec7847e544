// See scripts/mutate: plants one bug at a time and looks whether the simulated world catches it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { bundle } from './simulation.mjs';
import { mutations } from './mutations.mjs';

const root = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '60' }, steps: { type: 'string', default: '2000' } },
});
const unknown = positionals.filter((name) => !mutations.some((one) => one.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `no such mutation: ${unknown.join(', ')}; there are ${mutations.map(({ name }) => name).join(' ')}\n`,
  );
  process.exit(2);
}
const chosen = positionals.length === 0 ? mutations : mutations.filter(({ name }) => positionals.includes(name));
const folder = mkdtempSync(join(tmpdir(), 'mutate-'));
let wrong = 0;
try {
  print('mutation', 'seed', 'step', 'caught by');
  for (const mutation of chosen) {
    const program = join(folder, `${mutation.name}.cjs`);
    await bundle(root, program, planted(mutation));
    const caught = await firstViolation(program);
    if (caught === null) wrong += 1;
    print(
      mutation.name,
      caught?.seed ?? '-',
      caught?.steps ?? '-',
      caught?.violation.invariant ?? `NOT CAUGHT: ${mutation.breaks}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${chosen.length - wrong} of ${chosen.length} caught\n`);
process.exitCode = wrong === 0 ? 0 : 1;

/** The source with the bug in it. @param {import('./mutations.mjs').Mutation} mutation */
function planted({ name, file, find, replace }) {
  const path = join(root, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(find).length !== 2) throw new Error(`${name}: its text does not stand once in ${file}`);
  return { path, contents: text.replace(find, () => replace) };
}

/**
 * @param {string} program
 * @returns {Promise<{ seed: number, steps: number, violation: { invariant: string } } | null>}
 */
async function firstViolation(program) {
  const args = [program, '--json', '--seeds', `1-${values.seeds}`, '--steps', values.steps];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const outcome = JSON.parse(line);
    if (outcome.violation === null) continue;
    child.kill();
    return outcome;
  }
  return null;
}

/** @param {string} name @param {string | number} seed @param {string | number} step @param {string} by */
function print(name, seed, step, by) {
  process.stdout.write(`${name.padEnd(22)} ${String(seed).padStart(4)} ${String(step).padStart(6)}  ${by}\n`);
}
