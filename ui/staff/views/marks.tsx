/** Marks: the sum, the MIS in words, what needs a person, and every mark with its history (product.md 4 and 6). */
import type { JSX } from 'preact';
import type { MarkRow } from '../../../device/contract/staff.ts';
import type { MarksView } from '../../../device/contract/staff-views.ts';
import { actAndSay, may } from '../act.ts';
import { Card } from '../parts/card.tsx';
import { Icon } from '../parts/icon.tsx';
import { Listing, Who, whoText } from '../parts/listing.tsx';
import type { Column } from '../parts/listing.tsx';
import { SaveList } from '../parts/save-list.tsx';
import { MarkState, State, markStateWords } from '../parts/state.tsx';
import { addressOf } from '../route.ts';
import { Decide } from './decide.tsx';
import { Sheet } from './day-sheet.tsx';
import { WhyMark } from './mark-page.tsx';
import { face } from './words.ts';

/** `of`: a tab, or the key of one mark. */
export function Marks({ view, of }: { readonly view: MarksView; readonly of: string }): JSX.Element {
  if (of.includes('|')) return <WhyMark id={of} changed={view} />;
  return (
    <>
      <div class="head">
        <h1>Marks</h1>
        <Tabs view={view} of={of} />
      </div>
      {of === 'sheet' ? <Sheet view={view} /> : of === 'all' ? <All view={view} /> : <ToDecide view={view} />}
    </>
  );
}

function Tabs({ view, of }: { readonly view: MarksView; readonly of: string }): JSX.Element {
  const tab = (name: string, words: string, count: number | null): JSX.Element => (
    <a href={addressOf('marks', name)} aria-current={of === name ? 'page' : undefined}>
      {words} {count !== null && <span class={name === '' && count > 0 ? 'count warn' : 'count'}>{count}</span>}
    </a>
  );
  return (
    <nav class="tabs" aria-label="Marks">
      {tab('', 'To decide', view.sum.needsPerson)}
      {tab('all', 'All', allOf(view).length + view.more)}
      {tab('sheet', 'Day sheet', null)}
    </nav>
  );
}

function ToDecide({ view }: { readonly view: MarksView }): JSX.Element {
  const { sum } = view;
  return (
    <>
      <p class="card bigsum" aria-label="The sum">
        <span>
          recorded <b>{sum.recorded}</b>
        </span>
        <span>=</span>
        <span>
          confirmed <b>{sum.confirmed}</b>
        </span>
        <span>+</span>
        <span>
          waiting <b>{sum.waiting}</b>
        </span>
        <span>+</span>
        <span class={sum.needsPerson > 0 ? 'warn' : undefined}>
          needs a person <b>{sum.needsPerson}</b>
        </span>
      </p>
      <Mis view={view} />
      <Decide view={view} />
      {view.more > 0 && <p class="faint">And {view.more} more, for which there is no room here. The sum counts all.</p>}
    </>
  );
}

const misStates = {
  online: { words: 'MIS online', icon: 'confirmed', tone: 'good' },
  offline: { words: 'MIS offline', icon: 'away', tone: 'warn' },
  paused: { words: 'Paused', icon: 'freeze', tone: 'warn' },
  refused: { words: 'MIS refuses', icon: 'alert', tone: 'bad' },
  none: { words: 'No MIS', icon: 'mis', tone: 'plain' },
} as const;

export function MisState({ mis }: { readonly mis: MarksView['mis'] }): JSX.Element {
  const { words, icon, tone } = misStates[mis.state];
  return (
    <State icon={icon} tone={tone}>
      {words}
    </State>
  );
}

function Mis({ view }: { readonly view: MarksView }): JSX.Element {
  const { mis, frozen, writesBack } = view;
  const freeze = (): void => {
    void actAndSay('freeze', {}, { done: 'Nothing is sent until you go on.', undo: thaw });
  };
  return (
    <div class="card health">
      <MisState mis={mis} />
      <p>
        {mis.words} {mis.lastContact !== null && <span class="faint">Last answer {mis.lastContact}.</span>}{' '}
        {!writesBack && <a href={addressOf('marks', 'sheet')}>Copy the marks from the day sheet.</a>}
      </p>
      {frozen !== null && may('thaw') && (
        <button type="button" class="button main" onClick={thaw}>
          <Icon of="play" /> Go on sending
        </button>
      )}
      {frozen === null && writesBack && may('freeze') && (
        <button type="button" class="button small" onClick={freeze}>
          <Icon of="freeze" /> Stop sending
        </button>
      )}
    </div>
  );
}

function thaw(): void {
  void actAndSay('thaw', {}, { done: 'Marks are sent again.' });
}

const columns: readonly Column<MarkRow>[] = [
  {
    name: 'Pupil',
    place: 'who',
    text: whoText,
    cell: (row) => <Who row={row} onOpen={() => (location.hash = addressOf('marks', row.key))} />,
  },
  { name: 'Register', place: 'sub', text: register, cell: (row) => <span class="whole">{register(row)}</span> },
  {
    name: 'Mark',
    place: 'end',
    text: (row) => face(row),
    cell: (row) => <strong>{face(row)}</strong>,
  },
  {
    name: 'State',
    place: 'tail',
    text: ({ state }) => markStateWords(state),
    cell: ({ state }) => <MarkState state={state} />,
  },
  {
    name: 'In the MIS',
    place: 'wide',
    text: ({ inMis }) => inMis ?? '',
    cell: ({ inMis }) =>
      inMis === null ? null : (
        <>
          <span class="on-card">In the MIS: </span>
          {inMis}
        </>
      ),
  },
  {
    name: 'What happened',
    place: 'wide',
    text: ({ history, why }) => [...(why === null ? [] : [why]), ...history.map(({ words }) => words)].join('; '),
    cell: ({ history, why }) =>
      why ??
      history
        .slice(-3)
        .map(({ words }) => words)
        .join('; '),
  },
];

function register({ date, session }: MarkRow): string {
  return `${date} ${session}`;
}

const allOf = ({ needsPerson, waiting, done }: MarksView): readonly MarkRow[] => [...needsPerson, ...waiting, ...done];

function All({ view }: { readonly view: MarksView }): JSX.Element {
  const rows = allOf(view);
  return (
    <Card
      title="All marks of today and on their way"
      count={rows.length + view.more}
      empty={['No marks yet', 'Each mark that a sign-in makes stands here, from the touch to the MIS.']}
      beside={<SaveList list="marks" of={view.date} rows={rows} columns={columns} />}
    >
      <Listing label="Marks" rows={rows} total={rows.length + view.more} columns={columns} keyOf={({ key }) => key} />
    </Card>
  );
}
