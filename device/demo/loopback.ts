import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';

/** An HTTP server that nobody outside this machine can reach. */
export interface Loopback {
  /** `http://host:port` */
  readonly origin: string;
  readonly stop: () => Promise<void>;
}

/**
 * @param port 0 for any free one
 * @throws the system's error, such as EADDRINUSE
 */
export async function listenOn(
  host: '127.0.0.1' | '127.0.0.2',
  port: number,
  serve: RequestListener,
): Promise<Loopback> {
  const server = createServer(serve);
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, host, listening);
  });
  const address = server.address();
  const bound = address === null || typeof address === 'string' ? port : address.port;
  const stop = (): Promise<void> =>
    new Promise((stopped) => {
      server.close(() => {
        stopped();
      });
      server.closeAllConnections();
    });
  return { origin: `http://${host}:${String(bound)}`, stop };
}
