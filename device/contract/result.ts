/** Answers on the wire: every command is answered by a `Result`, never by silence or an exception. */

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Refusal };

export interface Refusal {
  readonly code: ErrorCode;
  /** For people who look after the box; never a pupil's name, a photo or a token. */
  readonly detail?: string;
}

export type ErrorCode =
  | 'invalid_input' // the command does not parse, or repeats an id with another content
  | 'wrong_state' // it cannot be done any more (undo too late, badge already used, proposal already decided)
  | 'not_found'
  | 'too_late' // the command is older than 60 s (durability.md 4): nothing was done
  | 'paused' // too many guesses or too many lists opened; `retryInMs` of the snapshot says how long
  | 'closed' // name lists work on school days within set hours only
  | 'unauthorised' // wrong PIN, wrong name or password
  | 'code_wanted' // the second step: a code of the person's app
  | 'password_again' // dangerous: the password is asked for once more (`POST /session/again`), then the command is repeated
  | 'pin_wanted' // names are hidden on this registered computer: somebody's PIN first (`POST /session/pin`)
  | 'forbidden' // the role does not allow it
  | 'signed_out'
  | 'busy'
  | 'camera_failed'
  | 'storage_failed' // nothing was stored: "Please see reception"
  | 'internal';

/** `commandId` makes every command safe to send twice: a repeat gets the same answer (durability.md 4). */
export interface Command<T> {
  readonly commandId: string;
  /** Milliseconds since the page made the command, by the page's own elapsed time; set anew at each repeat. */
  readonly ageMs: number;
  /** The run whose snapshot the page showed when it made the command; left out by tools that have seen none. */
  readonly runId?: string;
  readonly input: T;
}

export type Ack<T> = (reply: Result<T>) => void;
