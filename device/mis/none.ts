/** The connector of a school whose MIS takes no marks: everything goes onto the day sheet (product.md 4). */
import type { MisConnector, MisRefusal } from './connector.ts';

const refusal: MisRefusal = {
  ok: false,
  failure: { kind: 'other', words: 'No MIS is connected: marks go onto the day sheet.' },
};
const refuse = (): Promise<MisRefusal> => Promise.resolve(refusal);

export const noMis: MisConnector = {
  kind: 'none',
  health: refuse,
  pupils: refuse,
  codes: refuse,
  readMarks: refuse,
  write: refuse,
  writeback: refuse,
  writebacks: refuse,
};
