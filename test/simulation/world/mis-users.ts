/** Teachers and the office at the MIS, who know nothing of the box. */
import { day, epochOf, localOf, minute } from './oracle.ts';
import { Scene } from './scene.ts';

export class MisUsers extends Scene {
  takeRegister(date: string, session: 'AM' | 'PM'): void {
    const { mis } = this.ports;
    this.tell(`register ${date} ${session}`);
    mis.mis.settle();
    for (const { upi } of mis.mis.onRoll()) {
      if ((mis.mis.markOf(upi, date, session)?.code ?? null) !== null || this.often(0.3)) continue;
      const code = this.often(0.3) ? 'N' : session === 'AM' ? '/' : '\\';
      mis.mis.teach({ upi, date, session, code, minutesLate: null, comment: null });
    }
  }

  /** Now and then something of a day or a few ago is put right. */
  teacher(today: string): void {
    const { mis, pupils } = this.ports;
    const date = this.often(0.25) ? localOf(epochOf(today, 720) - (1 + this.chance.below(5)) * day).date : today;
    const upi = this.one(pupils);
    const session = this.one(['AM', 'PM'] as const);
    const code = this.one([null, '/', 'N', 'M', 'I', 'E', 'L', 'B', 'U']);
    this.tell(`teacher ${upi} ${date} ${session} ${code ?? '-'}`);
    mis.mis.teach({ upi, date, session, code, minutesLate: null, comment: null });
  }

  office(): void {
    const { mis, schedule } = this.ports;
    const pupil = mis.mis.withUpi(this.one(this.ports.pupils));
    if (pupil === undefined) return;
    const what = this.chance.below(6);
    this.tell(`office ${pupil.upi} ${what}`);
    if (what === 0 && pupil.onRoll && mis.mis.onRoll().length > 8) mis.mis.leave(pupil);
    else if (what === 1) mis.mis.reEnrol(pupil);
    else if (what === 2) mis.mis.rename(pupil, { forename: `${pupil.forename}e` });
    else if (what === 3) {
      mis.mis.roster = this.one(['empty', 'third-smaller'] as const);
      schedule.after(minute + this.chance.below(2 * day), () => (mis.mis.roster = 'full'));
    } else if (what === 4 && this.often(0.3)) {
      // The MIS was changed: the same pupils, other numbers.
      for (const one of mis.mis.onRoll()) if (this.often(0.6)) mis.mis.reEnrol(one);
    } else {
      const gone = this.ports.pupils.flatMap((upi) => mis.mis.withUpi(upi) ?? []).find(({ onRoll }) => !onRoll);
      if (gone !== undefined) mis.mis.reEnrol(gone);
    }
  }
}
