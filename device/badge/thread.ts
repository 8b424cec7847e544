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

port.on('message', ({ n, slip, photo }: PaintRequest) => {
  painter.paint(slip, photo).then(
    (picture) => port.postMessage({ n, picture } satisfies PaintReply),
    (error: unknown) => {
      const problem = error instanceof Error ? error.name : 'unknown';
      port.postMessage({ n, problem } satisfies PaintReply);
    },
  );
});
