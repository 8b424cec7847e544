/** Rail, top and the view that was chosen; which one stands in the address, behind #. */
import { computed, effect, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Myself, StaffTop, StaffViews, ViewName } from '../../device/contract/staff.ts';
import { PeoplePage } from './access/people.tsx';
import { roleWords } from './access/roles.ts';
import { showsAccount } from './access/session.ts';
import { SignOut } from './access/sign-out.tsx';
import { may } from './act.ts';
import { away, lock, top, views, watch } from './box.ts';
import { hidden } from './idle.ts';
import { Dialog } from './parts/dialog.tsx';
import { Finder } from './parts/finder.tsx';
import { Icon } from './parts/icon.tsx';
import type { Picture } from './parts/icon.tsx';
import { Toasts } from './parts/toast.tsx';
import { Words } from './parts/words.tsx';
import { theme } from './prefs.ts';
import { recording } from './recording.ts';
import { addressOf, route } from './route.ts';
import { Approvals } from './views/approvals.tsx';
import { Box } from './views/box.tsx';
import { Evacuation } from './views/evacuation.tsx';
import { Close } from './views/close.tsx';
import { Hidden } from './views/hidden.tsx';
import { Log } from './views/log.tsx';
import { Marks, MisState } from './views/marks.tsx';
import { Notes } from './views/notes.tsx';
import { Now } from './views/now.tsx';
import { Pupils } from './views/pupils.tsx';
import { ReportsLater } from './views/reports-later.tsx';
import { RecordFor } from './views/record.tsx';
import { Settings } from './views/settings/settings.tsx';

const titles: Readonly<Record<ViewName, readonly [string, Picture]>> = {
  now: ['Now', 'now'],
  marks: ['Marks', 'marks'],
  approvals: ['Approvals', 'approvals'],
  evacuation: ['Evacuation', 'evacuation'],
  pupils: ['Pupils', 'pupils'],
  reports: ['Reports', 'reports'],
  people: ['People', 'people'],
  log: ['Log', 'log'],
  close: ['Close the day', 'close-day'],
  settings: ['Settings', 'settings'],
  box: ['Box', 'box'],
};
const inOrder: readonly ViewName[] = [
  'now',
  'marks',
  'approvals',
  'evacuation',
  'close',
  'pupils',
  'reports',
  'settings',
  'people',
  'box',
  'log',
];

/** Nobody's name comes over the line while names are hidden. */
const watchedView = computed(() => (hidden.value ? null : route.value.view));
effect(() => {
  watch(watchedView.value);
});
effect(() => {
  if (hidden.value) lock();
});

export function Shell({ me }: { readonly me: Myself }): JSX.Element {
  const now = top.value;
  if (now === null) return <p class="away">Waiting for the box…</p>;
  const { view } = route.value;
  const waiting = now.counts.approvals;
  document.title = `${now.drill ? 'DRILL · ' : ''}${waiting > 0 ? `(${String(waiting)}) ` : ''}${titles[view][0]} · ${now.school}`;
  return (
    <div class="shell">
      <Rail me={me} top={now} />
      <Top me={me} top={now} />
      <p class="for-ears" role="status">
        {waiting > 0 && `${String(waiting)} waiting to leave`}
      </p>
      <main class="view" id="view" tabIndex={-1}>
        {hidden.value ? (
          <Hidden top={now} />
        ) : (
          <View name={view} of={route.value.of} shown={views.value} me={me} top={now} />
        )}
      </main>
      {recording.value !== null && !hidden.value && views.value.now !== undefined && (
        <RecordFor now={views.value.now} pupil={recording.value.pupil} onClose={() => (recording.value = null)} />
      )}
      {!hidden.value && <Toasts />}
    </div>
  );
}

interface ViewProps {
  readonly name: ViewName;
  readonly of: string;
  readonly shown: Partial<StaffViews>;
  readonly me: Myself;
  readonly top: StaffTop;
}
function View({ name, of, shown, me, top: { notes, moreNotes } }: ViewProps): JSX.Element | null {
  const { now, marks, approvals, evacuation, pupils, reports, people, box, log, settings, close } = shown;
  if (!me.sees.includes(name)) return <p class="empty">Your role does not show this view.</p>;
  switch (name) {
    case 'now':
      return now === undefined ? (
        <Loading />
      ) : (
        <Now now={now}>
          <Notes notes={notes} more={moreNotes} />
        </Now>
      );
    case 'marks':
      return marks === undefined ? <Loading /> : <Marks view={marks} of={of} />;
    case 'approvals':
      return approvals === undefined ? <Loading /> : <Approvals view={approvals} />;
    case 'evacuation':
      return evacuation === undefined ? <Loading /> : <Evacuation view={evacuation} />;
    case 'pupils':
      return pupils === undefined ? <Loading /> : <Pupils view={pupils} of={of} />;
    case 'reports':
      return reports === undefined ? <Loading /> : <ReportsLater view={reports} />;
    case 'close':
      return close === undefined ? <Loading /> : <Close view={close} />;
    case 'settings':
      return settings === undefined ? <Loading /> : <Settings view={settings} of={of} />;
    case 'people':
      return people === undefined ? <Loading /> : <PeoplePage view={people} />;
    case 'log':
      return log === undefined ? <Loading /> : <Log view={log} />;
    case 'box':
      return box === undefined ? <Loading /> : <Box view={box} />;
  }
}

const Loading = (): JSX.Element => <p class="faint">One moment…</p>;

/** Side by side in a phone's bar. */
const barPlaces = 5;

/** What needs a person there; the marks' and approvals' counts are warnings. On a phone, views for which the bar has no room open with **More**. */
function Rail({ me, top: { counts, box } }: { readonly me: Myself; readonly top: StaffTop }): JSX.Element {
  const rest = useRef<HTMLDivElement>(null);
  const seen = inOrder.filter((name) => me.sees.includes(name));
  const room = seen.length > barPlaces ? barPlaces - 1 : barPlaces;
  const behind = seen.slice(room);
  const link = (name: ViewName): JSX.Element => (
    <a key={name} href={addressOf(name)} aria-current={route.value.view === name ? 'page' : undefined}>
      <Icon of={titles[name][1]} />
      <span>{titles[name][0]}</span>
      <Count of={counts[name]} />
    </a>
  );
  return (
    <nav class="rail" aria-label="Views">
      <span class="brand">
        Porter <span class="for-ears">{box}</span>
      </span>
      {seen.slice(0, room).map(link)}
      {behind.length > 0 && (
        <>
          <button type="button" popovertarget="more-views">
            <Icon of="more" />
            <span>More</span>
            <Count of={behind.reduce((sum, name) => sum + counts[name], 0)} />
          </button>
          <div class="rest" id="more-views" popover="auto" ref={rest} onClick={() => rest.current?.hidePopover()}>
            {behind.map(link)}
          </div>
        </>
      )}
    </nav>
  );
}

const Count = ({ of }: { readonly of: number }): JSX.Element | null =>
  of > 0 ? <span class="count warn">{of}</span> : null;

function Top({ me, top: now }: { readonly me: Myself; readonly top: StaffTop }): JSX.Element {
  const asksMe = useSignal(false);
  const { sum, mis } = now;
  return (
    <>
      <header class="top">
        <p class="school">
          {now.school}
          <span class="faint">{dated(now.now)}</span>
        </p>
        <a class="sum" href={addressOf('marks')} data-testid="sum">
          recorded <b>{sum.recorded}</b> = confirmed <b>{sum.confirmed}</b> + waiting <b>{sum.waiting}</b> +{' '}
          <span class={sum.needsPerson > 0 ? 'warn' : undefined}>
            needs a person <b>{sum.needsPerson}</b>
          </span>
        </a>
        <Lamps lights={now.lights} />
        <span title={`${mis.words}${mis.lastContact === null ? '' : ` Last answer ${mis.lastContact}.`}`}>
          <MisState mis={mis} />
        </span>
        {me.sees.includes('pupils') && !hidden.value && <Finder label="Find a pupil" onFound={openFound} />}
        <button type="button" class="button quiet" onClick={() => (asksMe.value = true)}>
          <Icon of="me" /> <bdi>{me.name}</bdi>
        </button>
        <Banners top={now} />
      </header>
      {asksMe.value && <Account me={me} onClose={() => (asksMe.value = false)} />}
    </>
  );
}

/** To record something, which needs Now's lists of reasons; who may not is shown what there is. */
function openFound(pupil: Parameters<Parameters<typeof Finder>[0]['onFound']>[0]): void {
  if (!may('record-for')) {
    location.hash = addressOf('pupils', pupil.key);
    return;
  }
  location.hash = addressOf('now');
  recording.value = { pupil };
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
/** `09:12, Monday 23 November`: the box's own clock. */
function dated(now: string): string {
  const [date = '', clock = ''] = now.split(' ');
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const weekday = days[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] ?? '';
  return `${clock}, ${weekday} ${String(day)} ${months[month - 1] ?? ''}`;
}

const rhythms: Readonly<Partial<Record<string, string>>> = {
  off: 'off',
  steady: 'steady',
  slow: 'slow blink',
  double: 'double blink',
  pulse: 'pulse',
  fast: 'fast blink',
};
function Lamps({ lights }: { readonly lights: StaffTop['lights'] }): JSX.Element {
  return (
    <p class="lamps" aria-label="Lights">
      {(['green', 'amber', 'red'] as const).map((lamp) => (
        <span key={lamp} class={`lamp ${lamp}${lights[lamp] === 'off' ? '' : ' on'}`}>
          {lamp} {rhythms[lights[lamp]] ?? lights[lamp]}
        </span>
      ))}
    </p>
  );
}

function Banners({
  top: { demo, drill, clockTrusted, faults, notes, roster },
}: {
  readonly top: StaffTop;
}): JSX.Element {
  // On Now they stand with their buttons.
  const urgent = hidden.value || route.value.view === 'now' ? [] : notes.filter((note) => note.urgent);
  return (
    <div class="banners">
      {away.value && (
        <p class="banner bad" role="alert">
          <Icon of="away" /> No connection to the box. What you see is old, and nothing can be changed.
        </p>
      )}
      {drill && (
        <p class="banner drill">
          <Icon of="evacuation" /> DRILL. This is an exercise, whatever list you look at.
        </p>
      )}
      {urgent.slice(0, 2).map(({ note, words }) => (
        <p class="banner bad" key={note}>
          <Icon of="alert" />
          <span>
            Urgent: <Words of={words} />. <a href={addressOf('now')}>See Now</a>
          </span>
        </p>
      ))}
      {demo && <p class="banner">Demo: made-up pupils.</p>}
      {!clockTrusted && (
        <p class="banner">
          <Icon of="warn" /> The box does not know the time. Marks wait until it does.
        </p>
      )}
      {roster.held !== null && (
        <p class="banner">
          <Icon of="warn" /> {roster.held}
        </p>
      )}
      {faults.slice(0, 2).map((fault) => (
        <p class="banner" key={fault}>
          <Icon of="warn" /> {fault}
        </p>
      ))}
    </div>
  );
}

const themes = { system: 'As this computer', light: 'Light', dark: 'Dark' } as const;
function Account({ me, onClose }: { readonly me: Myself; readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog title={me.name} onClose={onClose}>
      <p>{roleWords[me.role][0]}</p>
      <fieldset class="field">
        <legend>Colours</legend>
        <div class="buttons">
          {(['system', 'light', 'dark'] as const).map((name) => (
            <button
              type="button"
              class="button"
              key={name}
              aria-pressed={theme.value === name}
              onClick={() => (theme.value = name)}
            >
              {themes[name]}
            </button>
          ))}
        </div>
      </fieldset>
      <div class="buttons">
        <button type="button" class="button" onClick={() => (showsAccount.value = true)}>
          My password and PIN
        </button>
        <SignOut class="button main">Sign out</SignOut>
      </div>
    </Dialog>
  );
}
