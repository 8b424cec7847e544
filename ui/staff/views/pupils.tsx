/** Pupils: how the roster came, what changed, a roster that waits for a person, and everybody on it (product.md 6). */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type {
  ChangedPupils,
  ChangedRow,
  Choice,
  GonePupil,
  HeldRow,
  PupilRow,
  PupilsView,
  RosterChangesView,
} from '../../../device/contract/staff-views.ts';
import { act, actAndSay, may } from '../act.ts';
import { useAsked } from '../asked.ts';
import { top } from '../box.ts';
import { Card } from '../parts/card.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Fact } from '../parts/fact.tsx';
import { Form, Select, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { Listing, Who, whoText } from '../parts/listing.tsx';
import type { Column } from '../parts/listing.tsx';
import { State } from '../parts/state.tsx';
import { addressOf } from '../route.ts';
import { Pupil } from './pupil.tsx';

/** `of`: the key of one pupil. */
export function Pupils({ view, of }: { readonly view: PupilsView; readonly of: string }): JSX.Element {
  return of === '' ? <All view={view} /> : <Pupil key={of} id={of} />;
}

function All({ view }: { readonly view: PupilsView }): JSX.Element {
  const busy = useSignal(false);
  const pull = async (): Promise<void> => {
    busy.value = true;
    await actAndSay('roster-pull', {}, { done: 'The roster has been read.' });
    busy.value = false;
  };
  return (
    <>
      <div class="head">
        <h1>Pupils</h1>
        {may('roster-pull') && (
          <button type="button" class="button" disabled={busy.value} onClick={() => void pull()}>
            <Icon of="again" /> {busy.value ? 'Asking the MIS…' : 'Read the roster now'}
          </button>
        )}
      </div>
      {view.held !== null && <Held held={view.held} />}
      <Roster view={view} />
      {view.holds !== null && view.holds.length > 0 && <Holds rows={view.holds} />}
      <Everybody view={view} />
      {view.gone.length > 0 && <Gone rows={view.gone} />}
    </>
  );
}

const openPupil = (key: string): void => {
  location.hash = addressOf('pupils', key);
};

/** Each ends by itself: whoever holds it looks at it before that. */
function Holds({ rows }: { readonly rows: readonly HeldRow[] }): JSX.Element {
  return (
    <Card title="Held for safeguarding" count={rows.length} empty={['', '']}>
      <Listing label="Held for safeguarding" rows={rows} columns={holdColumns} keyOf={({ movement }) => movement} />
    </Card>
  );
}
const holdColumns: readonly Column<HeldRow>[] = [
  {
    name: 'Pupil',
    place: 'who',
    text: whoText,
    cell: (row) => <Who row={row} {...(row.key === null ? {} : { onOpen: () => openPupil(row.key ?? '') })} />,
  },
  { name: 'Until', place: 'end', text: ({ until }) => until, cell: ({ until }) => `Until ${until}` },
  { name: 'Why', place: 'sub', text: ({ why }) => why ?? '', cell: ({ why }) => why },
  { name: 'By', place: 'tail', text: ({ by }) => by, cell: ({ by }) => by },
];

function Gone({ rows }: { readonly rows: readonly GonePupil[] }): JSX.Element {
  return (
    <Card title="No longer on the roster" count={rows.length} empty={['', '']}>
      <p class="empty">
        There are still records of them. Open one to take them as a file, to erase them, or to say that a new pupil is
        the same.
      </p>
      <Listing label="No longer on the roster" rows={rows} columns={goneColumns} keyOf={({ key }) => key} />
    </Card>
  );
}
const goneColumns: readonly Column<GonePupil>[] = [
  {
    name: 'Pupil',
    place: 'who',
    text: ({ pupil }) => pupil,
    cell: ({ key, pupil }) => <Who row={{ pupil, registrationGroup: null }} onOpen={() => openPupil(key)} />,
  },
  { name: 'Last movement', place: 'end', text: ({ last }) => last, cell: ({ last }) => last },
];

function Roster({ view }: { readonly view: PupilsView }): JSX.Element {
  const { facts, failure, problems, changes, pupils } = view;
  return (
    <section class={failure === null ? 'card' : 'card urgent'} aria-label="The roster">
      <header>
        <h2>
          The roster <span class="count">{pupils}</span>
        </h2>
        {failure !== null && (
          <State icon="warn" tone="warn">
            The last try failed
          </State>
        )}
      </header>
      <div class="body stack">
        {failure !== null && <p>{failure} The roster from before stays in use.</p>}
        <dl class="facts">
          {facts.map(({ name, words }) => (
            <Fact key={name} name={name}>
              {words}
            </Fact>
          ))}
          <dt>Last change</dt>
          <dd>{changes === null ? 'none since the first roster' : <Changes changes={changes} at={changes.at} />}</dd>
        </dl>
        {problems.length > 0 && (
          <details>
            <summary>
              {problems.length === 1 ? 'One row' : `${String(problems.length)} things`} of the roster to put right in
              the MIS or the file
            </summary>
            <ul class="plain">
              {problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </section>
  );
}

/** A count each, opened for the names. */
function Changes({ changes, at }: { readonly changes: RosterChangesView; readonly at?: string }): JSX.Element {
  const open = useSignal<ChangeKind | null>(null);
  const shown = open.value;
  return (
    <span class="line">
      {at !== undefined && <span>{at}:</span>}
      {kindsOfChange.map((kind) => (
        <button
          type="button"
          key={kind}
          class="button small"
          disabled={changes[kind].count === 0}
          onClick={() => (open.value = kind)}
        >
          {changes[kind].count} {changeWords[kind]}
        </button>
      ))}
      {shown !== null && (
        <Dialog title={`${String(changes[shown].count)} ${changeWords[shown]}`} onClose={() => (open.value = null)}>
          <Changed kind={shown} of={changes[shown]} />
        </Dialog>
      )}
    </span>
  );
}
type ChangeKind = keyof RosterChangesView;
const kindsOfChange: readonly ChangeKind[] = ['joined', 'left', 'moved'];
const changeWords: Readonly<Record<ChangeKind, string>> = {
  joined: 'joined',
  left: 'left',
  moved: 'changed group',
};

function Changed({
  kind,
  of: { rows, count },
}: {
  readonly kind: ChangeKind;
  readonly of: ChangedPupils;
}): JSX.Element {
  return (
    <>
      <ul class="plain">
        {rows.map((row, index) => (
          <li key={row.key ?? String(index)}>
            <bdi class="name">{row.pupil}</bdi> <span class="faint">{movedWords(kind, row)}</span>
          </li>
        ))}
      </ul>
      {count > rows.length && <p class="faint">and {count - rows.length} more</p>}
    </>
  );
}

function movedWords(kind: ChangeKind, { from, to }: ChangedRow): string {
  if (kind === 'moved') return to === null ? `from ${from ?? 'no group'}` : `${from ?? 'no group'} to ${to}`;
  return (kind === 'left' ? from : to) ?? '';
}

function Held({ held }: { readonly held: NonNullable<PupilsView['held']> }): JSX.Element {
  const step = useSignal<'accept' | 'refuse' | null>(null);
  const send = async (name: string, done: string): Promise<string | null> => {
    const wrong = await act(name, {}, { done });
    if (wrong === null) step.value = null;
    return wrong;
  };
  const close = (): void => {
    step.value = null;
  };
  return (
    <section class="card urgent" aria-label="A new roster waits">
      <header>
        <h2>
          <Icon of="warn" /> A new roster waits for you
        </h2>
      </header>
      <div class="body stack">
        <p>{held.words}</p>
        <p>With the new one:</p>
        <Changes changes={held.changes} />
        {may('roster-accept') ? (
          <div class="buttons">
            <button type="button" class="button" onClick={() => (step.value = 'accept')}>
              <Icon of="tick" /> Accept it
            </button>
            <button type="button" class="button" onClick={() => (step.value = 'refuse')}>
              <Icon of="close" /> Refuse it
            </button>
          </div>
        ) : (
          <p class="faint">Attendance or an administrator decides.</p>
        )}
      </div>
      {step.value === 'accept' && (
        <Dialog title="Accept the new roster?" onClose={close}>
          <Form button="Accept it" icon="tick" onSend={() => send('roster-accept', 'The new roster is in use.')}>
            <p>
              {held.changes.left.count} pupils leave the lists of the kiosk, {held.changes.joined.count} come to them.
              What is recorded of those who leave stays.
            </p>
          </Form>
        </Dialog>
      )}
      {step.value === 'refuse' && (
        <Dialog title="Refuse the new roster?" onClose={close}>
          <Form
            button="Refuse it"
            icon="close"
            kind="danger"
            onSend={() => send('roster-discard', 'The roster from before stays in use.')}
          >
            <p>The roster from before stays in use. If the MIS gives the same again tonight, it is held again.</p>
          </Form>
        </Dialog>
      )}
    </section>
  );
}

interface Narrowed {
  readonly text: string;
  /** See `chosen`. */
  readonly year: string;
  readonly group: string;
  readonly flag: string;
  readonly from: number;
}
function Everybody({ view }: { readonly view: PupilsView }): JSX.Element {
  const to = useSignal<Narrowed>({ text: '', year: all, group: all, flag: all, from: 0 });
  const { text, year, group, flag, from } = to.value;
  const wanted = {
    text: text.slice(0, 60),
    yearGroup: chosen(year),
    group: chosen(group),
    flag: chosen(flag),
    from,
  };
  const { value: page, wrong } = useAsked('pupils', wanted, [top.value?.revision]);
  return (
    <section class="card" aria-label="Everybody on the roster">
      <header>
        <h2>
          Everybody on the roster <span class="count">{page?.total ?? view.pupils}</span>
        </h2>
      </header>
      <Filters view={view} to={to.value} onNarrow={(change) => (to.value = { ...to.value, ...change, from: 0 })} />
      <p role="alert" class="wrong">
        {wrong}
      </p>
      {page !== null && page.rows.length > 0 && (
        <Listing label="Pupils" rows={page.rows} columns={columns} keyOf={({ key }) => key} isPage />
      )}
      {page !== null && page.rows.length === 0 && (
        <p class="empty">
          <strong>{view.pupils === 0 ? 'No roster has been read yet' : 'Nobody is found'}</strong>
          {view.pupils === 0
            ? 'The pupils come from the MIS at night, or with “Read the roster now”.'
            : 'Type fewer letters, or choose another group.'}
        </p>
      )}
      {page !== null && <Pages page={page} onFrom={(next) => (to.value = { ...to.value, from: next })} />}
    </section>
  );
}

interface FiltersProps {
  readonly view: PupilsView;
  readonly to: Narrowed;
  readonly onNarrow: (change: Partial<Narrowed>) => void;
}
function Filters({ view: { years, flags }, to, onNarrow }: FiltersProps): JSX.Element {
  const groups = years.filter(({ id }) => to.year === all || id === chosen(to.year)).flatMap((year) => year.groups);
  const counted = ({ id, label, pupils }: Choice & { readonly pupils: number }) => ({
    id: `=${id}`,
    label: `${label} (${String(pupils)})`,
  });
  return (
    <div class="filters">
      <Text
        label="Name, group or badge"
        value={to.text}
        onInput={(text) => {
          onNarrow({ text });
        }}
      />
      <Select
        label="Year group"
        value={to.year}
        choices={[{ id: all, label: 'All' }, ...years.map(counted)]}
        onChange={(year) => {
          onNarrow({ year, group: all });
        }}
      />
      <Select
        label="Registration group"
        value={to.group}
        choices={[{ id: all, label: 'All' }, ...groupChoices(groups)]}
        onChange={(group) => {
          onNarrow({ group });
        }}
      />
      <Select
        label="Flag"
        value={to.flag}
        choices={[{ id: all, label: 'Any or none' }, ...flags.map(counted)]}
        onChange={(flag) => {
          onNarrow({ flag });
        }}
      />
    </div>
  );
}

/** Chosen values begin with `=`: a school may have pupils without a group. */
const all = '';
const chosen = (value: string): string | null => (value === all ? null : value.slice(1));

function groupChoices(
  groups: readonly { readonly id: string; readonly pupils: number }[],
): readonly { readonly id: string; readonly label: string }[] {
  const counts = new Map<string, number>();
  for (const { id, pupils } of groups) counts.set(id, (counts.get(id) ?? 0) + pupils);
  return [...counts].map(([id, count]) => ({ id: `=${id}`, label: `${id === '' ? 'None' : id} (${String(count)})` }));
}

interface PagesProps {
  readonly page: { readonly rows: readonly unknown[]; readonly from: number; readonly total: number };
  readonly onFrom: (from: number) => void;
}
const pageRows = 50;
function Pages({ page: { rows, from, total }, onFrom }: PagesProps): JSX.Element | null {
  if (total <= pageRows && from === 0) return null;
  const last = from + rows.length;
  return (
    <nav class="pages" aria-label="Pages">
      <button type="button" class="button" disabled={from === 0} onClick={() => onFrom(Math.max(0, from - pageRows))}>
        <Icon of="back" /> Before
      </button>
      <span aria-live="polite">
        {rows.length === 0 ? 'none' : `${String(from + 1)} to ${String(last)}`} of {total}
      </span>
      <button type="button" class="button" disabled={last >= total} onClick={() => onFrom(from + pageRows)}>
        Next <Icon of="next" />
      </button>
    </nav>
  );
}

const columns: readonly Column<PupilRow>[] = [
  {
    name: 'Pupil',
    place: 'who',
    text: whoText,
    cell: (row) => <Who row={row} onOpen={() => openPupil(row.key)} />,
  },
  { name: 'Year', place: 'end', text: ({ yearGroup }) => yearGroup ?? '', cell: ({ yearGroup }) => yearGroup },
  { name: 'Today', place: 'sub', text: ({ where }) => where, cell: ({ where }) => (where === '' ? null : where) },
  {
    name: 'Flags',
    place: 'wide',
    text: ({ flags }) => flags.join(', '),
    cell: ({ flags }) =>
      flags.length === 0 ? null : (
        <span class="line">
          {flags.map((flag) => (
            <State key={flag} icon="note" tone="plain">
              {flag}
            </State>
          ))}
        </span>
      ),
  },
];
