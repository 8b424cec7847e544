/** One movement: what is known of it, and everything staff may do to put it right. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Choice, FoundPupil, LateRow, NowView, OutNowRow } from '../../../device/contract/staff-views.ts';
import { act, may, sees } from '../act.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Fact } from '../parts/fact.tsx';
import { Finder } from '../parts/finder.tsx';
import { Form, Select, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import type { Picture } from '../parts/icon.tsx';
import { Photo } from '../parts/listing.tsx';
import { MarkState } from '../parts/state.tsx';
import { addressOf } from '../route.ts';
import { Foretell } from './foretell.tsx';
import { Held, HoldButton, HoldForm } from './hold.tsx';
import { badgeWords, spaced, withWords } from './words.ts';

export type Opened =
  | { readonly kind: 'late'; readonly row: LateRow }
  | { readonly kind: 'back'; readonly row: LateRow }
  | { readonly kind: 'out'; readonly row: OutNowRow };
type Kind = Opened['kind'];
type Correcting = 'undo' | 'time' | 'reason' | 'another' | 'not-them';
type Step = 'facts' | Correcting | 'void' | 'hold' | 'came-back';

interface MovementProps {
  readonly now: NowView;
  readonly opened: Opened;
  /** It stands in no list any more: what is shown is how it was. */
  readonly gone: boolean;
  readonly onClose: () => void;
}

export function Movement({ now, opened, gone, onClose }: MovementProps): JSX.Element {
  const step = useSignal<Step>('facts');
  const { row, kind } = opened;
  const reasons = kind === 'late' ? now.lateReasons : kind === 'out' ? now.leaveReasons : [];
  const common = {
    movement: row.movement,
    pupil: row.pupil,
    onBack: () => (step.value = 'facts'),
    onDone: onClose,
  };
  return (
    <Dialog
      title={
        <>
          <bdi>{row.pupil}</bdi> {row.registrationGroup !== null && <span class="group">{row.registrationGroup}</span>}
        </>
      }
      onClose={onClose}
    >
      {step.value === 'facts' && (
        <>
          {opened.kind === 'out' ? <OutFacts row={opened.row} /> : <InFacts row={opened.row} />}
          <Held hold={row.hold} />
          {gone ? (
            <p role="status">
              <strong>This has changed meanwhile</strong>: the pupil is back, or somebody has put it right. Close it and
              look at the lists.
            </p>
          ) : (
            <Acts opened={opened} onStep={(next) => (step.value = next)} onDone={onClose} />
          )}
        </>
      )}
      <Correction {...common} step={step.value} kind={kind} reasons={reasons} />
      {step.value === 'hold' && <HoldForm {...common} hold={row.hold} today={now.date} />}
      {step.value === 'void' && opened.kind === 'out' && <VoidBadge {...common} badge={opened.row.badge} />}
      {step.value === 'came-back' && opened.kind === 'out' && <CameBack {...common} row={opened.row} />}
    </Dialog>
  );
}

function InFacts({ row }: { readonly row: LateRow }): JSX.Element {
  return (
    <dl class="facts">
      <dt>Time</dt>
      <dd>{row.time ?? 'to be confirmed'}</dd>
      {row.reason !== null && (
        <>
          <dt>Reason</dt>
          <dd>{row.reason}</dd>
        </>
      )}
      <dt>Recorded by</dt>
      <dd>{row.by ?? 'the pupil, at the box'}</dd>
      <dt>Mark</dt>
      <dd>{row.mark === null ? 'None' : <MarkState state={row.mark.state} mark={row.mark.mark} />}</dd>
    </dl>
  );
}

function OutFacts({ row }: { readonly row: OutNowRow }): JSX.Element {
  const facts: readonly (readonly [string, string])[] = [
    ['Left', row.since],
    [
      'Due back',
      row.overdueBy === null ? (row.due ?? 'not known, or not today') : `${row.due ?? ''}, overdue by ${row.overdueBy}`,
    ],
    ['Reason', row.reason],
    ['With', withWords(row)],
    ['Badge', row.badge === null ? 'none' : `${spaced(row.badge)}, ${badgeWords[row.badgeState]}`],
    ['Recorded by', row.by ?? 'the pupil, at the box'],
  ];
  return (
    <div class="person">
      <span class="pictures">
        <Photo url={row.photoUrl} pupil={row.pupil} />
        {row.badgeUrl !== null && (
          <a href={row.badgeUrl} target="_blank" rel="noreferrer">
            <img class="paper" src={row.badgeUrl} alt={`Badge of ${row.pupil}, as it is printed`} loading="lazy" />
          </a>
        )}
      </span>
      <dl class="facts">
        {facts.map(([name, words]) => (
          <Fact key={name} name={name}>
            {words}
          </Fact>
        ))}
      </dl>
    </div>
  );
}

interface ActsProps {
  readonly opened: Opened;
  readonly onStep: (step: Step) => void;
  readonly onDone: () => void;
}
function Acts({ opened, onStep, onDone }: ActsProps): JSX.Element {
  const { kind, row } = opened;
  return (
    <div class="acts">
      {opened.kind === 'out' && <OutActs row={opened.row} onDone={onDone} onCameBack={() => onStep('came-back')} />}
      <Corrections kind={kind} onStep={onStep} />
      {opened.kind === 'out' && may('void-badge') && opened.row.badge !== null && opened.row.badgeState !== 'void' && (
        <button type="button" class="button" onClick={() => onStep('void')}>
          <Icon of="void" /> Make the badge void
        </button>
      )}
      <HoldButton hold={row.hold} onPress={() => onStep('hold')} />
      {'mark' in row && row.mark !== null && (
        <a class="button" href={addressOf('marks', row.mark.key)}>
          <Icon of="why" /> Why this mark?
        </a>
      )}
      {row.pupilKey !== null && sees('pupils') && (
        <a class="button" href={addressOf('pupils', row.pupilKey)}>
          <Icon of="pupils" /> Everything about this pupil
        </a>
      )}
    </div>
  );
}

interface CorrectionsProps {
  readonly kind: Kind;
  readonly onStep: (step: Correcting) => void;
}
/** What puts a movement right, a button each. */
function Corrections({ kind, onStep }: CorrectionsProps): JSX.Element | null {
  if (!may('correct')) return null;
  const step = (to: Correcting, icon: Picture, words: string): JSX.Element => (
    <button type="button" class="button" onClick={() => onStep(to)}>
      <Icon of={icon} /> {words}
    </button>
  );
  return (
    <>
      {step('time', 'edit', 'Change the time')}
      {kind !== 'back' && step('reason', 'edit', 'Change the reason')}
      {kind !== 'back' && step('another', 'swap', 'It was another pupil')}
      {kind !== 'late' && step('not-them', 'not-them', 'Not this pupil')}
      {step('undo', 'undo', undoWords[kind])}
    </>
  );
}

interface CorrectionProps extends StepProps {
  readonly step: Step;
  readonly kind: Kind;
  readonly reasons: readonly Choice[];
}
function Correction({ step, kind, reasons, ...common }: CorrectionProps): JSX.Element | null {
  switch (step) {
    case 'undo':
      return <Undo {...common} how="undo" kind={kind} />;
    case 'not-them':
      return <Undo {...common} how="not-this-pupil" kind={kind} />;
    case 'time':
      return <Retime {...common} />;
    case 'reason':
      return <Rereason {...common} reasons={reasons} />;
    case 'another':
      return <Another {...common} />;
    default:
      return null;
  }
}

interface PutRightProps {
  readonly of: { readonly movement: string; readonly kind: Kind; readonly what: string };
  readonly pupil: string;
  readonly reasons: readonly Choice[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}
/** The same for a movement of any day, where the rest of it is to be seen already. */
export function PutRight({
  of: { movement, kind, what },
  pupil,
  reasons,
  onClose,
  onDone,
}: PutRightProps): JSX.Element {
  const step = useSignal<Step>('facts');
  const common = { movement, pupil, onBack: () => (step.value = 'facts'), onDone };
  return (
    <Dialog title={`Put it right: ${pupil}`} onClose={onClose}>
      <p>{what}</p>
      {step.value === 'facts' && (
        <div class="acts">
          <Corrections kind={kind} onStep={(next) => (step.value = next)} />
        </div>
      )}
      <Correction {...common} step={step.value} kind={kind} reasons={reasons} />
    </Dialog>
  );
}

const undoWords = { late: 'Undo this sign-in', out: 'Undo: did not leave', back: 'Undo: not back' } as const;

interface OutActsProps {
  readonly row: OutNowRow;
  readonly onDone: () => void;
  readonly onCameBack: () => void;
}
/** One press each; what goes wrong is said here, in front of everything else. */
function OutActs({ row, onDone, onCameBack }: OutActsProps): JSX.Element {
  const wrong = useSignal('');
  const busy = useSignal(false);
  const once = async (name: string, input: object, done: string): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    wrong.value = (await act(name, input, { done })) ?? '';
    busy.value = false;
    if (wrong.value === '') onDone();
  };
  const back = (): void => {
    if (row.earlier !== null) onCameBack();
    else void once('record-for', { pupil: row.pupilKey, at: null, what: { kind: 'return' } }, `${row.pupil} is back.`);
  };
  return (
    <>
      {may('record-for') && row.pupilKey !== null && (
        <button type="button" class="button main" disabled={busy.value} onClick={back}>
          <Icon of="in" /> {row.earlier === null ? 'Back now, badge lost' : 'Came back that day'}
        </button>
      )}
      {may('reprint') && row.badge !== null && row.badgeState !== 'void' && row.badgeState !== 'waiting' && (
        <button
          type="button"
          class="button"
          disabled={busy.value}
          onClick={() => void once('reprint', { badge: row.badge }, 'The badge is printing, marked REPRINT.')}
        >
          <Icon of="printer" /> Print the badge again
        </button>
      )}
      <p role="alert" class="wrong">
        {wrong}
      </p>
    </>
  );
}

/** On an earlier day, which nobody recorded then. */
function CameBack({ row, pupil, onBack, onDone }: StepProps & { readonly row: OutNowRow }): JSX.Element {
  const time = useSignal('');
  const ready = useSignal(false);
  const at = { minute: time.value, date: row.earlier };
  const input = { pupil: row.pupilKey, at, what: { kind: 'return' } };
  return (
    <Form
      button="They came back then"
      icon="in"
      ready={ready.value}
      onSend={() => act('record-for', input, { done: `${pupil} came back at ${time.value}.` })}
      onDone={onDone}
      onBack={onBack}
    >
      <p>
        <bdi>{pupil}</bdi> left on {row.earlier}. Who did not come back that day is closed under{' '}
        <a href={addressOf('close')}>Close the day</a>.
      </p>
      <Text
        label="When did they come back?"
        type="time"
        value={time.value}
        onInput={(text) => (time.value = text)}
        focus
      />
      <Foretell
        plan={time.value === '' ? null : { plan: 'record', ...input }}
        onKnown={(known) => (ready.value = known)}
      />
    </Form>
  );
}

interface StepProps {
  readonly movement: string;
  readonly pupil: string;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

function Why({ value, onInput }: { readonly value: string; readonly onInput: (text: string) => void }): JSX.Element {
  return <Text label="Why?" hint="For the log; may stay empty" value={value} onInput={onInput} />;
}

function corrected({ movement }: StepProps, correction: object, why: string, done: string): Promise<string | null> {
  const input = { movement, correction, why: why.trim() === '' ? null : why.trim() };
  return act('correct', input, { done });
}

function Undo(
  props: StepProps & { readonly how: 'undo' | 'not-this-pupil'; readonly kind: Opened['kind'] },
): JSX.Element {
  const why = useSignal('');
  const isOther = props.how === 'not-this-pupil';
  return (
    <Form
      button={isOther ? 'It was not this pupil' : undoWords[props.kind]}
      icon={isOther ? 'not-them' : 'undo'}
      kind="danger"
      onSend={() => corrected(props, { how: props.how }, why.value, `Undone for ${props.pupil}.`)}
      onDone={props.onDone}
      onBack={props.onBack}
    >
      <p>
        {isOther
          ? 'Somebody else used this name. It is undone, the badge becomes void, and the photo is kept for 30 days for safeguarding.'
          : 'It counts as never recorded. A mark that was sent is put back, or you are asked to clear it in the MIS.'}
      </p>
      <Why value={why.value} onInput={(text) => (why.value = text)} />
    </Form>
  );
}

function Retime(props: StepProps): JSX.Element {
  const time = useSignal('');
  const why = useSignal('');
  const ready = useSignal(false);
  const correction = { how: 'time', minute: time.value };
  return (
    <Form
      button="Change the time"
      icon="tick"
      ready={ready.value}
      onSend={() => corrected(props, correction, why.value, `${props.pupil}: ${time.value}.`)}
      onDone={props.onDone}
      onBack={props.onBack}
    >
      <Text label="The right time" type="time" value={time.value} onInput={(text) => (time.value = text)} focus />
      <Why value={why.value} onInput={(text) => (why.value = text)} />
      <Foretell
        plan={time.value === '' ? null : { plan: 'correct', movement: props.movement, correction }}
        onKnown={(known) => (ready.value = known)}
      />
    </Form>
  );
}

function Rereason(props: StepProps & { readonly reasons: readonly Choice[] }): JSX.Element {
  const reason = useSignal('');
  const why = useSignal('');
  const ready = useSignal(false);
  const correction = { how: 'reason', reason: reason.value };
  return (
    <Form
      button="Change the reason"
      icon="tick"
      ready={ready.value}
      onSend={() => corrected(props, correction, why.value, `The reason for ${props.pupil} is changed.`)}
      onDone={props.onDone}
      onBack={props.onBack}
    >
      <Select
        label="The right reason"
        none="Choose a reason"
        value={reason.value}
        choices={props.reasons}
        onChange={(id) => (reason.value = id)}
      />
      <Why value={why.value} onInput={(text) => (why.value = text)} />
      <Foretell
        plan={reason.value === '' ? null : { plan: 'correct', movement: props.movement, correction }}
        onKnown={(known) => (ready.value = known)}
      />
    </Form>
  );
}

function Another(props: StepProps): JSX.Element {
  const pupil = useSignal<FoundPupil | null>(null);
  const why = useSignal('');
  const ready = useSignal(false);
  const to = pupil.value;
  if (to === null) {
    return (
      <div class="body">
        <p>Who was it? Everything goes over to that pupil, and both marks are put right.</p>
        <Finder label="Name, group or badge number" inDialog focus onFound={(found) => (pupil.value = found)} />
        <div class="buttons">
          <button type="button" class="button quiet" onClick={props.onBack}>
            Back
          </button>
        </div>
      </div>
    );
  }
  const correction = { how: 'another-pupil', pupil: to.key };
  return (
    <Form
      button={`It was ${to.pupil}`}
      icon="swap"
      ready={ready.value}
      onSend={() => corrected(props, correction, why.value, `Moved from ${props.pupil} to ${to.pupil}.`)}
      onDone={props.onDone}
      onBack={() => (pupil.value = null)}
    >
      <p>
        From{' '}
        <strong>
          <bdi>{props.pupil}</bdi>
        </strong>{' '}
        to{' '}
        <strong>
          <bdi>{to.pupil}</bdi>
        </strong>{' '}
        {to.registrationGroup}
      </p>
      <Why value={why.value} onInput={(text) => (why.value = text)} />
      <Foretell
        plan={{ plan: 'correct', movement: props.movement, correction }}
        onKnown={(known) => (ready.value = known)}
      />
    </Form>
  );
}

function VoidBadge(props: StepProps & { readonly badge: string | null }): JSX.Element {
  return (
    <Form
      button="Make it void"
      icon="void"
      kind="danger"
      onSend={() => act('void-badge', { badge: props.badge }, { done: 'The badge is void.' })}
      onDone={props.onDone}
      onBack={props.onBack}
    >
      <p>
        Nobody can come back with badge {spaced(props.badge ?? '')} any more. <bdi>{props.pupil}</bdi> stays out until
        somebody records the return.
      </p>
    </Form>
  );
}
