/** A restore becomes a record of the journal that it brought: whoever reads the log sees who restored what (product.md 6). */
import type { RestoreNote } from '../copies/swap.ts';
import type { AccessBody, Actor } from '../domain/record.ts';
import { localTime } from '../domain/school-day.ts';
import type { Desk } from './desk.ts';
import type { School } from './school.ts';
import { clockFace } from './when.ts';

export interface Untold {
  /** Null: nothing is to be told. */
  readonly note: () => RestoreNote | null;
  /** It stands in the records. */
  readonly done: () => Promise<void>;
}

/** What the card does not take now is told the next time. */
export async function tellRestore({ settings }: School, desk: Desk, untold: Untold): Promise<void> {
  const note = untold.note();
  if (note === null) return;
  const zone = settings.school.timeZone;
  const when = (ms: number): string => `${localTime(ms, zone).date} ${clockFace(ms, zone)}`;
  const { at, by, box, school, made } = note;
  const detail = `backup of ${when(made)}, ${box}, ${school}; asked for ${when(at)}`;
  await desk.record(({ restored }): readonly AccessBody[] => {
    if (restored?.detail === detail) return [];
    return [{ type: 'access', v: 1, what: 'restored', person: null, detail, from: null, count: 1, by }];
  });
  if (desk.durable.restored?.detail === detail) await untold.done();
}

/** What was there before a restore is not on the card any more. */
export async function tellAsideDestroyed(desk: Desk, by: Actor): Promise<void> {
  const none = { person: null, detail: null, from: null, count: 1 };
  await desk.record((): readonly AccessBody[] => [{ type: 'access', v: 1, what: 'aside-destroyed', ...none, by }]);
}
