/**
 * Papers for the school's data protection officer, filled in from the settings in force (product.md 10): a data map, a privacy
 * notice and what Porter can say of an impact assessment. What only the school knows is left blank, and says so.
 */
import type { TextFile } from '../../../contract/staff-views.ts';
import type { IsoDate, Settings } from '../../../domain/settings.ts';
import { escaped } from '../html.ts';
import { dataMap, eventsWords, photosWords } from './data-map.ts';
import type { DataRow } from './data-map.ts';

/** `on`: the school's date. `version`: of the program. */
export function papers(settings: Settings, on: IsoDate, version: string): TextFile {
  const title = `Porter and personal data: ${settings.school.name}`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<p>Of ${escaped(settings.box.name)}, made on ${on} from the settings then in force (${escaped(settings.version)}), Porter ${escaped(version)}. Make it again when settings change. ${blank('Boxes like this')} are for the school to fill in. This is no legal advice.</p>
<nav><a href="#map">Data map</a> <a href="#notice">Privacy notice</a> <a href="#dpia">Impact assessment</a></nav>
</header>
${mapSection(settings)}
${noticeSection(settings)}
${assessmentSection(settings)}
</body>
</html>
`;
  return { name: `porter-data-protection-${on}.html`, text: html };
}

const blank = (what: string): string => `<span class="blank">${escaped(what)}</span>`;
const list = (items: readonly string[]): string => `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`;
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string => `<table>
<thead><tr>${heads.map((head) => `<th scope="col">${escaped(head)}</th>`).join('')}</tr></thead>
<tbody>${rows.map(([first = '', ...rest]) => `<tr><th scope="row">${first}</th>${rest.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n')}</tbody>
</table>`;

function mapSection(settings: Settings): string {
  const rows = Object.values(dataMap(settings)).map((row: DataRow) =>
    [row.what, row.who === 'nobody' ? 'nobody' : row.who, row.items.join('; ') || 'nothing is kept'].concat([
      ...[row.why, row.from, row.until, row.seenBy, row.goesTo],
    ]),
  );
  const heads = ['What', 'Of whom', 'Items', 'Why', 'From where', 'Kept until', 'Who sees it', 'Goes to'];
  return `<section id="map"><h2>Data map</h2>
<p>All of it is on this box, encrypted under keys of its own, in the school. There is no server of the maker; nothing leaves the school's network but for what the last column names. Never kept: day or year of birth, address, contacts, medical records, faces or fingerprints.</p>
${table(
  heads,
  rows.map((row) => row.map(escaped)),
)}
<p>Copies outside the box are the school's to look after: badges, day sheets and lists on paper; files that staff take out of the page (evacuation list, exports, a pupil's own data). Who took them is recorded.</p>
</section>`;
}

function noticeSection(settings: Settings): string {
  const { school, mis, hardware, leaveReasons } = settings;
  const toMis =
    mis.connector === 'wonde' && mis.writeBack
      ? 'It sends your attendance mark to the school’s own register system.'
      : 'Staff copy your attendance mark into the school’s register.';
  const photo =
    hardware.camera.kind === 'none'
      ? 'It takes no photos.'
      : `If you leave early it takes one photo, so that staff know who is out. It is deleted by ${photosWords(settings)}. It does not recognise faces. If you or your family do not want a photo, tell ${blank('whom')}.`;
  return `<section id="notice"><h2>Privacy notice for pupils and families</h2>
<p><strong>${escaped(school.name)}</strong> uses a box at the entrance, called Porter, to sign pupils in who come late, and out and back in when they leave during the day.</p>
${list([
  'It knows your name, your year and registration group and the month you were born in. It does not know your birthday, your address, or anything medical.',
  'It writes down when you came, left or came back, and the reason you chose.',
  toMis,
  photo,
  `What it wrote down is deleted after ${escaped(eventsWords(settings))}. The school’s register is kept for longer, as the law wants.`,
  'Staff who need it see it. Nobody sells it or uses it for anything else. It stays in the school.',
])}
<p>You or your family may ask to see what it knows of you, to have what is wrong put right, and in some cases to have it deleted. Ask ${blank('name, e-mail and telephone of the data protection officer')}. If you are not content with the answer, you may complain to the Information Commissioner (ico.org.uk).</p>
<p class="small">Lawful basis: ${blank('public task, Article 6(1)(e) UK GDPR, and for the register a legal obligation, 6(1)(c): confirm')}. Reasons that may tell of health (of those offered here: ${escaped(
    leaveReasons.map(({ label }) => label.en ?? '').join(', '),
  )}) are special category data: ${blank('condition under Article 9 and Schedule 1 of the Data Protection Act 2018')}.</p>
</section>`;
}

function assessmentSection(settings: Settings): string {
  const { badge, roster } = settings;
  const risks: readonly (readonly string[])[] = [
    [
      'A pupil signs in as another',
      'Names only by year and month; staff put it right (“It was another pupil”), and both marks follow',
      'Reception looks up when a pupil signs in',
    ],
    [
      'Somebody reads names at the kiosk',
      'Twelve names of one month at a time, only within the kiosk’s hours, back to the start after a pause; who is not to be displayed never appears; lists pause when somebody leafs through them',
      `Flags kept up to date in ${roster.source === 'csv' ? 'the roster file' : 'the MIS'}`,
    ],
    [
      'Photos are kept too long or seen by too many',
      `Deleted by ${photosWords(settings)} with their keys; roles; never in backups or exports of records; ${badge.photo ? 'printed on the badge, as the school has chosen' : 'not printed'}`,
      'Who holds a photo gives a reason, and looks at it again within 30 days',
    ],
    [
      'The box is stolen',
      'Records, roster and photos are encrypted; the key lies apart from them',
      'Box fixed to the wall; the MIS token revoked at once; breach judged within 72 hours',
    ],
    [
      'A wrong mark reaches the MIS',
      'Read before each write, never over a teacher’s later mark, read back after; what is not sure goes to a person',
      'The tray under Marks is emptied daily',
    ],
    [
      'A mark is lost, and a family is called without need',
      'On the disk before the pupil is told yes; “Before you contact home” lists who is in school and not yet so in the MIS',
      'Whoever telephones looks there first',
    ],
    [
      'Staff see what they need not',
      `Roles, held by the server for every act; every refusal recorded. In force: ${Object.keys(dataMap(settings)).length} kinds of data, above`,
      'Accounts of leavers removed; own PIN each',
    ],
    [
      'Reasons tell of health',
      'Few coarse reasons, no free text from pupils, none on the badge',
      'Reasons chosen with that in mind (Reasons and times)',
    ],
  ];
  return `<section id="dpia"><h2>Data protection impact assessment</h2>
<h3>1. Why, and is one needed?</h3>
<p>Children’s data, and a new way of taking it: one is advised. ${blank('Decided by, on')}</p>
<h3>2. What is done</h3>
<p>As the data map says. About ${blank('number')} pupils; at ${escaped(settings.box.name)}. Controller: ${escaped(settings.school.name)}. Processors: ${settings.mis.connector === 'wonde' ? 'Wonde, under the contract that the school has with it' : 'none'}; the maker of the box has no access.</p>
<h3>3. Who was asked</h3>
<p>${blank('Pupils, families, staff, governors, data protection officer: when and what they said')}</p>
<h3>4. Is it necessary and in proportion?</h3>
<p>The register must be kept by law, with lateness and its reason. Instead of a paper book that anybody can read, each pupil sees own answers only. No more is taken than the map lists. A pupil with the flag “no photo” is not photographed, and a school that wants no photos at all leaves the camera out.</p>
<h3>5. Risks, and what is done about them</h3>
${table(
  ['Risk', 'What Porter does', 'What the school does', 'Likelihood and harm that remain'],
  risks.map((risk) => [...risk.map(escaped), blank('low, medium, high')]),
)}
<h3>6. Signed</h3>
<p>Measures agreed by ${blank('name, date')}. Remaining risk accepted by ${blank('name, date')}. Data protection officer’s advice: ${blank('words, date')}. Looked at again on ${blank('date')}.</p>
</section>`;
}

const style = `
:root{color-scheme:light;font:1rem/1.45 system-ui,sans-serif}
body{max-width:75rem;margin:0 auto;padding:1rem;background:#fff;color:#111}
h2{margin-top:2.5rem;padding-top:.5rem;border-top:3px solid #111}
table{width:100%;border-collapse:collapse;font-size:.875rem}
th,td{padding:.4rem .5rem;border:1px solid #767676;text-align:left;vertical-align:top}
thead th{background:#eee}
section{overflow-x:auto}
li{margin:.3rem 0}
.blank{padding:0 .35rem;border:1px dashed #8a4b00;background:#fff6e5;color:#5c3200}
.small{font-size:.875rem}
nav a{margin-right:1rem;color:#0b57d0}
:focus-visible{outline:3px solid #0b57d0;outline-offset:2px}
@media print{@page{size:A4 landscape}section{break-before:page;overflow:visible}nav{display:none}tr{break-inside:avoid}}
`;
