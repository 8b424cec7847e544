/** The day sheet: marks in register order, to copy into the MIS by hand and tick off. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { DaySheet, MarksView, SheetRow } from '../../../device/contract/staff-views.ts';
import { actAndSay, may } from '../act.ts';
import { useAsked } from '../asked.ts';
import { top } from '../box.ts';
import { Card } from '../parts/card.tsx';
import { Select, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { Listing, Who, whoText } from '../parts/listing.tsx';
import type { Column } from '../parts/listing.tsx';
import { PrintButton } from '../parts/print-button.tsx';
import { SaveList } from '../parts/save-list.tsx';
import { MarkState, markStateWords } from '../parts/state.tsx';
import { addressOf } from '../route.ts';
import { face } from './words.ts';

const sessions = [
  { id: 'AM', label: 'Morning' },
  { id: 'PM', label: 'Afternoon' },
];

export function Sheet({ view }: { readonly view: MarksView }): JSX.Element {
  const date = useSignal(view.date);
  const session = useSignal('');
  const asked = { date: date.value, session: session.value === '' ? null : session.value };
  const { value, wrong, isNow } = useAsked('day-sheet', date.value === '' ? null : asked, [view]);
  // No mark of another day stands under this one, nor goes into its file.
  const sheet = isNow && wrong === '' ? value : null;
  const rows = sheet?.rows ?? [];
  const open = rows.filter(({ tick }) => tick !== null).length;
  return (
    <>
      <p class="faint">
        {view.writesBack
          ? 'The box writes marks itself. While the MIS is down for long, copy them from here and tick them off: those are not sent.'
          : 'This MIS takes no marks from the box. Copy them into its registers from here, and tick them off.'}
      </p>
      <div class="card filters">
        <Text label="Day" type="date" value={date.value} onInput={(text) => (date.value = text)} />
        <Select
          label="Session"
          none="Both"
          value={session.value}
          choices={sessions}
          onChange={(id) => (session.value = id)}
        />
        <OtherDays days={sheet?.openDays ?? []} now={date.value} onChoose={(day) => (date.value = day)} />
      </div>
      <p role="alert" class="wrong">
        {wrong}
      </p>
      <Card
        title={`${String(open)} to copy, of`}
        count={rows.length + (sheet?.more ?? 0)}
        empty={['No marks on this day', 'Late arrivals of the day stand here in the order of the registers.']}
        beside={<SheetTools rows={rows} date={date.value} />}
      >
        <Listing label="Day sheet" rows={rows} columns={[...columns, done]} keyOf={({ key }) => key} />
      </Card>
      {sheet !== null && <Proof {...sheet.chain} />}
    </>
  );
}

/** Kept on paper, it shows later whether records were cut off. */
function Proof({ upTo, head }: DaySheet['chain']): JSX.Element | null {
  const { school, box, now } = top.value ?? {};
  return (
    <p class="faint">
      {school}, {box}, {now}. Records up to number {upTo}, chain <span class="code">{head}</span>. Printed and kept,
      this shows later that none of them was cut off.
    </p>
  );
}

interface DaysProps {
  readonly days: readonly string[];
  readonly now: string;
  readonly onChoose: (day: string) => void;
}
function OtherDays({ days, now, onChoose }: DaysProps): JSX.Element | null {
  const others = days.filter((day) => day !== now);
  if (others.length === 0) return null;
  return (
    <div class="field">
      <strong>Also to copy</strong>
      <div class="buttons">
        {others.slice(0, 5).map((day) => (
          <button type="button" class="button small" key={day} onClick={() => onChoose(day)}>
            {day}
          </button>
        ))}
      </div>
    </div>
  );
}

function SheetTools({ rows, date }: { readonly rows: readonly SheetRow[]; readonly date: string }): JSX.Element {
  return (
    <div class="buttons">
      <SaveList list="day-sheet" of={date} rows={rows} columns={columns} />
      <PrintButton small />
    </div>
  );
}

const columns: readonly Column<SheetRow>[] = [
  {
    name: 'Group',
    place: 'sub',
    text: ({ registrationGroup, yearGroup }) => registrationGroup ?? yearGroup ?? '',
    cell: ({ registrationGroup, yearGroup }) => registrationGroup ?? yearGroup,
  },
  {
    name: 'Pupil',
    place: 'who',
    text: ({ pupil }) => pupil,
    cell: (row) => <Who row={{ ...row, registrationGroup: null }} />,
  },
  { name: 'Session', place: 'sub', text: ({ session }) => session, cell: ({ session }) => session },
  { name: 'Mark', place: 'end', text: (row) => face(row), cell: (row) => <strong>{face(row)}</strong> },
  {
    name: 'State',
    place: 'tail',
    text: ({ state }) => markStateWords(state),
    cell: ({ state, key }) => (
      <a href={addressOf('marks', key)}>
        <MarkState state={state} />
      </a>
    ),
  },
];

const done: Column<SheetRow> = {
  name: 'Done',
  place: 'wide',
  cell: (row, hasJustMoved) => <Tick row={row} hasJustMoved={hasJustMoved} />,
};

interface TickProps {
  readonly row: SheetRow;
  readonly hasJustMoved: () => boolean;
}
function Tick({ row, hasJustMoved }: TickProps): JSX.Element | null {
  if (row.tick === null || !may('settle')) return null;
  const words = row.tick.kind === 'cleared' ? 'Taken out' : 'Copied';
  const settle = (): void => {
    if (hasJustMoved()) return;
    void actAndSay('settle', { key: row.key, verdict: row.tick }, { done: `${row.pupil}: ${words.toLowerCase()}.` });
  };
  return (
    <button type="button" class="button small" aria-label={`${words}: ${whoText(row)}`} onClick={settle}>
      <Icon of="tick" /> {words}
    </button>
  );
}
