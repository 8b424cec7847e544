/** What the box's own screen shows the technician before there is a kiosk: pages without a script, made whole by the box. */
import { errorPage, noStoragePage } from '../../device/first-boot/card-words.ts';
import type { Problem } from '../../device/settings/problem.ts';
import { setUpPage } from '../../device/web/set-up-page.ts';
import type { PartReport } from '../../device/contract/kiosk.ts';
import { recoveryKeyText } from '../../device/journal/written-keys.ts';
import { everyFault } from './kiosk-tour.ts';

const title = 'Hill View School: Main reception';
const way = { code: 'K7QF-3M9X-TW2H', address: 'https://192.168.110.124:8443/' };
const key = recoveryKeyText(Uint8Array.from({ length: 32 }, (_, n) => (n * 37 + 11) % 256));
const ready = { ok: true, words: 'Ready' };
const allWell: readonly PartReport[] = [
  { part: 'printer', ...ready },
  { part: 'camera', ...ready },
  { part: 'lights', ...ready },
  { part: 'mis', ok: true, words: 'The MIS answers.' },
  { part: 'storage', ok: true, words: 'Records are kept, 24 GB free' },
  { part: 'clock', ok: true, words: 'The time is known' },
];
const problems: readonly Problem[] = [
  { line: 7, key: 'mis.token', found: 'nothing', expected: 'a text of 1 to 4096 characters without spaces or accents' },
  {
    line: 12,
    key: 'times.am.closses',
    found: 'an unknown key',
    expected: 'one of opens, starts, closes, ends',
    nearest: 'closes',
  },
  { line: 19, key: 'hardware.printer.paper_mm', found: '57', expected: '58 or 80' },
  { line: 24, key: 'network.wifi', found: 'a key that stands there twice', expected: 'each key once' },
  { line: 31, key: 'school.nation', found: '"scotland"', expected: '"england" or "wales"' },
].map((problem) => ({ ...problem, file: 'porter.toml' }));

export const plainPages: readonly { readonly name: string; readonly html: string }[] = [
  { name: 'set-up', html: setUpPage(title, allWell, way, key) },
  { name: 'set-up-faults', html: setUpPage(title, everyFault, way, key) },
  { name: 'set-up-noted', html: setUpPage(title, allWell, way, null) },
  { name: 'first-boot-kept', html: errorPage('kept', problems.slice(1, 2), '/') },
  { name: 'first-boot-stuck', html: errorPage('stuck', problems, null) },
  { name: 'first-boot-no-storage', html: noStoragePage() },
];
