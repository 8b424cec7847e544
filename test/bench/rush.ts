/** Pupils at the kiosk, without a screen: the socket that its page has. */
import type { Result } from '../../device/contract/result.ts';
import type { KioskClient } from '../support/porter.ts';

let ids = 0;
const fresh = (): string => `bench-${String((ids += 1))}`;

/** Everybody of Year 7 to 11, by the kiosk's lists. */
export async function everybody(kiosk: KioskClient): Promise<readonly string[]> {
  const found: string[] = [];
  for (const yearGroup of ['Year 7', 'Year 8', 'Year 9', 'Year 10', 'Year 11'])
    for (let month = 1; month <= 12; month += 1) {
      const of = { visit: fresh(), flow: 'late', yearGroup, month } as const;
      const names = await kiosk.emitWithAck('names', of);
      if (!names.ok) continue;
      found.push(...names.value.pupils.map(({ pupil }) => pupil));
      const [first] = names.value.pupils;
      // Choosing keeps the lists from pausing.
      if (first !== undefined) await kiosk.emitWithAck('choose', { visit: of.visit, flow: 'late', pupil: first.pupil });
    }
  return found;
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

/** `together` of them at once. */
export async function signInAll(kiosk: KioskClient, pupils: readonly string[], together: number): Promise<void> {
  const waiting = [...pupils];
  const one = async (): Promise<void> => {
    for (let pupil = waiting.pop(); pupil !== undefined; pupil = waiting.pop()) await signIn(kiosk, pupil);
  };
  await Promise.all(Array.from({ length: together }, one));
}
