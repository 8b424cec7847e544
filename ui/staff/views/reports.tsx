/** Reports: late arrivals and early departures in figures that name nobody, each chart with its table (product.md 6). */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Bar, Figure, Report, ReportsView } from '../../../device/contract/staff-reports.ts';
import { useAsked } from '../asked.ts';
import { UprightBars, LyingBars } from '../charts/bars.tsx';
import { ChartCard, shown } from '../charts/frame.tsx';
import { HeatMap } from '../charts/heat.tsx';
import { me } from '../access/session.ts';
import { Select, Text } from '../parts/form.tsx';
import { PrintButton } from '../parts/print-button.tsx';
import { LateAgain } from './late-again.tsx';

export function Reports({ view }: { readonly view: ReportsView }): JSX.Element {
  const span = useSignal(view.spans[1] ?? { from: view.today, to: view.today });
  const { from, to } = span.value;
  const isTurned = from !== '' && to !== '' && from > to;
  const { value: report, wrong } = useAsked('report', from === '' || to === '' || isTurned ? null : { from, to }, [
    view,
  ]);
  const chosen = view.spans.findIndex((one) => one.from === from && one.to === to);
  return (
    <>
      <div class="head">
        <h1>Reports</h1>
        <div class="buttons">
          <PrintButton />
        </div>
      </div>
      <div class="card filters">
        <Select
          label="Time"
          none="Other days"
          value={chosen < 0 ? '' : String(chosen)}
          choices={view.spans.map(({ label }, i) => ({ id: String(i), label }))}
          onChange={(id) => (span.value = view.spans[Number(id)] ?? span.value)}
        />
        <Text label="From" type="date" value={from} onInput={(day) => (span.value = { ...span.value, from: day })} />
        <Text label="To" type="date" value={to} onInput={(day) => (span.value = { ...span.value, to: day })} />
      </div>
      <p role="alert" class="wrong">
        {isTurned ? 'The first day is after the last.' : wrong}
      </p>
      {report === null ? <p class="faint">One moment…</p> : <Figures report={report} />}
      {me.value?.role === 'attendance' && <LateAgain from={from} to={to} times={view.repeatTimes} />}
    </>
  );
}

function Figures({ report }: { readonly report: Report }): JSX.Element {
  const { late, early, remarks } = report;
  return (
    <>
      <div class="figures six">
        <Total figure={late.total} words="late arrivals" />
        <Total figure={late.minutesLost} words="minutes lost" />
        <Total figure={average(late.minutesLost, late.total)} words="minutes late on average" />
        <Total figure={early.total} words="left early" />
        <Total figure={early.back} words="came back" />
        <Total figure={early.away} words="minutes away on average" />
      </div>
      <div class="faint">
        {remarks.map((remark) => (
          <p key={remark}>{remark}</p>
        ))}
      </div>
      <Charts report={report} />
    </>
  );
}

function Charts({ report: { from, to, late, early } }: { readonly report: Report }): JSX.Element {
  const over = late.over.unit === 'day' ? 'Late arrivals by day' : 'Late arrivals by month';
  const file = (name: string): string => `${name}-${from}-${to}`;
  // Who came late twice is counted twice.
  const barCard = (
    title: string,
    head: readonly [string, 'Late arrivals' | 'Departures' | 'Returns'],
    name: string,
    bars: readonly Bar[],
  ): JSX.Element => (
    <ChartCard title={title} head={head} rows={rowsOf(bars)} file={file(name)} empty="Nothing in this time.">
      <LyingBars title={title} bars={bars} />
    </ChartCard>
  );
  const heatTitle = 'Late arrivals by weekday and time';
  return (
    <>
      <ChartCard
        title={over}
        head={[late.over.unit === 'day' ? 'Day' : 'Month', 'Late arrivals']}
        rows={rowsOf(late.over.bars)}
        file={file('late')}
        empty="No school day in this time."
      >
        <UprightBars title={over} bars={late.over.bars} />
      </ChartCard>
      <ChartCard
        title={heatTitle}
        head={['Weekday', ...late.heat.times]}
        rows={late.heat.rows.map(({ weekday, counts }) => [weekday, ...counts.map(shown)])}
        file={file('late-by-weekday-and-time')}
        empty="Nobody was late in this time."
      >
        <HeatMap title={heatTitle} heat={late.heat} />
      </ChartCard>
      <div class="two">
        {barCard('Late by year group', ['Year group', 'Late arrivals'], 'late-by-year', late.byYear)}
        {barCard('Late by reason', ['Reason', 'Late arrivals'], 'late-by-reason', late.byReason)}
        {barCard('Left early by year group', ['Year group', 'Departures'], 'early-by-year', early.byYear)}
        {barCard('Left early by reason', ['Reason', 'Departures'], 'early-by-reason', early.byReason)}
        {barCard('How long they were away', ['Away', 'Returns'], 'early-length', early.lengths)}
      </div>
    </>
  );
}

const rowsOf = (bars: readonly Bar[]): readonly (readonly string[])[] =>
  bars.map(({ label, count }) => [label, shown(count)]);

const average = (sum: Figure, count: Figure): Figure =>
  sum === null || count === null || count === 0 ? null : Math.round(sum / count);

function Total({ figure, words }: { readonly figure: Figure; readonly words: string }): JSX.Element {
  return (
    <p class="card figure">
      <b>{figure ?? '–'}</b> {words}
    </p>
  );
}
