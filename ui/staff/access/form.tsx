import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { typed } from './field.tsx';

interface FormProps {
  readonly button: string;
  /** Null: done; else the sentence that says what is wrong. */
  readonly onSend: (typed: Readonly<Record<string, string>>) => Promise<string | null>;
  readonly children: ComponentChildren;
  /** It is what the page is there for. */
  readonly main?: boolean;
}

/** Sends once at a time, and says beside the button what was wrong. */
export function Form({ button, onSend, children, main = false }: FormProps): JSX.Element {
  const wrong = useSignal('');
  const busy = useSignal(false);
  const send = async (form: HTMLFormElement): Promise<void> => {
    busy.value = true;
    wrong.value = '';
    try {
      wrong.value = (await onSend(typed(form))) ?? '';
    } catch {
      wrong.value = 'The box does not answer. Try again.';
    }
    busy.value = false;
  };
  return (
    <form
      class="given"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy.value) void send(event.currentTarget);
      }}
    >
      {children}
      <p role="alert" class="wrong">
        {wrong}
      </p>
      <button type="submit" class={main ? 'button main' : 'button'} disabled={busy.value}>
        {button}
      </button>
    </form>
  );
}
