/** The folder that goes first in the PATH of `still-program.ts`, made when Porter is built. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * node-libcamera knows the program by its name until 2025. Should Porter die without a word, what hangs dies of `timeout`;
 * in the foreground, because it would leave the group that we kill otherwise.
 */
const script = `#!/bin/sh
PATH=\${PATH#*:}
program=rpicam-still
command -v rpicam-still >/dev/null || program=libcamera-still
exec timeout --foreground -k 1 8 "$program" "$@"
`;

export async function buildShim(outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true });
  const file = join(outDir, 'libcamera-still');
  await writeFile(file, script);
  await chmod(file, 0o755);
}
