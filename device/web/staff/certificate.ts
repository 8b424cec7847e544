/**
 * What the staff page shows to browsers: the school's own certificate, or one that the box makes for itself at its first start
 * and anew before it ends. Of its own, browsers warn once.
 */
import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** The school's own: browsers may be told never to come without TLS again. */
  readonly isReal: boolean;
}

const dayMs = 86_400_000;
/** As long as public ones may last. */
const lastsDays = 397;
const renewDays = 30;

/**
 * `names`: host names and addresses under which the box is reached. `now`: milliseconds since the epoch. It takes a few hundredths
 * of a second.
 */
export async function makeCertificate(names: readonly string[], now: number): Promise<Certificate> {
  // Large, and wanted once a year.
  const x509 = await import('@peculiar/x509');
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [names[0] ?? 'porter'] }, { O: ['Porter'] }],
    notBefore: new Date(now - dayMs),
    notAfter: new Date(now + lastsDays * dayMs),
    signingAlgorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
      ),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
  return { cert: `${made.toString('pem')}\n`, key, isReal: false };
}

/** Is it to be made anew: it ends soon, or is of a time when the clock was wrong? */
export function isStale({ cert }: Certificate, now: number): boolean {
  const { validFrom, validTo } = new X509Certificate(cert);
  return now < Date.parse(validFrom) || now > Date.parse(validTo) - renewDays * dayMs;
}

/** Under any other name somebody else's page may be talking to the box (DNS rebinding); an address cannot be turned elsewhere. */
export function isOurHost({ cert }: Certificate, host: string | undefined): boolean {
  const [, name = ''] = /^(\[[\da-f:.]+\]|[^:/\s]+)(?::\d{1,5})?$/i.exec(host ?? '') ?? [];
  if (name === '') return false;
  if (isIP(name.replace(/^\[|\]$/g, '')) !== 0) return true;
  return new X509Certificate(cert).checkHost(name, { subject: 'never' }) !== undefined;
}

/** Of this machine on its networks. */
export function addressesHere(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
}
