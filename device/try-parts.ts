/** Do the parts work, now? The same for `porter check`, the staff's screen at the box and `scripts/sim self-test`. */
import type { Camera } from './camera/port.ts';
import { tryCamera } from './camera/try.ts';
import type { PartReport } from './contract/kiosk.ts';
import type { Lights } from './lights/port.ts';
import { canPrint, soonOf } from './printer/port.ts';
import type { Printer } from './printer/port.ts';
import type { Clock } from './system/ports.ts';

export interface TriedParts {
  readonly printer: Printer;
  readonly camera: Camera;
  readonly lights: Lights;
}

/** `absent`: the settings leave it out, so it has not failed. `words`: what is wrong and what to do, for staff. */
export interface Tried extends Omit<PartReport, 'ok'> {
  readonly state: 'works' | 'failed' | 'absent';
}

/** Takes a picture that nobody sees, and lights each lamp alone. Never rejects; a camera that hangs takes five seconds. */
export async function tryParts({ printer, camera, lights }: TriedParts): Promise<readonly Tried[]> {
  const [paper, picture, lamps] = await Promise.all([printer.status(), tryCamera(camera), lights.test()]);
  return [
    { part: 'printer', state: stateOf(canPrint(paper.state), paper), ...soonOf(paper), words: paper.words },
    { part: 'camera', state: stateOf(picture.state === 'ready', picture), words: picture.words },
    { part: 'lights', state: stateOf(lamps.state === 'ready', lamps), words: lamps.words },
  ];
}

/** One alone. */
export async function tryPart(part: 'camera' | 'lights', { camera, lights }: TriedParts): Promise<Tried> {
  if (part === 'camera') {
    const picture = await tryCamera(camera);
    const words = picture.state === 'ready' ? `A picture was taken. ${picture.words}` : picture.words;
    return { part, state: stateOf(picture.state === 'ready', picture), words };
  }
  const lamps = await lights.test();
  const words = lamps.state === 'ready' ? `Each lamp was lit alone. ${lamps.words}` : lamps.words;
  return { part, state: stateOf(lamps.state === 'ready', lamps), words };
}

export function tryClock(clock: Pick<Clock, 'trusted'>): Tried {
  return clock.trusted()
    ? { part: 'clock', state: 'works', words: 'The time is known' }
    : {
        part: 'clock',
        state: 'failed',
        words: 'The time is not known yet: it comes with the network, or staff say it',
      };
}

const stateOf = (works: boolean, { state }: { readonly state: string }): Tried['state'] =>
  works ? 'works' : state === 'absent' ? 'absent' : 'failed';
