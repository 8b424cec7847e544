/** The staff page over HTTP: its files, sign-in, first use, photos. Everything else goes over the socket. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express from 'express';
import helmet from 'helmet';
import * as v from 'valibot';
import type { Refusal, Result } from '../../contract/result.ts';
import type { FirstUse, Me, SessionAnswer, SignIn } from '../../contract/staff.ts';
import { refusePlainly, sendPicture, strictHeaders } from '../kiosk.ts';
import { parse } from '../parse.ts';
import type { Access, WhoIs } from './access.ts';
import type { EvacuationFile } from './evacuation-file.ts';
import { fileRoutes } from './box-files.ts';
import type { FilePorts } from './box-files.ts';
import type { Files } from './files.ts';
import { sendResult } from './http-result.ts';
import { sixDigits } from './people-commands.ts';
import { mayRegisterComputer, maySeePhotos, mayTakeEvacuation, rightsOf, viewsOf } from './roles.ts';

export const cookieName = '__Host-porter';
const computerCookie = '__Host-porter-computer';
/** A browser forgets it then, and is registered anew. */
const computerMs = 400 * 86_400_000;
const json = express.json({ limit: '4kb', strict: true });
/** Browsers that have met the school's own certificate come with TLS only, for a year. */
const hstsSeconds = 365 * 86_400;

export interface PagePorts extends Omit<FilePorts, 'sits'> {
  readonly pageFolder: string;
  readonly access: Access;
  readonly files: Pick<Files, 'find'>;
  readonly photo: (visit: string) => Promise<Uint8Array | null>;
  /** A PNG. */
  readonly badge: (visit: string) => Promise<Uint8Array | null>;
  readonly evacuation: (by: string) => EvacuationFile;
  /** Why the box does not serve; null: it does. A sentence without names. */
  readonly trouble: () => string | null;
  readonly isOurHost: (host: string | undefined) => boolean;
  readonly hasRealCertificate: boolean;
}

const notYourRole = 'Your role does not allow this.';
const short = v.pipe(v.string(), v.maxLength(200));
const signIn: v.GenericSchema<unknown, SignIn> = v.object({
  name: short,
  password: short,
  code: v.exactOptional(v.pipe(v.string(), v.maxLength(20))),
});
const computerName = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(40));
const firstUse: v.GenericSchema<unknown, FirstUse> = v.object({
  code: v.pipe(v.string(), v.maxLength(40)),
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(80)),
  password: short,
  pin: v.pipe(v.string(), v.regex(/^\d{6}$/)),
});

export function staffPages(ports: PagePorts): express.Express {
  const app = express();
  app.disable('x-powered-by');
  const { access } = ports;
  app.use(async (request, response, next) => {
    if (ports.isOurHost(request.headers.host)) {
      next();
      return;
    }
    await access.refusedStranger('another name for this box', request.socket.remoteAddress);
    response.status(403).type('text').send('This is not the address of this box.\n');
  });
  app.use(helmet({ ...strictHeaders, strictTransportSecurity: ports.hasRealCertificate && { maxAge: hstsSeconds } }));
  app.use(async (request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD' || isSameOrigin(request.headers)) {
      next();
      return;
    }
    await access.refusedStranger('a page from elsewhere', request.socket.remoteAddress);
    response.status(403).type('text').send('This page is for itself only.\n');
  });
  sessionRoutes(app, ports);
  placeRoutes(app, ports);
  const sits = (request: express.Request): WhoIs | null => access.whoSits(tokenIn(request.headers.cookie));
  app.get('/photo/:visit', async (request, response) => {
    const who = await access.admitted(sits(request), maySeePhotos, 'photo');
    sendPicture(response, 'jpeg', who === null ? null : await ports.photo(request.params.visit));
  });
  app.get('/badge/:visit', async (request, response) => {
    const who = await access.admitted(sits(request), maySeePhotos, 'badge');
    sendPicture(response, 'png', who === null ? null : await ports.badge(request.params.visit));
  });
  app.get('/evacuation', async (request, response) => {
    const there = sits(request);
    const who = await access.admitted(there, mayTakeEvacuation, 'evacuation file');
    response.set('Cache-Control', 'no-store');
    if (who === null) {
      const [status, words] = there === null ? [401, 'Sign in to the staff page first.'] : [403, notYourRole];
      response.status(status).type('text').send(`${words}\n`);
      return;
    }
    const { me, session } = who;
    const { name, html } = ports.evacuation(me.name);
    await access.tookEvacuation('file', me.name, session.address);
    response.attachment(name).type('html').send(html);
  });
  app.get('/file/:id', async (request, response) => {
    const who = sits(request);
    const file = who === null ? null : ports.files.find(who.session.id, request.params.id);
    if (file === null) {
      response.status(404).type('text').send('This file is not here any more: ask for it again.\n');
      return;
    }
    response.set('Cache-Control', 'no-store').attachment(file.name).set('Content-Type', file.type);
    // Who goes away in the middle, or a card that stops reading, leaves a download that failed.
    await pipeline(Readable.from(file.parts()), response).catch(() => response.destroy());
  });
  fileRoutes(app, { ...ports, sits });
  app.use(express.static(ports.pageFolder, { cacheControl: false }));
  refusePlainly(app);
  return app;
}

function sessionRoutes(app: express.Express, { access, trouble, pageFolder }: PagePorts): void {
  const build = buildIn(pageFolder);
  app.use(['/session', '/first-use'], (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.get('/session', (request, response) => {
    const who = access.whoIs(tokenIn(request.headers.cookie));
    const me = who === null ? null : { ...who.me, may: rightsOf(who.me.role), sees: viewsOf(who.me.role) };
    const answer: SessionAnswer = {
      me,
      firstUse: access.firstUseCode !== null,
      computer: access.computerOf(tokenIn(request.headers.cookie, computerCookie))?.name ?? null,
      locked: who !== null && access.sessions.isLocked(who.session.id),
      build,
      trouble: trouble(),
    };
    response.json(answer);
  });
  /** Whatever session the browser came with ends: nobody goes on with a token from before (fixation). */
  const enter = async (
    request: express.Request,
    response: express.Response,
    opened: Promise<Result<{ readonly token: string; readonly me: Me }>>,
  ): Promise<void> => {
    const result = await opened;
    if (!result.ok) {
      sendResult(response, result);
      return;
    }
    const before = access.whoIs(tokenIn(request.headers.cookie));
    if (before !== null) access.sessions.end(before.session.id, 'elsewhere');
    setToken(response, result.value.token);
    sendResult(response, { ok: true, value: result.value.me });
  };
  app.post('/session', json, async (request, response) => {
    const given = parse(signIn, request.body);
    const computer = access.computerOf(tokenIn(request.headers.cookie, computerCookie));
    if (given.ok) await enter(request, response, access.signIn(given.value, request.socket.remoteAddress, computer));
    else sendResult(response, given);
  });
  app.post('/first-use', json, async (request, response) => {
    const given = parse(firstUse, request.body);
    if (given.ok) await enter(request, response, access.firstUse(given.value, request.socket.remoteAddress));
    else sendResult(response, given);
  });
  app.post('/session/pin', json, async (request, response) => {
    const who = access.whoIs(tokenIn(request.headers.cookie));
    const given = parse(v.object({ pin: sixDigits }), request.body);
    if (who === null) sendResult(response, { ok: false, error: { code: 'signed_out' } });
    else if (given.ok) await enter(request, response, access.takeOver(who.session, given.value.pin));
    else sendResult(response, given);
  });
  app.delete('/session', async (request, response) => {
    const who = access.whoIs(tokenIn(request.headers.cookie));
    if (who !== null && 'everywhere' in request.query) await access.signOutEverywhere(who.me.name, who.me.name);
    else if (who !== null) access.sessions.end(who.session.id, 'elsewhere');
    clearToken(response);
    sendResult(response, { ok: true, value: null });
  });
}

/** Its files have names of their own in each build, and it names them. Empty: there is no page. */
function buildIn(pageFolder: string): string {
  try {
    return createHash('sha256')
      .update(readFileSync(join(pageFolder, 'index.html')))
      .digest('base64url')
      .slice(0, 16);
  } catch {
    return '';
  }
}

/** The password once more; a browser that becomes that of a reception computer. */
function placeRoutes(app: express.Express, { access }: PagePorts): void {
  app.post('/session/again', json, async (request, response) => {
    const who = access.whoIs(tokenIn(request.headers.cookie));
    const given = parse(v.object({ password: short }), request.body);
    if (who === null) sendResult(response, { ok: false, error: { code: 'signed_out' } });
    else sendResult(response, given.ok ? await access.again(who.session, given.value.password) : given);
  });
  app.post('/computer', json, async (request, response) => {
    const who = access.whoIs(tokenIn(request.headers.cookie));
    const given = parse(v.object({ name: computerName }), request.body);
    const refused = who === null ? ({ code: 'signed_out' } as const) : await mayNotRegister(access, who);
    if (who === null || refused !== null) sendResult(response, { ok: false, error: refused ?? { code: 'signed_out' } });
    else if (!given.ok) sendResult(response, given);
    else {
      const registered = await access.registerComputer(who.session, given.value.name);
      if (registered.ok) {
        response.cookie(computerCookie, registered.value.token, { ...cookie, maxAge: computerMs });
        clearToken(response);
      }
      sendResult(response, registered.ok ? { ok: true, value: null } : registered);
    }
  });
}

async function mayNotRegister(access: Access, who: WhoIs): Promise<Refusal | null> {
  const { session } = who;
  if ((await access.admitted(who, mayRegisterComputer.roles, 'computer')) === null) return { code: 'forbidden' };
  if (access.sessions.isLocked(session.id)) return { code: 'pin_wanted' };
  return access.sessions.isConfirmed(session.id) ? null : { code: 'password_again' };
}

/** Also of a socket. A browser says where a page is from; what says nothing is no page of ours. */
export function isSameOrigin(headers: {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
}): boolean {
  return headers.origin !== undefined && headers.origin === `https://${headers.host ?? ''}`;
}

/** Null: none, or more than one. */
export function tokenIn(cookies: string | undefined, named = cookieName): string | null {
  const found = (cookies ?? '').split(';').flatMap((pair) => {
    const [name, value] = pair.trim().split('=');
    return name === named && value !== undefined && /^[\w-]{43}$/.test(value) ? [value] : [];
  });
  return found.length === 1 ? (found[0] ?? null) : null;
}

const cookie = { secure: true, httpOnly: true, sameSite: 'strict', path: '/' } as const;
function setToken(response: express.Response, token: string): void {
  response.cookie(cookieName, token, cookie);
}
function clearToken(response: express.Response): void {
  response.clearCookie(cookieName, cookie);
}
