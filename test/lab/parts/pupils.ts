/** Pupils at the kiosk's socket, one at a time, as the page would. */
import type {
  ChooseAnswer,
  EarlyAnswer,
  LateAnswer,
  NamesAnswer,
  ReturnAnswer,
} from '../../../device/contract/kiosk.ts';
import type { Ack, Result } from '../../../device/contract/result.ts';
import type { Kiosk } from '../box.ts';

let visits = 0;
const used = new Set<string>();

/** @throws Error with the box's own words where it refuses */
async function ask<T>(send: (ack: Ack<T>) => void): Promise<T> {
  const result = await new Promise<Result<T>>((resolve) => send(resolve));
  if (!result.ok) throw new Error(`the box refuses: ${JSON.stringify(result.error)}`);
  return result.value;
}

const command = <T>(visit: string, input: T) => ({ commandId: `${visit}-command`, ageMs: 0, input });

/** Somebody of that year whom nobody has chosen yet. */
async function somebody(
  kiosk: Kiosk,
  flow: 'late' | 'early',
  yearGroup: string,
): Promise<{ readonly visit: string; readonly pupil: string; readonly name: string }> {
  for (let month = 1; month <= 12; month += 1) {
    visits += 1;
    const visit = `lab-${String(visits)}`;
    const { pupils } = await ask<NamesAnswer>((ack) => kiosk.emit('names', { visit, flow, yearGroup, month }, ack));
    for (const { pupil, label } of pupils) {
      const name = `${yearGroup} ${label}`;
      if (used.has(name)) continue;
      used.add(name);
      const { next } = await ask<ChooseAnswer>((ack) => kiosk.emit('choose', { visit, flow, pupil }, ack));
      if (next === 'ask') return { visit, pupil, name: label };
      break;
    }
  }
  throw new Error(`nobody left in ${yearGroup}`);
}

/** Somebody whom nobody has chosen yet, for who presses buttons: the month of birth, 1 to 12, and the button's words. */
export async function listed(
  kiosk: Kiosk,
  yearGroup: string,
): Promise<{ readonly month: number; readonly label: string }> {
  for (let month = 1; month <= 12; month += 1) {
    visits += 1;
    const visit = `lab-${String(visits)}`;
    const flow = 'early';
    const { pupils } = await ask<NamesAnswer>((ack) => kiosk.emit('names', { visit, flow, yearGroup, month }, ack));
    const one = pupils.find(({ label }) => !used.has(`${yearGroup} ${label}`));
    if (one === undefined) continue;
    used.add(`${yearGroup} ${one.label}`);
    return { month, label: one.label };
  }
  throw new Error(`nobody left in ${yearGroup}`);
}

export async function signIn(kiosk: Kiosk, yearGroup: string): Promise<LateAnswer> {
  const { visit, pupil } = await somebody(kiosk, 'late', yearGroup);
  const input = { visit, pupil, reason: 'bus', touchAgoMs: 500 };
  return await ask<LateAnswer>((ack) => kiosk.emit('late', command(visit, input), ack));
}

export interface Leaver {
  readonly visit: string;
  readonly name: string;
  readonly photo: 'taken' | 'none';
  readonly answer: EarlyAnswer;
}

/** Leaves without anybody's approval (Year 8 and older), with a photo where the camera gives one. */
export async function signOut(kiosk: Kiosk, yearGroup: string, withPhoto: boolean): Promise<Leaver> {
  const { visit, pupil, name } = await somebody(kiosk, 'early', yearGroup);
  const photo = withPhoto
    ? await ask<unknown>((ack) => kiosk.emit('photo', { visit }, ack)).then(
        () => 'taken' as const,
        () => 'none' as const,
      )
    : 'none';
  const input = {
    visit,
    pupil,
    reason: 'medical',
    back: 'after-lunch',
    withWhom: null,
    photo,
    touchAgoMs: 500,
  } as const;
  const answer = await ask<EarlyAnswer>((ack) => kiosk.emit('early', command(visit, input), ack));
  return { visit, name, photo, answer };
}

export async function comeBack(kiosk: Kiosk, code: string): Promise<ReturnAnswer> {
  visits += 1;
  const visit = `lab-${String(visits)}`;
  const input = { visit, by: 'qr', code, touchAgoMs: 500 } as const;
  return await ask<ReturnAnswer>((ack) => kiosk.emit('return', command(visit, input), ack));
}
