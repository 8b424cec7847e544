import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port that is free now and that the kernel gives nobody by itself: below those of `ip_local_port_range`. A program that is started
 * again comes back on the same one, as on a box, and meanwhile nobody else's connection or server has taken it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
