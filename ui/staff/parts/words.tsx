/** A sentence in which names may stand that run from right to left. */
import type { JSX } from 'preact';
import { piecesOf } from '../../../device/contract/bidi.ts';

export function Words({ of }: { readonly of: string }): JSX.Element {
  const pieces = piecesOf(of);
  return <>{pieces.length === 1 ? of : pieces.map((piece, index) => (index % 2 === 0 ? piece : <bdi>{piece}</bdi>))}</>;
}
