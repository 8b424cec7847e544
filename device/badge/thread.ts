/** The thread that draws badges. It may take its time: nothing else waits for it. */
import { parentPort, workerData } from 'node:worker_threads';
import { createBadgePainter } from './painter.ts';
import type { PaintReply, PaintRequest, ThreadData } from './thread-wire.ts';

const port = parentPort;
if (port === null) throw new Error('badge-thread is started by the daemon');
// Both ends of the wire are of one build.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
const { fonts, paperMm } = workerData as ThreadData;
const painter = createBadgePainter(fonts, paperMm);

let last = Promise.resolve();
port.on('message', (request: PaintRequest) => {
  last = last.then(() => answer(request));
});

/** One at a time: each takes some 15 MB while it is drawn. */
async function answer({ n, slip, photo }: PaintRequest): Promise<void> {
  let reply: PaintReply;
  try {
    reply = { n, picture: await painter.paint(slip, photo) };
  } catch (error) {
    reply = { n, problem: error instanceof Error ? error.name : 'unknown' };
  }
  port?.postMessage(reply);
  // The renderer's pictures lie beside the heap, where the collector sees no reason to come; what it finds is freed in the loop's next turn.
  globalThis.gc?.();
  // No time passes that a test would set.
  // eslint-disable-next-line no-restricted-globals
  await new Promise(setImmediate);
}
