/** Files of the box that staff take away: the daily export, a backup, what a helper needs. Each by whoever sits there, by role. */
import { pipeline } from 'node:stream/promises';
import type { Express, Request } from 'express';
import type { Host } from '../../host.ts';
import type { Access, WhoIs } from './access.ts';
import { mayTakeDebugBundle, mayTakeExports } from './roles.ts';

export interface FilePorts {
  readonly access: Access;
  readonly sits: (request: Request) => WhoIs | null;
  /** The export of that day; null: there is none. */
  readonly dayExport: (date: string) => Promise<Uint8Array | null>;
  readonly debugBundle: () => Promise<string>;
  /** Null: out of service. */
  readonly host: Host | null;
}

export function fileRoutes(app: Express, { access, sits, dayExport, debugBundle, host }: FilePorts): void {
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
    try {
      await pipeline(file.stream, response);
      await access.took('backup', who.me.name, who.session.address);
    } catch {
      response.destroy(); // cut off at either end: the browser says so, and nothing is recorded
    }
  });
  app.get('/debug-bundle', async (request, response) => {
    const who = await access.admitted(sits(request), mayTakeDebugBundle, 'debug bundle');
    if (who === null) {
      response.status(404).end();
      return;
    }
    const text = await debugBundle();
    response.set('Cache-Control', 'no-store').type('text').attachment('porter-debug.txt').send(text);
  });
}
