import { useRef } from 'preact/hooks';

/** Somebody who presses twice, or beside a colleague who was quicker, means the row that stood there before. */
const movedMs = 600;

/** Has another row come to where one was, a moment ago? What comes last moves nobody. `keys`: of the rows, as they stand. */
export function useJustMoved(keys: readonly string[]): () => boolean {
  const before = useRef<readonly string[]>([]);
  const movedAt = useRef(Number.NEGATIVE_INFINITY);
  if (before.current.some((key, index) => keys[index] !== key)) movedAt.current = performance.now();
  before.current = keys;
  return () => performance.now() - movedAt.current < movedMs;
}
