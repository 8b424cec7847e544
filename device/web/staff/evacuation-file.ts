/**
 * The evacuation list as one HTML file for a phone: no script, nothing loaded, ticked with plain checkboxes, counted by the style
 * sheet. It may be opened by whoever has it: so only who may see the view is given it, it names them, and says when it is to go.
 */
import type { EvacueeRow } from '../../contract/staff-evacuation.ts';
import type { Ledger } from '../../domain/ledger.ts';
import { rollOf } from '../../desk/roll.ts';
import type { School } from '../../desk/school.ts';
import { clockFace } from '../../desk/when.ts';
import { escaped as text } from './html.ts';
import { ageOf, evacueesOf } from './views/evacuation.ts';

export interface EvacuationFile {
  /** Plain ASCII. */
  readonly name: string;
  readonly html: string;
}

export function evacuationFile(school: School, ledger: Ledger, by: string): EvacuationFile {
  const { settings, clock } = school;
  const roll = rollOf(school, ledger);
  const isDrill = ledger.drill !== null;
  const time = clockFace(clock.now(), settings.school.timeZone);
  const age = ageOf(school, roll);
  const all = evacueesOf(school, ledger, roll);
  const groups = new Map<string, EvacueeRow[]>();
  for (const row of all) {
    const name = row.registrationGroup ?? 'Without a name';
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  const looked = all.filter(({ where }) => where !== 'out').length;
  const drill = isDrill ? '<p class="drill">DRILL</p>' : '';
  const title = text(`${isDrill ? 'DRILL · ' : ''}Evacuation ${roll.date} ${time}`);
  const names = [...groups.keys()];
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
${drill}<header>
<h1>Evacuation</h1>
<p>${text(settings.school.name)}, ${roll.date}, ${time}</p>
<p class="age">${text(age.words)} at ${time}</p>
<p>${text(age.detail.replace('are of this moment', `are up to ${time}`))}</p>
<p><strong>Pupils only: no staff, no visitors.</strong></p>
<p class="keep">Taken by ${text(by)}. Names of children: show it to nobody who does not need it. <strong>Delete this file when ${roll.date} is over.</strong></p>
<p>A tick stays while this page is open.</p>
</header>
<nav aria-label="Registration groups">${names.map((name, i) => `<a href="#g${String(i)}">${text(name)}</a>`).join(' ')}</nav>
<main>
${names.map((name, i) => groupSection(name, groups.get(name) ?? [], i)).join('\n')}
</main>
<p class="sum" role="note">of ${String(looked)} to find</p>
</body>
</html>
`;
  return { name: `${isDrill ? 'DRILL-' : ''}evacuation-${roll.date}-${time.replace(':', '')}.html`, html };
}

/** Those to find first, then who is out: they may turn up all the same. */
function groupSection(name: string, rows: readonly EvacueeRow[], index: number): string {
  const here = rows.filter(({ where }) => where !== 'out');
  const out = rows.filter(({ where }) => where === 'out');
  const items = [...here, ...out].map((row) => {
    const words = row.words === '' ? '' : ` <span>${text(row.words)}</span>`;
    return `<li class="${row.where}"><label><input type="checkbox"><b><bdi>${text(row.pupil)}</bdi></b>${words}</label></li>`;
  });
  const counted = out.length === 0 ? String(here.length) : `${String(here.length)}, ${String(out.length)} out`;
  return `<section id="g${String(index)}"><h2>${text(name)} <small>${counted}</small></h2>\n<ul>\n${items.join('\n')}\n</ul></section>`;
}

const style = `
:root{color-scheme:light;font:1.125rem/1.35 system-ui,sans-serif;counter-reset:found}
body{margin:0;background:#fff;color:#000}
p{margin:.4rem 0}
header{padding:.5rem 1rem}
h1{margin:.25rem 0;font-size:1.5rem}
.age{font-size:2rem;font-weight:700;line-height:1.15}
.drill{position:sticky;top:0;z-index:2;margin:0;padding:.25rem 1rem;background:#000;color:#fff;font-size:1.75rem;font-weight:700;text-align:center;letter-spacing:.3em}
.keep{padding:.5rem .75rem;border:2px solid #000}
nav{display:flex;flex-wrap:wrap;gap:.5rem;padding:.5rem 1rem}
nav a{min-width:2.75rem;padding:.6rem .5rem;border:2px solid #000;border-radius:.4rem;color:#000;font-weight:700;text-align:center;text-decoration:none}
h2{position:sticky;top:0;z-index:1;margin:0;padding:.5rem 1rem;background:#222;color:#fff;font-size:1.375rem}
.drill~main h2{top:2.6rem}
section{scroll-margin-top:2.6rem}
h2 small{font-weight:400;font-size:1rem}
ul{margin:0;padding:0;list-style:none}
li{border-bottom:1px solid #767676}
label{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem .75rem;min-height:3.25rem;padding:.25rem 1rem}
input{flex:none;width:2rem;height:2rem;margin:0}
label b{flex:1 1 7rem;overflow-wrap:anywhere}
label span{font-size:1rem;border:1px solid #000;border-radius:1rem;padding:0 .6rem}
.not-known span{background:#000;color:#fff}
.out{background:#e8e8e8}
.out b{font-weight:400}
li:has(:checked){background:#cfe8cf}
li:not(.out) :checked{counter-increment:found}
.sum{position:sticky;bottom:0;margin:0;padding:.6rem 1rem;border-top:3px solid #000;background:#fff;font-size:1.25rem;font-weight:700}
.sum::before{content:counter(found) " ticked "}
:focus-visible{outline:4px solid #0b57d0;outline-offset:2px}
@media print{.drill,h2,.sum{position:static}nav,.sum{display:none}h2{background:#fff;color:#000;border-bottom:2px solid #000}section{break-inside:avoid}label{min-height:0}input{width:1rem;height:1rem}.drill{border:3px solid #000}}
`;
