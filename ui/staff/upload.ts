/** A file that is sent to the box as it is, piece by piece, whatever its size. */
import type { Result } from '../../device/contract/result.ts';

/** `onSent`: how much of it has gone, 0 to 1. `signal`: it is not wanted any more. `busy` where the line is cut off, or the box says nothing that can be understood. */
export function upload(
  path: string,
  file: Blob,
  onSent: (part: number) => void,
  signal: AbortSignal,
): Promise<Result<unknown>> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => {
      onSent(total === 0 ? 1 : loaded / total);
    };
    request.onloadend = () => {
      const answer: unknown = request.response;
      resolve(isResult(answer) ? answer : cutOff);
    };
    signal.addEventListener('abort', () => {
      request.abort();
    });
    request.send(file);
  });
}

const cutOff = {
  ok: false,
  error: { code: 'busy', detail: 'the line to the box was cut off: send the file again' },
} as const;

const isResult = (answer: unknown): answer is Result<unknown> =>
  typeof answer === 'object' && answer !== null && 'ok' in answer;
