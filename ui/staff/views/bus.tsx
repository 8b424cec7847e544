/** A late bus or a queue: the next pupils get its time and reason until somebody ends it. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { NowView } from '../../../device/contract/staff-views.ts';
import { act, actAndSay, may } from '../act.ts';
import { top } from '../box.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Form, Select, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';

export function endBus(): void {
  void actAndSay('hold-arrivals', { hold: null }, { done: 'Ended. Pupils get the time of their own touch again.' });
}

export function Bus({ now, onClose }: { readonly now: NowView; readonly onClose: () => void }): JSX.Element {
  const clock = top.value?.now.slice(-5) ?? '';
  const time = useSignal(clock);
  const reason = useSignal(now.lateReasons.find(({ id }) => id === 'bus')?.id ?? '');
  const agoMinutes = minutesOf(clock) - minutesOf(time.value);
  const send = async (): Promise<string | null> => {
    if (reason.value === '') return 'Choose a reason.';
    if (agoMinutes < 0 || agoMinutes > 240) return 'The time must be within the last four hours.';
    const hold = { reason: reason.value, agoMs: agoMinutes * 60_000 };
    const wrong = await act('hold-arrivals', { hold }, { done: `The next pupils get ${time.value}.`, undo: endBus });
    if (wrong === null) onClose();
    return wrong;
  };
  return (
    <Dialog title="Late bus or queue" onClose={onClose}>
      <Form button="Start" icon="bus" onSend={send}>
        <p>Pupils who sign in from now on get this time and reason. It ends with the session, or when you end it.</p>
        <Text label="They arrived at" type="time" value={time.value} onInput={(text) => (time.value = text)} focus />
        <Select
          label="Reason"
          none="Choose a reason"
          value={reason.value}
          choices={now.lateReasons}
          onChange={(id) => (reason.value = id)}
        />
      </Form>
    </Dialog>
  );
}

const minutesOf = (face: string): number => Number(face.slice(0, 2)) * 60 + Number(face.slice(3, 5));

/** While it holds, everybody sees it, with the way to end it. */
export function BusBanner({ hold }: { readonly hold: NowView['hold'] }): JSX.Element | null {
  if (hold === null) return null;
  return (
    <p class="card health">
      <Icon of="bus" />
      <span>
        The next pupils get <strong>{hold.time}</strong>, {hold.reason}.
      </span>
      {may('hold-arrivals') && (
        <button type="button" class="button small" onClick={endBus}>
          End it
        </button>
      )}
    </p>
  );
}
