// @vitest-environment happy-dom
/** A list of the staff page under the fingers of whoever has sorted it. */
import { h, render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, expect, test, vi } from 'vitest';
import { Listing } from '../../ui/staff/parts/listing.tsx';
import type { Column } from '../../ui/staff/parts/listing.tsx';

interface Row {
  readonly pupil: string;
}
let pressed: string[] = [];
const columns: readonly Column<Row>[] = [
  { name: 'Pupil', place: 'who', text: ({ pupil }) => pupil, cell: ({ pupil }) => pupil },
  {
    name: 'Done',
    place: 'wide',
    cell: ({ pupil }, hasJustMoved) =>
      h('button', { onClick: () => hasJustMoved() || pressed.push(pupil), class: 'done' }, 'Done'),
  },
];
const show = (...pupils: readonly string[]): void => {
  const rows = pupils.map((pupil) => ({ pupil }));
  void act(() => {
    render(h(Listing<Row>, { label: 'Pupils', rows, columns, keyOf: ({ pupil }) => pupil }), document.body);
  });
};
const press = (selector: string): void => {
  void act(() => {
    document.querySelector<HTMLElement>(selector)?.click();
  });
};

afterEach(() => {
  vi.useRealTimers();
  render(null, document.body);
  pressed = [];
});

test('a press that meets a row which has just come to that place is nobody’s; the next one counts', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  show('Noor', 'Mina');
  press('.sorts');
  vi.advanceTimersByTime(1_000);
  expect([...document.querySelectorAll('tbody tr')].map((row) => row.textContent)).toEqual(['MinaDone', 'NoorDone']);
  // As it comes it is the last; sorted, it is the first.
  show('Noor', 'Mina', 'Amara');
  press('tbody .done');
  expect(pressed).toEqual([]);
  vi.advanceTimersByTime(1_000);
  press('tbody .done');
  expect(pressed).toEqual(['Amara']);
});
