/** What every benchmark is given and gives. */
import type { Figure } from './figures.ts';

export interface Bench {
  /** One line for --help: what it measures, against what. */
  readonly about: string;
  /** How often each is measured, unless --runs says otherwise. */
  readonly runs: number;
  /** Packages that are measured against, NAME@VERSION: installed into a temporary folder for as long as this runs. */
  readonly others?: readonly string[];
  measure(given: Given): Promise<readonly Figure[]>;
  /** What runs in a process beside it, forked with `--beside NAME`. */
  beside?(): void;
}

export interface Given {
  readonly runs: number;
  /** Only to see that it works: the least of everything, figures that say nothing. */
  readonly quick: boolean;
  /** A folder for this benchmark alone, on the disk that is measured. It goes afterwards. */
  readonly folder: string;
  /** Where `others` are installed: `node_modules` is in it. */
  readonly others: string;
  /** What Porter is started with (`scripts/setup.sh`). */
  readonly nodeFlags: readonly string[];
  /** How far it is, to whoever waits. */
  readonly say: (words: string) => void;
}
