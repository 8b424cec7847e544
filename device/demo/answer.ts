/** An HTTP answer before it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How many records it carries, or took: for the request log. */
  readonly rows: number;
}

export function jsonAnswer(status: number, body: unknown, rows = 0): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), rows };
}

export function htmlAnswer(status: number, title: string): Answer {
  const body = `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body, rows: 0 };
}

/** A request, read to its end. */
export interface Asked {
  readonly method: string;
  /** Path and query, without the host. */
  readonly path: string;
  /** Without a trailing slash. */
  readonly pathname: string;
  readonly query: URLSearchParams;
  /** `host:port` as the client wrote it; `next` addresses go back there. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}
