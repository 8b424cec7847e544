/** What the records say of retention: which days are exported, what is held, what is marked to go, what has gone, what was carried. */
import { carry, inOrder } from './carry.ts';
import { ranOn, wentBack } from './expiry.ts';
import type { Running } from './expiry.ts';
import { numberOf } from './record.ts';
import type {
  CarriedBody,
  Expiring,
  ExpiringBody,
  ExportedBody,
  HoldBody,
  Instant,
  Recorded,
  Ref,
  RemovedBody,
} from './record.ts';
import type { IsoDate } from './settings.ts';
import type { Timeline } from './timeline.ts';

/** What of a ledger it looks at (`ledger.ts`). */
interface Kept {
  running: Running;
  readonly expiring: Map<Expiring, number>;
  readonly exported: Set<IsoDate>;
  readonly holds: Map<Ref, Recorded<HoldBody>>;
  removing: Recorded<RemovedBody> | null;
  readonly commands: Map<string, { readonly first: Recorded }>;
  readonly movements: ReadonlyMap<Ref, { readonly at: Instant }>;
  readonly requests: ReadonlyMap<string, { readonly record: { readonly n: number; readonly touch: Instant } }>;
  readonly timeline: Timeline;
}
type About =
  Recorded<ExportedBody> | Recorded<HoldBody> | Recorded<ExpiringBody> | Recorded<RemovedBody> | Recorded<CarriedBody>;

/** Two school years and a bit. */
const exportedMax = 400;

/** Of every record: the running time goes on, and a clock that went back cancels what was marked by it. */
export function ran(kept: Kept, at: Instant): void {
  if (wentBack(kept.running, at)) kept.expiring.clear();
  kept.running = ranOn(kept.running, at);
}

export function foldRetention(kept: Kept, record: About): void {
  switch (record.type) {
    case 'exported':
      kept.exported.add(record.date);
      if (kept.exported.size > exportedMax) kept.exported.delete([...kept.exported].sort()[0] ?? '');
      return;
    case 'hold':
      if (record.until === null) kept.holds.delete(record.movement);
      else kept.holds.set(record.movement, record);
      return;
    case 'expiring':
      for (const name of record.unmarked) kept.expiring.delete(name);
      for (const name of record.marked) kept.expiring.set(name, kept.running.ms);
      return;
    case 'removed':
      return removed(kept, record);
    case 'carried':
      for (const entry of record.entries) carry(kept, entry);
      return;
  }
}

/** With segments, the ledger is by now what the others alone tell: nothing in it may lean on more. */
function removed(kept: Kept, record: Recorded<RemovedBody>): void {
  const { photos, segments, upTo } = record;
  for (const name of photos) kept.expiring.delete(name);
  if (segments.length === 0) return;
  kept.removing = record;
  for (const segment of segments) kept.expiring.delete(`segment ${segment}`);
  for (const [id, { first }] of kept.commands) if (first.n <= upTo) kept.commands.delete(id);
  const unsure = [...kept.movements.values()].map(({ at }) => at.boot);
  const asked = [...kept.requests.values()].map(({ record }) => record.touch.boot);
  kept.timeline.forget(new Set([...unsure, ...asked]));
  inOrder(kept);
}

/** Movements on which a hold is open on that day. */
export const heldOn = (holds: ReadonlyMap<Ref, HoldBody>, date: IsoDate): readonly Ref[] =>
  [...holds].flatMap(([ref, { until }]) => (until !== null && until >= date ? [ref] : []));

/** Is one of them of these numbers? */
export function isHeld(holds: ReadonlyMap<Ref, HoldBody>, from: number, to: number, date: IsoDate): boolean {
  return heldOn(holds, date).some((ref) => numberOf(ref) >= from && numberOf(ref) <= to);
}
