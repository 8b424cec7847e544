/** Reasons and times: what holds, what the technician file says, what comes, and who said so (product.md 6). */
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import type { SettingRow, SettingSaid, SettingsView } from '../../../../device/contract/staff-settings.ts';
import { may } from '../../act.ts';
import { Card } from '../../parts/card.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Listing } from '../../parts/listing.tsx';
import type { Column } from '../../parts/listing.tsx';
import { State } from '../../parts/state.tsx';
import { addressOf } from '../../route.ts';
import { Change, reorder, undoSetting } from './change.tsx';
import { textOf } from './values.ts';

export function Settings({ view, of }: { readonly view: SettingsView; readonly of: string }): JSX.Element {
  const opened = useSignal<SettingRow | null>(null);
  const open = may('change-setting') ? (row: SettingRow) => (opened.value = row) : null;
  return (
    <>
      <div class="head">
        <h1>Reasons and times</h1>
        <nav class="tabs" aria-label="Settings">
          {tabs.map(([name, words]) => (
            <a key={name} href={addressOf('settings', name)} aria-current={of === name ? 'page' : undefined}>
              {words}
            </a>
          ))}
        </nav>
      </div>
      <Tab view={view} of={of} open={open} />
      {opened.value !== null && <Change view={view} row={opened.value} onClose={() => (opened.value = null)} />}
    </>
  );
}

const tabs = [
  ['', 'Reasons'],
  ['times', 'Times'],
  ['rules', 'Rules'],
  ['changes', 'Changes'],
] as const;

type Open = ((row: SettingRow) => void) | null;
interface TabProps {
  readonly view: SettingsView;
  readonly of: string;
  readonly open: Open;
}
function Tab({ view, of, open }: TabProps): JSX.Element {
  switch (of) {
    case 'times':
      return (
        <div class="two">
          <Rows title="Registers and hours" rows={view.times} open={open} />
          <Rows
            title="Days that are different"
            rows={view.exceptions}
            open={open}
            add={['A day or more', blank({ kind: 'exception' }, 'Days that are different')]}
            empty={['No such days yet', 'Holidays, INSET days and days with other times stand here.']}
          />
        </div>
      );
    case 'rules':
      return <Rows title="Rules" rows={view.rules} open={open} />;
    case 'changes':
      return <Said said={view.said} />;
    default:
      return (
        <div class="two">
          <Rows
            title="Why are you late?"
            rows={view.late}
            open={open}
            add={['A reason', blank({ kind: 'reason', of: 'late' }, 'A reason for coming late')]}
          />
          <Rows
            title="Why are you leaving?"
            rows={view.leave}
            open={open}
            add={['A reason', blank({ kind: 'reason', of: 'leave' }, 'A reason for leaving')]}
          />
        </div>
      );
  }
}

/** A row that is not there yet: it gets its place from what is typed. */
function blank(form: SettingRow['form'], name: string): SettingRow {
  return { place: '', name, form, value: null, words: '', inFile: null, changed: false, coming: [] };
}

interface RowsProps {
  readonly title: string;
  readonly rows: readonly SettingRow[];
  readonly open: Open;
  readonly add?: readonly [string, SettingRow];
  readonly empty?: readonly [string, string];
}
function Rows({ title, rows, open, add, empty = ['Nothing here', ''] }: RowsProps): JSX.Element {
  const beside = add !== undefined && open !== null && (
    <button type="button" class="button small" onClick={() => open(add[1])}>
      <Icon of="plus" /> {add[0]}
    </button>
  );
  return (
    <Card title={title} count={rows.length} empty={empty} beside={beside}>
      <ul class="todo settings">
        {rows.map((row) => (
          <Row key={row.place} row={row} open={open}>
            {open !== null && row.form.kind === 'reason' && <Moves rows={rows} row={row} of={row.form.of} />}
          </Row>
        ))}
      </ul>
    </Card>
  );
}

function Row({
  row,
  open,
  children,
}: {
  readonly row: SettingRow;
  readonly open: Open;
  readonly children: ComponentChildren;
}) {
  const { form, name, value, words, inFile, changed, coming } = row;
  return (
    <li>
      {form.kind === 'reason' && <span class={`icon reason-${textOf(value, 'icon') || 'other'}`} aria-hidden="true" />}
      <div class="words">
        <p class="line">
          <strong>{name}</strong>
          {changed && (
            <State icon="edit" tone="plain">
              {value === null ? 'Taken out' : 'Changed here'}
            </State>
          )}
        </p>
        {value !== null && <p>{words}</p>}
        {changed && (
          <p class="faint">{inFile === null ? 'Not in the technician file' : `In the technician file: ${inFile}`}</p>
        )}
        {coming.map((one) => (
          <p key={one.from} class="faint">
            From {one.from}: {one.words}
          </p>
        ))}
      </div>
      <div class="buttons">
        {children}
        {open !== null && (
          <button type="button" class="button small" aria-label={`Change ${name}`} onClick={() => open(row)}>
            <Icon of="edit" /> Change
          </button>
        )}
      </div>
    </li>
  );
}

/** "I'd rather tell…" stays last, and what was taken out has no place. */
function Moves(props: {
  readonly rows: readonly SettingRow[];
  readonly row: SettingRow;
  readonly of: 'late' | 'leave';
}) {
  const { rows, row, of } = props;
  const movable = rows.filter(({ place, value }) => value !== null && !place.endsWith('.tell-staff'));
  const at = movable.indexOf(row);
  const ids = movable.map(({ place }) => place.split('.')[2] ?? '');
  const to = (place: number): void => {
    const others = ids.filter((_, index) => index !== at);
    void reorder(of, [...others.slice(0, place), ids[at] ?? '', ...others.slice(place)], `Moved: ${row.name}.`);
  };
  if (at < 0) return null;
  return (
    <>
      <button
        type="button"
        class="button small"
        aria-label={`${row.name} further up`}
        disabled={at === 0}
        onClick={() => to(at - 1)}
      >
        <Icon of="up" />
      </button>
      <button
        type="button"
        class="button small"
        aria-label={`${row.name} further down`}
        disabled={at === ids.length - 1}
        onClick={() => to(at + 1)}
      >
        <Icon of="down" />
      </button>
    </>
  );
}

const states = {
  holds: { words: 'Holds', icon: 'confirmed', tone: 'good' },
  coming: { words: 'Coming', icon: 'wait', tone: 'plain' },
  replaced: { words: 'Replaced since', icon: 'swap', tone: 'plain' },
  undone: { words: 'Undone', icon: 'undo', tone: 'plain' },
} as const;

function Said({ said }: { readonly said: readonly SettingSaid[] }): JSX.Element {
  const columns: readonly Column<SettingSaid>[] = [
    {
      name: 'What',
      place: 'who',
      text: ({ name, words }) => `${name}: ${words}`,
      cell: ({ name, words }) => (
        <>
          <strong>{name}</strong> {words}
        </>
      ),
    },
    { name: 'When', place: 'end', text: ({ at }) => at, cell: ({ at }) => at },
    {
      name: 'By',
      place: 'sub',
      text: ({ by, why }) => `${by} ${why ?? ''}`.trim(),
      cell: ({ by, why }) => (why === null ? by : `${by}: ${why}`),
    },
    {
      name: 'Holds from',
      place: 'tail',
      text: ({ from, state }) => `${from} ${states[state].words}`,
      cell: ({ from, state, undoneBy }) => (
        <State icon={states[state].icon} tone={states[state].tone}>
          {`${from} · ${states[state].words}${undoneBy === null ? '' : ` by ${undoneBy}`}`}
        </State>
      ),
    },
    {
      name: 'Undo',
      place: 'wide',
      cell: ({ setting, name, state }) =>
        (state === 'holds' || state === 'coming') && may('undo-setting') ? (
          <button type="button" class="button small" aria-label={`Undo ${name}`} onClick={() => undoSetting(setting)}>
            <Icon of="undo" /> Undo
          </button>
        ) : null,
    },
  ];
  return (
    <Card
      title="What was changed"
      count={said.length}
      empty={[
        'Nothing was changed here',
        'All is as in the technician file. Who changes what stands here, and can be undone.',
      ]}
    >
      <Listing label="What was changed" rows={said} columns={columns} keyOf={({ setting }) => setting} />
    </Card>
  );
}
