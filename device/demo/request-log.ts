import type { SimRequests } from './control-wire.ts';

const entriesKept = 1000;

type Entry = SimRequests['log'][number];

/** What clients asked of the simulated MIS: the last 1,000 requests, and counts of all. */
export class RequestLog {
  #entries: Entry[] = [];
  #counts = new Map<string, number>();
  #atOnce = 0;
  #mostAtOnce = 0;

  /** @param route what was asked without ids: `students`, `attendance/session`, `writebacks/id` */
  begin(route: string, entry: Entry): void {
    this.#atOnce += 1;
    this.#mostAtOnce = Math.max(this.#mostAtOnce, this.#atOnce);
    const name = `${entry.method} ${route}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#entries.push(entry);
    if (this.#entries.length > entriesKept) this.#entries.shift();
  }

  /** The answer has gone out, or the connection has been broken. */
  end(): void {
    this.#atOnce -= 1;
  }

  forget(): void {
    this.#entries = [];
    this.#counts = new Map();
    this.#mostAtOnce = this.#atOnce;
  }

  read(): SimRequests {
    return { counts: Object.fromEntries(this.#counts), most_at_once: this.#mostAtOnce, log: [...this.#entries] };
  }
}

/** `/v1.0/schools/A1/attendance/session` as `attendance/session`; ids are left out, so that requests can be counted. */
export function routeOf(pathname: string): string {
  const [, first, second, ...rest] = pathname.slice(1).split('/');
  if (first === 'schools') return rest.join('/') || 'school';
  if (first === 'meta') return 'meta';
  if (first === 'writebacks') return second === undefined ? 'writebacks' : 'writebacks/id';
  return first ?? '';
}
