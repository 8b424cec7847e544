/** A pupil as the box knows one: the least that the kiosk needs (product.md 10). */

export type PupilFlag = 'no-photo' | 'see-reception' | 'do-not-display';

export interface Pupil {
  /** Survives re-enrolment: Wonde's `upi`, or the CSV's `mis_id` (mis.md 2.4). Opaque. */
  readonly key: string;
  /** What the MIS wants in a write; changes on re-enrolment. Opaque. `''`: not known (yet), and then nothing may be written. */
  readonly misId: string;
  /** Preferred forename, as the MIS gives it. May be empty for one-name pupils. */
  readonly forename: string;
  readonly surname: string;
  /** Normalised: `Nursery`, `Reception`, `Year 1` … `Year 14`, or the MIS's own words; null when missing. */
  readonly yearGroup: string | null;
  readonly registrationGroup: string | null;
  /** 1 to 12; all that is kept of the date of birth. Null when the MIS gave none. */
  readonly birthMonth: number | null;
  readonly flags: readonly PupilFlag[];
}
