/**
 * What clients outside the machine were told, kept outside the machine. An answer that has arrived is a promise, and so is
 * everything that a snapshot showed; a command without an answer may have been done or not, until a snapshot tells.
 */

/** `asked`: sent, and the power went before the answer. */
export type Told = 'no' | 'asked' | 'yes';

export interface Arrival {
  readonly movement: string;
  /** `2026-11-30 AM`. */
  readonly session: string;
  /** As the answer said it; null where only a snapshot showed it. */
  readonly outcome: string | null;
  undone: Told;
}
export interface Departure {
  readonly badge: string;
  readonly date: string;
  returned: Told;
}
export interface Request {
  readonly visit: string;
  readonly date: string;
  letGo: Told;
  /** Its departure has been looked for. */
  entered: boolean;
}

export interface Book {
  readonly arrivals: Map<string, Arrival>;
  readonly departures: Map<string, Departure>;
  readonly requests: Map<string, Request>;
  /** Commands without an answer in the present run: a snapshot may show what they did. */
  readonly unanswered: { late: number; early: number; request: number };
  /** Answers to commands that recorded something. */
  acknowledged: number;
  /** Ids of the daemon's runs: each is new. */
  readonly runs: Set<string>;
  /** What was found wrong, said once. */
  readonly told: Set<string>;
}

export function emptyBook(): Book {
  return {
    arrivals: new Map(),
    departures: new Map(),
    requests: new Map(),
    unanswered: { late: 0, early: 0, request: 0 },
    acknowledged: 0,
    runs: new Set(),
    told: new Set(),
  };
}
