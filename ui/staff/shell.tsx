/** Rail, top and the view that was chosen; which one stands in the address, behind #. */
import { effect, signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { viewNames } from '../../device/contract/staff.ts';
import type {
  ApprovalRow,
  InRow,
  MarkRow,
  Me,
  NoteRow,
  OutRow,
  StaffTop,
  ViewName,
} from '../../device/contract/staff.ts';
import { PeoplePage } from './access/people.tsx';
import { showsAccount, signOut } from './access/session.ts';
import { away, top, views, watch } from './box.ts';

const titles: Readonly<Record<ViewName, string>> = {
  now: 'Now',
  marks: 'Marks',
  approvals: 'Approvals',
  box: 'Box',
  people: 'People',
};

const named = (): ViewName => viewNames.find((name) => `#${name}` === location.hash) ?? 'now';
const chosen = signal<ViewName>(named());
addEventListener('hashchange', () => {
  chosen.value = named();
});
effect(() => {
  watch(chosen.value);
});

export function Shell({ me }: { readonly me: Me }): JSX.Element {
  const now = top.value;
  if (now === null) return <p class="away">Waiting for the box…</p>;
  const { counts } = now;
  document.title = counts.approvals > 0 ? `(${String(counts.approvals)}) Porter` : 'Porter';
  return (
    <>
      <Top now={now} />
      <nav aria-label="Views">
        {viewNames.map((name) => (
          <a key={name} href={`#${name}`} aria-current={chosen.value === name ? 'page' : undefined}>
            {titles[name]} {counts[name] > 0 && <span class="faint">{counts[name]}</span>}
          </a>
        ))}
        <button type="button" onClick={() => (showsAccount.value = true)}>
          {me.name}, {me.role}
        </button>
        <button type="button" onClick={() => void signOut()}>
          Sign out
        </button>
      </nav>
      <main>
        <Notes notes={now.notes} more={now.moreNotes} faults={now.faults} />
        <View name={chosen.value} />
      </main>
    </>
  );
}

function View({ name }: { readonly name: ViewName }): JSX.Element | null {
  const { now, marks, approvals, people } = views.value;
  switch (name) {
    case 'now':
      return now === undefined ? null : (
        <>
          <Out rows={now.out} />
          <In title="Late today" empty="Nobody yet." rows={now.late} />
          <In title="Back" empty="Nobody yet." rows={now.back} />
        </>
      );
    case 'marks':
      return marks === undefined ? null : (
        <>
          <Marks title="Proposals" empty="Nothing to decide." rows={marks.proposals} />
          <Marks title="Conflicts" empty="No conflicts." rows={marks.conflicts} />
          <Marks title="Marks" empty="No marks yet." rows={marks.marks} wide />
        </>
      );
    case 'approvals':
      return approvals === undefined ? null : <Approvals rows={approvals.approvals} />;
    case 'people':
      return people === undefined ? null : <PeoplePage people={people.people} />;
    case 'box':
      return null;
  }
}

function Top({ now }: { readonly now: StaffTop }): JSX.Element {
  const { sum, lights, mis, roster } = now;
  return (
    <header>
      <h1>{now.school}</h1>
      <span>
        {now.box}, {now.now}
        {now.clockTrusted ? '' : ' (clock not trusted)'}
      </span>
      {now.demo && <span class="demo">Demo: made-up pupils</span>}
      {away.value && <span class="away">No connection to the box. What you see is old.</span>}
      <strong class="sum" data-testid="sum">
        recorded {sum.recorded} = confirmed {sum.confirmed} + waiting {sum.waiting} + needs a person {sum.needsPerson}
      </strong>
      <span class="faint">{now.movementsWithoutMark} movements today without a mark</span>
      <span class="lights">
        Lights: green {lights.green}, amber {lights.amber}, red {lights.red}
      </span>
      <span class={mis.state === 'online' || mis.state === 'none' ? 'faint' : 'urgent'}>
        MIS {mis.state}: {mis.words}
        {mis.lastContact === null ? '' : ` Last answer ${mis.lastContact}.`}
      </span>
      <span class="faint">
        Roster: {roster.pupils} pupils{roster.age === null ? '' : `, ${roster.age} old`}
        {roster.held === null ? '' : `. ${roster.held}`}
      </span>
    </header>
  );
}

interface CardProps {
  readonly title: string;
  readonly count: number;
  readonly empty: string;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}
function Card({ title, count, empty, wide, children }: CardProps): JSX.Element {
  return (
    <section class={wide === true ? 'wide' : undefined} aria-label={title}>
      <h2>
        {title} {count > 0 && <span class="faint">{count}</span>}
      </h2>
      {count === 0 ? <p class="faint">{empty}</p> : children}
    </section>
  );
}

function Notes({
  notes,
  more,
  faults,
}: {
  readonly notes: readonly NoteRow[];
  readonly more: number;
  readonly faults: readonly string[];
}): JSX.Element {
  return (
    <Card title="For staff" count={notes.length + more + faults.length} empty="Nothing needs you." wide>
      <ul>
        {faults.map((fault) => (
          <li class="urgent" key={fault}>
            {fault}
          </li>
        ))}
        {notes.map((note) => (
          <li class={note.urgent ? 'urgent' : undefined} key={note.note}>
            {note.at} {note.words} <code>{note.note}</code>
          </li>
        ))}
        {more > 0 && <li>And {more} older ones, shown when some of these are done.</li>}
      </ul>
    </Card>
  );
}

function Approvals({ rows }: { readonly rows: readonly ApprovalRow[] }): JSX.Element {
  return (
    <Card title="Waiting to leave" count={rows.length} empty="Nobody is waiting.">
      <Table head={['Photo', 'Pupil', 'Since', 'Reason', 'Back', 'With', 'Visit']}>
        {rows.map((row) => (
          <tr key={row.visit}>
            <td>{row.photoUrl !== null && <img src={row.photoUrl} alt={row.pupil} />}</td>
            <Name row={row} />
            <td>{row.since}</td>
            <td>{row.reason}</td>
            <td>{row.back}</td>
            <td>{row.withWhom}</td>
            <td>
              <code>{row.visit}</code>
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

function Out({ rows }: { readonly rows: readonly OutRow[] }): JSX.Element {
  return (
    <Card title="Out now" count={rows.length} empty="Nobody is out.">
      <Table head={['Photo', 'Pupil', 'Since', 'Due back', 'Reason', 'With', 'Badge', 'Movement']}>
        {rows.map((row) => (
          <tr key={row.movement}>
            <td>{row.photoUrl !== null && <img src={row.photoUrl} alt={row.pupil} />}</td>
            <Name row={row} />
            <td>{row.since}</td>
            <td class={row.overdue ? 'overdue' : undefined}>
              {row.due ?? row.back ?? ''}
              {row.overdue ? ', overdue' : ''}
            </td>
            <td>{row.reason}</td>
            <td>{row.adult ?? row.withWhom}</td>
            <td>
              {row.badge} <span class="faint">{row.badgeState}</span>
            </td>
            <td>
              <code>{row.movement}</code>
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

function In({
  title,
  empty,
  rows,
}: {
  readonly title: string;
  readonly empty: string;
  readonly rows: readonly InRow[];
}): JSX.Element {
  return (
    <Card title={title} count={rows.length} empty={empty}>
      <Table head={['Pupil', 'Time', 'Reason', '', 'Movement']}>
        {rows.map((row) => (
          <tr key={row.movement}>
            <Name row={row} />
            <td>{row.time ?? 'to be confirmed'}</td>
            <td>{row.reason}</td>
            <td>{row.outcome}</td>
            <td>
              <code>{row.movement}</code>
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

interface MarksProps {
  readonly title: string;
  readonly empty: string;
  readonly rows: readonly MarkRow[];
  readonly wide?: boolean;
}
function Marks({ title, empty, rows, wide = false }: MarksProps): JSX.Element {
  return (
    <Card title={title} count={rows.length} empty={empty} wide={wide}>
      <Table head={['Pupil', 'Register', 'State', 'Code', 'Minutes', 'In the MIS', 'What happened']}>
        {rows.map((row) => (
          <tr key={row.key}>
            <Name row={row} />
            <td>
              {row.date} {row.session}
            </td>
            <td>
              <strong>{row.state}</strong>
              {row.why === null ? '' : `, ${row.why}`}
            </td>
            <td>{row.code}</td>
            <td>{row.minutes}</td>
            <td>{row.inMis}</td>
            <td>
              {row.history.map((one) => one.words).join(', ')} <code>{row.key}</code>
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

function Name({
  row,
}: {
  readonly row: { readonly pupil: string; readonly registrationGroup: string | null };
}): JSX.Element {
  return (
    <td dir="auto">
      {row.pupil} <span class="faint">{row.registrationGroup}</span>
    </td>
  );
}

function Table({
  head,
  children,
}: {
  readonly head: readonly string[];
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          {head.map((word) => (
            <th key={word} scope="col">
              {word}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}
