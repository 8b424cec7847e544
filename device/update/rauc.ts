/** The program that checks and writes bundles (`man 1 rauc`), and what it says, in words for people. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import type { Progress } from './places.ts';
import type { Manifest } from './version.ts';

const manifestSchema = v.object({ compatible: v.string(), version: v.string() });
const infoMaxMs = 60_000;

/** What a signed bundle says of itself, or why it is none. */
export async function manifestOf(file: string, raucConfig: string): Promise<Manifest | { readonly refused: string }> {
  if (!existsSync(file)) return { refused: 'The file is not there any more.' };
  const { code, out, err } = await new Promise<{ code: string | number; out: string; err: string }>((resolve) => {
    const options = { timeout: infoMaxMs, maxBuffer: 1_000_000 };
    execFile(
      'rauc',
      [`--conf=${raucConfig}`, 'info', '--output-format=json', file],
      options,
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : (error.code ?? 1), out: stdout, err: stderr });
      },
    );
  });
  if (code === 'ENOENT') return { refused: 'This machine has no RAUC.' };
  if (code !== 0) return { refused: refusedWords(err) };
  try {
    return v.parse(manifestSchema, JSON.parse(out.slice(out.indexOf('{'))));
  } catch {
    return { refused: 'It does not say which version it is.' };
  }
}

function refusedWords(said: string): string {
  if (/signature verification failed|Verify error|no valid CMS/i.test(said))
    return 'It is not signed by those who make updates for this box, or somebody changed it.';
  return 'The file is damaged, not whole, or no update.';
}

/** Writes the other half. Null: done. Else why not; the half that runs was not touched. */
export async function install(file: string, progress: (now: Progress) => void): Promise<string | null> {
  const child = spawn('rauc', ['install', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let why = '';
  createInterface(child.stdout).on('line', (line) => {
    const [, percent, words] = /^\s*(\d{1,3})% (.+)$/.exec(line) ?? [];
    if (percent !== undefined && words !== undefined) progress({ percent: Number(percent), words });
    why = /^LastError: (.*)$/.exec(line)?.[1] ?? why;
  });
  createInterface(child.stderr).on('line', (line) => {
    if (why === '' && /error|fail/i.test(line)) why = line;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => {
      resolve(null);
    });
    child.once('close', resolve);
  });
  if (code === 0) return null;
  return code === null
    ? 'This machine has no RAUC.'
    : `It could not be written: ${why === '' ? 'no reason given' : why}.`;
}

/** From now on the firmware starts from the half that runs. Null: done. */
export async function markGood(): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('rauc', ['status', 'mark-good'], { timeout: infoMaxMs }, (error, _out, said) => {
      resolve(error === null ? null : `The card does not take the change: ${said.trim().split('\n').at(-1) ?? ''}.`);
    });
  });
}

/** Of this box, as RAUC is told it (`compatible=`). */
export function compatibleOf(raucConfig: string): string {
  const text = existsSync(raucConfig) ? readFileSync(raucConfig, 'utf8') : '';
  return /^compatible=(.+)$/m.exec(text)?.[1]?.trim() ?? 'no box that takes updates';
}

/** Null: the machine can start once from the other half. A Pi's firmware is told so by its kernel: Raspberry Pi's own, or by a module. */
export function trialRefusal(root: string): string | null {
  const model = join(root, 'proc/device-tree/model');
  const isPi = existsSync(model) && readFileSync(model, 'utf8').includes('Raspberry Pi');
  const can = existsSync(join(root, 'dev/vcio')) || existsSync(join(root, 'sys/module/rpi_tryboot'));
  return !isPi || can ? null : 'The kernel of this box cannot try an update and go back: write a new card instead.';
}
