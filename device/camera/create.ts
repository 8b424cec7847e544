/** Which camera the technician file asks for. */
import type { Settings } from '../domain/settings.ts';
import { createAbsentCamera } from './absent.ts';
import { checked } from './checked.ts';
import type { CheckedParts } from './checked.ts';
import type { Camera } from './port.ts';
import { RealCamera } from './real.ts';
import type { RealCameraParts } from './real.ts';
import { createSimulatedCamera } from './simulated.ts';
import type { SimulatedCamera, SimulatedCameraParts } from './simulated.ts';

/** `simulated` is the camera itself where its faults can be switched. */
export function createCamera(
  kind: Settings['hardware']['camera']['kind'],
  parts: SimulatedCameraParts & RealCameraParts & CheckedParts,
): { readonly camera: Camera; readonly simulated: SimulatedCamera | null } {
  switch (kind) {
    case 'simulated': {
      const simulated = createSimulatedCamera(parts);
      return { camera: checked(simulated, parts), simulated };
    }
    case 'auto':
    case 'libcamera':
    case 'v4l2':
      return { camera: checked(new RealCamera(kind, parts), parts), simulated: null };
    case 'none':
      return { camera: createAbsentCamera(), simulated: null };
  }
}
