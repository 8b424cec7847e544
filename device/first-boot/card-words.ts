/** What first boot has to say: beside the technician file, for the computer that wrote it, and on the box's own screen. No I/O. */
import type { Problem } from '../settings/problem.ts';
import { escaped } from '../web/staff/html.ts';

/** Problems shown on the screen; the text beside the file has all. */
const shownMax = 4;
/** Then the screen goes on, where there is something to go on to. */
const shownSeconds = 60;

/** How it ended: `kept`: the file is wrong, and the last good settings stay; `stuck`: there are none. */
export type Outcome = 'good' | 'kept' | 'stuck';

const consequence: Readonly<Record<Outcome, string>> = {
  good: 'The box works with this file.',
  kept: 'The box works on with the settings that it had before.',
  stuck: 'The box cannot start before this is mended.',
};
const mend = 'Put the card into a computer, open porter.toml, mend each line named here, and start the box again.';

/** `porter-error.txt`. Always says how it is, so that an old message is not taken for a new one. */
export function errorText(outcome: Outcome, problems: readonly Problem[]): string {
  if (problems.length === 0) return `porter.toml was read and is right.\n${consequence[outcome]}\n`;
  const told = problems.map((problem) => `${lineOf(problem)}\n${detail(problem)}\n`).join('\n');
  return `porter.toml is wrong. ${consequence[outcome]}\n${mend}\n\n${told}`;
}

const lineOf = ({ line, key }: Problem): string => `Line ${String(line)}${key === '' ? '' : `: ${key}`}`;

function detail({ found, expected, nearest }: Problem): string {
  const hint = nearest === undefined ? '' : `\n  did you mean: ${nearest}`;
  return `  found:        ${found}\n  expected:     ${expected}${hint}`;
}

/** `next`: where it goes on; null: it stays. */
export function errorPage(outcome: Outcome, problems: readonly Problem[], next: string | null): string {
  const rows = problems.slice(0, shownMax).map(
    (problem) => `<li><b>${escaped(lineOf(problem))}</b>
<dl><dt>Found</dt><dd>${escaped(problem.found)}</dd><dt>Expected</dt><dd>${escaped(problem.expected)}</dd>${
      problem.nearest === undefined ? '' : `<dt>Meant?</dt><dd>${escaped(problem.nearest)}</dd>`
    }</dl></li>`,
  );
  const more = problems.length - shownMax;
  const body = `<p>${escaped(consequence[outcome])}</p>
<p>${escaped(mend)}</p>
<ol>${rows.join('\n')}</ol>
${more > 0 ? `<p>And ${String(more)} more: porter-error.txt on the card has all.</p>` : ''}
${next === null ? '' : `<a href="${escaped(next)}">Go on</a>`}`;
  return page('porter.toml is wrong', body, next);
}

/** Where the card has no data partition that can be used: without it nothing is accepted (durability.md 28). */
export function noStoragePage(): string {
  return page(
    'This box cannot keep records',
    `<p>The part of its card that holds them is missing or broken, so nobody can be signed in or out here. Please see reception.</p>
<p>Switch the box off and on once. If this stays: write the image to a new card, put porter.toml on it, and restore the last backup.
Keep the old card: its records may still be readable.</p>`,
    null,
  );
}

/** By itself, for 800x480 up. */
function page(title: string, body: string, next: string | null): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<meta name="viewport" content="width=device-width">${
    next === null ? '' : `\n<meta http-equiv="refresh" content="${String(shownSeconds)};url=${escaped(next)}">`
  }
<style>
:root { color-scheme: light; font: 1.1rem/1.35 system-ui, 'Noto Sans', sans-serif; }
@media (min-width: 1000px), (min-height: 1000px) { :root { font-size: 1.35rem; } }
body { margin: 0; padding: 1.25rem 1.75rem; background: #fff; color: #1b1b1b; overflow-wrap: anywhere; }
h1 { margin: 0 0 .25rem; font-size: 1.7rem; }
p { margin: 0 0 .5rem; }
ol { margin: .75rem 0; padding: 0; list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: .6rem 1.2rem; }
li { border-left: .35rem solid #b3261e; padding: .1rem 0 .1rem .8rem; }
dl { margin: .1rem 0 0; display: grid; grid-template-columns: 4.7rem 1fr; gap: 0 .8rem; }
dt { color: #555; }
dd { margin: 0; }
a { display: inline-block; padding: .7rem 1.6rem; border-radius: .5rem; background: #1b1b1b; color: #fff; text-decoration: none; }
</style></head><body><main>
<h1>${escaped(title)}</h1>
${body}
</main></body></html>
`;
}
