/** No lights; what they would show can still be seen. */
import { daemonDead, starting } from '../domain/lights.ts';
import type { Lights, LightsStatus } from './port.ts';

export function createAbsentLights(status: LightsStatus = { state: 'absent', words: 'There are no lights' }): Lights {
  let state = starting;
  return {
    kind: 'none',
    show: (wanted) => {
      state = wanted;
    },
    view: () => state,
    status: () => status,
    test: () => Promise.resolve(status),
    close: () => {
      state = daemonDead;
    },
  };
}
