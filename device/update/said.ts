/** What came of the last update, in a sentence. No I/O. */
import type { Last } from './places.ts';

/** `running`: the version that runs now; `trial`: is it on trial? */
export function lastWords({ version, outcome, why }: Last, running: string, trial: boolean): string {
  const named = version ?? 'The update';
  switch (outcome) {
    case 'not-installed':
      return `${named} was not installed. ${why ?? ''}`.trim();
    case 'taken':
      return `${named} was installed and works.`;
    case 'went-back':
      return `${named} was tried, and the box went back to the version before. ${why ?? ''}`.trim();
    case 'trying':
      if (running === version) return trial ? `${named} is being tried.` : `${named} was installed and works.`;
      return `${named} was installed but did not start, or the power was cut while it was tried: the box went back to the version before.`;
  }
}
