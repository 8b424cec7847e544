/** What needs a person: what it is, what to do, and the buttons that do it; several at once where they are alike. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Choice, DecisionRow, MarksView, Offer } from '../../../device/contract/staff-views.ts';
import { act, actAndSay, may } from '../act.ts';
import { Card } from '../parts/card.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Form, Select, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { useJustMoved } from '../parts/just-moved.ts';
import { Who } from '../parts/listing.tsx';
import { useOpenedRow } from '../parts/opened-row.ts';
import { MarkState } from '../parts/state.tsx';
import { addressOf } from '../route.ts';

/** As many as the box takes in one commit. */
const atOnceMax = 100;

export function Decide({ view }: { readonly view: MarksView }): JSX.Element {
  const ticked = useSignal<ReadonlySet<string>>(new Set());
  const rows = view.needsPerson;
  const [choosing, choose] = useOpenedRow(rows, ({ key }) => key);
  const hasJustMoved = useJustMoved(rows.map(({ key }) => key));
  const chosen = rows.filter(({ key }) => ticked.value.has(key)).slice(0, atOnceMax);
  const tick = (key: string): void => {
    const next = new Set(ticked.value);
    if (!next.delete(key)) next.add(key);
    ticked.value = next;
  };
  const all = (): void => {
    ticked.value = chosen.length === rows.length ? new Set() : new Set(rows.map(({ key }) => key));
  };
  return (
    <Card
      title="Needs a person"
      count={view.sum.needsPerson}
      urgent
      empty={[
        'Nothing to decide',
        'Proposals, conflicts and marks that the MIS refused come here, each with what to do.',
      ]}
      beside={
        may('settle-all') &&
        rows.length > 1 && (
          <label class="check">
            <input type="checkbox" class="tick" checked={chosen.length === rows.length} onChange={all} /> Choose all
          </label>
        )
      }
    >
      {!may('settle') && <p class="body faint">The attendance role decides these, or an administrator: tell them.</p>}
      {may('settle-all') && chosen.length > 0 && <Several rows={chosen} onDone={() => (ticked.value = new Set())} />}
      <ul class="todo decisions">
        {rows.map((row) => (
          <Row
            key={row.key}
            row={row}
            ticked={ticked.value.has(row.key)}
            onTick={rows.length > 1 && may('settle-all') ? () => tick(row.key) : null}
            onOther={() => choose(row)}
            hasJustMoved={hasJustMoved}
          />
        ))}
      </ul>
      {choosing !== null && <OtherCode row={choosing} codes={view.codes} onClose={() => choose(null)} />}
    </Card>
  );
}

interface RowProps {
  readonly row: DecisionRow;
  readonly ticked: boolean;
  readonly onTick: (() => void) | null;
  readonly onOther: () => void;
  readonly hasJustMoved: () => boolean;
}
function Row({ row, ticked, onTick, onOther, hasJustMoved }: RowProps): JSX.Element {
  const { key, date, session, state, todo, offers, anyCode, urgent, pupil } = row;
  const hasCode = row.code !== null;
  return (
    <li class={urgent ? 'urgent' : undefined}>
      {onTick !== null && (
        <input
          type="checkbox"
          class="tick"
          aria-label={`Choose ${pupil}, ${date} ${session}`}
          checked={ticked}
          onChange={onTick}
        />
      )}
      <div class="words">
        <p class="line">
          <Who row={row} /> <span class="faint">{`${date} ${session}`}</span> <MarkState state={state} />
        </p>
        <p>
          {urgent && <strong>Urgent. </strong>}
          {todo} <a href={addressOf('marks', key)}>Why this mark?</a>
        </p>
      </div>
      {may('settle') && (
        <div class="buttons">
          {offers.map((offer, index) => (
            <OfferButton key={offer.words} {...{ row, offer, hasJustMoved }} main={index === 0 && !urgent && hasCode} />
          ))}
          {anyCode !== null && (
            <button type="button" class={hasCode ? 'button quiet' : 'button main'} onClick={onOther}>
              {hasCode ? 'Another code…' : 'Choose a code…'}
            </button>
          )}
        </div>
      )}
    </li>
  );
}

interface OfferProps {
  readonly row: DecisionRow;
  readonly offer: Offer;
  readonly main: boolean;
  readonly hasJustMoved: () => boolean;
}
function OfferButton({ row, offer, main, hasJustMoved }: OfferProps): JSX.Element {
  const settle = (): void => {
    if (hasJustMoved()) return;
    void actAndSay('settle', { key: row.key, verdict: offer.verdict }, { done: `${row.pupil}: ${offer.words}.` });
  };
  return (
    <button
      type="button"
      class={main ? 'button main' : 'button'}
      aria-label={`${offer.words}, ${row.pupil}`}
      onClick={settle}
    >
      {offer.words}
    </button>
  );
}

/** The same kind of decision for each of them, with each one's own code. */
function Several({
  rows,
  onDone,
}: {
  readonly rows: readonly DecisionRow[];
  readonly onDone: () => void;
}): JSX.Element {
  const kinds = [...new Set(rows.flatMap(({ offers }) => offers.map(({ verdict }) => verdict.kind)))];
  const settle = async (kind: string, words: string): Promise<void> => {
    const marks = rows.flatMap(({ key, offers }) =>
      offers.filter(({ verdict }) => verdict.kind === kind).map(({ verdict }) => ({ key, verdict })),
    );
    if (await actAndSay('settle-all', { marks }, { done: `${words}: ${String(marks.length)}.` })) onDone();
  };
  return (
    <div class="health">
      <p>
        <strong>{rows.length} chosen.</strong> For all of them:
      </p>
      <div class="buttons">
        {kinds.flatMap((kind) => {
          const count = rows.filter(({ offers }) => offers.some(({ verdict }) => verdict.kind === kind)).length;
          if (count < rows.length) return [];
          const words = severalWords[kind];
          return [
            <button key={kind} type="button" class="button" onClick={() => void settle(kind, words)}>
              {words}
            </button>,
          ];
        })}
      </div>
    </div>
  );
}
const severalWords = {
  write: 'Write ours',
  'keep-theirs': 'Keep what stands',
  retry: 'Try again',
  cleared: 'They are cleared',
  entered: 'I entered them',
  withdraw: 'Give ours up',
} as const;

interface OtherProps {
  readonly row: DecisionRow;
  readonly codes: readonly Choice[];
  readonly onClose: () => void;
}
function OtherCode({ row, codes, onClose }: OtherProps): JSX.Element {
  const code = useSignal('');
  const minutes = useSignal(row.minutes === null ? '' : String(row.minutes));
  const send = async (): Promise<string | null> => {
    const verdict = {
      kind: 'write',
      code: code.value,
      minutes: /^\d+$/.test(minutes.value) ? Number(minutes.value) : null,
      seen: row.anyCode?.seen ?? null,
    };
    const wrong = await act('settle', { key: row.key, verdict }, { done: `${row.pupil}: ${code.value}.` });
    if (wrong === null) onClose();
    return wrong;
  };
  return (
    <Dialog title={`Another code for ${row.pupil}`} onClose={onClose}>
      <Form button="Write it" icon="tick" ready={code.value !== ''} onSend={send}>
        <Select
          label="Code"
          none="Choose a code"
          value={code.value}
          choices={codes}
          onChange={(id) => (code.value = id)}
        />
        <Text
          label="Minutes late"
          hint="Empty where the code has none"
          value={minutes.value}
          maxLength={3}
          onInput={(text) => (minutes.value = text)}
        />
        <p class="faint">
          <Icon of="alert" /> The code is written for {row.date} {row.session}, if nothing else stands there by then.
        </p>
      </Form>
    </Dialog>
  );
}
