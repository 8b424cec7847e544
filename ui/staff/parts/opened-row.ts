import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** The row that somebody has opened, as it is by now; once it has gone it does not open again by itself. */
export function useOpenedRow<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): readonly [row: Row | null, open: (row: Row | null) => void] {
  const opened = useSignal<string | null>(null);
  const row = rows.find((one) => keyOf(one) === opened.value) ?? null;
  useEffect(() => {
    if (row === null) opened.value = null;
  }, [row === null]);
  return [row, (next) => (opened.value = next === null ? null : keyOf(next))];
}
