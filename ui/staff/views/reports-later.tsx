/** Reports and what draws its charts come over the line when somebody looks at them first. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ReportsView } from '../../../device/contract/staff-reports.ts';

interface ReportsProps {
  readonly view: ReportsView;
}
const loaded = signal<((props: ReportsProps) => JSX.Element) | null>(null);
const failed = signal(false);

async function load(): Promise<void> {
  failed.value = false;
  try {
    loaded.value = (await import('./reports.tsx')).Reports;
  } catch {
    failed.value = true;
  }
}

export function ReportsLater({ view }: ReportsProps): JSX.Element {
  const Reports = loaded.value;
  if (Reports !== null) return <Reports view={view} />;
  if (!failed.value) {
    void load();
    return <p class="faint">One moment…</p>;
  }
  return (
    <p class="empty">
      The box did not answer.{' '}
      <button type="button" class="button" onClick={() => void load()}>
        Try again
      </button>
    </p>
  );
}
