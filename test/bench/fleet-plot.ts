/** Requests a second and boxes that have marks of the outage, over the time since it ended: an SVG. */

export interface FleetPlot {
  /** Of each box, ms after the end of the outage. */
  readonly drained: readonly number[];
  /** Requests of each step since the beginning. */
  readonly taken: readonly number[];
  readonly refused: readonly number[];
  /** Requests a second that the service takes. */
  readonly limit: number;
  readonly outageMs: number;
  readonly stepMs: number;
}

const [width, height, left, top, bottom] = [800, 360, 60, 40, 40] as const;

export function fleetPlot({ drained, taken, refused, limit, outageMs, stepMs }: FleetPlot): string {
  const from = Math.floor(outageMs / stepMs);
  const lastMs = Math.max(...drained);
  const steps = Math.ceil(lastMs / stepMs) + 1;
  const rate = (of: readonly number[], step: number): number => ((of[from + step] ?? 0) * 1_000) / stepMs;
  const most = Math.max(limit, ...Array.from({ length: steps }, (_, step) => rate(taken, step) + rate(refused, step)));
  const x = (step: number): number => left + ((width - 2 * left) * step) / steps;
  const y = (share: number): number => height - bottom - (height - top - bottom) * share;
  const path = (value: (step: number) => number): string =>
    Array.from({ length: steps }, (_, step) => `${x(step).toFixed(1)},${y(value(step)).toFixed(1)}`).join(' ');
  const waiting = (step: number): number => drained.filter((ms) => ms > step * stepMs).length / drained.length;
  const line = (points: string, colour: string): string =>
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points}"/>`;
  const text = (at: readonly [number, number], words: string, colour = '#222'): string =>
    `<text x="${at[0].toFixed(0)}" y="${at[1].toFixed(0)}" fill="${colour}">${words}</text>`;
  const minutes = Math.ceil(lastMs / 60_000);
  const every = Math.max(1, Math.ceil(minutes / 10));
  const marks = Array.from({ length: Math.floor(minutes / every) + 1 }, (_, n) =>
    text([x((n * every * 60_000) / stepMs), height - bottom + 20], String(n * every)),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
${text([left, 20], `${drained.length.toLocaleString('en-GB')} boxes after two hours without the service, which takes ${String(limit)} requests a second`)}
${line(
  path(() => limit / most),
  '#999',
)}
${line(
  path((step) => rate(taken, step) / most),
  '#1d5f8a',
)}
${line(
  path((step) => rate(refused, step) / most),
  '#b3261e',
)}
${line(path(waiting), '#2e7d32')}
${text([4, y(limit / most) + 4], `${String(limit)}/s`, '#777')}
${text([width - 190, top + 16], 'requests taken', '#1d5f8a')}
${text([width - 190, top + 34], 'requests refused', '#b3261e')}
${text([width - 190, top + 52], 'boxes with marks that wait', '#2e7d32')}
${marks.join('\n')}
${text([width / 2 - 60, height - 4], 'minutes since it is back')}
</svg>
`;
}
