/** What a failed question means for when the MIS may be asked again (`domain/back-off.ts`). */
import type { GateEvent } from '../domain/back-off.ts';
import type { MisFailure } from './connector.ts';

export function gateEvent(failure: MisFailure): GateEvent {
  switch (failure.kind) {
    case 'unauthorised':
    case 'forbidden':
      return { kind: 'refused' };
    case 'throttled':
      return { kind: 'throttled', retryAfterMs: failure.retryAfterMs };
    case 'server':
      return failure.retryAfterMs === null
        ? { kind: 'down' }
        : { kind: 'throttled', retryAfterMs: failure.retryAfterMs };
    default:
      return { kind: 'down' };
  }
}
