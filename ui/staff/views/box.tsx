/** How the box is: each part with what to do and what tries it, storage, clock, roster, version (product.md 6). */
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import type { PartReport } from '../../../device/contract/kiosk.ts';
import type { StorageView } from '../../../device/contract/staff.ts';
import type { BoxView } from '../../../device/contract/staff-views.ts';
import { actAndSay, may, refusalWords } from '../act.ts';
import { command } from '../box.ts';
import { Fact } from '../parts/fact.tsx';
import { Icon } from '../parts/icon.tsx';
import type { Picture } from '../parts/icon.tsx';
import { State } from '../parts/state.tsx';
import { say } from '../parts/toast.tsx';
import { Care } from './care.tsx';
import { NewToken } from './new-token.tsx';
import { Papers } from './papers.tsx';
import { Update } from './update.tsx';
import { SayNow } from './undecided.tsx';
import { size } from './words.ts';

const partNames: Readonly<Record<PartReport['part'], readonly [string, Picture]>> = {
  printer: ['Badge printer', 'printer'],
  camera: ['Camera', 'camera'],
  lights: ['Lights', 'lights'],
  mis: ['MIS', 'mis'],
  storage: ['Storage', 'storage'],
  clock: ['Clock', 'now'],
};

export function Box({ view }: { readonly view: BoxView }): JSX.Element {
  const tested = useSignal<readonly PartReport[] | null>(null);
  const busy = useSignal(false);
  const test = async (): Promise<void> => {
    busy.value = true;
    const result = await command('self-test', {});
    busy.value = false;
    if (!result.ok) say(refusalWords(result.error));
    // The box and this page are of one build.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
    else tested.value = result.value as readonly PartReport[];
  };
  return (
    <>
      <div class="head">
        <h1>{view.box}</h1>
        {may('self-test') && (
          <button type="button" class="button main" disabled={busy.value} onClick={() => void test()}>
            <Icon of="play" /> {busy.value ? 'Trying every part…' : 'Try every part'}
          </button>
        )}
      </div>
      <Faults faults={view.faults} />
      {tested.value !== null && <Tested reports={tested.value} />}
      <div class="parts">
        {view.parts.map((report) => (
          <Part key={report.part} report={report}>
            {report.part === 'clock' && view.asksTime && <SayNow small />}
            {report.part === 'mis' && view.newToken !== null && may('mis-token') && <NewToken {...view.newToken} />}
          </Part>
        ))}
      </div>
      <div class="parts wide">
        <Facts view={view} />
        {view.storage !== null && <Storage storage={view.storage} />}
        <Care view={view} />
        {view.update !== null && <Update update={view.update} />}
        <Papers />
      </div>
    </>
  );
}

function Faults({ faults }: { readonly faults: BoxView['faults'] }): JSX.Element | null {
  if (faults.length === 0) return null;
  return (
    <section class="card urgent" aria-label="What is wrong">
      <header>
        <h2>
          What is wrong <span class="count warn">{faults.length}</span>
        </h2>
      </header>
      <ul class="todo">
        {faults.map(({ words, seen }) => (
          <li key={words}>
            <Icon of="warn" />
            <p class="words">{words}</p>
            {seen !== null && may(seen) && <Seen command={seen} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

const seenWords = {
  'loss-seen': ['I know of it', 'It is recorded that you know.'],
  'set-aside-seen': ['I have looked at it', 'It is recorded that you have looked at it. Marks are sent again.'],
} as const;

function Seen({ command: name }: { readonly command: keyof typeof seenWords }): JSX.Element {
  const [words, done] = seenWords[name];
  return (
    <button type="button" class="button small" onClick={() => void actAndSay(name, {}, { done })}>
      <Icon of="tick" /> {words}
    </button>
  );
}

interface PartProps {
  readonly report: PartReport;
  readonly children: ComponentChildren;
}
function Part({ report, children }: PartProps): JSX.Element {
  const { part, ok, soon, words } = report;
  const [name, icon] = partNames[part];
  return (
    <section class={ok ? 'card part' : 'card part urgent'} aria-label={name}>
      <h2>
        <Icon of={icon} /> {name}
      </h2>
      <HowItIs of={report}>{!ok ? 'Look at it' : soon === true ? 'Look at it soon' : 'Well'}</HowItIs>
      <p>{words}</p>
      <TestPart part={part} />
      {children}
    </section>
  );
}

function HowItIs(props: { readonly of: PartReport; readonly children: string }): JSX.Element {
  const isWell = props.of.ok && props.of.soon !== true;
  return (
    <State icon={isWell ? 'confirmed' : 'warn'} tone={isWell ? 'good' : 'warn'}>
      {props.children}
    </State>
  );
}

const tests: Readonly<Partial<Record<PartReport['part'], readonly [string, Picture]>>> = {
  printer: ['Test print', 'printer'],
  camera: ['Take a test photo', 'camera'],
  lights: ['Light each lamp', 'lights'],
  mis: ['Ask the MIS', 'mis'],
  clock: ['Look at the clock', 'now'],
};

/** Tries one part and says in words what came of it. */
function TestPart({ part }: { readonly part: PartReport['part'] }): JSX.Element | null {
  const busy = useSignal(false);
  const found = useSignal<Pick<PartReport, 'ok' | 'words'> | null>(null);
  const [words, icon] = tests[part] ?? [];
  if (words === undefined || icon === undefined || !may(part === 'printer' ? 'test-print' : 'test-part')) return null;
  const run = async (): Promise<void> => {
    busy.value = true;
    found.value = null;
    const result = await (part === 'printer' ? command('test-print', {}) : command('test-part', { part }));
    busy.value = false;
    if (!result.ok) found.value = { ok: false, words: refusalWords(result.error) };
    else if (part === 'printer') found.value = { ok: true, words: 'A test badge has been printed.' };
    // The box and this page are of one build.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
    else found.value = result.value as PartReport;
  };
  return (
    <>
      <div class="buttons">
        <button type="button" class="button small" disabled={busy.value} onClick={() => void run()}>
          <Icon of={icon} /> {busy.value ? 'One moment…' : words}
        </button>
      </div>
      <p role="status" class={found.value?.ok === false ? 'wrong' : undefined}>
        {found.value?.words}
      </p>
    </>
  );
}

function Tested({ reports }: { readonly reports: readonly PartReport[] }): JSX.Element {
  return (
    <section class="card" aria-label="The test" role="status">
      <header>
        <h2>The test found</h2>
      </header>
      <ul class="todo">
        {reports.map((report) => (
          <li key={report.part}>
            <HowItIs of={report}>{partNames[report.part][0]}</HowItIs>
            <p class="words">{report.words}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Facts({ view }: { readonly view: BoxView }): JSX.Element {
  const { build, clock, roster, badgesToday, demo, memory, temperature, versions } = view;
  return (
    <section class="card part" aria-label="This box">
      <h2>This box</h2>
      <dl class="facts">
        <Fact name="Version">{build === '' ? null : build}</Fact>
        {versions
          .filter(([name]) => name !== 'Porter')
          .map(([name, version]) => (
            <Fact key={name} name={name}>
              {version}
            </Fact>
          ))}
        <Fact name="Memory">{memory}</Fact>
        {temperature !== null && (
          <>
            <dt>Temperature</dt>
            <dd>{temperature}</dd>
          </>
        )}
        {demo && (
          <>
            <dt>Demo</dt>
            <dd>made-up pupils, nothing leaves this machine</dd>
          </>
        )}
        <dt>Clock</dt>
        <dd>{clock}</dd>
        <dt>Roster</dt>
        <dd>
          {roster.pupils} pupils{roster.age === null ? '' : `, read ${roster.age} ago`}
          {roster.held === null ? '' : `. ${roster.held}`}
        </dd>
        <dt>Badges today</dt>
        <dd>{badgesToday}</dd>
      </dl>
    </section>
  );
}

function Storage({ storage }: { readonly storage: StorageView }): JSX.Element {
  const { freeBytes, totalBytes, lastSyncMs, slowestSyncMs, fileSystemErrors, usedLifePercent, writtenTodayBytes } =
    storage;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Free', freeBytes === null ? null : `${size(freeBytes)}${totalBytes === null ? '' : ` of ${size(totalBytes)}`}`],
    ['A record takes', `${String(Math.round(lastSyncMs))} ms, ${String(Math.round(slowestSyncMs))} ms at worst today`],
    ['Written today', writtenTodayBytes === null ? null : size(writtenTodayBytes)],
    ['Errors of the card', fileSystemErrors === null ? null : String(fileSystemErrors)],
    ['Life used', usedLifePercent === null ? 'SD cards do not tell' : `at most ${String(usedLifePercent)} %`],
  ];
  return (
    <section class="card part" aria-label="Storage in figures">
      <h2>Storage in figures</h2>
      <dl class="facts">
        {facts.map(([name, words]) => (
          <Fact key={name} name={name}>
            {words}
          </Fact>
        ))}
      </dl>
    </section>
  );
}
