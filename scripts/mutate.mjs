// See scripts/mutate: plants one bug at a time and looks whether the simulated world catches it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from './simulation.mjs';
import { mutations } from './mutations.mjs';
import { firstViolation, planted } from './planting.mjs';

const root = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '40' }, steps: { type: 'string', default: '2000' } },
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
    await bundle(root, program, planted(root, mutation));
    const { seed: from, eventful = false } = mutation;
    const lives = { from, count: Number(values.seeds), steps: Number(values.steps), eventful };
    const caught = await firstViolation(program, lives);
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

/** @param {string} name @param {string | number} seed @param {string | number} step @param {string} by */
function print(name, seed, step, by) {
  process.stdout.write(`${name.padEnd(22)} ${String(seed).padStart(4)} ${String(step).padStart(6)}  ${by}\n`);
}
