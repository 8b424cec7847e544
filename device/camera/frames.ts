/** Names of the simulated camera's pictures: what the build writes is what the camera reads. */
export const frameCount = 12;

export function frameName(frame: number | 'black'): string {
  return frame === 'black' ? 'black.jpg' : `frame-${String(frame).padStart(2, '0')}.jpg`;
}
