/** Behind the staff PIN. */
import type { BackAnswer, PartReport, WaitingApproval, WithWhom } from '../../../device/contract/kiosk.ts';
import { fill } from '../../../device/contract/words/index.ts';
import { Icon } from '../icon.tsx';
import { Button, Question, Said } from '../parts.tsx';
import { More } from '../tiles.tsx';
import { label, localText } from '../view.ts';
import type { View } from '../view.ts';
import type { Step } from '../visit/state.ts';
import { DigitPad, Entry, YesNo } from './answers.tsx';

type At<Name extends Step['at']> = { readonly view: View; readonly step: Extract<Step, { at: Name }> };
const PIN_SLOTS = [0, 1, 2, 3, 4, 5];
/** Rows that fit a screen of 800x480, plain and in Aa. */
const WAITING_ROWS = { plain: 4, aa: 2 } as const;
/** The same of parts, two in a row: what is wrong and what to do takes up to five lines, so one row of faults leaves room for all. */
const PARTS = { oneRowOfFaults: 6, more: 4 } as const;

export function PinScreen({ view, step }: At<'pin'>) {
  const { staff } = view.words;
  return (
    <Question view={view} name="pin" heading={staff.pin}>
      <Entry said={step.said === null ? null : staff[step.said]}>
        <output class="digits" aria-label={staff.pinDigits}>
          <span class="for-ears">{'*'.repeat(step.digits.length)}</span>
          {PIN_SLOTS.map((slot) => (
            <span key={slot} class="slot" aria-hidden="true">
              {slot < step.digits.length ? '•' : ''}
            </span>
          ))}
        </output>
      </Entry>
      <DigitPad view={view} />
    </Question>
  );
}

export function StaffScreen({ view, step }: At<'staff'>) {
  const { staff } = view.words;
  const { menu, parts, failed } = step;
  const { aa } = view.state.comfort;
  const size = parts === null ? (aa ? WAITING_ROWS.aa : WAITING_ROWS.plain) : partsAtOnce(parts);
  const pages = Math.max(1, Math.ceil((parts ?? menu.waiting).length / size));
  const from = (view.state.page % pages) * size;
  const more = pages > 1;
  return (
    <Question
      view={view}
      name={parts === null ? 'staff' : 'staff tested'}
      heading={fill(staff.menu, { name: menu.staff })}
      quiet
      lead={failed ? <span role="status">{staff.failed}</span> : undefined}
      foot={
        <>
          {/* In Aa four do not fit side by side. */}
          {!(aa && more) && (
            <Button view={view} label={label(view, (words) => words.staff.clean)} tap={{ type: 'clean' }} />
          )}
          <Button view={view} label={label(view, (words) => words.staff.selfTest)} tap={{ type: 'self-test' }} />
          <Button view={view} label={label(view, (words) => words.staff.switchOff)} tap={{ type: 'switch-off' }} />
          <More view={view} paged={{ more }} />
        </>
      }
    >
      {parts === null ? (
        <Waiting view={view} waiting={menu.waiting.slice(from, from + size)} />
      ) : (
        <Parts view={view} parts={faultsFirst(parts).slice(from, from + size)} />
      )}
    </Question>
  );
}

function Waiting({ view, waiting }: { readonly view: View; readonly waiting: readonly WaitingApproval[] }) {
  const { staff } = view.words;
  if (waiting.length === 0) return <p class="empty big">{staff.noOneWaits}</p>;
  return (
    <ul class="waiting">
      {waiting.map((one) => (
        <li key={one.visit}>
          <p id={`waiting-${one.visit}`}>
            <bdi dir="auto" class="who">
              {one.name}
            </bdi>
            <span>{about(view, one)}</span>
          </p>
          <Act view={view} one={one} act="let-go" words={label(view, (words) => words.staff.letGo).text} />
          <Act view={view} one={one} act="refuse" words={label(view, (words) => words.staff.refuse).text} />
        </li>
      ))}
    </ul>
  );
}

interface ActProps {
  readonly view: View;
  readonly one: WaitingApproval;
  readonly act: 'let-go' | 'refuse';
  readonly words: string;
}

function Act({ view, one, act, words }: ActProps) {
  return (
    <button
      type="button"
      class={`button ${act === 'let-go' ? 'main' : 'quiet'}`}
      aria-describedby={`waiting-${one.visit}`}
      onClick={() => view.tap({ type: act, visit: one.visit })}
    >
      {words}
    </button>
  );
}

/** `Appointment · After lunch · A grown-up · waiting 3 min` */
function about(view: View, one: WaitingApproval): string {
  const { early, staff } = view.words;
  const back: Readonly<Record<BackAnswer, string>> = {
    'before-lunch': early.beforeLunch,
    'after-lunch': early.afterLunch,
    'not-today': early.notToday,
    unknown: early.unknown,
  };
  const whom: Readonly<Record<WithWhom, string>> = {
    'grown-up': early.grownUp,
    alone: early.alone,
    staff: early.staff,
  };
  const reason = view.device.leaveReasons.find(({ id }) => id === one.reason);
  const minutes = String(Math.floor(one.waitingForMs / 60_000));
  return [
    reason === undefined ? one.reason : localText(view, reason.label) || view.words.late.tellStaff,
    one.back === null ? null : back[one.back],
    one.withWhom === null ? null : whom[one.withWhom],
    fill(staff.waitsMinutes, { minutes }),
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

const partsAtOnce = (parts: readonly PartReport[]): number =>
  parts.filter(({ ok }) => !ok).length > 2 ? PARTS.more : PARTS.oneRowOfFaults;
const faultsFirst = (parts: readonly PartReport[]): readonly PartReport[] =>
  [...parts].sort((one, other) => Number(one.ok) - Number(other.ok));

function Parts({ view, parts }: { readonly view: View; readonly parts: readonly PartReport[] }) {
  const { staff } = view.words;
  return (
    <ul class="parts">
      {parts.map(({ part, ok, words }) => (
        <li key={part} class={ok ? 'works' : 'fault'}>
          <Icon of={ok ? 'tick' : 'fault'} />
          <p>
            <b>{staff.parts[part]}</b> <span>{ok ? staff.works : staff.fault}</span>
            <span class="detail">{words}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}

export function SwitchOffScreen({ view }: { readonly view: View }) {
  return (
    <Question view={view} name="switch-off" heading={view.words.staff.switchOffAsk}>
      <YesNo
        view={view}
        yes={label(view, ({ staff }) => staff.switchOffYes)}
        no={label(view, ({ staff }) => staff.switchOffNo)}
        tap={(yes) => ({ type: yes ? 'switch-off-yes' : 'back' })}
      />
    </Question>
  );
}

export function SwitchingOffScreen({ view }: { readonly view: View }) {
  const { staff } = view.words;
  return (
    <Said view={view} name="switching-off" icon="off" mood="plain" heading={staff.switchingOff}>
      <p class="big">{staff.waitForDark}</p>
    </Said>
  );
}

/** Nothing here can be touched: wipe away. */
export function CleaningScreen({ view }: { readonly view: View }) {
  const { staff } = view.words;
  return (
    <Said view={view} name="cleaning" icon="clean" mood="plain" heading={staff.cleanNow}>
      <p class="big">{staff.cleanWakes}</p>
    </Said>
  );
}
