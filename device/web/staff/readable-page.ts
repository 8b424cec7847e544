/** Everything about a pupil as one page that a parent can read: no script, nothing fetched, also on paper. */
import { piecesOf } from '../../contract/bidi.ts';
import type { PupilMovement } from '../../contract/staff-views.ts';
import type { School } from '../../desk/school.ts';
import type { Recorded } from '../../domain/record.ts';
import type { Everything } from './everything.ts';
import { escaped } from './html.ts';
import { markFace } from './views/mark-words.ts';
import { recordWords } from './views/record-words.ts';
import { dated } from './views/rows.ts';

/** With names apart that run from right to left. */
const sentence = (words: string): string =>
  piecesOf(words)
    .map((piece, index) => (index % 2 === 0 ? escaped(piece) : `<bdi>${escaped(piece)}</bdi>`))
    .join('');

const style = `
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1f1b16; font: 1rem/1.5 sans-serif; }
h1 { line-height: 1.2; } h2 { margin-top: 2rem; border-bottom: 1px solid #8a7f6e; } h3 { margin: 1rem 0 0.25rem; }
dl { display: grid; grid-template-columns: 12rem 1fr; gap: 0.25rem 1rem; } dt { color: #564e43; } dd { margin: 0; }
img { max-width: 16rem; border-radius: 0.5rem; } .undone { text-decoration: line-through; } .soft { color: #564e43; }
li { overflow-wrap: anywhere; } @media print { section { break-inside: avoid-page; } }`;

export function* readablePage(school: School, all: Everything, taken: Recorded): Generator<string> {
  const { page, photos, photosOfOthers, about } = all;
  const zone = school.settings.school.timeZone;
  const name = escaped(page.pupil);
  yield `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${name}: everything that is kept</title><style>${style}</style></head><body>
<h1><bdi>${name}</bdi>: everything that is kept</h1>
<p>By the reception box of ${escaped(school.settings.school.name)} (${escaped(school.settings.box.name)}) on ${escaped(page.today)}.
Other pupils and the adults that a pupil left with are left out; members of staff are named for what they did.</p>`;
  yield `<section><h2>From the school's list of pupils</h2>${rosterList(all)}</section>`;
  yield `<section><h2>Late arrivals, departures and returns</h2>`;
  if (page.movements.length === 0) yield '<p>None is recorded.</p>';
  for (const movement of page.movements) yield movementShown(movement);
  if (page.more > 0) yield `<p>${String(page.more)} earlier ones stand in the list of all records below.</p>`;
  yield '</section><section><h2>Photos</h2>';
  if (photos.length === 0) yield '<p>No photo is kept.</p>';
  for (const { day, time, jpeg } of photos) {
    const data = Buffer.from(jpeg).toString('base64');
    const when = escaped(`${day} ${time ?? ''}`.trim());
    yield `<figure><img alt="Photo of ${name}" src="data:image/jpeg;base64,${data}"><figcaption>${when}</figcaption></figure>`;
  }
  if (photosOfOthers > 0) {
    yield `<p>${String(photosOfOthers)} kept under this name and left out: staff said that it shows somebody else.</p>`;
  }
  yield `</section><section><h2>All ${String(about.records.length)} records, in order</h2><ol>`;
  const telling = {
    school,
    free: true,
    who: (key: string): string => (about.person.has(key) ? page.pupil : 'somebody else'),
  };
  for (const record of about.records) {
    const by = 'by' in record && record.by !== null && record.by !== 'pupil' ? `, by ${record.by}` : '';
    const when = record.at.latest === null ? 'time not sure' : dated(record.at.earliest, zone);
    yield `<li><span class="soft">${escaped(when)}</span> ${sentence(recordWords(telling, record) + by)}</li>\n`;
  }
  yield `</ol></section><p class="soft">Taken as record ${escaped(taken.ref)}.</p></body></html>\n`;
}

function rosterList({ page }: Everything): string {
  if (!page.onRoster) return '<p>Not on the list any more.</p>';
  const facts: readonly (readonly [string, string])[] = [
    ['Name', page.pupil],
    ['Year group', page.yearGroup ?? 'not given'],
    ['Registration group', page.registrationGroup ?? 'not given'],
    ['Month of birth', page.birthMonth ?? 'not given'],
    ['Set for the box', page.flags.length === 0 ? 'nothing' : page.flags.join(', ')],
    ...page.misToday.map(({ session, words }) => [`Mark in the school's system today, ${session}`, words] as const),
  ];
  return `<dl>${facts.map(([name, words]) => `<dt>${escaped(name)}</dt><dd>${sentence(words)}</dd>`).join('')}</dl>`;
}

function movementShown({ day, time, words, undone, facts, marks, hold }: PupilMovement): string {
  const list = facts.map(({ name, words: what }) => `<dt>${escaped(name)}</dt><dd>${sentence(what)}</dd>`);
  const held = hold === null ? [] : [`<dt>Held</dt><dd>until ${escaped(hold.until)}</dd>`];
  const written = marks.map((mark) => {
    const steps = mark.history.map(({ at, words: step }) => `${at} ${step}`).join('; ');
    const now = `${markFace(mark) ?? 'none'}${steps === '' ? '' : ` (${steps})`}`;
    return `<dt>Mark, ${escaped(`${mark.date} ${mark.session}`)}</dt><dd>${escaped(now)}</dd>`;
  });
  const said = `<span${undone ? ' class="undone"' : ''}>${sentence(words)}</span>${undone ? ', undone' : ''}`;
  return `<h3>${escaped(`${day} ${time ?? 'time not sure'}`)}: ${said}</h3><dl>${[...list, ...held, ...written].join('')}</dl>`;
}
