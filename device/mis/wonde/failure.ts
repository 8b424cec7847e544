/** What went wrong, in words that a person can act on (product.md 6). Never a token, a name or text from the server. */
import type { MisFailure, PlainFailure } from '../connector.ts';
import type { Exchange } from './exchange.ts';

type Answered = Extract<Exchange, { kind: 'answered' }>;
type Failed = Extract<Exchange, { kind: 'failed' }>;

const bodyKept = 2000;
/** A server that asks for more is asked again after this. */
const longestWaitMs = 24 * 3_600_000;

export const plain = (kind: PlainFailure, words: string): MisFailure => ({ kind, words });

export const busy = (): MisFailure =>
  plain('unreachable', 'Porter has too many questions waiting for the MIS; it will ask again.');

export const tooLate = (): MisFailure =>
  plain('too-late', 'What Porter had read was too old when its turn to write came; it reads again.');

export const unreadable = (): MisFailure => ({
  kind: 'server',
  words:
    'The MIS answered with something that is not its data (a web page, or half an answer). If this stays, a filter or a sign-in page of the school network may stand in between.',
  retryAfterMs: null,
});

export const endless = (): MisFailure => plain('too-big', 'The MIS sends Porter round in a circle of pages.');

export const hiddenCodes = (): MisFailure =>
  plain(
    'forbidden',
    'The MIS shows Porter marks without their codes, so Porter cannot see what it would overwrite. The school must approve the permission for attendance codes in Wonde.',
  );

export const noMarks = (): MisFailure =>
  plain('forbidden', "This school's MIS takes no marks through Wonde. Copy them from the day sheet.");

export const noSuchCode = (codes: readonly string[]): MisFailure => ({
  kind: 'no-such-code',
  words: `The MIS of this school has no code ${codes.join(', ')}.`,
  codes,
});

export const tooBig = (): MisFailure => plain('too-big', 'The MIS sent more than Porter takes at once.');

export const doubtful = (): MisFailure =>
  plain(
    'no-answer',
    'The MIS took the marks but its answer could not be read. Porter reads them back to see whether they are there.',
  );

export const elsewhere = (): MisFailure =>
  plain(
    'refused-redirect',
    'The MIS pointed to another address, where the token must not go. Check base_url, and whether the school network shows a sign-in page.',
  );

/** Only the token can hold such a character: everything else in a request is Porter's own, or escaped. */
export const unsendable = (code: string): MisFailure =>
  code === 'ERR_INVALID_CHAR'
    ? plain(
        'unauthorised',
        'The token holds characters that cannot be sent, so it cannot be the one of Wonde. Put the token into porter.toml again.',
      )
    : plain('other', `Porter could not ask the MIS (${code}). Check base_url and the token.`);

/** The request failed without a whole answer. */
export function broken(failed: Failed, host: string): MisFailure {
  if (failed.left) {
    return plain('no-answer', `${host} did not answer to the end (${failed.code}). Porter asks again.`);
  }
  return plain('unreachable', `No connection to ${host} (${failed.code}): ${unreachableHint(failed.code)}`);
}

function unreachableHint(code: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'its address could not be looked up. Check the school network and base_url.';
  if (/CERT|TLS|SSL|EPROTO|SIGNATURE/.test(code)) {
    return 'its certificate was not accepted. A filter on the school network may be reading the connection, or the clock of the box is wrong.';
  }
  return 'check the school network and base_url.';
}

/** Any status but 200 to a question. */
export function answered(answer: Answered, now: number): MisFailure {
  const { status } = answer;
  if (status >= 300 && status < 400) return elsewhere();
  switch (status) {
    case 401:
      return plain(
        'unauthorised',
        'The MIS does not accept the token any more, Porter’s password for it. An administrator asks Wonde for a new one and enters it under Box.',
      );
    case 403:
      return plain(
        'forbidden',
        'The MIS does not allow this to Porter. The school must approve the permission in Wonde.',
      );
    case 404:
      return plain('not-found', 'The MIS does not know this. Check school_id and base_url.');
    case 429:
      return { kind: 'throttled', words: 'The MIS asks Porter to wait.', retryAfterMs: retryAfterMs(answer, now) };
  }
  if (status >= 500 || status === 408) {
    return {
      kind: 'server',
      words: `The MIS has a fault of its own (${status}). Porter asks again.`,
      retryAfterMs: retryAfterMs(answer, now),
    };
  }
  return plain('other', `The MIS gave an answer that Porter does not expect (${status}).`);
}

/** Any status but 200 to a write (mis.md 2.7: exactly 200 is success). */
export function answeredWrite(answer: Answered, now: number): MisFailure {
  const { status } = answer;
  if (status >= 200 && status < 300) return doubtful();
  const why = answered(answer, now);
  if (why.kind !== 'other' || status < 400) return why;
  const body = answer.body.toString('utf8').slice(0, bodyKept);
  return { kind: 'invalid', words: 'The MIS did not accept the marks as they are.', body };
}

/**
 * `Retry-After` as seconds or as a date, in milliseconds from now, at most a day. A date counts from the server's own `Date`
 * where it gives one, so that a wrong clock in the box does not matter.
 */
function retryAfterMs(answer: Answered, now: number): number | null {
  const text = answer.headers['retry-after']?.trim();
  if (text === undefined || text === '') return null;
  const theirs = Date.parse(answer.headers.date ?? '');
  const ms = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : Date.parse(text) - (Number.isNaN(theirs) ? now : theirs);
  return Number.isNaN(ms) ? null : Math.min(Math.max(0, ms), longestWaitMs);
}

/** A question that a write had to ask first failed: nothing of the write left, whatever the question came to. */
export function nothingSent(why: MisFailure): MisFailure {
  switch (why.kind) {
    case 'server':
      return why.retryAfterMs === null ? plain('unreachable', why.words) : { ...why, kind: 'throttled' };
    case 'no-answer':
    case 'too-big':
    case 'other':
      return plain('unreachable', why.words);
    default:
      return why;
  }
}
