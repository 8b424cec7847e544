/**
 * What a new box shows the technician (product.md 8): which parts work, where the staff page is, the code that makes the first
 * administrator, and the recovery key until somebody says that it is written down. Made here whole, with no script: the kiosk's page
 * is for pupils.
 */
import express from 'express';
import { encode } from 'uqr';
import type { KioskSnapshot, PartReport } from '../contract/kiosk.ts';
import type { Clock } from '../system/ports.ts';
import { escaped } from './staff/html.ts';

export interface SetUp {
  /** Of the school and the box. */
  readonly title: string;
  readonly firstUse: () => KioskSnapshot['firstUse'];
  readonly selfTest: () => Promise<readonly PartReport[]>;
  /** Each part as it is known to be; nothing is tried. */
  readonly known: () => readonly PartReport[];
  readonly recovery: Recovery;
}

/** The recovery key of a new box (first-boot/keys.ts). */
export interface Recovery {
  /** Null: somebody has it, or this is no box. */
  readonly key: () => string | null;
  /** It is written down: it is shown no more. Throws where the card does not take that. */
  readonly noted: () => void;
}

const isTried: ReadonlySet<PartReport['part']> = new Set(['printer', 'camera', 'lights']);
/** Another address may have come with the network. */
const againSeconds = 20;
/** After so long without being asked for, nobody's screen shows it. */
const shownMs = 3 * againSeconds * 1000;
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** At `/set-up`; where there is nothing to set up it leaves the request to who comes after. The answer: is it on a screen now? */
export function setUpPages(app: express.Express, setUp: SetUp, clock: Pick<Clock, 'mono'>): () => boolean {
  let shownAt = -Infinity;
  // Each lamp is lit and a picture is taken: once is enough.
  let tested: Promise<readonly PartReport[]> | null = null;
  app.get('/set-up', async (_request, response, next) => {
    const [firstUse, key] = [setUp.firstUse(), setUp.recovery.key()];
    if (firstUse === null && key === null) {
      next();
      return;
    }
    tested ??= setUp.selfTest();
    // The network, and with it the MIS and the time, may have come since.
    const [then, now] = [await tested, new Map(setUp.known().map((one) => [one.part, one]))];
    const parts = then.map((one) => (isTried.has(one.part) ? one : (now.get(one.part) ?? one)));
    const page = setUpPage(setUp.title, parts, firstUse, key);
    response.set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-store' }).type('html').send(page);
    shownAt = clock.mono();
  });
  app.post('/set-up/test', (_request, response) => {
    tested = null;
    response.redirect(303, '/set-up');
  });
  app.post('/set-up/noted', (_request, response) => {
    setUp.recovery.noted();
    response.redirect(303, '/set-up');
  });
  return () => clock.mono() - shownAt < shownMs;
}

export function setUpPage(
  title: string,
  parts: readonly PartReport[],
  firstUse: KioskSnapshot['firstUse'],
  key: string | null,
): string {
  const rows = parts.map(
    ({ part, ok, words }) =>
      `<li class="${ok ? 'ok' : 'bad'}"><b>${escaped(part)}</b> ${ok ? 'works' : 'FAILED'}<span>${escaped(words)}</span></li>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Set up</title><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="${String(againSeconds)}">
<style>${style}</style></head><body>
<header><h1>${escaped(title)}</h1><a href="/">Go on to the kiosk</a></header>
<main><section>${key === null ? '' : keyPart(key)}${firstUse === null ? '' : firstUsePart(firstUse)}</section>
<section><form method="post" action="/set-up/test"><h2>Parts</h2><button>Test again</button></form><ul>${rows.join('')}</ul></section></main>
</body></html>
`;
}

const keyPart = (key: string): string => `<h2>Write down the recovery key</h2>
<p>For the school's safe. Without it nobody can read the records of a box that has died.</p>
<p class="key">${escaped(key)}</p>
<form method="post" action="/set-up/noted"><button>It is written down</button></form>`;

const firstUsePart = ({
  code,
  address,
}: NonNullable<KioskSnapshot['firstUse']>): string => `<h2>Open the staff page</h2>
<p>On a computer of the school, at</p><p class="key">${escaped(address)}</p>
<div class="staff">${qr(address)}<div><p>The code for the first administrator:</p><p class="key">${escaped(code)}</p></div></div>`;

function qr(text: string): string {
  const { data, size } = encode(text, { ecc: 'M', border: 3 });
  const squares = data.flatMap((row, y) =>
    row.flatMap((black, x) => (black ? [`M${String(x)} ${String(y)}h1v1h-1z`] : [])),
  );
  return `<svg viewBox="0 0 ${String(size)} ${String(size)}" role="img" aria-label="QR code of the address"><path fill="#000" shape-rendering="crispEdges" d="${squares.join('')}"/></svg>`;
}

const style = `
:root { color-scheme: light; font: 1rem/1.35 system-ui, 'Noto Sans', sans-serif; }
@media (min-width: 1000px), (min-height: 1000px) { :root { font-size: 1.15rem; } }
body { margin: 0; padding: 1rem 1.25rem; background: #fff; color: #1b1b1b; }
header { display: flex; justify-content: space-between; align-items: center; gap: 1rem; flex-wrap: wrap; margin-bottom: .6rem; }
h1 { font-size: 1.35rem; margin: 0; }
h2 { font-size: 1.05rem; margin: .7rem 0 .2rem; }
p { margin: 0 0 .25rem; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(21rem, 1fr)); gap: 0 1.75rem; }
.key { font: 600 1.05rem/1.3 ui-monospace, 'Noto Sans Mono', monospace; letter-spacing: -.01em; overflow-wrap: anywhere; user-select: text; }
.staff { display: flex; gap: .9rem; align-items: center; }
svg { width: 8rem; height: 8rem; flex: none; background: #fff; }
ul { margin: 0; padding: 0; list-style: none; }
li { border-left: .35rem solid #1d7a3d; padding: .05rem 0 .1rem .7rem; margin: .35rem 0; }
li.bad { border-color: #b3261e; }
li b { text-transform: uppercase; font-size: .85rem; letter-spacing: .04em; }
li span { display: block; color: #444; }
a { -webkit-user-drag: none; }
a, button { display: inline-block; box-sizing: border-box; font: inherit; font-weight: 600; min-height: 2.75rem; padding: .55rem 1.2rem; border-radius: .5rem; border: 2px solid #1b1b1b; background: #1b1b1b; color: #fff; text-decoration: none; }
section + section form { margin-bottom: .6rem; display: flex; justify-content: space-between; align-items: center; }
section + section button { background: #fff; color: #1b1b1b; }
`;
