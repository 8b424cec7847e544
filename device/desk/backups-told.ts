/** A backup that was taken at the console becomes a record: whoever reads the log sees it beside those of the staff page (product.md 6). */
import type { AccessBody } from '../domain/record.ts';
import { localTime } from '../domain/school-day.ts';
import type { Desk } from './desk.ts';
import type { School } from './school.ts';
import { clockFace, shownTime } from './when.ts';

/** Under whose name it stands: the console asks nobody who they are. */
export const atConsole = 'the console';

/** `takenAt`: when the last one was, milliseconds since the epoch; null: there was none. */
export async function tellBackup({ settings }: School, desk: Desk, takenAt: number | null): Promise<void> {
  if (takenAt === null) return;
  const zone = settings.school.timeZone;
  const detail = `backup of ${localTime(takenAt, zone).date} ${clockFace(takenAt, zone)}`;
  await desk.record(({ backedUp }): readonly AccessBody[] => {
    const isTold = backedUp !== null && (backedUp.detail === detail || shownTime(backedUp.at) >= takenAt);
    if (isTold) return [];
    return [{ type: 'access', v: 1, what: 'took', person: null, detail, from: null, count: 1, by: atConsole }];
  });
}
