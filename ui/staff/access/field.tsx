import type { JSX } from 'preact';

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly type?: 'text' | 'password';
  readonly complete: string;
  readonly numeric?: boolean;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly focus?: boolean;
  readonly optional?: boolean;
}

/** One line to type in, with its label above and what is expected below. */
export function Field({ type = 'text', ...props }: FieldProps): JSX.Element {
  const {
    name,
    label,
    hint,
    complete,
    numeric = false,
    pattern,
    minLength,
    maxLength = 200,
    focus = false,
    optional = false,
  } = props;
  const rest = {
    id: name,
    name,
    required: !optional,
    autocomplete: complete,
    autocapitalize: 'none',
    spellcheck: false,
    maxLength,
    autofocus: focus,
    ...(numeric ? { inputMode: 'numeric' as const } : {}),
    ...(pattern === undefined ? {} : { pattern }),
    ...(minLength === undefined ? {} : { minLength }),
    ...(hint === undefined ? {} : { 'aria-describedby': `${name}-hint` }),
  } as const;
  return (
    <p class="field">
      <label for={name}>{label}</label>
      {hint !== undefined && (
        <span class="hint" id={`${name}-hint`}>
          {hint}
        </span>
      )}
      {type === 'password' ? <input type="password" {...rest} /> : <input type="text" {...rest} />}
    </p>
  );
}

/** What was typed, by name. */
export function typed(form: HTMLFormElement): Readonly<Record<string, string>> {
  const data = new FormData(form);
  return Object.fromEntries([...data].map(([name, value]) => [name, typeof value === 'string' ? value : '']));
}
