/** Files of the box that staff take away, and one that they send: the daily export, backups, what a helper needs. Each by whoever sits there, by role. */
import { finished, pipeline } from 'node:stream/promises';
import type { Express, Request } from 'express';
import type { Result } from '../../contract/result.ts';
import type { Host } from '../../host.ts';
import type { TakeBackup } from '../restore-commands.ts';
import type { Access, WhoIs } from './access.ts';
import { sendResult } from './http-result.ts';
import { mayTakeDebugBundle, mayTakeExports } from './roles.ts';

/** The rest of a file that is refused comes, or it does not. */
const quietMaxMs = 30_000;

export interface FilePorts {
  readonly access: Access;
  readonly sits: (request: Request) => WhoIs | null;
  /** The export of that day; null: there is none. */
  readonly dayExport: (date: string) => Promise<Uint8Array | null>;
  readonly debugBundle: () => Promise<string>;
  /** Null: out of service. */
  readonly host: Host | null;
  readonly takeBackup: TakeBackup;
  /** This request may be longer than others on its way. The answer ends that. */
  readonly takesLong: (request: Request) => () => void;
}

export function fileRoutes(app: Express, ports: FilePorts): void {
  const { access, sits, dayExport, debugBundle, host } = ports;
  app.get('/export/:date', async (request, response) => {
    const who = await access.admitted(sits(request), mayTakeExports, 'daily export');
    const { date } = request.params;
    const file = who !== null && /^\d{4}-\d{2}-\d{2}$/.test(date) ? await dayExport(date) : null;
    if (who === null || file === null) {
      response.status(404).end();
      return;
    }
    await access.took(`export ${date}`, who.me.name, who.session.address);
    response.set('Cache-Control', 'no-store').type('application/octet-stream');
    response.attachment(`porter-${date}.porter-day`).send(file);
  });
  app.get('/backup/:token', async (request, response) => {
    const who = sits(request);
    const file = who === null ? null : (host?.taking.take(request.params.token, who.session.id) ?? null);
    if (who === null || file === null) {
      response.status(404).end();
      return;
    }
    response.set('Cache-Control', 'no-store').type('application/octet-stream').attachment(file.name);
    // Who has half of it has all that stands in that half; only a whole one is a backup that the box goes by.
    await access.took('begun: backup', who.me.name, who.session.address);
    try {
      await pipeline(file.stream, response);
      await access.took('backup', who.me.name, who.session.address);
    } catch {
      response.destroy(); // cut off at either end: the browser says so
    }
  });
  restoreRoute(app, ports);
  app.get('/debug-bundle', async (request, response) => {
    const who = await access.admitted(sits(request), mayTakeDebugBundle, 'debug bundle');
    if (who === null) {
      response.status(404).end();
      return;
    }
    const text = await debugBundle();
    await access.took('porter-debug.txt', who.me.name, who.session.address);
    response.set('Cache-Control', 'no-store').type('text').attachment('porter-debug.txt').send(text);
  });
}

/** A backup comes in, as it is: it may be longer than memory. Whoever is refused in the middle may send the rest, so as to hear why. */
function restoreRoute(app: Express, { sits, takeBackup, takesLong }: FilePorts): void {
  app.post('/restore/:token', async (request, response) => {
    response.set('Cache-Control', 'no-store');
    const who = sits(request);
    const size = Number(request.headers['content-length'] ?? Number.NaN);
    if (who === null || Number.isNaN(size)) {
      sendResult(response, gone);
      return;
    }
    const taken = takesLong(request);
    try {
      const result = await takeBackup(request.params.token, who.session.id, { bytes: request, size });
      sendResult(response, result ?? gone);
      if (result === null || request.complete) return;
      request.setTimeout(quietMaxMs, () => request.destroy());
      await finished(request.resume()).catch(() => undefined);
    } finally {
      taken();
    }
  });
}

const gone: Result<never> = { ok: false, error: { code: 'not_found', detail: 'begin again' } };
