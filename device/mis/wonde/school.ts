/** What Wonde says of the school: which MIS it has, may it be written to, is it there (mis.md 2.2, 2.10). */
import type { Clock } from '../../system/ports.ts';
import type { MisAnswer, MisCapabilities, MisHealth, PlainFailure } from '../connector.ts';
import type { WondeClient } from './client.ts';
import { booleanOf, includedOf, textOf } from './reading.ts';
import type { Fields } from './reading.ts';

const infoMaxAgeMs = 3_600_000;

export type SchoolInfo = Omit<MisHealth, 'online'>;

export interface School {
  /** At most an hour old. */
  readonly info: (signal: AbortSignal) => Promise<MisAnswer<SchoolInfo>>;
  readonly health: (signal: AbortSignal) => Promise<MisAnswer<MisHealth>>;
}

export function createSchool(client: WondeClient, schoolId: string, clock: Clock): School {
  let kept: { readonly info: SchoolInfo; readonly at: number } | null = null;
  let told: { readonly online: boolean; readonly at: number } | null = null;

  async function info(signal: AbortSignal): Promise<MisAnswer<SchoolInfo>> {
    if (kept !== null && clock.mono() - kept.at <= infoMaxAgeMs) return { ok: true, value: kept.info };
    const answer = await said(client, ['schools', schoolId], signal);
    if (!answer.ok) return answer;
    const { mis, extended } = answer.value;
    const name = textOf(mis) ?? textOf(includedOf(mis)?.['name']);
    // Only a plain "no" stops us; a missing permission shows as null (mis.md 2.2).
    const allowsWriteback = booleanOf(includedOf(extended)?.['allows_writeback']) !== false;
    kept = { info: { mis: name, allowsWriteback, capabilities: capabilitiesOf(name) }, at: clock.mono() };
    return { ok: true, value: kept.info };
  }

  return {
    info,
    health: async (signal) => {
      const school = await info(signal);
      if (!school.ok) return school;
      const meta = await said(client, ['meta', 'schools', schoolId], signal);
      if (!meta.ok) return meta;
      const online = booleanOf(meta.value['online']);
      if (online !== null) told = { online, at: clock.mono() };
      // A single answer that says nothing is no news: what was said last counts on.
      else if (told !== null && clock.mono() - told.at > infoMaxAgeMs) told = null;
      return { ok: true, value: { ...school.value, online: told?.online !== false } };
    },
  };
}

const silent: ReadonlySet<string> = new Set<PlainFailure>(['forbidden', 'not-found']);

/**
 * Scopes are per object (mis.md 2.2): a token may read pupils and write marks without seeing the school. Then nothing is said of
 * it. Whether the school is known at all, the pupils, the codes and the marks tell.
 */
async function said(client: WondeClient, path: readonly string[], signal: AbortSignal): Promise<MisAnswer<Fields>> {
  const answer = await client.get(client.address(path), signal);
  if (answer.ok) return { ok: true, value: includedOf(answer.value.json) ?? {} };
  return silent.has(answer.failure.kind) ? { ok: true, value: {} } : answer;
}

const all: MisCapabilities = { mark: true, comment: true, minutesLate: true };
const markOnly: MisCapabilities = { mark: true, comment: false, minutesLate: false };
const nothing: MisCapabilities = { mark: false, comment: false, minutesLate: false };

/**
 * The table of mis.md 2.10. What it leaves open is taken as a yes (an MIS that it does not name, Arbor's comment), but for
 * Engage, of whose comment and minutes one is missing: a mark without either is always valid.
 */
export function capabilitiesOf(mis: string | null): MisCapabilities {
  const name = (mis ?? '').toLowerCase().replace(/[^a-z]/g, '');
  if (/integris|scholarpack/.test(name)) return nothing;
  return /facility|cloudschool|schoolbase|engage/.test(name) ? markOnly : all;
}
