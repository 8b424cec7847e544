/** The camera, whatever it is. Pictures are JPEGs. */
import type { Settings } from '../domain/settings.ts';

export type CameraState = 'ready' | 'failed' | 'absent';
export interface CameraStatus {
  readonly state: CameraState;
  /** For staff, one short sentence: how it is, and what to do where it is not well. */
  readonly words: string;
  /** For staff: it gives pictures, and nothing is to be seen in them. Nobody is kept from signing out by it. */
  readonly concern?: string;
}

/** No picture was to be had. Its message is for staff. */
export class CameraProblem extends Error {
  override readonly name = 'CameraProblem';
}

export interface Camera {
  /** As the technician file asks for it. */
  readonly kind: Settings['hardware']['camera']['kind'];
  status(): CameraStatus;
  /**
   * One picture, within `takeDeadlineMs`; out of the live picture where that runs. A camera that has failed is looked for anew.
   * Rejects with a CameraProblem, or with the signal's reason.
   */
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
/** How long a live picture may stand still before the stream is given up. */
export const stallMs = 5_000;
