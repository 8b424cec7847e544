import { fill } from '../../../device/contract/words/index.ts';
import { Button, DoneButton, Question, Said } from '../parts.tsx';
import { label, spaced } from '../view.ts';
import type { View } from '../view.ts';
import type { Step } from '../visit/state.ts';
import { DigitPad, Entry, YesNo } from './answers.tsx';
import { LivePicture } from './early.tsx';

type At<Name extends Step['at']> = { readonly view: View; readonly step: Extract<Step, { at: Name }> };
const SLOTS = [0, 1, 2, 3, 4, 5, 6, 7];

export function BadgeScreen({ view, step }: At<'badge'>) {
  const words = view.words.return;
  const { camera } = view.device;
  return (
    <Question view={view} name={camera ? 'badge' : 'badge no-camera'} heading={words.enter}>
      <Entry said={step.said === null ? null : words[step.said]}>
        <Digits name={words.number} digits={step.digits} />
      </Entry>
      <DigitPad view={view} />
      {camera && <p class="hint">{words.orShow}</p>}
      {camera && (
        <div class="picture">
          <LivePicture words={words.cameraIs} />
        </div>
      )}
      <Button
        view={view}
        label={label(view, (all) => all.return.noBadge)}
        tap={{ type: 'no-badge' }}
        kind="other"
        say
      />
    </Question>
  );
}

function Digits({ name, digits }: { readonly name: string; readonly digits: string }) {
  return (
    <output class="digits" aria-label={name}>
      <span class="for-ears">{spaced(digits)}</span>
      {SLOTS.map((slot) => (
        <span key={slot} class="slot" aria-hidden="true">
          {digits[slot]}
        </span>
      ))}
    </output>
  );
}

export function EarlierTodayScreen({ view }: { readonly view: View }) {
  return (
    <Question view={view} name="earlier-today" heading={view.words.return.earlierToday}>
      <YesNo
        view={view}
        yes={label(view, (words) => words.return.earlierYes)}
        no={label(view, (words) => words.return.earlierNo)}
        tap={(yes) => ({ type: 'earlier-today', yes })}
      />
    </Question>
  );
}

/** Without a name where another box gave the badge, without a time where the clock is not trusted. */
export function WelcomeBackScreen({ view, step }: At<'welcome-back'>) {
  const { words } = view;
  const { forename, time } = step;
  const who = time === null ? (forename ?? '') : fill(words.common.nameAndTime, { forename: forename ?? '', time });
  return (
    <Said
      view={view}
      name="welcome-back"
      icon="tick"
      mood="good"
      heading={words.return.welcomeBack}
      foot={<DoneButton view={view} />}
    >
      <p class="big">
        <bdi dir="auto">{forename === null ? (time ?? '') : who}</bdi>
      </p>
    </Said>
  );
}
