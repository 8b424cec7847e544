/** One screen at a time, and what may lie over it. */
import { useLayoutEffect } from 'preact/hooks';
import { accentFor } from '../shared/accent.ts';
import { Button } from './parts.tsx';
import { AlreadyBackScreen, AlreadyInScreen, AlreadyOutScreen, NoListScreen } from './screens/ends.tsx';
import { ReceptionScreen, SignedOutEarlierScreen, UndoneScreen } from './screens/ends.tsx';
import { BadgeScreen, EarlierTodayScreen, WelcomeBackScreen } from './screens/badge.tsx';
import { CameraScreen, ComingBackScreen, DepartedScreen, SitDownScreen, WithWhomScreen } from './screens/early.tsx';
import { HomeScreen } from './screens/home.tsx';
import { ReasonsScreen, RegistrationScreen, SignedInScreen } from './screens/late.tsx';
import { CleaningScreen, PinScreen, StaffScreen, SwitchOffScreen, SwitchingOffScreen } from './screens/staff.tsx';
import { MonthScreen, NamesScreen, YearScreen } from './screens/who.tsx';
import { readAloud } from './speech.ts';
import { label, screenKey } from './view.ts';
import type { View } from './view.ts';

interface Props {
  readonly view: View;
  /** The device is away or slow: nothing can be touched. */
  readonly slow: boolean;
}

export function App({ view, slow }: Props) {
  const { state, device, language, words } = view;
  const key = screenKey(state);
  const over = slow || state.asksMoreTime;
  const speaks = state.comfort.aa && state.comfort.readAloud ? language : null;

  useLayoutEffect(() => dress(view), [language, state.comfort.aa, device.accent]);
  useLayoutEffect(() => {
    const heading = document.querySelector<HTMLElement>('[role="alertdialog"] h2, h1');
    heading?.focus({ preventScroll: true });
  }, [key, slow]);
  useLayoutEffect(() => readAloud(speaks), [key, speaks]);

  return (
    <>
      {device.demo && <aside class="demo">{words.common.demo}</aside>}
      <div class="stage" inert={over}>
        <Screen key={`${state.step.at} ${state.visit?.id ?? ''}`} view={view} />
      </div>
      {state.asksMoreTime && <MoreTime view={view} />}
      <div role="status" class={slow ? 'over moment' : 'for-ears'}>
        {slow && <p>{words.common.oneMoment}</p>}
      </div>
    </>
  );
}

/** Language, colours and size of the whole page. */
function dress({ language, state, device }: View): void {
  const page = document.documentElement;
  page.lang = language;
  page.classList.toggle('aa', state.comfort.aa);
  const { accent, pressed, soft } = accentFor(device.accent);
  page.style.setProperty('--accent', accent);
  page.style.setProperty('--accent-pressed', pressed);
  page.style.setProperty('--accent-soft', soft);
}

function MoreTime({ view }: { readonly view: View }) {
  return (
    <div class="over" role="alertdialog" aria-modal="true" aria-labelledby="more-time">
      <h2 id="more-time" tabIndex={-1} data-say="">
        {view.words.common.needMoreTime}
      </h2>
      <div class="foot">
        <Button
          view={view}
          label={label(view, ({ common }) => common.yes)}
          tap={{ type: 'more-time' }}
          kind="main"
          say
        />
        <Button view={view} label={label(view, ({ common }) => common.no)} tap={{ type: 'start-again' }} say />
      </div>
    </div>
  );
}

function Screen({ view }: { readonly view: View }) {
  const { step } = view.state;
  switch (step.at) {
    case 'home':
      return <HomeScreen view={view} />;
    case 'year':
      return <YearScreen view={view} step={step} />;
    case 'month':
      return <MonthScreen view={view} step={step} />;
    case 'names':
      return <NamesScreen view={view} step={step} />;
    case 'registration':
      return <RegistrationScreen view={view} who={step.who} />;
    case 'late-reason':
      return (
        <ReasonsScreen view={view} who={step.who} heading={view.words.late.why} reasons={view.device.lateReasons} />
      );
    case 'leave-reason':
      return (
        <ReasonsScreen view={view} who={step.who} heading={view.words.early.why} reasons={view.device.leaveReasons} />
      );
    case 'signed-in':
      return <SignedInScreen view={view} step={step} />;
    case 'undone':
      return <UndoneScreen view={view} />;
    case 'coming-back':
      return <ComingBackScreen view={view} who={step.who} />;
    case 'with-whom':
      return <WithWhomScreen view={view} who={step.who} />;
    case 'camera':
      return <CameraScreen view={view} step={step} />;
    case 'departed':
      return <DepartedScreen view={view} step={step} />;
    case 'sit-down':
      return <SitDownScreen view={view} step={step} />;
    case 'badge':
      return <BadgeScreen view={view} step={step} />;
    case 'earlier-today':
      return <EarlierTodayScreen view={view} />;
    case 'welcome-back':
      return <WelcomeBackScreen view={view} step={step} />;
    case 'already-back':
      return <AlreadyBackScreen view={view} />;
    case 'already-in':
      return <AlreadyInScreen view={view} step={step} />;
    case 'already-out':
      return <AlreadyOutScreen view={view} step={step} />;
    case 'signed-out-earlier':
      return <SignedOutEarlierScreen view={view} step={step} />;
    case 'reception':
      return <ReceptionScreen view={view} />;
    case 'closed':
    case 'paused':
      return <NoListScreen view={view} why={step.at} />;
    case 'pin':
      return <PinScreen view={view} step={step} />;
    case 'staff':
      return <StaffScreen view={view} step={step} />;
    case 'switch-off':
      return <SwitchOffScreen view={view} />;
    case 'switching-off':
      return <SwitchingOffScreen view={view} />;
    case 'cleaning':
      return <CleaningScreen view={view} />;
  }
}
