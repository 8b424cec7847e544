/**
 * Takes one picture with node-libcamera into the working folder. A program of its own, because node-libcamera starts a shell, gives
 * no hold on it, and waits for ever: from outside the whole group can be killed. Whatever an option holds reaches that shell, so
 * all are constant; the file has no path, for the working folder is where it goes.
 */
import { still } from 'node-libcamera';
import { pictureSize, stillName } from './commands.ts';

/** Of preview before the picture, so that the exposure settles. 0 would be for ever. */
const previewMs = 500;

still({ output: stillName, timeout: previewMs, ...pictureSize, quality: 85, encoding: 'jpg', nopreview: true }).catch(
  (error: unknown) => {
    process.stderr.write(error instanceof Error ? error.message : 'unknown');
    process.exitCode = error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : 1;
  },
);
