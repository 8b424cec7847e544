/** Does the camera give a picture? For the self-test and `porter check`; the picture is looked at by nobody and forgotten. */
import { CameraProblem } from './port.ts';
import type { Camera, CameraStatus } from './port.ts';

export async function tryCamera(camera: Camera): Promise<CameraStatus> {
  if (camera.kind === 'none') return camera.status();
  try {
    await camera.take(new AbortController().signal); // it has a deadline of its own
    return camera.status();
  } catch (error) {
    const words = error instanceof CameraProblem ? error.message : 'The camera gave no picture';
    return { state: 'failed', words };
  }
}
