/** Finds a pupil by name, group or badge, as it is typed; arrows and Enter choose. */
import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
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
  const text = useSignal('');
  const answer = useSignal<SearchAnswer | null>(null);
  /** What `answer` answers. */
  const answered = useSignal('');
  const at = useSignal(0);
  const wrong = useSignal('');
  const timer = useRef(0);
  const type = (value: string): void => {
    text.value = value;
    wrong.value = '';
    clearTimeout(timer.current);
    if (value.trim() === '') answer.value = null;
    else timer.current = window.setTimeout(() => void look(value), afterTypingMs);
  };
  const look = async (value: string): Promise<void> => {
    const found = await ask('search', { text: value.slice(0, 60) });
    if (text.value !== value) return;
    wrong.value = 'wrong' in found ? found.wrong : '';
    answer.value = 'value' in found ? found.value : null;
    answered.value = value;
    at.value = 0;
  };
  const choose = (pupil: FoundPupil | undefined): void => {
    if (pupil === undefined) return;
    text.value = '';
    answer.value = null;
    onFound(pupil);
  };
  const pupils = answer.value?.pupils ?? [];
  /** The list may still be that of fewer letters: then nobody of it is meant, and only who alone is found is chosen. */
  const enter = async (): Promise<void> => {
    const asked = text.value;
    if (asked.trim() === '') return;
    if (answer.value !== null && answered.value === asked) {
      choose(pupils[at.value]);
      return;
    }
    clearTimeout(timer.current);
    await look(asked);
    const found = answer.value?.pupils ?? [];
    if (text.value === asked && answered.value === asked && found.length === 1) choose(found[0]);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && text.value !== '') type('');
    else if (event.key === 'ArrowDown') at.value = Math.min(at.value + 1, pupils.length - 1);
    else if (event.key === 'ArrowUp') at.value = Math.max(at.value - 1, 0);
    else if (event.key === 'Enter') void enter();
    else return;
    event.preventDefault();
  };
  const isOpen = answer.value !== null;
  return (
    <div class={inDialog ? 'find dialog' : 'find'} role="search">
      <Icon of="search" />
      <input
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
        onKeyDown={press}
      />
      <Found {...{ id, answer: answer.value, wrong: wrong.value, at: at.value, inDialog }} onChoose={choose} />
    </div>
  );
}

interface FoundProps {
  readonly id: string;
  /** Null: nothing has been asked. */
  readonly answer: SearchAnswer | null;
  /** Why there is no answer; empty: nothing is wrong. */
  readonly wrong: string;
  /** Which of them Enter chooses. */
  readonly at: number;
  readonly inDialog: boolean;
  readonly onChoose: (pupil: FoundPupil) => void;
}
function Found({ id, answer, wrong, at, inDialog, onChoose }: FoundProps): JSX.Element {
  return (
    <div class={inDialog ? 'found dialog-found' : 'found'} hidden={answer === null && wrong === ''}>
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
