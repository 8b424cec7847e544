/** The floor as a process (`bare.ts`): what any program with a kiosk page and a socket needs. */
import { dirname, join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { Program } from './programs.ts';

export async function bareProgram(nodeFlags: readonly string[]): Promise<Program> {
  const port = String(await freePort());
  const program = join(dirname(process.argv[1] ?? ''), 'bare.js');
  const args = [...nodeFlags, program, join(import.meta.dirname, '../../dist/ui/kiosk'), port];
  return Program.start({ args, url: `http://127.0.0.1:${port}/` });
}
