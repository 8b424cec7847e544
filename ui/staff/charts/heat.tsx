/** Weekday by time of day: the darker, the more. */
import { scaleBand, scaleQuantize } from 'd3-scale';
import type { JSX } from 'preact';
import type { Report } from '../../../device/contract/staff-reports.ts';
import { Picture } from './frame.tsx';

interface HeatProps {
  readonly title: string;
  readonly heat: Report['late']['heat'];
}
const [row, top, left] = [34, 22, 44];
const shades = ['shade-1', 'shade-2', 'shade-3', 'shade-4', 'shade-5'] as const;
/** Figures stand in cells of this width or more. */
const figureFrom = 30;
const labelWidth = 48;

export function HeatMap({ title, heat: { times, rows } }: HeatProps): JSX.Element {
  const most = Math.max(1, ...rows.flatMap(({ counts }) => counts.map((count) => count ?? 0)));
  const shade = scaleQuantize<string>().domain([0, most]).range(shades);
  return (
    <Picture
      title={title}
      height={top + rows.length * row}
      draw={(width) => {
        const x = scaleBand<number>()
          .domain(times.map((_, i) => i))
          .range([left, width])
          .paddingInner(0.06);
        const every = Math.max(1, Math.ceil(labelWidth / x.step()));
        return (
          <>
            {times.map((time, i) =>
              i % every === 0 ? (
                <text key={time} x={x(i)} y={14}>
                  {time}
                </text>
              ) : null,
            )}
            {rows.map(({ weekday, counts }, j) => (
              <g key={weekday}>
                <text x={0} y={top + j * row + 21}>
                  {weekday.slice(0, 3)}
                </text>
                {counts.map((count, i) => (
                  <g key={times[i] ?? i}>
                    <rect
                      class={count === null ? 'hidden-cell' : count === 0 ? 'shade-0' : shade(count)}
                      x={x(i)}
                      y={top + j * row}
                      width={x.bandwidth()}
                      height={row - 3}
                    />
                    {count !== null && count > 0 && x.bandwidth() >= figureFrom && (
                      <text
                        class={count > most * 0.6 ? 'on-dark' : 'on-light'}
                        x={(x(i) ?? 0) + x.bandwidth() / 2}
                        y={top + j * row + 20}
                        text-anchor="middle"
                      >
                        {count}
                      </text>
                    )}
                  </g>
                ))}
              </g>
            ))}
          </>
        );
      }}
    />
  );
}
