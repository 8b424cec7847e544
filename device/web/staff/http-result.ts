/** A `Result` as an answer over HTTP. */
import type { Response } from 'express';
import type { Result } from '../../contract/result.ts';

const statusOf: Readonly<Record<string, number>> = {
  invalid_input: 400,
  unauthorised: 401,
  code_wanted: 401,
  signed_out: 401,
  pin_wanted: 401,
  password_again: 401,
  forbidden: 403,
  not_found: 404,
  wrong_state: 409,
  paused: 429,
  busy: 503,
};
export function sendResult(response: Response, result: Result<unknown>): void {
  response.status(result.ok ? 200 : (statusOf[result.error.code] ?? 503)).json(result);
}
