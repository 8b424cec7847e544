import * as v from 'valibot';

/**
 * Every fault the simulated MIS can have, by name, with what it does and its options (mis.md 9.2).
 * A fault lasts until it is cleared, unless it carries `times` (so many requests) or `for_ms` (so long).
 */
export const misFaults = {
  '400': 'every request is called malformed',
  '401': 'the token is revoked: every request answers 401',
  '403': 'no write scope: writes answer 403, reading goes on',
  '404': 'every request answers 404',
  '422': 'writes are refused whole; with student_id only those that carry that pupil',
  partial: 'a 422 stores the good rows all the same; alone it changes nothing',
  '429': 'too many requests; seconds (default 30) goes into Retry-After',
  '429-date': 'too many requests, Retry-After as an HTTP date; seconds (default 30)',
  '429-bare': 'too many requests, no Retry-After',
  '429-long': 'too many requests for ten minutes (for_ms), no Retry-After',
  '500': 'server error with an HTML page; stored true: after doing the work',
  '502': 'bad gateway with an HTML page; stored true: after doing the work',
  '503': 'unavailable with an HTML page; stored true: after doing the work',
  '504': 'gateway time-out with an HTML page; stored true: after doing the work',
  html: 'an HTML page with status 200, as a captive portal gives; stored true: after doing the work',
  empty: 'status 200 and nothing in it, after doing the work',
  truncated: 'status 200 and half the JSON, after doing the work',
  'half-answer': 'the connection breaks in the middle of the answer, after doing the work',
  'reset-before': 'the connection is reset before anything is done',
  'reset-after': 'the connection is reset after the work is done (on writes)',
  hang: 'no answer for ms (default 60000), then a reset; stored true: after doing the work',
  slow: 'every answer takes ms longer (default 5000)',
  tls: 'the port answers with a TLS alert instead of HTTP',
  redirect: '302 to another host, which counts who comes and whether the token came along',
  'foreign-next': 'the next page is said to be on another host',
  'endless-next': 'the next page is always the same page',
  'per-page-number': 'pagination gives per_page as a number instead of a text',
  'not-stored': 'a write answers 200 and completes, and no mark ever appears',
  'writeback-failed': 'a write answers 200, then its write-back fails with message',
  'odd-status': 'write-backs on their way have a status nobody has heard of',
  duplicates: 'every write is applied a second time, ms later (default 30000), its rows in reverse',
  'out-of-order': 'every second write takes four times as long, so that later ones overtake it',
  'stale-read': 'marks are read as they stood ms ago (default 60000)',
  'ignore-filters': 'reading marks ignores every filter but paging',
  unsigned: 'marks do not say who made them',
  undated: 'marks do not say who made them, or when',
  'date-object': 'the date of a mark comes as an object like other dates',
  'dob-string': 'the date of birth comes as plain text',
  'no-scope': 'fields (default date_of_birth) come as null, as without the permission',
  'null-includes': 'a missing year or registration comes as {"data": null} instead of null',
  'no-writeback': 'the school does not allow write-back: says so, and writes answer 403',
  'no-comment': 'the MIS drops comments in silence',
  'no-minutes': 'the MIS drops minutes late in silence',
  'no-u': 'the code table has no U',
  'custom-l1': 'the code table has a custom L1 and no L',
  'padded-codes': 'codes come padded with a space',
} as const satisfies Record<string, string>;

export type MisFaultName = keyof typeof misFaults;

export const isMisFault = (name: string): name is MisFaultName => Object.hasOwn(misFaults, name);

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** What `POST /_sim/fault` takes. */
export const misFaultSchema = v.strictObject({
  name: v.custom<MisFaultName>((name) => typeof name === 'string' && isMisFault(name), 'no such fault'),
  /** For the next so many requests that it concerns. */
  times: v.optional(whole),
  /** For so long, in ms of the simulator's clock. */
  for_ms: v.optional(whole),
  /** Only requests whose path and query contain this. */
  path: v.optional(v.string()),
  method: v.optional(v.picklist(['GET', 'POST'])),
  ms: v.optional(whole),
  seconds: v.optional(whole),
  stored: v.optional(v.boolean()),
  student_id: v.optional(v.string()),
  message: v.optional(v.string()),
  fields: v.optional(v.array(v.string())),
});
export type MisFault = v.InferOutput<typeof misFaultSchema>;

/** Concern writes alone unless the fault names a path or a method. */
const writesOnly: ReadonlySet<MisFaultName> = new Set<MisFaultName>([
  '403',
  '422',
  'partial',
  'reset-after',
  'not-stored',
  'writeback-failed',
  'duplicates',
  'out-of-order',
  'no-comment',
  'no-minutes',
]);

export interface FaultyRequest {
  readonly method: string;
  /** Path and query, without the host. */
  readonly path: string;
}

interface ActiveFault {
  readonly fault: MisFault;
  /** Requests left, or null for no limit. */
  left: number | null;
  readonly endsAt: number | null;
}

export interface RequestFaults {
  readonly take: (name: MisFaultName) => MisFault | undefined;
  /** The first of these that concerns the request, in the order they were set. */
  readonly first: (names: ReadonlySet<MisFaultName>) => MisFault | undefined;
  readonly has: (name: MisFaultName) => boolean;
  /** Those that the request has met so far. */
  readonly met: () => readonly MisFaultName[];
}

const tenMinutes = 600_000;

/** The faults that are switched on. At most one of a name; setting it again replaces it. */
export class Faults {
  readonly #now: () => number;
  readonly #active = new Map<MisFaultName, ActiveFault>();

  constructor(now: () => number) {
    this.#now = now;
  }

  set(fault: MisFault): void {
    const lasts = fault.for_ms ?? (fault.name === '429-long' ? tenMinutes : null);
    const endsAt = lasts === null ? null : this.#now() + lasts;
    this.#active.delete(fault.name);
    this.#active.set(fault.name, { fault, left: fault.times ?? null, endsAt });
  }

  /** Without a name: all of them. */
  clear(name?: MisFaultName): void {
    if (name === undefined) this.#active.clear();
    else this.#active.delete(name);
  }

  list(): readonly MisFault[] {
    this.#drop();
    return [...this.#active.values()].map(({ fault, left }) => (left === null ? fault : { ...fault, times: left }));
  }

  /** The faults as one request meets them. Each counts once against its `times`, when it is first asked for. */
  during(request: FaultyRequest): RequestFaults {
    const met = new Map<MisFaultName, MisFault | undefined>();
    const take = (name: MisFaultName): MisFault | undefined => {
      if (!met.has(name)) met.set(name, this.#take(name, request));
      return met.get(name);
    };
    const first = (names: ReadonlySet<MisFaultName>): MisFault | undefined => {
      const name = [...this.#active.keys()].find((active) => names.has(active) && take(active) !== undefined);
      return name === undefined ? undefined : take(name);
    };
    const has = (name: MisFaultName): boolean => take(name) !== undefined;
    return { take, first, has, met: () => [...met].flatMap(([name, fault]) => (fault === undefined ? [] : [name])) };
  }

  #take(name: MisFaultName, request: FaultyRequest): MisFault | undefined {
    this.#drop();
    const active = this.#active.get(name);
    if (active === undefined || !concerns(active.fault, request)) return undefined;
    if (active.left !== null) active.left -= 1;
    return active.fault;
  }

  #drop(): void {
    for (const [name, { left, endsAt }] of this.#active) {
      if (left === 0 || (endsAt !== null && endsAt <= this.#now())) this.#active.delete(name);
    }
  }
}

function concerns(fault: MisFault, request: FaultyRequest): boolean {
  if (fault.method !== undefined && fault.method !== request.method) return false;
  if (fault.path !== undefined) return request.path.includes(fault.path);
  return fault.method !== undefined || !writesOnly.has(fault.name) || request.method === 'POST';
}
