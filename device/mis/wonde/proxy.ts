/**
 * The way out of a school that has a proxy: a tunnel (CONNECT), in which the certificate checked is the MIS's own. What the proxy itself
 * answers is never taken for an answer of the MIS.
 */
import { request } from 'node:http';
import type { ClientRequestArgs } from 'node:http';
import { Duplex } from 'node:stream';
import { connect } from 'node:tls';

/** As `node:http` asks for a connection; a socket handed over has not shaken hands yet, so that it is seen when it does. */
export type Tunnel = (options: ClientRequestArgs, done: (error: Error | null, socket: Duplex) => void) => null;

/** A proxy that says nothing. */
const answerMaxMs = 20_000;

/** `proxy`: `http://host:port`, with a name and a password before the host where it wants them. */
export function tunnelThrough(proxy: URL): Tunnel {
  const { hostname, port, username, password } = proxy;
  const who = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  return ({ host, port: to }, done) => {
    const target = `${host ?? ''}:${String(to ?? 443)}`;
    const headers = { host: target, ...(username !== '' && { 'proxy-authorization': `Basic ${who}` }) };
    const asked = request({
      hostname,
      port: port || 80,
      method: 'CONNECT',
      path: target,
      headers,
      timeout: answerMaxMs,
    });
    const fail = (code: string): void => {
      asked.destroy();
      const error = Object.assign(new Error('the proxy makes no way'), { code });
      done(error, new Duplex()); // nobody looks at it
    };
    asked.once('connect', ({ statusCode = 0 }, socket, head) => {
      if (statusCode !== 200) {
        socket.destroy();
        fail(`PROXY_${String(statusCode)}`);
        return;
      }
      if (head.length > 0) socket.unshift(head);
      done(null, connect({ socket, servername: host ?? '' }));
    });
    asked.once('response', ({ statusCode = 0 }) => {
      fail(`PROXY_${String(statusCode)}`);
    });
    asked.once('timeout', () => {
      fail('PROXY_SILENT');
    });
    asked.once('error', (error) => {
      fail('code' in error ? String(error.code) : 'PROXY');
    });
    asked.end();
    return null;
  };
}
