/** Now: before you contact home, late today, out now, back (product.md 6). */
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import type { ContactRow, LateRow, NowView, OutNowRow } from '../../../device/contract/staff-views.ts';
import { may } from '../act.ts';
import { hidden } from '../idle.ts';
import { Card } from '../parts/card.tsx';
import { Icon } from '../parts/icon.tsx';
import { Listing, Photo, Who, whoText } from '../parts/listing.tsx';
import type { Column } from '../parts/listing.tsx';
import { MarkState, State, markStateWords } from '../parts/state.tsx';
import { recording } from '../recording.ts';
import { addressOf } from '../route.ts';
import { Bus, BusBanner } from './bus.tsx';
import { Unclosed } from './close.tsx';
import { Movement } from './movement.tsx';
import type { Opened } from './movement.tsx';
import { AskNow, Undecided } from './undecided.tsx';
import { outcomeWords, spaced, withWords } from './words.ts';

interface NowProps {
  readonly now: NowView;
  /** Comes before every list. */
  readonly children: ComponentChildren;
}

export function Now({ now, children }: NowProps): JSX.Element {
  const opened = useSignal<Opened | null>(null);
  const bus = useSignal(false);
  const { counts } = now;
  const here = opened.value === null ? null : openedNow(now, opened.value.row.movement);
  /** Beyond what these lists have room for, it is on the pupil's page. */
  const openContact = ({ movement, pupilKey }: ContactRow): void => {
    opened.value = openedNow(now, movement);
    if (opened.value === null) location.hash = addressOf('pupils', pupilKey);
  };
  return (
    <>
      <Head now={now} onBus={() => (bus.value = true)} />
      <AskNow />
      <Unclosed days={now.unclosed} />
      <BusBanner hold={now.hold} />
      {children}
      <Contact rows={now.contact} count={counts.contact} open={openContact} />
      <Undecided rows={now.undecided} />
      <Lists now={now} open={(next) => (opened.value = next)} />
      {opened.value !== null && (
        <Movement now={now} opened={here ?? opened.value} gone={here === null} onClose={() => (opened.value = null)} />
      )}
      {bus.value && <Bus now={now} onClose={() => (bus.value = false)} />}
    </>
  );
}

function Head({ now, onBus }: { readonly now: NowView; readonly onBus: () => void }): JSX.Element {
  return (
    <div class="head">
      <h1>Now</h1>
      <div class="buttons">
        {may('record-for') && (
          <button type="button" class="button main" onClick={() => (recording.value = { pupil: null })}>
            <Icon of="plus" /> Record for a pupil
          </button>
        )}
        {may('hold-arrivals') && now.hold === null && (
          <button type="button" class="button" onClick={onBus}>
            <Icon of="bus" /> Late bus
          </button>
        )}
        <button type="button" class="button" onClick={() => (hidden.value = true)}>
          <Icon of="hide" /> Hide names
        </button>
      </div>
    </div>
  );
}

interface ListsProps {
  readonly now: NowView;
  readonly open: (opened: Opened) => void;
}
function Lists({ now, open }: ListsProps): JSX.Element {
  const { counts } = now;
  return (
    <>
      <div class="three">
        <Card title="Late today" count={counts.late} empty={['Nobody yet', 'Who signs in late appears here at once.']}>
          <Listing
            label="Late today"
            rows={now.late}
            total={counts.late}
            columns={inColumns((row) => open({ kind: 'late', row }))}
            keyOf={({ movement }) => movement}
          />
        </Card>
        <Card
          title="Out now"
          count={counts.out}
          urgent={counts.overdue > 0}
          empty={['Nobody is out', 'Who signs out early stands here until they are back.']}
          beside={
            counts.overdue > 0 && (
              <State icon="alert" tone="bad">
                {`${String(counts.overdue)} overdue`}
              </State>
            )
          }
        >
          <Listing
            label="Out now"
            rows={now.out}
            total={counts.out}
            columns={outColumns((row) => open({ kind: 'out', row }))}
            keyOf={({ movement }) => movement}
          />
        </Card>
        <Card title="Back" count={counts.back} empty={['Nobody yet', 'Who comes back with the badge appears here.']}>
          <Listing
            label="Back"
            rows={now.back}
            total={counts.back}
            columns={inColumns((row) => open({ kind: 'back', row }))}
            keyOf={({ movement }) => movement}
          />
        </Card>
      </div>
      {counts.onTime > 0 && (
        <Card title="Signed in, not late" count={counts.onTime} empty={['', '']}>
          <Listing
            label="Signed in, not late"
            rows={now.onTime}
            total={counts.onTime}
            columns={inColumns((row) => open({ kind: 'late', row }))}
            keyOf={({ movement }) => movement}
          />
        </Card>
      )}
    </>
  );
}

/** As it is by now; null: it is in no list any more. */
function openedNow(now: NowView, movement: string): Opened | null {
  const is = (row: { readonly movement: string }): boolean => row.movement === movement;
  const late = now.late.find(is) ?? now.onTime.find(is);
  const [out, back] = [now.out.find(is), now.back.find(is)];
  if (late !== undefined) return { kind: 'late', row: late };
  if (out !== undefined) return { kind: 'out', row: out };
  return back === undefined ? null : { kind: 'back', row: back };
}

function inColumns(open: (row: LateRow) => void): readonly Column<LateRow>[] {
  return [
    {
      name: 'Pupil',
      place: 'who',
      text: whoText,
      cell: (row) => <Who row={row} onOpen={() => open(row)} />,
    },
    { name: 'Time', place: 'end', text: ({ time }) => time ?? '', cell: ({ time }) => time ?? 'not sure' },
    { name: 'Reason', place: 'sub', text: ({ reason }) => reason ?? '', cell: ({ reason }) => reason },
    {
      name: 'Mark',
      place: 'tail',
      text: ({ mark, outcome }) =>
        mark === null ? (outcomeWords[outcome] ?? '') : `${mark.mark ?? ''} ${markStateWords(mark.state)}`.trim(),
      cell: ({ mark, outcome }) =>
        mark === null ? (
          <span class="faint">{outcomeWords[outcome] ?? ''}</span>
        ) : (
          <MarkState state={mark.state} mark={short(mark.mark)} />
        ),
    },
  ];
}
/** `L 22` */
const short = (mark: string | null): string | null => mark?.replace(/, (\d+) minutes?/, ' $1') ?? null;

function outColumns(open: (row: OutNowRow) => void): readonly Column<OutNowRow>[] {
  return [
    { name: 'Photo', place: 'photo', cell: ({ photoUrl, pupil }) => <Photo url={photoUrl} pupil={pupil} /> },
    { name: 'Pupil', place: 'who', text: whoText, cell: (row) => <Who row={row} onOpen={() => open(row)} /> },
    { name: 'Due', place: 'end', text: ({ due }) => due ?? '', cell: (row) => <Due row={row} /> },
    { name: 'Since', place: 'sub', text: ({ since }) => since, cell: outWords },
    {
      name: 'With',
      place: 'tail',
      text: (row) => withWords(row),
      cell: (row) => (row.withWhom === null && row.adult === null ? null : withWords(row)),
    },
    { name: 'Badge', place: 'wide', text: ({ badge }) => (badge === null ? '' : spaced(badge)), cell: Trouble },
  ];
}

const outWords = ({ since, reason }: OutNowRow): string => `Out ${since} · ${reason}`;

function Due({ row }: { readonly row: OutNowRow }): JSX.Element | string {
  if (row.due !== null) return row.overdue ? <strong class="late">Due {row.due}</strong> : `Due ${row.due}`;
  if (row.earlier !== null) return 'Not closed';
  return row.back === 'not-today' ? 'Not today' : 'Not known';
}

/** What somebody should see to. */
function Trouble(row: OutNowRow): JSX.Element | null {
  const isUnprinted = row.badgeState === 'not-printed' && row.badge !== null;
  if (row.overdueBy === null && row.earlier === null && !isUnprinted) return null;
  return (
    <span class="line">
      {row.overdueBy !== null && (
        <State icon="alert" tone="bad">
          {`${row.overdueBy} overdue`}
        </State>
      )}
      {row.earlier !== null && (
        <State icon="warn" tone="warn">
          Left on an earlier day
        </State>
      )}
      {isUnprinted && (
        <State icon="printer" tone="warn">
          {`Badge ${spaced(row.badge)} not printed`}
        </State>
      )}
    </span>
  );
}

interface ContactProps {
  readonly rows: readonly ContactRow[];
  readonly count: number;
  readonly open: (row: ContactRow) => void;
}
function Contact({ rows, count, open }: ContactProps): JSX.Element {
  const columns: readonly Column<ContactRow>[] = [
    { name: 'Pupil', place: 'who', text: whoText, cell: (row) => <Who row={row} onOpen={() => open(row)} /> },
    { name: 'Here since', place: 'end', text: ({ since }) => since ?? '', cell: ({ since }) => since ?? 'not sure' },
    {
      name: 'For',
      place: 'tail',
      text: ({ waits }) => waits ?? '',
      cell: ({ waits }) => (waits === null ? null : waits),
    },
    { name: 'Why', place: 'sub', text: ({ why }) => why, cell: ({ why }) => why },
    {
      name: 'Mark',
      place: 'wide',
      text: ({ mark }) => (mark === null ? '' : markStateWords(mark.state)),
      cell: ({ mark }) => (mark === null ? null : <MarkState state={mark.state} mark={short(mark.mark)} />),
    },
  ];
  return (
    <Card
      title="Before you contact home"
      count={count}
      urgent
      empty={['The MIS knows of everybody', 'Pupils who are in school and not so in the MIS are named here first.']}
    >
      <Listing
        label="Before you contact home"
        rows={rows}
        total={count}
        columns={columns}
        keyOf={({ movement }) => movement}
      />
    </Card>
  );
}
