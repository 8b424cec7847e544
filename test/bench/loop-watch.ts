/** Loaded into the daemon before it (`node -r`): how late its event loop was, into the file that LOOP_DELAYS names, at SIGUSR2. */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const resolutionMs = 5;
const file = process.env['LOOP_DELAYS'];

if (isMainThread && file !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  const late = (ns: number): number => Math.max(0, ns / 1e6 - resolutionMs);
  // The start is not part of the day.
  setTimeout(() => delays.enable(), 10_000).unref();
  process.on('SIGUSR2', () => {
    writeFileSync(`${file}.new`, JSON.stringify({ p999: late(delays.percentile(99.9)), longest: late(delays.max) }));
    renameSync(`${file}.new`, file);
  });
}
