/** What a person says of the time: what it is now, and when a movement was that nobody knows; others of the same start follow. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { UndecidedRow } from '../../../device/contract/staff.ts';
import { act, may } from '../act.ts';
import { top } from '../box.ts';
import { Card } from '../parts/card.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Form, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { Who } from '../parts/listing.tsx';
import { useOpenedRow } from '../parts/opened-row.ts';

const kinds = { 'late-arrival': 'signed in', 'early-departure': 'signed out', return: 'came back' } as const;

export function Undecided({ rows }: { readonly rows: readonly UndecidedRow[] }): JSX.Element | null {
  const [opened, open] = useOpenedRow(rows, ({ movement }) => movement);
  if (rows.length === 0) return null;
  return (
    <Card title="When was this?" count={rows.length} urgent empty={['', '']}>
      <p class="empty">
        {top.value?.clockTrusted === false
          ? 'Say first, above, what time it is now.'
          : 'The box did not know the time. Say it for one movement: the others of the same start follow from it.'}
      </p>
      <ul class="todo">
        {rows.map((row) => (
          <li key={row.movement}>
            <p class="words">
              <Who row={row} /> {kinds[row.kind]} {span(row)}
            </p>
            {may('confirm-time') && top.value?.clockTrusted === true && (
              <button type="button" class="button" onClick={() => open(row)}>
                Say when
              </button>
            )}
          </li>
        ))}
      </ul>
      {opened !== null && <SayWhen row={opened} onClose={() => open(null)} />}
    </Card>
  );
}

function span({ after, before, start, minutesLater }: UndecidedRow): string {
  const later = minutesLater > 0 ? `, ${String(minutesLater)} minutes after the first of start ${String(start)}` : '';
  if (after === null && before === null) return `at an unknown time${later}`;
  if (before === null) return `after ${after ?? ''}${later}`;
  return after === null ? `before ${before}${later}` : `between ${after} and ${before}${later}`;
}

/** Before every list, while the box does not know the time. */
export function AskNow(): JSX.Element | null {
  if (top.value?.clockTrusted !== false || !may('confirm-time')) return null;
  return (
    <section class="card health urgent" aria-label="The time">
      <Icon of="alert" />
      <p>
        <strong>What time is it now?</strong> The box does not know. Marks are decided once somebody has said it, or the
        box has heard it from elsewhere.
      </p>
      <SayNow />
    </section>
  );
}

/** A button, and the form behind it. */
export function SayNow({ small = false }: { readonly small?: boolean }): JSX.Element | null {
  const asked = useSignal(false);
  if (!may('confirm-time')) return null;
  const close = () => (asked.value = false);
  return (
    <div class="buttons">
      <button type="button" class={small ? 'button small' : 'button'} onClick={() => (asked.value = true)}>
        <Icon of="now" /> Say what time it is
      </button>
      {asked.value && (
        <Dialog title="What time is it now?" onClose={close}>
          <TimeForm movement={null} day={ofThisComputer()} button="It is so late now" onDone={close} />
        </Dialog>
      )}
    </div>
  );
}

/** Its date is more likely to be right than the box's, which does not know. */
function ofThisComputer(): string {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

interface SayWhenProps {
  readonly row: UndecidedRow;
  readonly onClose: () => void;
}
function SayWhen({ row, onClose }: SayWhenProps): JSX.Element {
  const day = row.after?.slice(0, 10) ?? top.value?.now.slice(0, 10) ?? '';
  return (
    <Dialog title={`When was ${row.pupil} there?`} onClose={onClose}>
      <TimeForm movement={row.movement} day={day} button="That is when" onDone={onClose} />
    </Dialog>
  );
}

interface TimeProps {
  /** Null: it is then now. */
  readonly movement: string | null;
  readonly day: string;
  readonly button: string;
  readonly onDone: () => void;
}
function TimeForm({ movement, day, button, onDone }: TimeProps): JSX.Element {
  const date = useSignal(day);
  const time = useSignal('');
  const send = async (): Promise<string | null> => {
    const [hours = 0, minutes = 0] = time.value.split(':').map(Number);
    const input = { date: date.value, minute: hours * 60 + minutes, movement };
    const wrong = await act('confirm-time', input, { done: 'The time is confirmed.' });
    if (wrong === null) onDone();
    return wrong;
  };
  return (
    <Form button={button} icon="tick" ready={date.value !== '' && time.value !== ''} onSend={send}>
      <Text label="Day" type="date" value={date.value} onInput={(text) => (date.value = text)} />
      <Text label="Time" type="time" value={time.value} onInput={(text) => (time.value = text)} focus />
    </Form>
  );
}
