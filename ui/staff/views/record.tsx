/** Records for a pupil what the kiosk did not: came late, left, came back; the code is decided from the time entered. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { FoundPupil, NowView } from '../../../device/contract/staff-views.ts';
import { command } from '../box.ts';
import { actAndSay, refusalWords } from '../act.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Finder } from '../parts/finder.tsx';
import { Form, Select, Text } from '../parts/form.tsx';
import { say } from '../parts/toast.tsx';
import { addressOf } from '../route.ts';
import { Foretell } from './foretell.tsx';

type Kind = 'late' | 'leave' | 'return';
const kinds: readonly { readonly kind: Kind; readonly words: string }[] = [
  { kind: 'late', words: 'Came late' },
  { kind: 'leave', words: 'Left' },
  { kind: 'return', words: 'Came back' },
];
const backs = [
  { id: 'before-lunch', label: 'Before lunch' },
  { id: 'after-lunch', label: 'After lunch' },
  { id: 'not-today', label: 'Not today' },
  { id: 'unknown', label: 'Nobody knows' },
];

interface RecordProps {
  readonly now: NowView;
  /** Found already, by the search above. */
  readonly pupil: FoundPupil | null;
  readonly onClose: () => void;
}

export function RecordFor({ now, pupil: first, onClose }: RecordProps): JSX.Element {
  const pupil = useSignal(first);
  const who = pupil.value;
  return (
    <Dialog title={who === null ? 'Record for a pupil' : `Record for ${who.pupil}`} onClose={onClose}>
      {who === null ? (
        <Finder label="Name, group or badge number" inDialog focus onFound={(found) => (pupil.value = found)} />
      ) : (
        <What now={now} pupil={who} onDone={onClose} onBack={() => (pupil.value = null)} />
      )}
    </Dialog>
  );
}

interface WhatProps {
  readonly now: NowView;
  readonly pupil: FoundPupil;
  readonly onDone: () => void;
  readonly onBack: () => void;
}
function What({ now, pupil, onDone, onBack }: WhatProps): JSX.Element {
  const kind = useSignal<Kind>(pupil.out ? 'return' : 'late');
  const time = useSignal('');
  const reason = useSignal('');
  const back = useSignal('');
  const adult = useSignal('');
  const badge = useSignal(false);
  const registration = useSignal(false);
  const comesAndGoes = pupil.yearGroup !== null && now.comesAndGoes.includes(pupil.yearGroup);
  const ready = useSignal(false);
  const reasons = kind.value === 'late' ? now.lateReasons : now.leaveReasons;
  const asksBack = now.leaveReasons.find(({ id }) => id === reason.value)?.asksBack === true;
  const input = inputOf(pupil.key, kind.value, time.value, {
    reason: reason.value,
    back: asksBack && back.value !== '' ? back.value : null,
    adult: adult.value.trim() === '' ? null : adult.value.trim(),
    badge: badge.value,
    forRegistration: comesAndGoes ? registration.value : null,
  });
  const send = async (): Promise<string | null> => {
    if (input === null) return 'Choose a reason.';
    const result = await command('record-for', input);
    if (!result.ok) return refusalWords(result.error);
    say(`Recorded for ${pupil.pupil}.`, undoing(result.value, pupil.pupil));
    return null;
  };
  return (
    <Form button="Record it" icon="tick" ready={ready.value} onSend={send} onDone={onDone} onBack={onBack}>
      <p class="faint">
        {[pupil.registrationGroup, pupil.yearGroup, pupil.where]
          .filter((part) => part !== null && part !== '')
          .join(' · ')}{' '}
        <a href={addressOf('pupils', pupil.key)} onClick={onDone}>
          Everything about this pupil
        </a>
      </p>
      <Kinds
        kind={kind.value}
        onChoose={(next) => {
          kind.value = next;
          reason.value = '';
        }}
      />
      <Text label="When?" hint="Empty: now" type="time" value={time.value} onInput={(text) => (time.value = text)} />
      {kind.value !== 'return' && (
        <Select
          label="Why?"
          none="Choose a reason"
          value={reason.value}
          choices={reasons}
          onChange={(id) => (reason.value = id)}
        />
      )}
      {kind.value === 'late' && comesAndGoes && <Check label="Late for registration" checked={registration} />}
      {kind.value === 'leave' && <Leaving {...{ asksBack, back, adult, badge }} />}
      <Foretell
        plan={input === null ? null : { plan: 'record', ...input }}
        onKnown={(known) => (ready.value = known)}
      />
    </Form>
  );
}

function Kinds({ kind, onChoose }: { readonly kind: Kind; readonly onChoose: (kind: Kind) => void }): JSX.Element {
  return (
    <fieldset class="field">
      <legend>What happened?</legend>
      <div class="buttons">
        {kinds.map((one) => (
          <button
            type="button"
            key={one.kind}
            class="button"
            aria-pressed={kind === one.kind}
            onClick={() => onChoose(one.kind)}
          >
            {one.words}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

interface LeavingProps {
  readonly asksBack: boolean;
  readonly back: Signal<string>;
  readonly adult: Signal<string>;
  readonly badge: Signal<boolean>;
}
function Leaving({ asksBack, back, adult, badge }: LeavingProps): JSX.Element {
  return (
    <>
      {asksBack && (
        <Select
          label="Coming back today?"
          none="Not asked"
          value={back.value}
          choices={backs}
          onChange={(id) => (back.value = id)}
        />
      )}
      <Text
        label="Adult they went with"
        hint="May stay empty"
        value={adult.value}
        maxLength={80}
        onInput={(text) => (adult.value = text)}
      />
      <Check label="Print a badge" checked={badge} />
    </>
  );
}

interface CheckProps {
  readonly label: string;
  readonly checked: Signal<boolean>;
}
function Check({ label, checked }: CheckProps): JSX.Element {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked.value}
        onChange={(event) => (checked.value = event.currentTarget.checked)}
      />
      {label}
    </label>
  );
}

interface Said {
  readonly reason: string;
  readonly back: string | null;
  readonly adult: string | null;
  readonly badge: boolean;
  /** Null: of this year group it is not asked. */
  readonly forRegistration: boolean | null;
}
/** Null: something is missing. */
function inputOf(pupil: string, kind: Kind, time: string, { forRegistration, ...leaving }: Said): object | null {
  const at = time === '' ? null : { minute: time };
  if (kind === 'return') return { pupil, at, what: { kind } };
  if (leaving.reason === '') return null;
  if (kind === 'leave') return { pupil, at, what: { kind, ...leaving } };
  return {
    pupil,
    at,
    what: { kind, reason: leaving.reason, ...(forRegistration === null ? {} : { forRegistration }) },
  };
}

/** Null: the box did not say which movement it is. */
export function undoing(answer: unknown, pupil: string): (() => void) | null {
  if (typeof answer !== 'object' || answer === null || !('movement' in answer)) return null;
  const { movement } = answer;
  if (typeof movement !== 'string') return null;
  return () => {
    const input = { movement, correction: { how: 'undo' }, why: 'Undone at once' };
    void actAndSay('correct', input, { done: `Undone for ${pupil}.` });
  };
}
