/** The settings version: which settings decided a mark. Stands in every `decided` record (durability.md). */
import { createHash } from 'node:crypto';
import type { Settings } from '../domain/settings.ts';

/** Hex digits kept of the hash: enough to tell all versions that a school will ever have apart. */
const DIGITS = 12;

/** Short SHA-256 over all settings but the secrets: a new token makes no new rules. */
export function settingsVersion(settings: Omit<Settings, 'version'>): string {
  const bare = JSON.stringify(settings, (key, value: unknown) => {
    if (key === 'token' || key === 'badgeKey' || key === 'version') return undefined;
    return sorted(value);
  });
  return createHash('sha256').update(bare).digest('hex').slice(0, DIGITS);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
