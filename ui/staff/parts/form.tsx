/** Small forms: a label above, what is wrong below, one thing to press. */
import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import type { Choice } from '../../../device/contract/staff-views.ts';
import { takeFocus } from './focus.ts';
import { Icon } from './icon.tsx';
import type { Picture } from './icon.tsx';
import { say } from './toast.tsx';

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly hint?: string;
  readonly type?: 'text' | 'password' | 'time' | 'date';
  readonly maxLength?: number;
  readonly focus?: boolean;
}
export function Text({ label, value, onInput, hint, type = 'text', maxLength = 200, focus }: TextProps): JSX.Element {
  const id = useId();
  const common = {
    id,
    value,
    maxLength,
    autocomplete: 'off',
    autofocus: focus,
    'aria-describedby': hint === undefined ? undefined : `${id}-hint`,
    onInput: (event: { readonly currentTarget: HTMLInputElement }): void => {
      onInput(event.currentTarget.value);
    },
  } as const;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {type === 'text' ? (
        <input type="text" class="text" {...common} />
      ) : type === 'password' ? (
        <input type="password" class="text" {...common} />
      ) : (
        <input type={type} class="text short" {...common} />
      )}
    </div>
  );
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
  /** The first line, which chooses nothing. */
  readonly none?: string;
}
export function Select({ label, value, choices, onChange, none }: SelectProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        class="text"
        value={value}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
      >
        {none !== undefined && <option value="">{none}</option>}
        {choices.map(({ id: choice, label: words }) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

interface FormProps {
  readonly button: string;
  readonly icon: Picture;
  readonly kind?: 'main' | 'danger';
  readonly ready?: boolean;
  /** Null: done. Else the sentence that says why not. */
  readonly onSend: () => Promise<string | null>;
  /** Done, and the form still stands there: what is open by then may be another one. */
  readonly onDone?: () => void;
  readonly onBack?: () => void;
  readonly children?: ComponentChildren;
}
/** Sends once at a time. */
export function Form(props: FormProps): JSX.Element {
  const { button, icon, kind = 'main', ready = true, onSend, onDone, onBack, children } = props;
  const wrong = useSignal('');
  const busy = useSignal(false);
  const said = useRef<HTMLParagraphElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const isThere = useRef(true);
  useEffect(() => () => void (isThere.current = false), []);
  // The next step of a dialog that stands open already.
  useEffect(() => {
    if (form.current?.closest('dialog[open]')) takeFocus(form.current);
  }, []);
  // A form may be longer than a phone is high.
  useEffect(() => {
    if (wrong.value !== '') said.current?.scrollIntoView({ block: 'nearest' });
  }, [wrong.value]);
  const send = async (): Promise<void> => {
    if (busy.value || !ready) return;
    busy.value = true;
    const found = await onSend();
    busy.value = false;
    wrong.value = found ?? '';
    if (isThere.current && found === null) onDone?.();
    else if (!isThere.current && found !== null) say(found);
  };
  return (
    <form
      class="body"
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {children}
      <p role="alert" class="wrong" ref={said}>
        {wrong}
      </p>
      <div class="buttons">
        <button type="submit" class={`button ${kind}`} disabled={busy.value || !ready}>
          <Icon of={icon} /> {busy.value ? 'One moment…' : button}
        </button>
        {onBack !== undefined && (
          <button type="button" class="button quiet" onClick={onBack}>
            Back
          </button>
        )}
      </div>
    </form>
  );
}
