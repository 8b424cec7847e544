// What the screens may weigh, and what their pages may not hold (they must live with a strict Content-Security-Policy).
import { join } from 'node:path';
import { budgets, filesOf, kbOf } from './sizes.mjs';

/** Nothing inline, nothing from outside. */
const unwanted = [
  { ending: '.html', what: 'an inline script', found: /<script(?![^>]*\ssrc=)/i },
  { ending: '.html', what: 'an inline style', found: /<style|\sstyle=/i },
  { ending: '.html', what: 'an inline handler', found: /<[^>]*\son[a-z]+=/i },
  { ending: '.html', what: 'an address outside', found: /(?:src|href)=["']?(?:https?:)?\/\//i },
  { ending: '.css', what: 'an address outside or inside data:', found: /url\(["']?(?:https?:|\/\/|data:)/i },
];

const ui = join(import.meta.dirname, '../dist/ui');
let wrong = 0;

const figures = budgets.map(({ screen, ending, maxKb }) => {
  const kb = kbOf(ui, screen, ending);
  if (kb > maxKb || kb === 0) wrong += 1;
  return `${screen} ${ending.slice(1).toUpperCase()} ${kb.toFixed(1)} of ${maxKb} kB${kb > maxKb ? ' TOO MUCH' : kb === 0 ? ' NOT BUILT' : ''}`;
});
console.log(`gzipped: ${figures.join(', ')}`);

for (const screen of ['kiosk', 'staff']) {
  for (const { ending, what, found } of unwanted) {
    for (const { file, bytes } of filesOf(ui, screen, ending)) {
      if (!found.test(bytes.toString('utf8'))) continue;
      console.log(`dist/ui/${screen}/${file} holds ${what}`);
      wrong += 1;
    }
  }
}
process.exitCode = wrong > 0 ? 1 : 0;
