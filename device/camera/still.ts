/** One picture of a ribbon camera, when no live picture runs. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { stillName } from './commands.ts';
import { onePicture, pictureMaxBytes } from './jpeg-splitter.ts';
import { CameraProblem } from './port.ts';
import { startProgram } from './program.ts';
import type { ProgramParts } from './program.ts';
import { empty } from './scratch.ts';
import { wordsOf } from './words.ts';

export interface StillParts extends ProgramParts {
  /** `still-program.ts`, built. */
  readonly stillProgram: string;
  /** The folder with `libcamera-still`, which finds the program by its present name (`shim-build.ts`). */
  readonly shim: string;
}

/** Until the signal: whoever calls sets the deadline. The file is removed, whatever happens. */
export async function takeStill(folder: string, parts: StillParts, signal: AbortSignal): Promise<Uint8Array> {
  const command = { file: process.execPath, args: [parts.stillProgram], folder };
  const program = startProgram(command, () => undefined, { ...parts, path: `${parts.shim}:${parts.path}` });
  const kill = (): void => {
    program.kill();
  };
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  try {
    const ending = await program.ended;
    signal.throwIfAborted();
    if (ending.code !== 0) throw new CameraProblem(wordsOf(ending));
    const picture = await pictureIn(join(folder, stillName));
    if (picture === null) throw new CameraProblem('The camera gave half a picture, or none: check its cable');
    return picture;
  } finally {
    signal.removeEventListener('abort', kill);
    await empty(folder);
  }
}

async function pictureIn(path: string): Promise<Uint8Array | null> {
  const found = await stat(path).catch(() => null);
  return found !== null && found.size <= pictureMaxBytes ? onePicture(await readFile(path)) : null;
}
