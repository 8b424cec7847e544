/**
 * When a service may be asked again (durability.md 25). One gate for all requests to the MIS. Times are monotonic
 * milliseconds, whole; `uniform` is a random number in [0, 1), so that thousands of boxes do not come back in step.
 */
export type Gate =
  | { readonly state: 'open'; readonly nextAt: number; readonly intervalMs: number }
  | { readonly state: 'down'; readonly since: number; readonly nextAt: number }
  | { readonly state: 'throttled'; readonly since: number; readonly nextAt: number; readonly tries: number }
  /** The MIS refuses our token or our permission: a person must act; we look again every quarter of an hour. */
  | { readonly state: 'refused'; readonly since: number; readonly nextAt: number };

export type GateEvent =
  | { readonly kind: 'answered' }
  | { readonly kind: 'down' }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | null }
  | { readonly kind: 'refused' };

const second = 1_000;
const minute = 60 * second;
/** At most two requests a second (mis.md 2.9). */
export const fastestMs = 500;
const slowestMs = 5 * second;
const probeMaxMs = 15 * minute;
const waitMaxMs = 24 * 60 * minute;
/** Waits longer than this are kept over a restart. */
const worthKeepingMs = minute;

export const openGate = (now: number): Gate => ({ state: 'open', nextAt: now, intervalMs: fastestMs });

/**
 * What is left of a wait that a restart does not end, ms; null: none. What a service asked for it gets, and one that is away is not
 * asked the sooner (durability.md 25); whoever puts a new token in and starts the box is not kept waiting.
 */
export function waitToKeep({ state, nextAt }: Gate, now: number): number | null {
  const waits = state === 'throttled' || state === 'down';
  return waits && nextAt - now > worthKeepingMs ? nextAt - now : null;
}

/** The gate after a restart in the middle of a wait that the service asked for; at most a day, in case a clock has changed. */
export function gateAfterRestart(now: number, waitMs: number): Gate {
  if (waitMs <= 0) return openGate(now);
  return { state: 'throttled', since: now, nextAt: now + Math.min(waitMs, waitMaxMs), tries: 1 };
}

export function gateAfter(gate: Gate, event: GateEvent, now: number, uniform: number): Gate {
  const since = gate.state === 'open' ? now : gate.since;
  const outage = now - since;
  const after = (ms: number): number => now + Math.ceil(ms);
  switch (event.kind) {
    case 'answered': {
      const intervalMs = intervalAfter(gate, outage);
      return { state: 'open', intervalMs, nextAt: after(intervalMs) };
    }
    case 'down':
      return { state: 'down', since, nextAt: after(Math.max(second, uniform * Math.min(outage / 4, probeMaxMs))) };
    case 'throttled': {
      const tries = gate.state === 'throttled' ? gate.tries + 1 : 1;
      return { state: 'throttled', since, tries, nextAt: after(throttledMs(event.retryAfterMs, tries, uniform)) };
    }
    case 'refused':
      return { state: 'refused', since, nextAt: after(probeMaxMs * (0.9 + 0.2 * uniform)) };
  }
}

/** After an outage the rate grows from one request in 5 s to 2 a second; after a blip it is hardly held back. */
function intervalAfter(gate: Gate, outage: number): number {
  const interval = gate.state === 'open' ? gate.intervalMs * 0.7 : Math.min(slowestMs, outage / 10);
  return Math.max(fastestMs, interval);
}

function throttledMs(retryAfterMs: number | null, tries: number, uniform: number): number {
  if (retryAfterMs !== null) return retryAfterMs + uniform * Math.max(30 * second, retryAfterMs);
  return Math.min(minute, second * 2 ** Math.min(tries, 6)) * (0.5 + uniform);
}
