/** What the Evacuation view shows (product.md 6). All words are ready to be read. */

export type Where = 'in-school' | 'late' | 'back' | 'out' | 'not-known';
/** In the order in which they are called: who is looked for first. */
export const everywhere: readonly Where[] = ['not-known', 'late', 'back', 'out', 'in-school'];

export interface EvacueeRow {
  /** Of the pupil, or of the return that nobody has a name for. */
  readonly key: string;
  readonly pupil: string;
  readonly registrationGroup: string | null;
  readonly where: Where;
  /** `Left 10:42`, `No mark`; empty where there is nothing to add. */
  readonly words: string;
}
export type WhereCounts = Readonly<Record<Where, number>>;

export interface EvacuationView {
  readonly date: string;
  /** How old the marks are, in large type. `old`: too old to lean on. */
  readonly age: { readonly words: string; readonly detail: string; readonly old: boolean };
  /** Null: no drill is on. */
  readonly drill: { readonly since: string; readonly by: string } | null;
  readonly counts: WhereCounts;
  /** Everybody but those in school, in register order, as many as there is room for; the others by query `evacuees`. */
  readonly rows: readonly EvacueeRow[];
  readonly more: number;
  /** By registration group, in order. */
  readonly groups: readonly { readonly group: string; readonly counts: WhereCounts }[];
}

/** Query `evacuees`: `{ group, where, text }`, null for all. In register order, as many as there is room for. */
export interface EvacueesAnswer {
  readonly rows: readonly EvacueeRow[];
  readonly more: number;
}
