/** Pupils at the kiosk, without a screen: the socket that its page has. */
import { PROTOCOL_VERSION } from '../../device/contract/kiosk.ts';
import type { Result } from '../../device/contract/result.ts';
import type { KioskClient, Porter } from '../support/porter.ts';

let ids = 0;
export const fresh = (): string => `bench-${String((ids += 1))}`;

/** Everybody on the kiosk's lists, of these year groups or of all. */
export async function everybody(porter: Porter, yearGroups?: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const yearGroup of yearGroups ?? (await yearGroupsOf(porter))) {
    // Whoever says more in a few seconds than fingers can is cut off.
    const kiosk = await porter.kiosk();
    for (let month = 1; month <= 12; month += 1) found.push(...(await listOf(kiosk, yearGroup, month)));
    kiosk.close();
  }
  return found;
}

async function yearGroupsOf(porter: Porter): Promise<readonly string[]> {
  const kiosk = await porter.kiosk();
  const hello = await kiosk.emitWithAck('hello', { protocol: PROTOCOL_VERSION });
  kiosk.close();
  return hello.ok ? hello.value.yearGroups : [];
}

async function listOf(kiosk: KioskClient, yearGroup: string, month: number): Promise<readonly string[]> {
  const of = { visit: fresh(), flow: 'late', yearGroup, month } as const;
  const names = await kiosk.emitWithAck('names', of);
  if (!names.ok) throw new Error(JSON.stringify(names.error));
  const pupils = names.value.pupils.map(({ pupil }) => pupil);
  const [first] = pupils;
  // Choosing keeps the lists from pausing.
  if (first !== undefined) await kiosk.emitWithAck('choose', { visit: of.visit, flow: 'late', pupil: first });
  return pupils;
}

/** Teachers have taken this morning's register, and miss everybody whom Porter has not told them of: it is read page by page. */
export async function takeRegister(porter: Porter, date: string): Promise<void> {
  await porter.mis.control.takeRegister({ date, session: 'AM', code: 'N' });
}

/** From the touch to the answer, ms. */
export async function signIn(kiosk: KioskClient, pupil: string): Promise<number> {
  const input = { visit: fresh(), pupil, reason: 'bus', touchAgoMs: 0 };
  const from = performance.now();
  const answer: Result<unknown> = await kiosk.emitWithAck('late', { commandId: fresh(), ageMs: 0, input });
  const ms = performance.now() - from;
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return ms;
}

/** `together` of them at once, each at a page of its own. */
export async function signInAll(porter: Porter, pupils: readonly string[], together: number): Promise<void> {
  const waiting = [...pupils];
  const one = async (): Promise<void> => {
    const kiosk = await porter.kiosk();
    for (let pupil = waiting.pop(); pupil !== undefined; pupil = waiting.pop()) await signIn(kiosk, pupil);
    kiosk.close();
  };
  await Promise.all(Array.from({ length: together }, one));
}
