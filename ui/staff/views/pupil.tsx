/** One pupil's all: who, where, and every movement with its marks and their histories (product.md 6). */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { MarkRow } from '../../../device/contract/staff.ts';
import type { FoundPupil, PupilAnswer, PupilMovement } from '../../../device/contract/staff-views.ts';
import { act, may } from '../act.ts';
import { useAsked } from '../asked.ts';
import { top } from '../box.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Fact } from '../parts/fact.tsx';
import { Finder } from '../parts/finder.tsx';
import { Form } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { Photo } from '../parts/listing.tsx';
import { MarkState, State } from '../parts/state.tsx';
import { recording } from '../recording.ts';
import { addressOf } from '../route.ts';
import { Erase } from './erase.tsx';
import { AccessExport } from './export.tsx';
import { Held, HoldButton, HoldForm } from './hold.tsx';
import { PutRight } from './movement.tsx';
import { face } from './words.ts';

export function Pupil({ id }: { readonly id: string }): JSX.Element {
  const earlier = useSignal(false);
  const again = useSignal({});
  const opened = useSignal<'export' | 'erase' | null>(null);
  // With everything changed at the box, but for years of records: those are read once.
  const changed = earlier.value ? null : top.value?.revision;
  const { value: page, wrong } = useAsked('pupil', { key: id, earlier: earlier.value }, [changed, again.value]);
  return (
    <>
      <Head page={page} onOpen={(what) => (opened.value = what)} />
      {page !== null && opened.value === 'export' && (
        <AccessExport pupil={id} name={page.pupil} onClose={() => (opened.value = null)} />
      )}
      {page !== null && opened.value === 'erase' && (
        <Erase
          pupil={id}
          name={page.pupil}
          onClose={(erased) => {
            opened.value = null;
            if (erased) location.hash = addressOf('pupils');
          }}
        />
      )}
      <p role="alert" class="wrong">
        {wrong}
      </p>
      {page === null ? (
        wrong === '' && <p class="faint">One moment…</p>
      ) : (
        <>
          <Facts page={page} onAdopted={(key) => (location.hash = addressOf('pupils', key))} />
          <Movements page={page} onChanged={() => (again.value = {})} />
          {page.earlierThan !== null && !earlier.value && (
            <p class="line">
              <button type="button" class="button" onClick={() => (earlier.value = true)}>
                <Icon of="wait" /> Show days before {page.earlierThan}
              </button>
              <span class="faint">All records are read for it: that may take a few seconds.</span>
            </p>
          )}
        </>
      )}
    </>
  );
}

interface HeadProps {
  readonly page: PupilAnswer | null;
  readonly onOpen: (what: 'export' | 'erase') => void;
}
function Head({ page, onOpen }: HeadProps): JSX.Element {
  return (
    <div class="head">
      <h1>{page === null ? 'Pupil' : <bdi>{page.pupil}</bdi>}</h1>
      <div class="buttons">
        <a class="button" href={addressOf('pupils')}>
          <Icon of="back" /> All pupils
        </a>
        {page?.onRoster === true && may('record-for') && (
          <button
            type="button"
            class="button"
            onClick={() => {
              location.hash = addressOf('now');
              recording.value = { pupil: page };
            }}
          >
            <Icon of="plus" /> Record for this pupil
          </button>
        )}
        {page !== null && may('access-export') && (
          <button type="button" class="button" onClick={() => onOpen('export')}>
            <Icon of="download" /> Access export
          </button>
        )}
        {page !== null && may('erase') && (
          <button type="button" class="button danger" onClick={() => onOpen('erase')}>
            <Icon of="erase" /> Erase
          </button>
        )}
      </div>
    </div>
  );
}

interface FactsProps {
  readonly page: PupilAnswer;
  /** By whose key it goes on. */
  readonly onAdopted: (key: string) => void;
}
function Facts({ page, onAdopted }: FactsProps): JSX.Element {
  const isSame = useSignal(false);
  const { registrationGroup, yearGroup, flags, birthMonth, where, out, misToday, onRoster } = page;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Year group', yearGroup],
    ['Registration group', registrationGroup],
    ['Birth month', birthMonth],
    ['Today', where === '' ? 'nothing recorded at the box' : where],
    ...misToday.map(({ session, words }) => [`MIS, ${session}`, words] as const),
  ];
  return (
    <section class="card" aria-label="Who">
      <header>
        <h2>On the roster</h2>
        {out && (
          <State icon="out" tone="warn">
            Out
          </State>
        )}
        {flags.map((flag) => (
          <State key={flag} icon="note" tone="plain">
            {flag}
          </State>
        ))}
      </header>
      {onRoster ? (
        <dl class="facts body">
          {facts.map(([name, words]) => (
            <Fact key={name} name={name}>
              {words}
            </Fact>
          ))}
        </dl>
      ) : (
        <div class="body stack">
          <p>Not on the roster any more. What was recorded stays until its time is over.</p>
          {may('adopt') && (
            <div class="buttons">
              <button type="button" class="button" onClick={() => (isSame.value = true)}>
                <Icon of="swap" /> Is the same pupil as…
              </button>
            </div>
          )}
        </div>
      )}
      {isSame.value && <SamePupil from={page.key} onClose={() => (isSame.value = false)} onDone={onAdopted} />}
    </section>
  );
}

interface SameProps {
  /** Key of who is not on the roster any more. */
  readonly from: string;
  readonly onClose: () => void;
  readonly onDone: (key: string) => void;
}
/** Enrolled again under another number: what is open goes over. */
function SamePupil({ from, onClose, onDone }: SameProps): JSX.Element {
  const found = useSignal<FoundPupil | null>(null);
  const to = found.value;
  const send = async (): Promise<string | null> => {
    if (to === null) return null;
    const wrong = await act('adopt', { from, to: to.key }, { done: `What was recorded is ${to.pupil}’s now.` });
    if (wrong === null) onDone(to.key);
    return wrong;
  };
  return (
    <Dialog title={to === null ? 'Who is it now?' : `Is it ${to.pupil}?`} onClose={onClose}>
      {to === null ? (
        <>
          <p>For a pupil who left and is enrolled again under another number.</p>
          <Finder label="Name, group or badge number" inDialog focus onFound={(one) => (found.value = one)} />
        </>
      ) : (
        <Form button="It is the same pupil" icon="swap" onSend={send} onBack={() => (found.value = null)}>
          <p>
            Every movement goes over to{' '}
            <strong>
              <bdi>{to.pupil}</bdi>
            </strong>{' '}
            {to.registrationGroup}, and every mark that is still open. Marks that are in the MIS stay where they are.
          </p>
        </Form>
      )}
    </Dialog>
  );
}

interface MovementsProps {
  readonly page: PupilAnswer;
  readonly onChanged: () => void;
}
function Movements({ page, onChanged }: MovementsProps): JSX.Element {
  const { movements, more } = page;
  return (
    <section class="card" aria-label="Movements">
      <header>
        <h2>
          Movements <span class="count">{movements.length + more}</span>
        </h2>
      </header>
      {movements.length === 0 ? (
        <p class="empty">
          <strong>Nothing is recorded</strong>Late arrivals, departures and returns stand here, each with its marks.
        </p>
      ) : (
        <ol class="movements">
          {movements.map((movement) => (
            <li key={movement.movement}>
              <One movement={movement} page={page} onChanged={onChanged} />
            </li>
          ))}
        </ol>
      )}
      {more > 0 && <p class="empty">and {more} more: all of them are in the access export.</p>}
    </section>
  );
}

const kinds = { 'late-arrival': 'late', 'early-departure': 'out', return: 'back' } as const;

interface OneProps {
  readonly movement: PupilMovement;
  readonly page: PupilAnswer;
  readonly onChanged: () => void;
}
function One({ movement, page, onChanged }: OneProps): JSX.Element {
  const holds = useSignal(false);
  const rights = useSignal(false);
  const { day, time, words, undone, facts, marks, photoUrl, hold } = movement;
  return (
    <article class="movement" aria-label={`${day} ${time ?? ''} ${words}`}>
      <div class="stack">
        <h3>
          {day} {time ?? 'time not sure'} · <span class={undone ? 'undone' : undefined}>{words}</span>{' '}
          {undone && (
            <State icon="undo" tone="plain">
              Undone
            </State>
          )}
        </h3>
        <p class="faint">
          {facts.map(({ name, words: what }) => (
            <span key={name} class="fact">
              {name}: {what}
            </span>
          ))}
        </p>
        {marks.map((mark) => (
          <Mark key={mark.key} mark={mark} />
        ))}
        <Held hold={hold} />
        <span class="buttons">
          {may('correct') && page.correctable.includes(movement.movement) && (
            <button type="button" class="button small" onClick={() => (rights.value = true)}>
              <Icon of="edit" /> Put it right
            </button>
          )}
          <HoldButton hold={hold} small onPress={() => (holds.value = true)} />
        </span>
      </div>
      {photoUrl !== null && <Photo url={photoUrl} pupil={page.pupil} />}
      {rights.value && (
        <PutRight
          of={{ movement: movement.movement, kind: kinds[movement.kind], what: `${day} ${time ?? ''} ${words}` }}
          pupil={page.pupil}
          reasons={movement.kind === 'late-arrival' ? page.lateReasons : page.leaveReasons}
          onClose={() => (rights.value = false)}
          onDone={() => {
            rights.value = false;
            onChanged();
          }}
        />
      )}
      {holds.value && (
        <Dialog title={`Hold: ${page.pupil}, ${day}`} onClose={() => (holds.value = false)}>
          <HoldForm
            movement={movement.movement}
            pupil={page.pupil}
            hold={hold}
            today={page.today}
            onBack={() => (holds.value = false)}
            onDone={() => {
              holds.value = false;
              onChanged();
            }}
          />
        </Dialog>
      )}
    </article>
  );
}

function Mark({ mark }: { readonly mark: MarkRow }): JSX.Element {
  const { key, date, session, state, history, inMis } = mark;
  return (
    <div class="line">
      <a href={addressOf('marks', key)} aria-label={`Why this mark? ${date} ${session}`}>
        {session}
      </a>
      <MarkState state={state} mark={face(mark) === '' ? null : face(mark)} />
      <span class="faint">
        {history.map(({ at, words }) => `${at} ${words}`).join('; ')}
        {inMis === null ? '' : `; in the MIS: ${inMis}`}
      </span>
    </div>
  );
}
