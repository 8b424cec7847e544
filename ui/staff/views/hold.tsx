/** A hold keeps all that is known of a movement, its photo too, for safeguarding: up to 30 days, renewable (product.md 10). */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { HoldView } from '../../../device/contract/staff-views.ts';
import { act, may } from '../act.ts';
import { Form, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { State } from '../parts/state.tsx';

const daysMax = 30;
const dayMs = 86_400_000;
const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / dayMs);
const dayAfter = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * dayMs).toISOString().slice(0, 10);

export const mayHold = (): boolean => may('hold-movement');

/** `Held until 2026-12-23`, and why for those who may know. */
export function Held({ hold }: { readonly hold: HoldView | null }): JSX.Element | null {
  if (hold === null) return null;
  return (
    <span class="line">
      <State icon="hold" tone="warn">
        {`Held until ${hold.until}`}
      </State>
      <span class="faint">
        by <bdi>{hold.by}</bdi>
        {hold.why === null ? '' : `: ${hold.why}`}
      </span>
    </span>
  );
}

/** The button that opens the form; null where the role may not. */
export function HoldButton({
  hold,
  onPress,
  small = false,
}: {
  readonly hold: HoldView | null;
  readonly onPress: () => void;
  readonly small?: boolean;
}): JSX.Element | null {
  if (!mayHold()) return null;
  return (
    <button type="button" class={small ? 'button small' : 'button'} onClick={onPress}>
      <Icon of="hold" /> {hold === null ? 'Hold it' : 'Renew or lift the hold'}
    </button>
  );
}

interface HoldFormProps {
  readonly movement: string;
  readonly pupil: string;
  readonly hold: HoldView | null;
  /** The school's date. */
  readonly today: string;
  readonly onBack: () => void;
  readonly onDone: () => void;
}
export function HoldForm({ movement, pupil, hold, today, onBack, onDone }: HoldFormProps): JSX.Element {
  const until = useSignal(dayAfter(today, daysMax));
  const why = useSignal(hold?.why ?? '');
  const days = daysBetween(today, until.value);
  const send = async (input: object, done: string): Promise<string | null> => {
    const wrong = await act('hold-movement', { movement, ...input }, { done });
    if (wrong === null) onDone();
    return wrong;
  };
  const keep = (): Promise<string | null> => {
    if (!(days >= 1 && days <= daysMax)) {
      return Promise.resolve(`Choose a day from ${dayAfter(today, 1)} to ${dayAfter(today, daysMax)}.`);
    }
    if (why.value.trim() === '') return Promise.resolve('A hold has a reason.');
    return send({ days, why: why.value.trim() }, `Held until ${until.value} for ${pupil}.`);
  };
  return (
    <>
      <Form button={hold === null ? 'Hold it' : 'Renew the hold'} icon="hold" onSend={keep} onBack={onBack}>
        <p>
          The photo and all that is recorded of this movement stay up to and with that day. It can be renewed. Who held
          it stands in the log.
        </p>
        <Text label="Until" type="date" value={until.value} onInput={(text) => (until.value = text)} />
        <Text
          label="Why?"
          hint="Seen by safeguarding, administrators and auditors"
          value={why.value}
          onInput={(text) => (why.value = text)}
        />
      </Form>
      {hold !== null && (
        <Form
          button="Lift the hold"
          icon="undo"
          kind="danger"
          onSend={() => send({ days: null, why: null }, `The hold for ${pupil} is lifted.`)}
        >
          <p>The photo goes with the next ones whose time is over.</p>
        </Form>
      )}
    </>
  );
}
