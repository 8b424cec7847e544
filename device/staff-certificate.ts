/** Which certificate the staff page has: read, made, kept in the data folder, made anew. Part of `main.ts`. */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import * as v from 'valibot';
import type { Settings } from './domain/settings.ts';
import type { FileSeal } from './journal/sealed-file.ts';
import { peekWhole, readWhole, writeWhole } from './journal/whole-file.ts';
import { isMovedFile, readStoredTlsKey } from './settings/stored.ts';
import { addressesHere, isStale, makeCertificate } from './web/staff/certificate.ts';
import type { Certificate } from './web/staff/certificate.ts';

export interface StaffCertificate {
  readonly now: Certificate;
  /** Another one, where it is time; null: it is not. */
  renewed(): Promise<Certificate | null>;
  /** Sentences for staff. */
  readonly faults: readonly string[];
}

const keptSchema = v.object({ cert: v.string(), key: v.string() });
const laterMs = 30 * 86_400_000;

/** Where the box's own is kept. */
export interface KeptCertificate {
  readonly path: string;
  readonly seal: FileSeal;
  /** Else it is only looked for: the card takes nothing, and what is made lasts as long as the process. */
  readonly mayWrite: boolean;
}

/** `now`: the machine's wall clock, which is what browsers hold it against. */
export async function staffCertificate(
  { web }: Pick<Settings, 'web'>,
  kept: KeptCertificate,
  now: () => number,
): Promise<StaffCertificate> {
  const given = schools(web, kept, now());
  if (given !== null && 'cert' in given) {
    const faults = Date.parse(new X509Certificate(given.cert).validTo) < now() + laterMs ? [endsSoon] : [];
    return { now: given, renewed: () => Promise.resolve(null), faults };
  }
  const own = readOwn(kept);
  const make = async (): Promise<Certificate> => {
    const made = await makeCertificate(namesHere(), now());
    const { cert, key } = made;
    if (kept.mayWrite) writeWhole(kept.path, Buffer.from(JSON.stringify({ cert, key })), kept.seal);
    return made;
  };
  let current = own === null || isStale(own, now()) ? await make() : own;
  return {
    now: current,
    renewed: async () => {
      if (!isStale(current, now())) return null;
      current = await make();
      return current;
    },
    faults: given === null ? [] : [given.wrong],
  };
}

/** Null: the school has none. */
function schools(
  { tlsCert, tlsKey }: Settings['web'],
  kept: KeptCertificate,
  now: number,
): Certificate | { readonly wrong: string } | null {
  if (tlsCert === null || tlsKey === null) return null;
  const wrong = (why: string) => ({ wrong: `The school's certificate is not in use: ${why}. The box shows its own.` });
  try {
    const [cert, key] = [pemOf(tlsCert, kept), pemOf(tlsKey, kept)];
    const read = new X509Certificate(cert);
    if (!read.checkPrivateKey(createPrivateKey(key))) return wrong('web.tls_key is not the key of web.tls_cert');
    if (Date.parse(read.validTo) < now) return wrong(`web.tls_cert ended on ${read.validTo}`);
    return { cert, key, isReal: true };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no PEM';
    return wrong(`web.tls_cert or web.tls_key cannot be read (${code})`);
  }
}

/** First boot may have moved the file with the key off the card; the certificate may stand in the same one. */
function pemOf(path: string, { path: own, seal }: KeptCertificate): string {
  const bytes = readFileSync(path);
  const stored = isMovedFile(bytes) ? readStoredTlsKey(dirname(own), seal) : null;
  return (stored ?? bytes).toString('utf8');
}

const endsSoon = "The school's certificate of the staff page ends within 30 days (web.tls_cert).";

/** Null: there is none, or none that can be read; another is made then. */
function readOwn({ path, seal, mayWrite }: KeptCertificate): Certificate | null {
  const bytes = mayWrite ? readToKeep(path, seal) : peekAnyhow(path, seal);
  if (bytes === null) return null;
  try {
    const parsed = v.safeParse(keptSchema, JSON.parse(bytes.toString('utf8')));
    if (!parsed.success) return null;
    new X509Certificate(parsed.output.cert);
    return { ...parsed.output, isReal: false };
  } catch {
    return null;
  }
}

function readToKeep(path: string, seal: FileSeal): Buffer | null {
  const file = readWhole(path, seal);
  return file.state === 'ok' || file.state === 'restored' ? file.bytes : null;
}

/** Without the key to it, or from a card that does not answer, there is none. */
function peekAnyhow(path: string, seal: FileSeal): Buffer | null {
  try {
    return peekWhole(path, seal);
  } catch {
    return null;
  }
}

function namesHere(): readonly string[] {
  const host = hostname();
  const names = [host, `${host}.local`, 'localhost'].filter((one) => /^[\w.-]{1,200}$/.test(one));
  return [...new Set([...names, '127.0.0.1', ...addressesHere()])];
}
