/** Evacuation: who is looked for, as far as the box knows; on paper, as a file for phones, and as a drill (product.md 6). */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { everywhere } from '../../../device/contract/staff-evacuation.ts';
import type { EvacuationView, EvacueeRow, Where } from '../../../device/contract/staff-evacuation.ts';
import { act, actAndSay, may } from '../act.ts';
import { afterTypingMs, useAsked } from '../asked.ts';
import { me } from '../access/session.ts';
import { Card } from '../parts/card.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Form, Select, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { Listing, Who, whoText } from '../parts/listing.tsx';
import type { Column } from '../parts/listing.tsx';

/** In this order: who is looked for first. */
const places: readonly { readonly where: Where; readonly title: string; readonly empty: readonly [string, string] }[] =
  [
    {
      where: 'not-known',
      title: 'Not known',
      empty: ['Nobody', 'Pupils without a mark, or of whom two things are said, stand here.'],
    },
    {
      where: 'late',
      title: 'Came late',
      empty: ['Nobody', 'Who signed in late today stands here: a register on paper may not have them.'],
    },
    { where: 'back', title: 'Came back', empty: ['Nobody', 'Who left and came back stands here.'] },
    { where: 'out', title: 'Out', empty: ['Nobody', 'Who has left, or is marked absent, stands here.'] },
  ];
const titles: Readonly<Record<Where, string>> = {
  'not-known': 'Not known',
  late: 'Came late',
  back: 'Came back',
  out: 'Out',
  'in-school': 'In school',
};

export function Evacuation({ view }: { readonly view: EvacuationView }): JSX.Element {
  const group = useSignal('');
  const where = useSignal<Where | null>(null);
  const text = useSignal('');
  const isNarrowed = group.value !== '' || where.value !== null || text.value.trim() !== '';
  return (
    <>
      <div class="head">
        <h1>Evacuation</h1>
        <Tools drill={view.drill} />
      </div>
      {view.drill !== null && (
        <p class="drill" role="status">
          DRILL{' '}
          <small>
            since {view.drill.since}, begun by <bdi>{view.drill.by}</bdi>
          </small>
        </p>
      )}
      <section class={view.age.old ? 'card age warn' : 'card age'} aria-label="Age of the data">
        <p class="big">{view.age.words}</p>
        <p>{view.age.detail}</p>
        <p>
          <strong>Pupils only: no staff, no visitors.</strong>
        </p>
      </section>
      <div class="figures five">
        {everywhere.map((one) => (
          <button
            type="button"
            key={one}
            class={one === 'not-known' && view.counts[one] > 0 ? 'card figure warn' : 'card figure'}
            aria-pressed={where.value === one}
            onClick={() => (where.value = where.value === one ? null : one)}
          >
            <b>{view.counts[one]}</b> {titles[one]}
          </button>
        ))}
      </div>
      <div class="card filters">
        <Select
          label="Registration group"
          none="All"
          value={group.value}
          choices={view.groups.map((one) => ({ id: one.group, label: one.group }))}
          onChange={(id) => (group.value = id)}
        />
        <Text label="Name" value={text.value} maxLength={60} onInput={(next) => (text.value = next)} />
        {isNarrowed && (
          <button
            type="button"
            class="button"
            onClick={() => {
              group.value = '';
              where.value = null;
              text.value = '';
            }}
          >
            <Icon of="close" /> Show all
          </button>
        )}
      </div>
      {isNarrowed ? (
        <Found view={view} group={group.value} where={where.value} text={text.value} />
      ) : (
        <Everybody view={view} open={(name) => (group.value = name)} />
      )}
    </>
  );
}

function Tools({ drill }: Pick<EvacuationView, 'drill'>): JSX.Element {
  const starting = useSignal(false);
  const printing = useSignal(false);
  const print = async (): Promise<void> => {
    printing.value = true;
    await actAndSay('print-evacuation', {}, { done: 'Printed: everybody but those who were marked present.' });
    printing.value = false;
  };
  return (
    <div class="buttons">
      {may('print-evacuation') && (
        <>
          <button type="button" class="button main" disabled={printing.value} onClick={() => void print()}>
            <Icon of="printer" /> {printing.value ? 'Printing…' : 'Print exceptions'}
          </button>
          <a class="button" href="/evacuation" download>
            <Icon of="download" /> File for phones
          </a>
        </>
      )}
      {may('drill') &&
        (drill === null ? (
          <button type="button" class="button" onClick={() => (starting.value = true)}>
            <Icon of="play" /> Start a drill
          </button>
        ) : (
          <button
            type="button"
            class="button danger"
            onClick={() => void actAndSay('drill', { on: false }, { done: 'The drill is over.' })}
          >
            <Icon of="stop" /> End the drill
          </button>
        ))}
      {starting.value && <StartDrill onClose={() => (starting.value = false)} />}
    </div>
  );
}

function StartDrill({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const start = async (): Promise<string | null> => {
    const wrong = await act('drill', { on: true }, { done: 'The drill has begun.' });
    if (wrong === null) onClose();
    return wrong;
  };
  return (
    <Dialog title="Start a drill?" onClose={onClose}>
      <Form button="Start the drill" icon="play" onSend={start} onBack={onClose}>
        <p>
          Every page, list and file says DRILL until somebody ends it. Nothing is written to the MIS because of it.
          Pupils who come and go meanwhile are recorded as always.
        </p>
        <p>It is recorded that {me.value?.name ?? 'you'} started it.</p>
      </Form>
    </Dialog>
  );
}

const columns: readonly Column<EvacueeRow>[] = [
  { name: 'Pupil', place: 'who', text: whoText, cell: (row) => <Who row={row} /> },
  { name: 'What is known', place: 'end', text: ({ words }) => words, cell: ({ words }) => words },
];
const withPlace: readonly Column<EvacueeRow>[] = [
  ...columns,
  { name: 'Where', place: 'tail', text: ({ where }) => titles[where], cell: ({ where }) => titles[where] },
];

interface EverybodyProps {
  readonly view: EvacuationView;
  readonly open: (group: string) => void;
}
function Everybody({ view, open }: EverybodyProps): JSX.Element {
  return (
    <>
      <div class="two">
        {places.map(({ where, title, empty }) => {
          const rows = view.rows.filter((row) => row.where === where);
          return (
            <Card key={where} title={title} count={view.counts[where]} urgent={where === 'not-known'} empty={empty}>
              <Listing label={title} rows={rows} columns={columns} keyOf={({ key }) => key} />
              {rows.length < view.counts[where] && (
                <p class="empty">{view.counts[where] - rows.length} more: choose a registration group.</p>
              )}
            </Card>
          );
        })}
      </div>
      <Card
        title="By registration group"
        count={view.groups.length}
        empty={['No roster', 'Pupils stand here once the box has the roster.']}
      >
        <Listing
          label="By registration group"
          rows={view.groups}
          columns={groupColumns(open)}
          keyOf={({ group }) => group}
        />
      </Card>
    </>
  );
}

type Group = EvacuationView['groups'][number];
const groupColumns = (open: (group: string) => void): readonly Column<Group>[] => [
  {
    name: 'Group',
    place: 'who',
    text: ({ group }) => group,
    cell: ({ group }) => (
      <button type="button" class="opens" onClick={() => open(group)}>
        <bdi>{group}</bdi>
      </button>
    ),
  },
  ...everywhere.map((where): Column<Group> => ({
    name: titles[where],
    place: 'tail',
    text: ({ counts }) => String(counts[where]),
    cell: ({ counts }) => (
      <span class={counts[where] === 0 ? 'none' : where === 'in-school' ? undefined : 'some'}>
        <span class="on-card">{titles[where]} </span>
        {counts[where]}
      </span>
    ),
  })),
];

interface FoundProps {
  readonly view: EvacuationView;
  readonly group: string;
  readonly where: Where | null;
  readonly text: string;
}
/** Asked again whenever something has changed: after a moment, since much may change at once. */
function Found({ view, group, where, text }: FoundProps): JSX.Element {
  const asked = { group: group === '' ? null : group, where, text };
  const { value: found, wrong, isNow } = useAsked('evacuees', asked, [view], afterTypingMs);
  // Nobody of another group stands under this one.
  if (found === null || wrong !== '' || !isNow) {
    return <p class={wrong === '' ? 'faint' : 'wrong'}>{wrong || 'One moment…'}</p>;
  }
  const { rows, more } = found;
  return (
    <>
      <Card title="Found" count={rows.length + more} empty={['Nobody', 'No pupil is like that.']}>
        <Listing label="Found" rows={rows} columns={where === null ? withPlace : columns} keyOf={({ key }) => key} />
        {more > 0 && <p class="empty">{more} more: choose a registration group.</p>}
      </Card>
    </>
  );
}
