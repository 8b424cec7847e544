import type { Answer } from './answer.ts';
import { htmlAnswer, jsonAnswer } from './answer.ts';
import { isMisFault } from './faults.ts';
import type { MisFault, MisFaultName, RequestFaults } from './faults.ts';

/** How an answer leaves: whole, cut in the middle, not at all, or as bytes that are no HTTP. */
export type Ending = 'whole' | 'half' | 'reset' | 'tls-alert';

/** What a fault makes of a request on its way. */
export interface Spoiling {
  /** false: the MIS never gets to see the request. */
  readonly works: boolean;
  /** The answer, given the right one (null where nothing was done). */
  readonly answer: (right: Answer | null) => Answer | null;
  readonly ending: Ending;
  readonly waitMs: number;
}

const tooManyRequests = (retryAfter: string | null): Answer => ({
  ...jsonAnswer(429, { error: 'Too Many Requests' }),
  ...(retryAfter !== null && { headers: { 'content-type': 'application/json', 'retry-after': retryAfter } }),
});

const always = (answer: Answer, works = false): Spoiling => ({
  works,
  answer: () => answer,
  ending: 'whole',
  waitMs: 0,
});

const cut = (ending: Ending, works: boolean, waitMs = 0): Spoiling => ({
  works,
  answer: (right) => right,
  ending,
  waitMs,
});

/** What a cut network makes of every request. */
export const cutOff: Spoiling = cut('reset', false);

const html = (status: number, title: string) => (fault: MisFault) =>
  always(htmlAnswer(status, title), fault.stored ?? false);

const changed = (change: (right: Answer) => Answer): Spoiling => ({
  works: true,
  answer: (right) => (right === null ? null : change(right)),
  ending: 'whole',
  waitMs: 0,
});

interface Surroundings {
  readonly now: number;
  /** `http://host:port` of the other host. */
  readonly foreign: string;
  /** Path and query that were asked for. */
  readonly path: string;
}

const spoilings: Partial<Record<MisFaultName, (fault: MisFault, around: Surroundings) => Spoiling>> = {
  '400': () => always(jsonAnswer(400, { error: 'Bad Request' })),
  '401': () => always(jsonAnswer(401, { error: 'Unauthorized' })),
  '404': () => always(jsonAnswer(404, { error: 'Not Found' })),
  '429': ({ seconds = 30 }) => always(tooManyRequests(String(seconds))),
  '429-date': ({ seconds = 30 }, { now }) => always(tooManyRequests(new Date(now + seconds * 1000).toUTCString())),
  '429-bare': () => always(tooManyRequests(null)),
  '429-long': () => always(tooManyRequests(null)),
  '500': html(500, 'Server Error'),
  '502': html(502, 'Bad Gateway'),
  '503': html(503, 'Service Unavailable'),
  '504': html(504, 'Gateway Time-out'),
  html: html(200, 'Sign in to the network'),
  empty: () => changed((right) => ({ ...right, body: '' })),
  truncated: () => changed((right) => ({ ...right, body: right.body.slice(0, Math.floor(right.body.length / 2)) })),
  'half-answer': () => cut('half', true),
  'reset-before': () => cut('reset', false),
  'reset-after': () => cut('reset', true),
  hang: ({ ms = 60_000, stored = false }) => cut('reset', stored, ms),
  tls: () => cut('tls-alert', false),
  redirect: (_, { foreign, path }) => {
    const answer = htmlAnswer(302, 'Found');
    return always({ ...answer, headers: { ...answer.headers, location: `${foreign}${path}` } });
  },
};

const spoiling: ReadonlySet<MisFaultName> = new Set(Object.keys(spoilings).filter(isMisFault));
const usualSlowMs = 5000;

/** What the active faults make of this request; null where it goes its usual way. */
export function spoilingOf(faults: RequestFaults, around: Surroundings): Spoiling | null {
  const fault = faults.first(spoiling);
  return fault === undefined ? null : (spoilings[fault.name]?.(fault, around) ?? null);
}

/** How much longer every answer takes, in ms. */
export function slownessOf(faults: RequestFaults): number {
  const slow = faults.take('slow');
  return slow === undefined ? 0 : (slow.ms ?? usualSlowMs);
}
