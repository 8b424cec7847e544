/** Close the day: each pupil still out closed by a named person, what is open seen, then the encrypted export (product.md 6). */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type {
  CloseDay,
  CloseView,
  ClosedDay,
  DaysTogether,
  OutClosedRow,
} from '../../../device/contract/staff-close.ts';
import type { MarkRow } from '../../../device/contract/staff-rows.ts';
import type { OutNowRow } from '../../../device/contract/staff-views.ts';
import { act, actAndSay, may } from '../act.ts';
import { Card } from '../parts/card.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Form, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { Listing, Photo, Who, whoText } from '../parts/listing.tsx';
import type { Column } from '../parts/listing.tsx';
import { useOpenedRow } from '../parts/opened-row.ts';
import { MarkState, State } from '../parts/state.tsx';
import { addressOf } from '../route.ts';
import { size, withWords } from './words.ts';

export function Close({ view }: { readonly view: CloseView }): JSX.Element {
  const { days, moreDays, together, closed } = view;
  return (
    <>
      <div class="head">
        <h1>Close the day</h1>
      </div>
      {days.length === 0 && (
        <p class="card empty">
          <strong>Every day is closed</strong>
          The next school day comes here by itself.
        </p>
      )}
      {together !== null && may('close-days') && <Together {...together} />}
      {days.map((day) => (
        <Day key={day.date} day={day} />
      ))}
      {moreDays > 0 && <p class="faint">And {moreDays} more days, when these are closed.</p>}
      <Closed view={view} rows={closed} />
    </>
  );
}

function Day({ day }: { readonly day: CloseDay }): JSX.Element {
  const { date, words, notYet, out, settled, proposals, conflicts, unsent, undecided, counts } = day;
  const asked = useSignal(false);
  const isFree = notYet === null && out.length === 0;
  return (
    <section class="day" aria-label={words}>
      <div class="head">
        <h2>{words}</h2>
        {may('close-day') && (
          <button type="button" class="button main" disabled={!isFree} onClick={() => (asked.value = true)}>
            <Icon of="confirmed" /> Close {words}
          </button>
        )}
      </div>
      {!isFree && <p class="faint">{whyNot(day)}</p>}
      <StillOut rows={out} mayClose={notYet === null && may('close-out')} />
      <Settled rows={settled} />
      <div class="three">
        <Open
          title="To decide"
          rows={proposals}
          count={counts.proposals}
          empty="No mark of this day waits for a decision."
        />
        <Open
          title="Conflicts"
          rows={conflicts}
          count={counts.conflicts}
          empty="Nothing of this day needs a person in the MIS."
        />
        <Open
          title="Not in the MIS yet"
          rows={unsent}
          count={counts.unsent}
          empty="The MIS has every mark of this day."
          undecided={undecided}
        />
      </div>
      {asked.value && <Sure day={day} onClose={() => (asked.value = false)} key={date} />}
    </section>
  );
}

/** After weeks in which nobody closed a day, an upgrade from before there was this, a holiday's clubs. */
function Together({ days, words, upTo, open }: DaysTogether): JSX.Element {
  const asked = useSignal(false);
  const title = `Close ${String(days)} earlier days`;
  const send = async (): Promise<string | null> => {
    const wrong = await act('close-days', { upTo }, { done: `${String(days)} days are closed.` });
    if (wrong === null) asked.value = false;
    return wrong;
  };
  return (
    <div class="card health">
      <p>
        <strong>{days} earlier days are not closed</strong>, {words}, and nobody is still out of them.
      </p>
      <button type="button" class="button" onClick={() => (asked.value = true)}>
        <Icon of="confirmed" /> {title}
      </button>
      {asked.value && (
        <Dialog title={title} onClose={() => (asked.value = false)}>
          <Form button="Close them all" icon="confirmed" onSend={send} onBack={() => (asked.value = false)}>
            <p>
              {words}, each day by itself.{' '}
              {open === 0
                ? 'Every mark of these days is in the MIS.'
                : `${String(open)} of their marks ${open === 1 ? 'is' : 'are'} open and ${open === 1 ? 'stays' : 'stay'} under Marks.`}
            </p>
            <p>The export of each day is then written, encrypted. Your name stands beside each.</p>
          </Form>
        </Dialog>
      )}
    </div>
  );
}

function whyNot({ notYet, out }: CloseDay): string {
  const still = out.length === 1 ? 'A pupil is still out.' : `${String(out.length)} pupils are still out.`;
  // Nobody is closed before the day may be.
  if (notYet !== null) return out.length === 0 ? `Not yet: ${notYet}.` : `Not yet: ${notYet}. ${still}`;
  return `${still} Close each of them first.`;
}

function Sure({ day, onClose }: { readonly day: CloseDay; readonly onClose: () => void }): JSX.Element {
  const { date, words } = day;
  const { proposals, conflicts, unsent } = day.counts;
  const open = proposals + conflicts + unsent;
  const send = async (): Promise<string | null> => {
    const wrong = await act('close-day', { date }, { done: `${words} is closed.` });
    if (wrong === null) onClose();
    return wrong;
  };
  return (
    <Dialog title={`Close ${words}`} onClose={onClose}>
      <Form button="Close the day" icon="confirmed" onSend={send} onBack={onClose}>
        <p>
          {open === 0
            ? 'Every mark of the day is in the MIS.'
            : `${String(open)} ${open === 1 ? 'mark is' : 'marks are'} open: ${String(proposals)} to decide, ${String(conflicts)} conflicts, ${String(unsent)} not in the MIS yet. They stay under Marks.`}
        </p>
        <p>The export of the day is then written, encrypted. Your name stands beside it.</p>
      </Form>
    </Dialog>
  );
}

interface StillOutProps {
  readonly rows: readonly OutNowRow[];
  readonly mayClose: boolean;
}
function StillOut({ rows, mayClose }: StillOutProps): JSX.Element | null {
  const [chosen, choose] = useOpenedRow(rows, ({ movement }) => movement);
  const wentHome = ({ movement, pupil }: OutNowRow): void => {
    void actAndSay('close-out', { movement, how: 'went-home' }, { done: `${pupil}: went home as expected.` });
  };
  const columns: readonly Column<OutNowRow>[] = [
    { name: 'Photo', place: 'photo', cell: ({ photoUrl, pupil }) => <Photo url={photoUrl} pupil={pupil} /> },
    { name: 'Pupil', place: 'who', text: whoText, cell: (row) => <Who row={row} /> },
    { name: 'Due', place: 'end', text: ({ due }) => due ?? '', cell: ({ due, back }) => dueWords(due, back) },
    {
      name: 'Since',
      place: 'sub',
      text: ({ since }) => since,
      cell: ({ since, reason }) => `Out ${since} · ${reason}`,
    },
    { name: 'With', place: 'tail', text: withWords, cell: withWords },
    {
      name: 'Close',
      place: 'wide',
      cell: (row, hasJustMoved) =>
        mayClose ? (
          <span class="buttons">
            <button
              type="button"
              class="button small"
              aria-label={`${row.pupil} went home as expected`}
              onClick={() => !hasJustMoved() && wentHome(row)}
            >
              <Icon of="tick" /> Went home as expected
            </button>
            <button
              type="button"
              class="button small"
              aria-label={`Something else about ${row.pupil}`}
              onClick={() => choose(row)}
            >
              Something else
            </button>
          </span>
        ) : null,
    },
  ];
  if (rows.length === 0) return null;
  return (
    <Card title="Still out" count={rows.length} urgent empty={['', '']}>
      <Listing label="Still out" rows={rows} columns={columns} keyOf={({ movement }) => movement} />
      {chosen !== null && <Other row={chosen} onClose={() => choose(null)} />}
    </Card>
  );
}

const dueWords = (due: string | null, back: OutNowRow['back']): string =>
  due !== null ? `Due ${due}` : back === 'not-today' ? 'Not today' : 'Not known';

interface OtherProps {
  readonly row: { readonly movement: string; readonly pupil: string };
  readonly onClose: () => void;
}
function Other({ row, onClose }: OtherProps): JSX.Element {
  const why = useSignal('');
  const send = (how: OutClosedRow['how'], done: string) => async (): Promise<string | null> => {
    const said = why.value.trim();
    if (said === '') return how === 'not-found' ? 'Say who was told, and what was tried.' : 'Say with whom you spoke.';
    const wrong = await act('close-out', { movement: row.movement, how, why: said }, { done });
    if (wrong === null) onClose();
    return wrong;
  };
  return (
    <Dialog title={row.pupil} onClose={onClose}>
      <Text
        label="What is known"
        hint="With whom you spoke, who was told."
        value={why.value}
        onInput={(text) => (why.value = text)}
        focus
      />
      <Form
        button="Confirmed with home"
        icon="confirmed"
        onSend={send('confirmed-home', `${row.pupil}: confirmed with home.`)}
      />
      <Form
        button="Not found: safeguarding told"
        icon="alert"
        kind="danger"
        onSend={send('not-found', `${row.pupil}: not found. A note stands before everybody.`)}
      >
        <p>Tell the safeguarding lead now, yourself. An urgent note is set before all staff.</p>
      </Form>
    </Dialog>
  );
}

const hows = {
  'went-home': { words: 'Went home as expected', icon: 'confirmed', tone: 'good' },
  'confirmed-home': { words: 'Confirmed with home', icon: 'confirmed', tone: 'good' },
  'not-found': { words: 'Not found: safeguarding told', icon: 'alert', tone: 'bad' },
} as const;

const takeBack = ({ movement, pupil }: OutClosedRow): void =>
  void actAndSay('close-out', { movement, how: 'undone' }, { done: `${pupil} is still out.` });

function Settled({ rows }: { readonly rows: readonly OutClosedRow[] }): JSX.Element | null {
  const [chosen, choose] = useOpenedRow(rows, ({ movement }) => movement);
  if (rows.length === 0) return null;
  const columns: readonly Column<OutClosedRow>[] = [
    { name: 'Pupil', place: 'who', text: whoText, cell: (row) => <Who row={row} /> },
    { name: 'When', place: 'end', text: ({ at }) => at, cell: ({ at }) => at },
    {
      name: 'How',
      place: 'tail',
      text: ({ how }) => hows[how].words,
      cell: ({ how }) => (
        <State icon={hows[how].icon} tone={hows[how].tone}>
          {hows[how].words}
        </State>
      ),
    },
    {
      name: 'By',
      place: 'sub',
      text: ({ by, why }) => `${by} ${why ?? ''}`.trim(),
      cell: ({ by, why }) => (why === null ? by : `${by}: ${why}`),
    },
    {
      name: 'Found',
      place: 'wide',
      cell: (row, hasJustMoved) =>
        may('close-out') ? (
          <span class="buttons">
            {row.how === 'not-found' && (
              <button
                type="button"
                class="button small"
                aria-label={`${row.pupil} has been found`}
                onClick={() => choose(row)}
              >
                Found since
              </button>
            )}
            <button
              type="button"
              class="button small"
              aria-label={`Take back: ${row.pupil} is still out`}
              onClick={() => !hasJustMoved() && takeBack(row)}
            >
              Take back
            </button>
          </span>
        ) : null,
    },
  ];
  return (
    <Card title="Closed by a person" count={rows.length} empty={['', '']}>
      <Listing label="Closed by a person" rows={rows} columns={columns} keyOf={({ movement }) => movement} />
      {chosen !== null && <Other row={chosen} onClose={() => choose(null)} />}
    </Card>
  );
}

interface OpenProps {
  readonly title: string;
  readonly rows: readonly MarkRow[];
  readonly count: number;
  readonly empty: string;
  readonly undecided?: number;
}
function Open({ title, rows, count, empty, undecided = 0 }: OpenProps): JSX.Element {
  const columns: readonly Column<MarkRow>[] = [
    { name: 'Pupil', place: 'who', text: whoText, cell: (row) => <Who row={row} /> },
    { name: 'Session', place: 'end', text: ({ session }) => session, cell: ({ session }) => session },
    {
      name: 'Mark',
      place: 'tail',
      text: ({ code }) => code ?? '',
      cell: ({ state, code }) => <MarkState state={state} mark={code} />,
    },
  ];
  return (
    <Card
      title={title}
      count={count}
      urgent
      empty={['Nothing', empty]}
      beside={
        rows.length > 0 && (
          <a class="button small" href={addressOf('marks')}>
            Marks
          </a>
        )
      }
    >
      {undecided > 0 && (
        <p class="empty">
          {undecided === 1 ? 'One sign-in waits' : `${String(undecided)} sign-ins wait`} until the time is known, and
          may be of this day: see Now.
        </p>
      )}
      {rows.length > 0 && (
        <Listing label={title} rows={rows} total={count - undecided} columns={columns} keyOf={({ key }) => key} />
      )}
    </Card>
  );
}

function Closed({ view, rows }: { readonly view: CloseView; readonly rows: readonly ClosedDay[] }): JSX.Element {
  const columns: readonly Column<ClosedDay>[] = [
    { name: 'Day', place: 'who', text: ({ date }) => date, cell: ({ words }) => <strong>{words}</strong> },
    { name: 'When', place: 'end', text: ({ at }) => at, cell: ({ at }) => at },
    { name: 'By', place: 'sub', text: ({ by }) => by, cell: ({ by }) => by },
    {
      name: 'Export',
      place: 'tail',
      cell: ({ date, words, exportBytes }) =>
        exportBytes === null ? (
          <State icon="wait" tone="plain">
            Not on the box
          </State>
        ) : view.mayTakeExports ? (
          <a class="button small" href={`/export/${date}`} download aria-label={`Download the export of ${words}`}>
            <Icon of="download" /> {size(exportBytes)}
          </a>
        ) : (
          <State icon="confirmed" tone="good">
            Written
          </State>
        ),
    },
  ];
  return (
    <Card title="Closed days" count={rows.length} empty={['None yet', 'Closed days stand here with their exports.']}>
      <p class="empty">Each export opens with the recovery key of this box: porter export open FILE.</p>
      <Listing label="Closed days" rows={rows} columns={columns} keyOf={({ date }) => date} />
    </Card>
  );
}

/** On Now, before all else. */
export function Unclosed({ days }: { readonly days: readonly string[] }): JSX.Element | null {
  if (days.length === 0) return null;
  return (
    <section class="card health urgent" aria-label="Not closed">
      <Icon of="alert" />
      <p>
        <strong>
          {days.length === 1 ? `${days[0] ?? ''} was not closed.` : `${String(days.length)} days were not closed.`}
        </strong>{' '}
        Say of everybody who was still out how it ended, then close the day.
      </p>
      <a class="button main" href={addressOf('close')}>
        <Icon of="confirmed" /> Close the day
      </a>
    </section>
  );
}
