/** Holds the journal against its chain beside the daemon, which goes on meanwhile. One answer, then it ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { diskReader } from './disk.ts';
import type { ThreadData } from './thread.ts';
import { verify } from './verify.ts';

// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- `verifyBeside` starts it with just this
const { folder, masters } = workerData as ThreadData;
parentPort?.postMessage(verify(diskReader(folder), { masters, recovery: null }));
