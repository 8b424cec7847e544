/** What the daemon and the printer's own process say to each other, over Node's channel. */

/** Null: any. With none given, whatever has an interface of the printer class is a printer. */
export interface UsbIds {
  readonly vendor: number | null;
  readonly product: number | null;
}

/** `none`: no printer on the bus; `taken`: another program has it; `denied`: Porter's user may not open it. */
export type Opened = 'open' | 'none' | 'taken' | 'denied' | 'failed';

/** What can be asked of the process: the question and its answer. One question at a time. */
export interface Calls {
  /** Opens the printer, if it is not open. */
  readonly open: { readonly ask: UsbIds; readonly answer: Opened };
  /** `taken`: bytes that the printer has; `slow`: it took no more within two seconds; `gone`: it cannot be reached. */
  readonly write: { readonly ask: Uint8Array; readonly answer: Written };
  /** Bytes that the printer sent within so many milliseconds, as soon as there are any; null: it is gone. */
  readonly read: { readonly ask: number; readonly answer: Uint8Array | null };
  /** GET_PORT_STATUS, which is answered also while no bytes are taken; null: no answer. */
  readonly 'port-status': { readonly ask: null; readonly answer: number | null };
  /** SOFT_RESET: the printer forgets what it has not printed. False: it does not know how. */
  readonly reset: { readonly ask: null; readonly answer: boolean };
}
export type CallName = keyof Calls;

export interface Written {
  readonly taken: number;
  readonly fault: 'slow' | 'gone' | null;
}

/** Numbered, so that an answer finds its question. */
export type Question = {
  [Name in CallName]: { readonly n: number; readonly call: Name; readonly ask: Calls[Name]['ask'] };
}[CallName];
export interface Answer {
  readonly n: number;
  readonly answer: Calls[CallName]['answer'];
}
/** What comes from the process: first, that it has started. */
export type Said = 'listening' | Answer;
