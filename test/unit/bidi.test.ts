/** Names that run from right to left turn no sentence around. */
import { expect, test } from 'vitest';
import { piecesOf } from '../../device/contract/bidi.ts';

test.each([
  ['Amara Okafor left: Bus', ['Amara Okafor left: Bus']],
  ['محمد علي left: Bus', ['', 'محمد علي', ' left: Bus']],
  ['Mark of نور الهدى, 2026-11-23 AM', ['Mark of ', 'نور الهدى', ', 2026-11-23 AM']],
  ['מִרְיָם כהן and عمر', ['', 'מִרְיָם כהן', ' and ', 'عمر', '']],
  ['', ['']],
])('%s', (sentence, pieces) => {
  expect(piecesOf(sentence)).toEqual(pieces);
  expect(piecesOf(sentence).join('')).toBe(sentence);
});
