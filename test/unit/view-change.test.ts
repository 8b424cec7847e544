/** What goes over the line of a view that has changed: the page shows what the box has, whatever came, went and moved. */
import { expect, test } from 'vitest';
import { viewChange, viewText, withChange } from '../../device/contract/view-change.ts';
import type { ViewChange, ViewText } from '../../device/contract/view-change.ts';
import { seededRandom } from '../support/box.ts';

const row = (name: string, state = 'waiting') => ({ name, state });
const view = (...late: readonly object[]) => ({ date: '2026-11-23', counts: { late: late.length }, late });

/** What is sent after `before`, and what the page makes of it. */
function sent(before: object, now: object) {
  const had = viewText(before, undefined);
  const json = viewChange(had, viewText(now, had));
  if (json === null) return { json, shown: before };
  return { json, shown: withChange(before, JSON.parse(json) as ViewChange) };
}

test('one more row on top: it alone is sent, and that the others stand', () => {
  const before = view(row('Amara'), row('Ben'), row('Chen'));
  const now = view(row('Dilys'), row('Amara'), row('Ben'), row('Chen'));
  const { json, shown } = sent(before, now);
  expect(shown).toEqual(now);
  expect(JSON.parse(json ?? '')).toEqual([{ counts: { late: 4 } }, { late: [row('Dilys'), [0, 3]] }]);
});

test('a row that stays is the same object: nothing of it is drawn anew', () => {
  const before = view(row('Amara'), row('Ben'));
  const { shown } = sent(before, view(row('Amara', 'confirmed'), row('Ben')));
  expect((shown as ReturnType<typeof view>).late[1]).toBe(before.late[1]);
});

test('nothing is sent where nothing has changed', () => {
  expect(sent(view(row('Amara')), view(row('Amara'))).json).toBeNull();
  expect(sent(view(), view()).json).toBeNull();
});

test.each([
  ['the last row goes', view(row('Amara')), view()],
  ['two rows that are alike', view(row('Amara'), row('Ben')), view(row('Ben'), row('Ben'), row('Amara'))],
  [
    'lists of lists, words and numbers are no rows',
    { of: [[1, 2]], words: ['a'] },
    { of: [[0, 1]], words: ['a', 'b'] },
  ],
  [
    'a list that was none, and one that is none any more',
    { one: null, two: [row('Ben')] },
    { one: [row('Ben')], two: null },
  ],
  ['nothing is known of a field', { date: 'a', late: [] }, { date: 'a', late: [row('Ben')], held: null }],
  [
    'a field with a name of its own',
    { __proto__x: 1, '"': [row('Ben')] },
    { __proto__x: 2, '"': [row('Ben'), row('"')] },
  ],
])('%s', (_, before, now) => {
  expect(sent(before, now).shown).toEqual(now);
});

test('whatever comes, goes, moves and changes, push after push', () => {
  const seed = Number(process.env['SEED'] ?? Date.now());
  console.log(`seed ${String(seed)}`);
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random.uniform() * n);
  let rows: object[] = [];
  let shown: object | undefined;
  let had: ViewText | undefined;
  for (let push = 0; push < 500; push += 1) {
    rows = rows.filter(() => below(20) > 0).map((one) => (below(20) > 0 ? one : { ...one, state: below(3) }));
    if (below(5) === 0) rows.reverse();
    rows.splice(below(rows.length + 1), 0, ...Array.from({ length: below(4) }, () => row(String(below(30)))));
    const now = { rows: [...rows], count: rows.length, late: rows.slice(0, 3) };
    const text = viewText(now, had);
    const json = viewChange(had, text);
    if (json !== null) shown = withChange(shown, JSON.parse(json) as ViewChange);
    had = text;
    expect(shown).toEqual(now);
  }
});
