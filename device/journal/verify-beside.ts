/** Is everything there and as it was written? Asked by the daemon, answered on a thread: years of records take a while. */
import { Worker } from 'node:worker_threads';
import type { Masters } from './masters.ts';
import type { Verified } from './verify.ts';

/** `threadFile`: the bundled `verify-thread.ts`. Rejects with what the file system throws. */
export function verifyBeside(
  threadFile: string,
  data: { readonly folder: string; readonly masters: Masters },
): Promise<Verified> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(threadFile, { workerData: data });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => {
      reject(new Error('the thread ended'));
    });
  });
}
