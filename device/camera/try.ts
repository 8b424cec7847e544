/** Does the camera give a picture? For the self-test and `porter check`; nobody sees the picture. */
import { concernOf, concernWords } from './look.ts';
import { CameraProblem } from './port.ts';
import type { Camera, CameraStatus } from './port.ts';

export async function tryCamera(camera: Camera): Promise<CameraStatus> {
  if (camera.kind === 'none') return camera.status();
  try {
    const picture = await camera.take(new AbortController().signal); // it has a deadline of its own
    const concern = await concernOf(picture);
    return concern === null ? camera.status() : { state: 'failed', words: concernWords[concern] };
  } catch (error) {
    const words = error instanceof CameraProblem ? error.message : 'The camera gave no picture';
    return { state: 'failed', words };
  }
}
