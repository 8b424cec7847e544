import { Icon } from '../icon.tsx';
import type { Picture } from '../icon.tsx';
import { Button, ReadAloudButton, Said, Words } from '../parts.tsx';
import { label } from '../view.ts';
import type { View } from '../view.ts';
import { fill } from '../../../device/contract/words/index.ts';

export function HomeScreen({ view }: { readonly view: View }) {
  const { words, device } = view;
  const { state } = device.accepting;
  if (state === 'storage-failed' || state === 'no-roster') return <CannotHelpScreen view={view} />;
  return (
    <div class="screen home">
      <header class="bar">
        <h1 tabIndex={-1} data-say="">
          {device.school}
        </h1>
        <TimeAndDate view={view} />
      </header>
      <main>
        {state !== 'open' && <p class="notice">{words.home[state]}</p>}
        <FirstUse view={view} />
        <div class="doors">
          <Door view={view} to="late" icon="late" name="signInLate" />
          <Door view={view} to="early" icon="out" name="signOutEarly" />
          <Door view={view} to="return" icon="in" name="signBackIn" />
        </div>
      </main>
      <footer class="foot">
        <Foot view={view} />
      </footer>
    </div>
  );
}

/** Nothing can be recorded: no door is offered that would lead nowhere. */
function CannotHelpScreen({ view }: { readonly view: View }) {
  const { reception } = view.words;
  return (
    <Said
      view={view}
      name="cannot-help"
      icon="help"
      mood="plain"
      heading={reception.please}
      foot={<Foot view={view} />}
    >
      <p class="big" data-say="">
        {reception.notNow}
      </p>
      <FirstUse view={view} />
    </Said>
  );
}

/** For the technician: until there is an administrator. Never read aloud. */
function FirstUse({ view: { device, words } }: { readonly view: View }) {
  if (device.firstUse === null) return null;
  return <p class="notice first-use">{fill(words.home.firstUse, device.firstUse)}</p>;
}

interface DoorProps {
  readonly view: View;
  readonly to: 'late' | 'early' | 'return';
  readonly icon: Picture;
  readonly name: 'signInLate' | 'signOutEarly' | 'signBackIn';
}

function Door({ view, to, icon, name }: DoorProps) {
  return (
    <button type="button" class="door" onClick={() => view.tap({ type: to })}>
      <Icon of={icon} />
      <Words view={view} label={label(view, ({ home }) => home[name])} say />
    </button>
  );
}

function TimeAndDate({ view: { now, words } }: { readonly view: View }) {
  if (now === null) return null;
  const weekday = words.weekdays[now.weekday] ?? '';
  const month = words.months[now.month - 1] ?? '';
  return (
    <p class="now">
      <span class="time">{now.time}</span> <span class="date">{`${weekday} ${now.day} ${month}`}</span>
    </p>
  );
}

/** Staff; language and Aa, which last for one visit. */
function Foot({ view }: { readonly view: View }) {
  const { comfort } = view.state;
  const { home } = view.words;
  return (
    <>
      <Button view={view} label={label(view, (words) => words.home.staff)} tap={{ type: 'staff' }} />
      <span class="apart" />
      {comfort.aa && <ReadAloudButton view={view} />}
      <LanguageButton view={view} />
      <button
        type="button"
        class="button quiet aa-switch"
        aria-pressed={comfort.aa}
        aria-describedby="aa-is"
        onClick={() => view.tap({ type: 'aa' })}
      >
        {home.aa}
      </button>
      <span id="aa-is" hidden>
        {home.aaIs}
      </span>
    </>
  );
}

function LanguageButton({ view }: { readonly view: View }) {
  const { other } = view;
  if (other === null) return null;
  return (
    <button type="button" class="button quiet" lang={other.language} onClick={() => view.tap({ type: 'language' })}>
      {other.words.language}
    </button>
  );
}
