// Bugs planted in a copy of the product, and what the simulated world says of them.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * The source with the bug in it.
 * @param {string} root
 * @param {import('./mutations.mjs').Mutation} mutation
 * @returns {{ path: string, contents: string }}
 */
export function planted(root, { name, file, find, replace }) {
  const path = join(root, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(find).length !== 2) throw new Error(`${name}: its text does not stand once in ${file}`);
  return { path, contents: text.replace(find, () => replace) };
}

/**
 * The first violation in those lives; null: none.
 * @param {string} program
 * @param {{ from: number, count: number, steps: number, eventful: boolean }} lives
 * @returns {Promise<{ seed: number, steps: number, violation: { invariant: string, what: string } } | null>}
 */
export async function firstViolation(program, { from, count, steps, eventful }) {
  const seeds = `${from}-${from + count - 1}`;
  const args = [program, '--json', '--seeds', seeds, '--steps', String(steps), ...(eventful ? ['--eventful'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const outcome = JSON.parse(line);
    if (outcome.violation === null) continue;
    child.kill();
    return outcome;
  }
  const code = child.exitCode ?? (await new Promise((resolve) => child.once('close', resolve)));
  if (code !== 0) throw new Error(`the world itself has ended: exit code ${code}`);
  return null;
}
