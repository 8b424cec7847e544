import { useEffect, useRef } from 'preact/hooks';
import { Button, DoneButton, Hello, Question, Said } from '../parts.tsx';
import { label, spaced } from '../view.ts';
import type { View } from '../view.ts';
import type { Chosen, Step } from '../visit/state.ts';
import type { Choice } from './answers.tsx';
import { Choices } from './answers.tsx';
import { hello } from './who.tsx';

type At<Name extends Step['at']> = { readonly view: View; readonly step: Extract<Step, { at: Name }> };

const whenBack: readonly Choice[] = [
  { words: ({ early }) => early.beforeLunch, icon: 'before-lunch', tap: { type: 'coming-back', back: 'before-lunch' } },
  { words: ({ early }) => early.afterLunch, icon: 'after-lunch', tap: { type: 'coming-back', back: 'after-lunch' } },
  { words: ({ early }) => early.notToday, icon: 'not-today', tap: { type: 'coming-back', back: 'not-today' } },
  { words: ({ early }) => early.unknown, icon: 'question', tap: { type: 'coming-back', back: 'unknown' } },
];
const withWhom: readonly Choice[] = [
  { words: ({ early }) => early.grownUp, icon: 'grown-up', tap: { type: 'with-whom', withWhom: 'grown-up' } },
  { words: ({ early }) => early.alone, icon: 'alone', tap: { type: 'with-whom', withWhom: 'alone' } },
  { words: ({ early }) => early.staff, icon: 'staff', tap: { type: 'with-whom', withWhom: 'staff' } },
];

interface ChoiceProps {
  readonly view: View;
  readonly who: Chosen;
}

export function ComingBackScreen({ view, who }: ChoiceProps) {
  return <ChoiceScreen view={view} who={who} heading={view.words.early.comingBack} of={whenBack} />;
}
export function WithWhomScreen({ view, who }: ChoiceProps) {
  return <ChoiceScreen view={view} who={who} heading={view.words.early.withWhom} of={withWhom} />;
}
function ChoiceScreen({ view, who, heading, of }: ChoiceProps & { heading: string; of: readonly Choice[] }) {
  return (
    <Question view={view} name="choices" heading={heading} lead={<Hello words={hello(view, who.forename)} />}>
      <Choices view={view} of={of} />
    </Question>
  );
}

export function CameraScreen({ view, step: { count } }: At<'camera'>) {
  const { early } = view.words;
  return (
    <Question
      view={view}
      name="camera"
      heading={early.camera}
      foot={<Button view={view} label={label(view, (words) => words.early.noPhoto)} tap={{ type: 'no-photo' }} say />}
    >
      <div class="picture">
        {/* What it last saw would look like a picture that lives. */}
        {view.device.camera ? <LivePicture words={early.cameraIs} /> : <p class="no-picture">{early.noPicture}</p>}
        {typeof count === 'number' && (
          <p class="count" role="status">
            {count}
          </p>
        )}
      </div>
      <p class="big" data-say="">
        {early.photo}
      </p>
    </Question>
  );
}

/** What the camera sees. The stream ends with the screen. */
export function LivePicture({ words }: { readonly words: string }) {
  const picture = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const image = picture.current;
    return () => image?.removeAttribute('src');
  }, []);
  return <img ref={picture} src="/camera/live" alt={words} draggable={false} />;
}

export function DepartedScreen({ view, step }: At<'departed'>) {
  const { early } = view.words;
  const { badge, printing, forename } = step.answer;
  return (
    <Said
      view={view}
      name="departed"
      icon={printing ? 'tick' : 'write'}
      mood={printing ? 'good' : 'plain'}
      heading={printing ? early.printing : early.writeDown}
      foot={<DoneButton view={view} />}
    >
      {printing && (
        // What comes out of the printer; nothing where it cannot be drawn.
        <img
          class="paper"
          src={`/badge/${view.state.visit?.id ?? ''}`}
          alt=""
          draggable={false}
          onError={({ currentTarget }) => void (currentTarget.hidden = true)}
        />
      )}
      <p class="badge-id">{spaced(badge)}</p>
      <p class="big">
        <bdi dir="auto">{forename}.</bdi> <span data-say="">{early.needIt}</span>
      </p>
    </Said>
  );
}

export function SitDownScreen({ view, step }: At<'sit-down'>) {
  return (
    <Said
      view={view}
      name="sit-down"
      icon="sit"
      mood="good"
      heading={view.words.early.sitDown}
      foot={<DoneButton view={view} />}
    >
      <p class="big">
        <bdi dir="auto">{step.forename}</bdi>
      </p>
    </Said>
  );
}
