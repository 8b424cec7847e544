/** Finds a pupil by name, group or badge, as it is typed; arrows and Enter choose. */
import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import type { JSX, RefObject } from 'preact';
import type { FoundPupil, SearchAnswer } from '../../../device/contract/staff-views.ts';
import { ask } from '../act.ts';
import { Icon } from './icon.tsx';

interface FinderProps {
  readonly label: string;
  readonly onFound: (pupil: FoundPupil) => void;
  /** In a dialog the list pushes down what follows. */
  readonly inDialog?: boolean;
  readonly focus?: boolean;
}
const afterTypingMs = 120;

export function Finder({ label, onFound, inDialog = false, focus = false }: FinderProps): JSX.Element {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const at = useSignal(0);
  const { text, answer, wrong, type, look, close, meant } = useSearch(input, () => (at.value = 0));
  const choose = (pupil: FoundPupil | undefined): void => {
    if (pupil === undefined) return;
    text.value = '';
    answer.value = null;
    onFound(pupil);
  };
  const pupils = answer.value?.pupils ?? [];
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && text.value !== '') type('');
    else if (event.key === 'ArrowDown') at.value = Math.min(at.value + 1, pupils.length - 1);
    else if (event.key === 'ArrowUp') at.value = Math.max(at.value - 1, 0);
    else if (event.key === 'Enter') void meant(at.value).then(choose);
    else return;
    event.preventDefault();
  };
  const isOpen = answer.value !== null;
  return (
    <div class={inDialog ? 'find dialog' : 'find'} role="search" onFocusOut={close}>
      <Icon of="search" />
      <input
        ref={input}
        class="text"
        role="combobox"
        aria-label={label}
        placeholder={label}
        autocomplete="off"
        spellcheck={false}
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-activedescendant={isOpen && pupils.length > 0 ? `${id}-${String(at.value)}` : undefined}
        value={text.value}
        autofocus={focus}
        onInput={(event) => {
          type(event.currentTarget.value);
        }}
        onFocus={() => {
          if (text.value.trim() !== '') void look(text.value);
        }}
        onKeyDown={press}
      />
      <Found {...{ id, answer: answer.value, wrong: wrong.value, at: at.value, inDialog }} onChoose={choose} />
    </div>
  );
}

/** Asks the box while somebody types into `input`. `onAnswer`: there is another list. */
function useSearch(input: RefObject<HTMLInputElement | null>, onAnswer: () => void) {
  const text = useSignal('');
  /** Null: nothing has been asked. */
  const answer = useSignal<SearchAnswer | null>(null);
  /** What `answer` answers. */
  const answered = useSignal('');
  /** Why there is no answer; empty: nothing is wrong. */
  const wrong = useSignal('');
  const timer = useRef(0);
  const look = async (value: string): Promise<void> => {
    const found = await ask('search', { text: value.slice(0, 60) });
    if (text.value !== value || document.activeElement !== input.current) return;
    wrong.value = 'wrong' in found ? found.wrong : '';
    answer.value = 'value' in found ? found.value : null;
    answered.value = value;
    onAnswer();
  };
  const type = (value: string): void => {
    text.value = value;
    wrong.value = '';
    clearTimeout(timer.current);
    if (value.trim() === '') answer.value = null;
    else timer.current = window.setTimeout(() => void look(value), afterTypingMs);
  };
  /** Whoever goes elsewhere is not shown names over what stands there; what was typed stays. */
  const close = (): void => {
    clearTimeout(timer.current);
    answer.value = null;
    wrong.value = '';
  };
  /** Who is meant; the list may still be that of fewer letters: then nobody of it is, and only who alone is found. */
  const meant = async (at: number): Promise<FoundPupil | undefined> => {
    const asked = text.value;
    if (asked.trim() === '') return undefined;
    if (answer.value !== null && answered.value === asked) return answer.value.pupils[at];
    clearTimeout(timer.current);
    await look(asked);
    const found = answer.value?.pupils ?? [];
    return text.value === asked && answered.value === asked && found.length === 1 ? found[0] : undefined;
  };
  return { text, answer, wrong, type, look, close, meant };
}

interface FoundProps {
  readonly id: string;
  readonly answer: SearchAnswer | null;
  readonly wrong: string;
  /** Which of them Enter chooses. */
  readonly at: number;
  readonly inDialog: boolean;
  readonly onChoose: (pupil: FoundPupil) => void;
}
function Found({ id, answer, wrong, at, inDialog, onChoose }: FoundProps): JSX.Element {
  return (
    <div
      class={inDialog ? 'found dialog-found' : 'found'}
      hidden={answer === null && wrong === ''}
      onMouseDown={(event) => {
        // The focus stays where it is typed: else the list would be gone before it is pressed.
        event.preventDefault();
      }}
    >
      <div id={`${id}-list`} role="listbox" aria-label="Pupils found">
        {answer?.pupils.map((pupil, index) => (
          <button
            type="button"
            role="option"
            id={`${id}-${String(index)}`}
            key={pupil.key}
            tabIndex={-1}
            aria-selected={index === at}
            onClick={() => {
              onChoose(pupil);
            }}
          >
            <span>
              <bdi class="name">{pupil.pupil}</bdi>
              <span class="group">{pupil.registrationGroup ?? pupil.yearGroup}</span>
            </span>
            {pupil.where !== '' && <span class="faint">{pupil.where}</span>}
          </button>
        ))}
      </div>
      <p role="status" class={wrong === '' ? undefined : 'wrong'}>
        {wrong}
        {answer?.pupils.length === 0 && 'Nobody of that name is on the roster.'}
      </p>
      {answer?.more === true && <p>There are more: type more letters.</p>}
    </div>
  );
}
