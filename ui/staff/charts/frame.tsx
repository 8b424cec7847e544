/** A chart with its heading, its words for who does not see it, and its table (product.md 6). */
import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import type { Figure } from '../../../device/contract/staff-reports.ts';
import { csvOf, save } from '../csv.ts';
import { Icon } from '../parts/icon.tsx';

/** A figure as it is read. */
export const shown = (figure: Figure): string => (figure === null ? 'hidden' : String(figure));

interface FrameProps {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Of the file: `late-by-day-2026-09-01-2026-12-31`. */
  readonly file: string;
  readonly empty: string;
  readonly children: ComponentChildren;
}
export function ChartCard({ title, head, rows, file, empty, children }: FrameProps): JSX.Element {
  return (
    <section class="card chart-card" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {rows.length > 0 && (
          <button
            type="button"
            class="button small"
            aria-label={`CSV: ${title}`}
            onClick={() => {
              save(`${file}.csv`, csvOf(head, rows));
            }}
          >
            <Icon of="download" /> CSV
          </button>
        )}
      </header>
      {rows.length === 0 ? (
        <p class="empty">{empty}</p>
      ) : (
        <>
          {children}
          <details>
            <summary>As a table</summary>
            <div class="scrolls" tabIndex={0} role="region" aria-label={`Table: ${title}`}>
              <table class="figures-table">
                <thead>
                  <tr>
                    {head.map((name) => (
                      <th key={name} scope="col">
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {rows.map(([first = '', ...rest]) => (
                    <tr key={first}>
                      <th scope="row">{first}</th>
                      {rest.map((cell, i) => (
                        <td key={head[i + 1] ?? i}>{cell}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        </>
      )}
    </section>
  );
}

interface PictureProps {
  readonly title: string;
  readonly height: number;
  readonly draw: (width: number) => ComponentChildren;
}
/** Drawn as wide as there is room: letters keep their size. */
export function Picture({ title, height, draw }: PictureProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  const id = useId();
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const look = new ResizeObserver(([entry]) => {
      width.value = Math.floor(entry?.contentRect.width ?? 0);
    });
    look.observe(element);
    return () => {
      look.disconnect();
    };
  }, []);
  return (
    <div class="chart" ref={place}>
      {width.value > 0 && (
        <svg
          width={width.value}
          height={height}
          viewBox={`0 0 ${String(width.value)} ${String(height)}`}
          role="img"
          aria-labelledby={id}
        >
          <title id={id}>{`${title}. The figures stand in the table below.`}</title>
          {draw(width.value)}
        </svg>
      )}
    </div>
  );
}
