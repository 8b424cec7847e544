/** What staff changed of the settings: which of the changes hold on a date. What they change: `settings/places.ts`. */
import type { Recorded, Ref, SettingBody, SettingChange } from './record.ts';
import type { IsoDate, Settings } from './settings.ts';

export type SettingChanges = ReadonlyMap<Ref, Recorded<SettingBody>>;

/** Of one place: further back nothing can be undone. */
const keptOfPlace = 12;

/** Takes a change in. The map is in the order of the records. */
export function changed(changes: Map<Ref, Recorded<SettingBody>>, record: Recorded<SettingBody>): void {
  changes.set(record.ref, record);
  const ofPlace = [...changes.values()].filter(({ place }) => place === record.place);
  for (const { ref } of ofPlace.slice(0, -keptOfPlace)) changes.delete(ref);
}

/** By place, what holds on that date: of those that have come into force by then the one that was said last. */
export function inForce(changes: SettingChanges, date: IsoDate): ReadonlyMap<string, Recorded<SettingBody>> {
  const begun = [...changes.values()].filter(({ from }) => from <= date);
  return new Map(begun.map((one) => [one.place, one]));
}

/** The next date on which something changes by itself; null: none that is known of. */
export function nextChange(changes: SettingChanges, date: IsoDate): IsoDate | null {
  const coming = [...changes.values()].flatMap(({ from }) => (from > date ? [from] : []));
  return coming.sort()[0] ?? null;
}

/** As a place and what is said of it, for whoever builds settings of them. */
export type Overlay = ReadonlyMap<string, { readonly change: SettingChange }>;

/** What the settings would be with a change; or sentences: which key, what was found, what is expected. */
export type Tried =
  { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly problems: readonly string[] };
