import type { LateAnswer, ReasonTile } from '../../../device/contract/kiosk.ts';
import { fill } from '../../../device/contract/words/index.ts';
import type { Words } from '../../../device/contract/words/index.ts';
import { ReasonIcon } from '../icon.tsx';
import { Button, DoneButton, Hello, NotMeButton, Question, Said } from '../parts.tsx';
import { More, Tiles, paged } from '../tiles.tsx';
import type { Tile } from '../tiles.tsx';
import { label, localLabel, localText } from '../view.ts';
import type { View } from '../view.ts';
import type { Chosen, Step } from '../visit/state.ts';
import { YesNo } from './answers.tsx';
import { hello } from './who.tsx';

export function RegistrationScreen({ view, who }: { readonly view: View; readonly who: Chosen }) {
  return (
    <Question
      view={view}
      name="registration"
      heading={view.words.late.lateForRegistration}
      lead={<Hello words={hello(view, who.forename)} />}
      foot={<NotMeButton view={view} />}
    >
      <YesNo
        view={view}
        yes={label(view, ({ late }) => late.registrationYes)}
        no={label(view, ({ late }) => late.registrationNo)}
        tap={(yes) => ({ type: 'for-registration', yes })}
      />
    </Question>
  );
}

interface ReasonsProps {
  readonly view: View;
  readonly who: Chosen;
  readonly heading: string;
  readonly reasons: readonly ReasonTile[];
}
const TELL_STAFF = 'tell-staff';

/** The school's reasons with pictures; whoever would rather tell a person can say so on every page. */
export function ReasonsScreen({ view, who, heading, reasons }: ReasonsProps) {
  const tiles = reasons
    .filter(({ id }) => id !== TELL_STAFF)
    .map((reason): Tile => ({
      key: reason.id,
      label: localLabel(view, reason.label),
      tap: { type: 'reason', reason: reason.id },
      icon: <ReasonIcon name={reason.icon} />,
    }));
  const page = paged(view, 'pictures', tiles);
  return (
    <Question
      view={view}
      name="reasons"
      heading={heading}
      lead={<Hello words={hello(view, who.forename)} />}
      foot={
        <>
          <NotMeButton view={view} />
          <More view={view} paged={page} />
          {reasons.some(({ id }) => id === TELL_STAFF) && (
            <Button
              view={view}
              label={label(view, ({ late }) => late.tellStaff)}
              tap={{ type: 'reason', reason: TELL_STAFF }}
              say
            />
          )}
        </>
      }
    >
      <Tiles view={view} kind="pictures" paged={page} />
    </Question>
  );
}

export function SignedInScreen({
  view,
  step,
}: {
  readonly view: View;
  readonly step: Extract<Step, { at: 'signed-in' }>;
}) {
  const { words, device } = view;
  const { forename, time } = step.answer;
  return (
    <Said
      view={view}
      name="signed-in"
      icon="tick"
      mood="good"
      heading={words.late.signedIn}
      foot={
        <>
          <Button view={view} label={label(view, ({ late }) => late.undo)} tap={{ type: 'undo' }} icon="undo" say />
          <Button view={view} label={label(view, ({ late }) => late.someoneElse)} tap={{ type: 'someone-else' }} say />
          <DoneButton view={view} />
        </>
      }
    >
      <p class="big">
        <bdi dir="auto">
          {fill(words.common.nameAndTime, { forename, time: time ?? words.common.timeToBeConfirmed })}
        </bdi>{' '}
        <span data-say="">{localText(view, device.whereNext)}</span>
      </p>
      <p>{outcomeWords(words, step.answer.outcome)}</p>
    </Said>
  );
}

/** What applied, never a code, a count or a reproach. */
function outcomeWords({ late }: Words, outcome: LateAnswer['outcome']): string {
  switch (outcome) {
    case 'on-time':
      return late.onTime;
    case 'late':
      return late.late;
    case 'after-close':
      return late.afterClose;
    case 'no-register':
      return late.noRegister;
    case 'to-be-confirmed':
      return late.toBeConfirmed;
  }
}
