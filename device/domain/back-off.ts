/**
 * When a service may be asked again (durability.md 25). One gate for all requests to the MIS. Times are monotonic
 * milliseconds, whole; `uniform` is a random number in [0, 1), so that thousands of boxes do not come back in step.
 */
export type Gate =
  | { readonly state: 'open'; readonly nextAt: number; readonly intervalMs: number }
  | { readonly state: 'down'; readonly since: number; readonly nextAt: number }
  /** `backOffMs`: grows with each refusal, and sets the pace once one is answered. */
  | { readonly state: 'throttled'; readonly since: number; readonly nextAt: number; readonly backOffMs: number }
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
  return { state: 'throttled', since: now, nextAt: now + Math.min(waitMs, waitMaxMs), backOffMs: slowestMs };
}

/** `askedAt`: when the question that ends with this event was asked; the pace counts from start to start. */
export function gateAfter(gate: Gate, event: GateEvent, now: number, uniform: number, askedAt = now): Gate {
  const since = gate.state === 'open' ? now : gate.since;
  const outage = now - since;
  const after = (ms: number): number => now + Math.ceil(ms);
  const probeMs = uniform * Math.min(outage / 4, probeMaxMs);
  switch (event.kind) {
    case 'answered': {
      const intervalMs = gate.state === 'open' ? Math.max(fastestMs, gate.intervalMs * 0.7) : paceAfter(gate, outage);
      // A question of many pages has asked until just now.
      return {
        state: 'open',
        intervalMs,
        nextAt: Math.max(askedAt + Math.ceil(intervalMs), after(intervalMs - fastestMs)),
      };
    }
    case 'down':
      return { state: 'down', since, nextAt: after(Math.max(second, probeMs)) };
    case 'throttled': {
      const backOffMs = Math.min(minute, 4 * (gate.state === 'throttled' ? gate.backOffMs : paceAfter(gate, outage)));
      const { retryAfterMs } = event;
      // One that refuses is there: it is asked again sooner than one that is away.
      const waitMs =
        retryAfterMs === null
          ? Math.max(backOffMs * (0.5 + uniform), probeMs / 2)
          : retryAfterMs + uniform * Math.max(30 * second, retryAfterMs);
      return { state: 'throttled', since, backOffMs, nextAt: after(waitMs) };
    }
    case 'refused':
      return { state: 'refused', since, nextAt: after(probeMaxMs * (0.9 + 0.2 * uniform)) };
  }
}

/** After an outage the rate grows from one request in 5 s to 2 a second; after a blip it is hardly held back. */
function paceAfter(gate: Gate, outage: number): number {
  if (gate.state === 'open') return gate.intervalMs;
  const backOffMs = gate.state === 'throttled' ? gate.backOffMs : 0;
  return Math.max(fastestMs, Math.min(slowestMs, Math.max(backOffMs, outage / 10)));
}
