/** The log: who did what, newest first; whether the chain of the records holds; a range of days as CSV (product.md 6). */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import type { ChainAnswer, LogPage, LogRow, LogView } from '../../../device/contract/staff-views.ts';
import { withPassword } from '../access/with-password.ts';
import { ask, may, refusalWords } from '../act.ts';
import { command, longMs } from '../box.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Form, Select, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { Listing } from '../parts/listing.tsx';
import type { Column } from '../parts/listing.tsx';
import { State } from '../parts/state.tsx';
import { Words } from '../parts/words.tsx';
import { OldReceipt } from './receipt.tsx';

interface Wanted {
  readonly kind: string;
  readonly by: string;
  readonly staffOnly: boolean;
  readonly from: string;
  readonly to: string;
}
const everything: Wanted = { kind: '', by: '', staffOnly: true, from: '', to: '' };
const asked = ({ kind, by, staffOnly, from, to }: Wanted, before: number | null): object => {
  const given = (text: string): string | null => (text.trim() === '' ? null : text.trim());
  return { kind: given(kind), by: given(by), staffOnly, from: given(from), to: given(to), before };
};

export function Log({ view }: { readonly view: LogView }): JSX.Element {
  const wanted = useSignal(everything);
  /** Who stands in the records, with an account or without. */
  const found = useSignal<readonly string[]>([]);
  const saves = useSignal(false);
  const receipt = useSignal<string | null>(null);
  return (
    <>
      <div class="head">
        <h1>Log</h1>
        {may('log-export') && (
          <button type="button" class="button" onClick={() => (saves.value = true)}>
            <Icon of="download" /> Save days as CSV
          </button>
        )}
      </div>
      <Chain />
      <section class="card" aria-label="Who did what">
        <header>
          <h2>Who did what</h2>
        </header>
        <Filters
          kinds={view.kinds}
          names={[...new Set([...view.names, ...found.value])]}
          wanted={wanted.value}
          onWanted={(next) => (wanted.value = next)}
        />
        <Rows
          key={JSON.stringify(wanted.value)}
          wanted={wanted.value}
          last={view.last}
          onStaff={(names) => (found.value = [...new Set([...found.value, ...names])])}
          onReceipt={(record) => (receipt.value = record)}
        />
      </section>
      {saves.value && <Save date={view.date} onClose={() => (saves.value = false)} />}
      {receipt.value !== null && <OldReceipt record={receipt.value} onClose={() => (receipt.value = null)} />}
    </>
  );
}

interface FiltersProps {
  readonly kinds: LogView['kinds'];
  readonly names: readonly string[];
  readonly wanted: Wanted;
  readonly onWanted: (wanted: Wanted) => void;
}
function Filters({ kinds, names, wanted, onWanted }: FiltersProps): JSX.Element {
  return (
    <div class="filters">
      <Select
        label="Who"
        value={wanted.staffOnly ? wanted.by : everybody}
        choices={[
          { id: '', label: 'All staff' },
          { id: everybody, label: 'Everybody, pupils and Porter too' },
          ...names.map((name) => ({ id: name, label: name })),
        ]}
        onChange={(by) => {
          onWanted({ ...wanted, by: by === everybody ? '' : by, staffOnly: by !== everybody });
        }}
      />
      <Select
        label="About"
        none="Everything"
        value={wanted.kind}
        choices={kinds}
        onChange={(kind) => {
          onWanted({ ...wanted, kind });
        }}
      />
      <Text
        label="From"
        type="date"
        value={wanted.from}
        onInput={(from) => {
          onWanted({ ...wanted, from });
        }}
      />
      <Text
        label="To"
        type="date"
        value={wanted.to}
        onInput={(to) => {
          onWanted({ ...wanted, to });
        }}
      />
    </div>
  );
}
/** Nobody has this name. */
const everybody = '*';

interface RowsProps {
  readonly wanted: Wanted;
  /** Of the newest record. */
  readonly last: number;
  /** These are in the records. */
  readonly onStaff: (names: readonly string[]) => void;
  readonly onReceipt: (record: string) => void;
}
function Rows({ wanted, last, onStaff, onReceipt }: RowsProps): JSX.Element {
  const rows = useSignal<readonly LogRow[]>([]);
  const before = useSignal<number | null>(null);
  /** The newest record when the first page was asked for. */
  const upTo = useSignal(last);
  const wrong = useSignal('');
  const busy = useSignal(true);
  const isThere = useRef(true);
  const read = async (from: number | null): Promise<void> => {
    busy.value = true;
    if (from === null) upTo.value = last;
    const answer = await ask('log', asked(wanted, from), longMs);
    if (!isThere.current) return;
    busy.value = false;
    wrong.value = 'wrong' in answer ? answer.wrong : '';
    if ('value' in answer) take(answer.value, from);
  };
  const take = (page: LogPage, from: number | null): void => {
    rows.value = from === null ? page.rows : [...rows.value, ...page.rows];
    before.value = page.before;
    if (wanted.staffOnly) onStaff(page.rows.map(({ by }) => by));
  };
  useEffect(() => {
    void read(null);
    return () => {
      isThere.current = false;
    };
  }, []);
  return (
    <>
      <p role="alert" class="wrong">
        {wrong}
      </p>
      {last > upTo.value && !busy.value && (
        <p class="pages">
          <button type="button" class="button small" onClick={() => void read(null)}>
            <Icon of="again" /> Something new is recorded
          </button>
        </p>
      )}
      {rows.value.length > 0 && (
        <Listing label="Log" rows={rows.value} columns={columnsOf(onReceipt)} keyOf={({ n }) => String(n)} isPage />
      )}
      {rows.value.length === 0 && !busy.value && (
        <p class="empty">
          <strong>Nothing of this is recorded</strong>
          {before.value === null ? 'Choose other days, or another person.' : 'Not among the newest: look further back.'}
        </p>
      )}
      <p class="pages" aria-live="polite">
        {busy.value ? (
          <span class="faint">Reading the records…</span>
        ) : before.value === null ? (
          <span class="faint">That is all.</span>
        ) : (
          <button type="button" class="button" onClick={() => void read(before.value)}>
            Earlier <Icon of="next" />
          </button>
        )}
      </p>
    </>
  );
}

const columnsOf = (onReceipt: (record: string) => void): readonly Column<LogRow>[] => [
  { name: 'When', place: 'end', text: ({ at }) => at, cell: ({ at }) => <span class="faint">{at}</span> },
  { name: 'Who', place: 'who', text: ({ by }) => by, cell: ({ by }) => <bdi class="name">{by}</bdi> },
  {
    name: 'What',
    place: 'wide',
    text: ({ words }) => words,
    cell: ({ words, receipt }) => (
      <span class="line">
        <span>
          <Words of={words} />
        </span>
        {receipt !== null && (
          <button
            type="button"
            class="button small"
            onClick={() => {
              onReceipt(receipt);
            }}
          >
            <Icon of="sheet" /> Receipt
          </button>
        )}
      </span>
    ),
  },
  { name: 'About', place: 'sub', text: ({ kind }) => kind, cell: ({ kind }) => kind },
  { name: 'Number', place: 'tail', text: ({ number }) => number, cell: ({ number }) => number },
];

/** Followed once the log is opened, and again by a press. */
function Chain(): JSX.Element {
  const found = useSignal<ChainAnswer | null>(null);
  const wrong = useSignal('');
  const busy = useSignal(false);
  const check = async (): Promise<void> => {
    busy.value = true;
    const answer = await ask('chain', {}, longMs);
    busy.value = false;
    wrong.value = 'wrong' in answer ? answer.wrong : '';
    if ('value' in answer) found.value = answer.value;
  };
  useEffect(() => {
    void check();
  }, []);
  const chain = found.value;
  return (
    <section class={chain !== null && !chain.isWhole ? 'card urgent' : 'card'} aria-label="The chain of the records">
      <header>
        <h2>The chain of the records</h2>
        {chain !== null && (
          <State icon={chain.isWhole ? 'confirmed' : 'alert'} tone={chain.isWhole ? 'good' : 'bad'}>
            {chain.isWhole ? 'Holds' : 'Does not hold'}
          </State>
        )}
      </header>
      <div class="body stack">
        <p role="status">
          {wrong.value !== ''
            ? wrong.value
            : chain === null
              ? 'Every record is held against the one before…'
              : chain.isWhole
                ? `Every record up to number ${String(chain.upTo)} is there and as it was written. Looked at ${chain.at}.`
                : `Looked at ${chain.at}: something is missing or was changed. Tell whoever answers for the box.`}
        </p>
        {chain !== null && (
          <details open={!chain.isWhole}>
            <summary>Particulars</summary>
            <ul class="plain">
              {chain.words.map((words) => (
                <li key={words} class="code">
                  {words}
                </li>
              ))}
            </ul>
          </details>
        )}
        <div class="buttons">
          <button type="button" class="button small" disabled={busy.value} onClick={() => void check()}>
            <Icon of="again" /> Look again
          </button>
        </div>
      </div>
    </section>
  );
}

function Save({ date, onClose }: { readonly date: string; readonly onClose: () => void }): JSX.Element {
  const from = useSignal(date);
  const to = useSignal(date);
  const names = useSignal(false);
  const file = useSignal<string | null>(null);
  const send = async (): Promise<string | null> => {
    const input = { from: from.value, to: to.value, names: names.value };
    const result = await withPassword(() => command('log-export', input));
    if (!result.ok) return refusalWords(result.error);
    // The box and this page are of one build.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
    file.value = (result.value as { readonly file: string }).file;
    return null;
  };
  return (
    <Dialog title="Save days of the log" onClose={onClose}>
      {file.value === null ? (
        <Form button="Make the file" icon="download" onSend={send} onBack={onClose}>
          <Text label="First day" type="date" value={from.value} onInput={(text) => (from.value = text)} />
          <Text label="Last day" type="date" value={to.value} onInput={(text) => (to.value = text)} />
          <label class="check">
            <input
              type="checkbox"
              checked={names.value}
              onChange={(event) => (names.value = event.currentTarget.checked)}
            />
            With the names of pupils, and what staff wrote
          </label>
          <p class="faint">That you took it is recorded.</p>
        </Form>
      ) : (
        <>
          <p>It can be fetched for ten minutes, on this screen only.</p>
          <div class="buttons">
            <a class="button main" href={file.value} download>
              <Icon of="download" /> Save the file
            </a>
          </div>
        </>
      )}
    </Dialog>
  );
}
