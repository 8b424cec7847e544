/** Approvals: who waits to leave, let go or refused with one key each (product.md 6). */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import type { ApprovalsView, WaitingRow } from '../../../device/contract/staff-views.ts';
import { may, refusalWords } from '../act.ts';
import { command } from '../box.ts';
import { Icon } from '../parts/icon.tsx';
import { useJustMoved } from '../parts/just-moved.ts';
import { Photo, Who } from '../parts/listing.tsx';
import { say } from '../parts/toast.tsx';
import { keys, sound } from '../prefs.ts';
import { undoing } from './record.tsx';

export function Approvals({ view }: { readonly view: ApprovalsView }): JSX.Element {
  const { waiting } = view;
  /** The visit, not its place: another may be answered elsewhere. Null: the first. */
  const chosen = useSignal<string | null>(null);
  const at = Math.max(
    0,
    waiting.findIndex(({ visit }) => visit === chosen.value),
  );
  const choose = (row: WaitingRow | undefined): void => {
    chosen.value = row?.visit ?? null;
  };
  const adults = useSignal<Readonly<Record<string, string>>>({});
  const busy = useRef(false);
  const hasJustMoved = useJustMoved(waiting.map(({ visit }) => visit));
  const answer = async (row: WaitingRow, said: 'let-go' | 'no'): Promise<void> => {
    if (busy.current || hasJustMoved()) return;
    busy.current = true;
    const badge = view.canPrint ? 'The badge is printing.' : 'No badge prints: the number is on the screen.';
    const adult = adults.value[row.visit]?.trim() ?? '';
    const result = await command('answer', { visit: row.visit, answer: said, adult: adult === '' ? null : adult });
    busy.current = false;
    if (!result.ok) say(refusalWords(result.error));
    else if (said === 'no') say(`${row.pupil} stays. The photo is destroyed.`);
    else say(`${row.pupil} may go. ${badge}`, undoing(result.value, row.pupil));
  };
  useKeys(may('answer'), {
    ArrowDown: () => choose(waiting[Math.min(at + 1, waiting.length - 1)]),
    ArrowUp: () => choose(waiting[Math.max(at - 1, 0)]),
    l: () => waiting[at] !== undefined && void answer(waiting[at], 'let-go'),
    n: () => waiting[at] !== undefined && void answer(waiting[at], 'no'),
  });
  return (
    <>
      <div class="head">
        <h1>Approvals</h1>
        <Switches />
      </div>
      {may('answer') && keys.value === 'on' && (
        <p class="faint">
          Keys: <kbd>L</kbd> let go, <kbd>N</kbd> no, <kbd>↑</kbd> <kbd>↓</kbd> choose. They hold on this view only.
        </p>
      )}
      {!view.canPrint && waiting.length > 0 && (
        <p class="card health">
          <Icon of="printer" />
          <span>No badge will print: {view.printer}. The pupil is shown the number to write down.</span>
        </p>
      )}
      {waiting.length === 0 ? (
        <NobodyWaits />
      ) : (
        <ul class="waiting">
          {waiting.map((row, index) => (
            <li key={row.visit}>
              <Request
                row={row}
                chosen={index === at}
                adult={adults.value[row.visit] ?? ''}
                onAdult={(text) => (adults.value = { ...adults.value, [row.visit]: text })}
                onChoose={() => choose(row)}
                onAnswer={(said) => void answer(row, said)}
              />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function NobodyWaits(): JSX.Element {
  return (
    <section class="card" aria-label="Waiting to leave">
      <p class="empty">
        <br />
        <strong>Nobody is waiting</strong>A pupil who needs your word to leave appears here, with a sound and a number
        in the title of this page. No answer is never a yes.
      </p>
    </section>
  );
}

function Switches(): JSX.Element {
  return (
    <div class="buttons">
      <button
        type="button"
        class="button"
        aria-pressed={sound.value === 'on'}
        onClick={() => (sound.value = sound.value === 'on' ? 'off' : 'on')}
      >
        <Icon of={sound.value === 'on' ? 'sound' : 'mute'} /> {sound.value === 'on' ? 'Sound is on' : 'Sound is off'}
      </button>
      <button
        type="button"
        class="button"
        aria-pressed={keys.value === 'on'}
        onClick={() => (keys.value = keys.value === 'on' ? 'off' : 'on')}
      >
        {keys.value === 'on' ? 'Keys are on' : 'Keys are off'}
      </button>
    </div>
  );
}

interface RequestProps {
  readonly row: WaitingRow;
  readonly chosen: boolean;
  readonly adult: string;
  readonly onAdult: (text: string) => void;
  readonly onChoose: () => void;
  readonly onAnswer: (said: 'let-go' | 'no') => void;
}
function Request({ row, chosen, adult, onAdult, onChoose, onAnswer }: RequestProps): JSX.Element {
  const { reason, backWords, withWords, since, waits, visit } = row;
  const hasKeys = chosen && keys.value === 'on';
  return (
    <article class="card request" data-chosen={chosen ? '' : undefined} aria-label={row.pupil} onFocusIn={onChoose}>
      <Photo url={row.photoUrl} pupil={row.pupil} />
      <div>
        <h2>
          <Who row={row} />
        </h2>
        <dl class="facts">
          <dt>Reason</dt>
          <dd>{reason}</dd>
          <dt>Back</dt>
          <dd>{backWords === '' ? 'not asked' : backWords}</dd>
          <dt>With</dt>
          <dd>{withWords === '' ? 'not asked' : withWords}</dd>
          <dt>Waiting</dt>
          <dd>
            {waits}, since {since}
          </dd>
        </dl>
      </div>
      {may('answer') && (
        <div class="decide">
          <div class="field">
            <label for={`adult-${visit}`}>Adult they go with</label>
            <input
              id={`adult-${visit}`}
              class="text"
              value={adult}
              maxLength={80}
              autocomplete="off"
              onInput={(event) => {
                onAdult(event.currentTarget.value);
              }}
            />
          </div>
          <button type="button" class="button main" onClick={() => onAnswer('let-go')}>
            <Icon of="tick" /> Let go {hasKeys && <kbd>L</kbd>}
          </button>
          <button type="button" class="button danger" onClick={() => onAnswer('no')}>
            <Icon of="close" /> No {hasKeys && <kbd>N</kbd>}
          </button>
        </div>
      )}
    </article>
  );
}

/** One key each, while nobody types and nothing lies over the view. */
function useKeys(isOn: boolean, does: Readonly<Record<string, () => unknown>>): void {
  const now = useRef(does);
  now.current = does;
  useEffect(() => {
    if (!isOn) return;
    const press = (event: KeyboardEvent): void => {
      const { target, key, ctrlKey, metaKey, altKey, repeat } = event;
      if (keys.value === 'off' || ctrlKey || metaKey || altKey || repeat) return;
      if (target instanceof HTMLElement && target.closest('input, select, textarea, dialog') !== null) return;
      const act = now.current[key.length === 1 ? key.toLowerCase() : key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', press);
    return () => {
      removeEventListener('keydown', press);
    };
  }, [isOn]);
}
