/** What pupils said and the box noticed that only a person can settle: on Now, urgent ones first. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { NoteRow } from '../../../device/contract/staff.ts';
import { actAndSay, may, sees } from '../act.ts';
import { Icon } from '../parts/icon.tsx';
import { useJustMoved } from '../parts/just-moved.ts';
import { Words } from '../parts/words.tsx';
import { addressOf } from '../route.ts';

const shownAtFirst = 4;

export function Notes({
  notes,
  more,
}: {
  readonly notes: readonly NoteRow[];
  readonly more: number;
}): JSX.Element | null {
  const all = useSignal(false);
  const hasJustMoved = useJustMoved(notes.map(({ note }) => note));
  if (notes.length === 0) return null;
  const shown = all.value ? notes : notes.slice(0, shownAtFirst);
  const hiddenCount = notes.length - shown.length + more;
  return (
    <section class="card" aria-label="For staff">
      <header>
        <h2>
          For staff <span class="count">{notes.length + more}</span>
        </h2>
      </header>
      <ul class="todo">
        {shown.map(({ note, at, urgent, words, pupilKey }) => (
          <li key={note} class={urgent ? 'urgent' : undefined}>
            <Icon of={urgent ? 'alert' : 'note'} />
            <p class="words">
              {urgent && <strong>Urgent: </strong>}
              <Words of={words} /> <span class="faint">{at}</span>{' '}
              {pupilKey !== null && sees('pupils') && <a href={addressOf('pupils', pupilKey)}>This pupil</a>}
            </p>
            {may('note-done') && (
              <button
                type="button"
                class="button small"
                onClick={() => !hasJustMoved() && void actAndSay('note-done', { note }, { done: 'Done.' })}
              >
                <Icon of="tick" /> Done
              </button>
            )}
          </li>
        ))}
      </ul>
      {hiddenCount > 0 && (
        <p class="empty">
          {notes.length > shown.length ? (
            <button type="button" class="button quiet small" onClick={() => (all.value = true)}>
              Show {hiddenCount} more
            </button>
          ) : (
            `${String(hiddenCount)} older ones are shown when some of these are done.`
          )}
        </p>
      )}
    </section>
  );
}
