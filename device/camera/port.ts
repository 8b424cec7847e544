/** The camera, whatever it is. Pictures are JPEGs. */

export type CameraState = 'ready' | 'failed' | 'absent';
export interface CameraStatus {
  readonly state: CameraState;
  /** For staff, one short sentence. */
  readonly words: string;
}

/** No picture was to be had. Its message is for staff. */
export class CameraProblem extends Error {
  override readonly name = 'CameraProblem';
}

export interface Camera {
  readonly kind: 'libcamera' | 'v4l2' | 'simulated' | 'none';
  status(): CameraStatus;
  /** One picture, within `takeDeadlineMs`. Rejects with a CameraProblem, or with the signal's reason. */
  take(signal: AbortSignal): Promise<Uint8Array>;
  /**
   * The live picture. All watchers share one source, which stops when the last leaves (`break`, or the signal). A slow
   * watcher misses pictures, none are kept for it. Ends when the camera fails; begins nothing when there is none.
   */
  live(signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): void;
}

export const takeDeadlineMs = 5_000;
/** Between pictures of the live stream: eight a second. */
export const liveEveryMs = 125;
