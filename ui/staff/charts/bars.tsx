/** Bars: upright over time, lying for year groups and reasons. What is hidden is dashed, never a height. */
import { scaleBand, scaleLinear } from 'd3-scale';
import type { JSX } from 'preact';
import type { Bar } from '../../../device/contract/staff-reports.ts';
import { Picture, shown } from './frame.tsx';

interface BarsProps {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const mostOf = (bars: readonly Bar[]): number => Math.max(1, ...bars.map(({ count }) => count ?? 0));
const hiddenSize = 6;

const upright = { height: 220, top: 8, bottom: 24, left: 36 };
/** Room for a date under a bar. */
const labelWidth = 60;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** `23 Nov` of a day, `Nov 2026` of a month. */
function short(date: string): string {
  const [year = '', month = '', day] = date.split('-');
  const name = months[Number(month) - 1] ?? '';
  return day === undefined ? `${name} ${year}` : `${String(Number(day))} ${name}`;
}

export function UprightBars({ title, bars }: BarsProps): JSX.Element {
  const { height, top, bottom, left } = upright;
  const y = scaleLinear()
    .domain([0, mostOf(bars)])
    .nice(4)
    .range([height - bottom, top]);
  const ticks = y.ticks(4).filter(Number.isInteger);
  return (
    <Picture
      title={title}
      height={height}
      draw={(width) => {
        const x = scaleBand<number>()
          .domain(bars.map((_, i) => i))
          .range([left, width])
          .padding(0.2);
        const every = Math.max(1, Math.ceil((labelWidth * bars.length) / (width - left)));
        return (
          <>
            {ticks.map((tick) => (
              <g key={tick}>
                <line class="grid" x1={left} x2={width} y1={y(tick)} y2={y(tick)} />
                <text x={left - 6} y={y(tick) + 4} text-anchor="end">
                  {tick}
                </text>
              </g>
            ))}
            {bars.map(({ label, count }, i) => (
              <g key={label}>
                <rect
                  class={count === null ? 'hidden-bar' : 'bar'}
                  x={x(i)}
                  y={count === null ? y(0) - hiddenSize : y(count)}
                  width={x.bandwidth()}
                  height={count === null ? hiddenSize : y(0) - y(count)}
                />
                {i % every === 0 && (x(i) ?? 0) + labelWidth <= width + x.step() && (
                  <text x={x(i)} y={height - 6}>
                    {short(label)}
                  </text>
                )}
              </g>
            ))}
          </>
        );
      }}
    />
  );
}

const lying = { row: 30, left: 8, labels: 14 };

/** The label stands over its bar: there is room for long reasons on a phone. */
export function LyingBars({ title, bars }: BarsProps): JSX.Element {
  const { row, left, labels } = lying;
  const most = mostOf(bars);
  return (
    <Picture
      title={title}
      height={bars.length * row * 1.4}
      draw={(width) => {
        const x = scaleLinear()
          .domain([0, most])
          .range([0, width - left - 60]);
        return bars.map(({ label, count }, i) => {
          const top = i * row * 1.4;
          const length = count === null ? hiddenSize : Math.max(count === 0 ? 0 : 2, x(count));
          return (
            <g key={label}>
              <text x={left} y={top + labels}>
                {label}
              </text>
              <rect
                class={count === null ? 'hidden-bar' : 'bar'}
                x={left}
                y={top + labels + 6}
                width={length}
                height={14}
              />
              <text class="strong" x={left + length + 8} y={top + labels + 18}>
                {shown(count)}
              </text>
            </g>
          );
        });
      }}
    />
  );
}
