/** How the camera waits: not for ever. */
import type { Timers } from '../system/ports.ts';

/** A signal that also goes after `ms`, with `late` as its reason. `end` when it is no longer needed. */
export function within(
  ms: number,
  late: () => Error,
  timers: Timers,
  ...signals: readonly AbortSignal[]
): { readonly signal: AbortSignal; readonly end: () => void } {
  const deadline = new AbortController();
  const end = timers.after(ms, () => {
    deadline.abort(late());
  });
  return { signal: AbortSignal.any([deadline.signal, ...signals]), end };
}

/** Resolves after `ms`, or at once when the signal goes. */
export function pause(ms: number, timers: Timers, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const over = (): void => {
      cancel();
      signal.removeEventListener('abort', over);
      resolve();
    };
    const cancel = timers.after(ms, over);
    signal.addEventListener('abort', over);
  });
}
