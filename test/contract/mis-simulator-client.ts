import { startMisSimulator } from '../../device/demo/simulator.ts';
import type { MisSimulator, MisSimulatorOptions } from '../../device/demo/simulator.ts';

/** A bare HTTP client for the simulated Wonde, in the shapes of the official clients; nothing of Porter's own. */

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export interface Row {
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface Page {
  readonly data: readonly Row[];
  readonly meta: { readonly pagination?: Readonly<Record<string, unknown>> & { readonly next: string | null } };
}

export interface WrittenRow {
  readonly date?: string;
  readonly session?: string;
  readonly student_id?: string;
  readonly attendance_code_id?: string;
  readonly comment?: string;
  readonly minutes_late?: number;
}

/** Monday, at ten to nine in the morning. */
export const monday = Date.UTC(2026, 10, 23, 8, 50);
export const mondayDate = '2026-11-23';

export interface Bench extends MisSimulator {
  /** The simulator's clock, to be set. */
  readonly clock: { now: number };
  /** How long each answer was held back, in ms; nothing is really waited for. */
  readonly waits: readonly number[];
  readonly get: (path: string, authorization?: string) => Promise<Reply>;
  /** A list's first page. */
  readonly page: (path: string) => Promise<Page>;
  /** Every row of a list, following `next` word for word as the PHP client does, to the end. */
  readonly all: (path: string) => Promise<Row[]>;
  readonly post: (rows: readonly WrittenRow[]) => Promise<Reply>;
  readonly codeId: (letter: string) => Promise<string>;
  readonly status: (reply: Reply) => Promise<unknown>;
}

/** The PHP client: Basic with the token as user name and no password. */
export const basic = (token: string): string => `Basic ${Buffer.from(`${token}:`).toString('base64')}`;
/** The .NET client writes the scheme small. */
export const bearer = (token: string): string => `bearer ${token}`;

async function reply(address: string, init: RequestInit): Promise<Reply> {
  const response = await fetch(address, { redirect: 'manual', ...init });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

export async function startBench(options: Partial<MisSimulatorOptions> = {}): Promise<Bench> {
  const clock = { now: monday };
  const waits: number[] = [];
  const simulator = await startMisSimulator({
    now: () => clock.now,
    delayMs: 0,
    wait: (ms) => Promise.resolve(waits.push(ms)),
    ...options,
  });
  const { baseUrl, schoolId, token } = simulator;
  const school = `${baseUrl}/schools/${schoolId}`;
  const address = (path: string): string => (path.startsWith('http') ? path : path.replace(/^/, `${school}/`));
  const get = (path: string, authorization = bearer(token)): Promise<Reply> =>
    reply(address(path), { headers: { authorization } });
  const page = async (path: string): Promise<Page> => JSON.parse((await get(path)).text) as Page;
  const all = async (path: string): Promise<Row[]> => {
    const rows: Row[] = [];
    for (let next: string | null = path; next !== null;) {
      const { data, meta }: Page = await page(next);
      rows.push(...data);
      next = meta.pagination?.next ?? null;
    }
    return rows;
  };
  return {
    ...simulator,
    clock,
    waits,
    get,
    page,
    all,
    post: (attendance) =>
      reply(`${school}/attendance/session/`, {
        method: 'POST',
        headers: { authorization: basic(token), 'content-type': 'application/json' },
        body: JSON.stringify({ attendance }),
      }),
    codeId: async (letter) => {
      const found = (await all('attendance-codes')).find(({ code }) => code === letter);
      if (found === undefined) throw new Error(`the school has no code ${letter}`);
      return found.id;
    },
    status: async ({ text }) => {
      const { writeback_id: id } = JSON.parse(text) as { writeback_id: string };
      const { data } = JSON.parse((await get(`${baseUrl}/writebacks/${id}`)).text) as { data: Row };
      return data['status'];
    },
  };
}
