/**
 * Looks for an update at the address of the technician file and fetches it, a piece at a time, through the school's proxy. What
 * lies there is a description (`scripts/image bundle` makes it) and beside it the bundle. The description is believed in nothing: the
 * bundle's own signature and manifest say what it is.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, renameSync, statSync } from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import * as v from 'valibot';
import { tunnelThrough } from '../mis/wonde/proxy.ts';

const describedSchema = v.object({
  compatible: v.string(),
  version: v.string(),
  /** Beside the description, or an address. */
  bundle: v.pipe(v.string(), v.minLength(1), v.maxLength(500)),
  bytes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4e9)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});
export type Described = v.InferOutput<typeof describedSchema>;

const describedMaxBytes = 16_384;
const redirectsMax = 5;
/** Nothing comes for so long: given up, and gone on with at the next look. */
const silentMaxMs = 60_000;
/** Synced so often, so that the records never wait behind much of it. */
const pieceBytes = 4 * 1024 * 1024;
/** Left free for the records. */
const leftBytes = 500e6;
const noRoom = 'There is too little room on the card for the update.';

/** Said to people: why it could not be had. */
export class NotHad extends Error {}

/** Rejects with `NotHad`. */
export async function describedAt(address: string, proxy: string | null): Promise<Described> {
  const answer = await get(new URL(address), proxy, {});
  if (answer.statusCode !== 200) throw refused(answer);
  let text = '';
  try {
    for await (const chunk of answer) {
      text += String(chunk);
      if (text.length > describedMaxBytes) throw new NotHad('What lies at the address is no description of an update.');
    }
  } catch (error) {
    throw cutOr(error);
  }
  try {
    return v.parse(describedSchema, JSON.parse(text));
  } catch {
    throw new NotHad('What lies at the address is no description of an update.');
  }
}

/** What the names of its files begin with. */
export const fileStem = ({ sha256 }: Described): string => sha256.slice(0, 16);

/** The bundle's file in this folder: as it was, gone on with, or fetched anew. Rejects with `NotHad`. */
export async function fetched(
  address: string,
  described: Described,
  folder: string,
  proxy: string | null,
): Promise<string> {
  const { bundle, bytes, sha256 } = described;
  const path = join(folder, `${fileStem(described)}.raucb`);
  if (existsSync(path)) return path;
  const part = join(folder, `${fileStem(described)}.part`);
  const { bavail, bsize } = await statfs(folder);
  const have = existsSync(part) ? statSync(part).size : 0;
  if (bavail * bsize < bytes - have + leftBytes) throw new NotHad(noRoom);
  if (have < bytes) await goOn(new URL(bundle, address), part, { have, bytes }, proxy);
  if ((await hashOf(part)) !== sha256) {
    await rm(part);
    throw new NotHad('What was fetched is not what the description says. It is fetched again at the next look.');
  }
  renameSync(part, path);
  return path;
}

async function goOn(
  url: URL,
  part: string,
  { have, bytes }: { readonly have: number; readonly bytes: number },
  proxy: string | null,
): Promise<void> {
  const answer = await get(url, proxy, have > 0 ? { range: `bytes=${String(have)}-` } : {});
  const goesOn = answer.statusCode === 206 && answer.headers['content-range']?.startsWith(`bytes ${String(have)}-`);
  if (goesOn !== true && answer.statusCode !== 200) throw refused(answer);
  const file = await open(part, goesOn === true ? 'a' : 'w', 0o600);
  try {
    let [size, synced] = [goesOn === true ? have : 0, 0];
    for await (const chunk of answer) {
      if (!Buffer.isBuffer(chunk)) continue;
      size += chunk.length;
      if (size > bytes) throw new NotHad('What was fetched is not what the description says.');
      await file.write(chunk);
      if (size - synced < pieceBytes) continue;
      await file.datasync();
      synced = size;
    }
    await file.sync();
    if (size < bytes) throw new NotHad('The line was cut. It goes on at the next look.');
  } catch (error) {
    // What is full must hold the records, and why there is no update.
    if (codeOf(error) === 'ENOSPC') await file.truncate(0).catch(() => undefined);
    throw cutOr(error);
  } finally {
    await file.close();
  }
}

function cutOr(error: unknown): NotHad {
  if (error instanceof NotHad) return error;
  const code = codeOf(error);
  if (code === 'ENOSPC') return new NotHad(noRoom);
  if (code === 'EIO' || code === 'EROFS') return new NotHad(`The card does not take the update (${code}).`);
  return new NotHad(`The line was cut (${code}). It goes on at the next look.`);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) if (Buffer.isBuffer(chunk)) hash.update(chunk);
  return hash.digest('hex');
}

/** The answer's head, past redirections: to TLS only, but on this machine. */
async function get(
  url: URL,
  proxy: string | null,
  headers: Readonly<Record<string, string>>,
  redirects = redirectsMax,
): Promise<IncomingMessage> {
  const isHere = url.protocol === 'http:' && url.hostname === '127.0.0.1';
  if (url.protocol !== 'https:' && !isHere) throw new NotHad('The address leads to one without TLS.');
  const way = proxy === null || isHere ? {} : { createConnection: tunnelThrough(new URL(proxy)) };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = (isHere ? requestHttp : request)(url, { headers, timeout: silentMaxMs, ...way }, resolve);
    asked.once('timeout', () => asked.destroy(Object.assign(new Error('silent'), { code: 'no answer' })));
    asked.once('error', (error) => {
      reject(new NotHad(`The address could not be reached (${codeOf(error)}).`));
    });
    asked.end();
  });
  const { statusCode = 0, headers: said } = answer;
  if (![301, 302, 303, 307, 308].includes(statusCode) || said.location === undefined || redirects === 0) return answer;
  answer.resume();
  return get(new URL(said.location, url), proxy, headers, redirects - 1);
}

const refused = ({ statusCode = 0 }: IncomingMessage): NotHad =>
  new NotHad(`The address answers with ${String(statusCode)}.`);
const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown');
