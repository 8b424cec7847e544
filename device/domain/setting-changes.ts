/** What staff changed of the settings: which of the changes hold on a date. What they change: `settings/places.ts`. */
import type { Actor, Recorded, Ref, SettingBody, SettingChange, SettingUndoneBody } from './record.ts';
import type { IsoDate, Settings } from './settings.ts';

/** What was said, also after it was taken back: staff look at it. */
export type SaidSetting = Recorded<SettingBody> & { readonly undoneBy?: Actor };
/** In the order of the records. */
export type SettingChanges = ReadonlyMap<Ref, SaidSetting>;

/** Of one place, beside what holds or will: further back nothing can be undone. */
const keptOfPlace = 12;

/** Takes a change in. */
export function changed(changes: Map<Ref, SaidSetting>, record: Recorded<SettingBody>): void {
  changes.set(record.ref, record);
  const ofPlace = [...changes.values()].filter(({ place }) => place === record.place);
  const back = ofPlace.filter(({ undoneBy }) => undoneBy !== undefined);
  const over = ofPlace.filter((one, at) => !back.includes(one) && isOverridden(one, ofPlace.slice(at + 1)));
  const spent = [...back, ...over];
  for (const { ref } of spent.slice(0, Math.max(0, ofPlace.length - keptOfPlace))) changes.delete(ref);
}

/** From the first day on which it would hold, another one does. */
function isOverridden({ from }: SaidSetting, later: readonly SaidSetting[]): boolean {
  return later.some((one) => one.undoneBy === undefined && one.from <= from);
}

/** Takes a change back: as if it had never been said. */
export function undone(changes: Map<Ref, SaidSetting>, { setting, by }: SettingUndoneBody): void {
  const said = changes.get(setting);
  if (said !== undefined) changes.set(setting, { ...said, undoneBy: by });
}

/** Those that were not taken back. */
export function standing(changes: SettingChanges): readonly SaidSetting[] {
  return [...changes.values()].filter(({ undoneBy }) => undoneBy === undefined);
}

/** By place, what holds on that date: of those that have come into force by then the one that was said last. */
export function inForce(changes: SettingChanges, date: IsoDate): ReadonlyMap<string, SaidSetting> {
  const begun = standing(changes).filter(({ from }) => from <= date);
  return new Map(begun.map((one) => [one.place, one]));
}

/** As a place and what is said of it, for whoever builds settings of them. */
export type Overlay = ReadonlyMap<string, { readonly change: SettingChange }>;

/** What the settings would be with a change; or sentences: which key, what was found, what is expected. */
export type Tried =
  { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly problems: readonly string[] };
