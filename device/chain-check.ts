/** Does the chain of the records hold? For the log on the staff page: by a person, as the command `porter journal verify` says it. */
import { verifiedWords } from './journal-command.ts';
import type { Masters } from './journal/masters.ts';
import { verifyBeside } from './journal/verify-beside.ts';

export interface ChainChecked {
  readonly isWhole: boolean;
  /** The chain was followed up to this number; 0: there is no record. */
  readonly upTo: number;
  readonly head: string;
  /** Lines for a person. */
  readonly words: readonly string[];
}

export async function checkChain(threadFile: string, folder: string, masters: Masters): Promise<ChainChecked> {
  const found = await verifyBeside(threadFile, { folder, masters });
  return {
    isWhole: found.problems.length === 0,
    upTo: found.numbers?.to ?? 0,
    head: found.head,
    words: verifiedWords(found),
  };
}
