/** Which records this version folds. Others are kept in the journal and passed over (durability.md 3). */
import type { Body } from './record.ts';

const versions: { readonly [Type in Body['type']]: Extract<Body, { readonly type: Type }>['v'] } = {
  movement: 1,
  decided: 1,
  correction: 1,
  change: 1,
  verdict: 1,
  adopt: 1,
  freeze: 1,
  thaw: 1,
  request: 1,
  answer: 1,
  badge: 1,
  'badge-void': 1,
  print: 1,
  sending: 1,
  report: 1,
  note: 1,
  'note-done': 1,
  roster: 1,
  'hold-arrivals': 1,
  drill: 1,
  time: 1,
  prune: 1,
  'set-aside-seen': 1,
  setting: 1,
  'setting-undone': 1,
  'out-closed': 1,
  'day-closed': 1,
  exported: 1,
  hold: 1,
  expiring: 1,
  removed: 1,
  carried: 1,
  erase: 1,
  erased: 1,
  'access-export': 1,
  access: 1,
  run: 1,
};
const knownVersions: ReadonlyMap<string, number> = new Map(Object.entries(versions));

/** Is it of a type and version that this Porter understands? */
export function isKnown<R extends { readonly type: string; readonly v: number }>(record: R): record is R & Body {
  return knownVersions.get(record.type) === record.v;
}

export const isKnownType = (type: string): boolean => knownVersions.has(type);
