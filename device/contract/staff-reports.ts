/** What Reports shows: counts that name nobody, and for the attendance role who is late again and again (product.md 6). */

/** Null: fewer than five, or what would tell such a figure. */
export type Figure = number | null;

export interface Span {
  readonly label: string;
  /** Days, both with it. */
  readonly from: string;
  readonly to: string;
}
export interface ReportsView {
  readonly today: string;
  /** Weeks, terms and school years of which something is kept, newest first. */
  readonly spans: readonly Span[];
  /** The school's threshold. */
  readonly repeatTimes: number;
}

export interface Bar {
  readonly label: string;
  readonly count: Figure;
}
/** Query `report`: `{ from, to }`. */
export interface Report {
  readonly from: string;
  readonly to: string;
  /** What is not told, and why, in sentences. */
  readonly remarks: readonly string[];
  readonly late: {
    readonly total: Figure;
    readonly minutesLost: Figure;
    /** By the school day, or by the month where there are many. */
    readonly over: { readonly unit: 'day' | 'month'; readonly bars: readonly Bar[] };
    readonly byYear: readonly Bar[];
    readonly byReason: readonly Bar[];
    readonly heat: {
      readonly times: readonly string[];
      readonly rows: readonly { readonly weekday: string; readonly counts: readonly Figure[] }[];
    };
  };
  readonly early: {
    readonly total: Figure;
    readonly byYear: readonly Bar[];
    readonly byReason: readonly Bar[];
    /** How long those who came back were away. */
    readonly lengths: readonly Bar[];
    readonly back: Figure;
    /** Minutes, on average; null: not told. */
    readonly away: Figure;
  };
}

/** Query `late-pupils`: `{ from, to, times }`. Most often first; at most 200. */
export interface LatePupils {
  readonly rows: readonly LatePupil[];
  readonly more: number;
  /** Of the days before this one only counts are kept; null: names are kept of all. */
  readonly since: string | null;
}
export interface LatePupil {
  readonly key: string;
  readonly pupil: string;
  readonly registrationGroup: string | null;
  readonly times: number;
  readonly minutes: number;
  readonly last: string;
}
