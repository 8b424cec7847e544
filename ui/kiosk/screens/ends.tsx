/** Where a way ends without a record, kindly: caught states, reception, closed. */
import type { ComponentChildren } from 'preact';
import { fill } from '../../../device/contract/words/index.ts';
import type { Picture } from '../icon.tsx';
import { Button, DoneButton, Hello, NotMeButton, Question, Said } from '../parts.tsx';
import { label, localText } from '../view.ts';
import type { View } from '../view.ts';
import type { Step } from '../visit/state.ts';
import { hello } from './who.tsx';

type At<Name extends Step['at']> = { readonly view: View; readonly step: Extract<Step, { at: Name }> };

interface EndProps {
  readonly view: View;
  readonly name: string;
  readonly icon: Picture;
  readonly heading: string;
  readonly children: ComponentChildren;
  /** Besides Done. */
  readonly foot?: ComponentChildren;
}

function End({ view, name, icon, heading, children, foot }: EndProps) {
  return (
    <Said
      view={view}
      name={name}
      icon={icon}
      mood="plain"
      heading={heading}
      foot={
        <>
          {foot}
          <DoneButton view={view} />
        </>
      }
    >
      {children}
    </Said>
  );
}

export function ReceptionScreen({ view }: { readonly view: View }) {
  const { reception } = view.words;
  return (
    <End view={view} name="reception" icon="help" heading={reception.please}>
      <p class="big" data-say="">
        {reception.theyHelp}
      </p>
    </End>
  );
}

/** Outside kiosk hours, or too many lists were opened: why there is no list of names just now. */
export function NoListScreen({ view, why }: { readonly view: View; readonly why: 'closed' | 'paused' }) {
  return (
    <End view={view} name={why} icon="help" heading={view.words.reception.please}>
      <p class="big" data-say="">
        {view.words.reception[why]}
      </p>
    </End>
  );
}

export function UndoneScreen({ view }: { readonly view: View }) {
  return (
    <End view={view} name="undone" icon="undo" heading={view.words.late.undone}>
      <p class="big" data-say="">
        {view.words.late.notSignedIn}
      </p>
    </End>
  );
}

export function AlreadyBackScreen({ view }: { readonly view: View }) {
  return (
    <End view={view} name="already-back" icon="tick" heading={view.words.return.alreadyBack}>
      <p class="big" data-say="">
        {localText(view, view.device.whereNext)}
      </p>
    </End>
  );
}

export function AlreadyInScreen({ view, step }: At<'already-in'>) {
  const { words, device } = view;
  return (
    <End view={view} name="already-in" icon="tick" heading={words.caught.alreadyIn} foot={<NotMeButton view={view} />}>
      <p class="big">
        <bdi dir="auto">{hello(view, step.forename)}.</bdi>
        {step.time === null ? '' : ` ${fill(words.caught.cameAt, { time: step.time })}`}
      </p>
      <p data-say="">{localText(view, device.whereNext)}</p>
    </End>
  );
}

export function AlreadyOutScreen({ view, step }: At<'already-out'>) {
  return <OutScreen view={view} forename={step.forename} heading={view.words.caught.alreadyOut} name="already-out" />;
}

/** Sign in late found the pupil out: a return without a badge, once the pupil says so. */
export function SignedOutEarlierScreen({ view, step }: At<'signed-out-earlier'>) {
  const { caught } = view.words;
  return <OutScreen view={view} forename={step.forename} heading={caught.signedOutEarlier} name="signed-out-earlier" />;
}

function OutScreen(props: { readonly view: View; forename: string; heading: string; name: string }) {
  const { view, forename, heading, name } = props;
  return (
    <Question
      view={view}
      name={name}
      heading={heading}
      lead={<Hello words={hello(view, forename)} />}
      foot={<NotMeButton view={view} />}
    >
      <div class="one-answer">
        <p class="big" data-say="">
          {view.words.caught.areYouBack}
        </p>
        <Button
          view={view}
          label={label(view, ({ home }) => home.signBackIn)}
          tap={{ type: 'sign-back-in' }}
          icon="in"
          kind="main"
          say
        />
      </div>
    </Question>
  );
}
