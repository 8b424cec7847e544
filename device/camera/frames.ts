/** Names of the simulated camera's pictures: what the build writes is what the camera reads. */
export const frameCount = 12;

export function frameName(frame: number | 'black' | 'covered'): string {
  return typeof frame === 'string' ? `${frame}.jpg` : `frame-${String(frame).padStart(2, '0')}.jpg`;
}
