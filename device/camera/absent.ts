/** No camera, or none that this build can drive: the departure goes on without a photo. */
import { CameraProblem } from './port.ts';
import type { Camera } from './port.ts';

export function createAbsentCamera(words = 'There is no camera'): Camera {
  return {
    kind: 'none',
    status: () => ({ state: 'absent', words }),
    take: () => Promise.reject(new CameraProblem(words)),
    live: async function* () {},
    close: () => undefined,
  };
}
