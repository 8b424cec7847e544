/** The MIS simulator outside the machine, and the wire to it, at which a cut can be timed. */
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { startMisSimulator } from '../../device/demo/simulator.ts';
import type { MisControl } from '../../device/demo/mis-control.ts';

/** Where a write to the MIS is: on its way there, or done and its answer on the way back. */
export type WireEvent = 'post' | 'posted';

export interface Mis {
  readonly control: MisControl;
  /** What the box speaks to. */
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * `passes` is asked before each write and each answer to one goes on: false, and it is lost, with its connection.
 * `now`: the simulator's clock, milliseconds since the epoch.
 */
export async function startMis(now: () => number, passes: (event: WireEvent) => boolean): Promise<Mis> {
  const simulator = await startMisSimulator({ now, delayMs: 1500 });
  const simulatorPort = Number(new URL(simulator.baseUrl).port);
  const server = createServer((box) => {
    const mis = connect(simulatorPort, '127.0.0.1');
    let writing = false;
    const pass = (from: Socket, to: Socket, eventOf: (bytes: Buffer) => WireEvent | null): void => {
      from.on('data', (bytes: Buffer) => {
        const event = eventOf(bytes);
        if (event === null || passes(event)) to.write(bytes);
        else {
          box.destroy();
          mis.destroy();
        }
      });
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    };
    // A request's head comes in a piece of its own, and one connection has one request at a time.
    pass(box, mis, (bytes) => {
      const isWrite = bytes.subarray(0, 5).toString('latin1') === 'POST ';
      if (isWrite) writing = true;
      return isWrite ? 'post' : null;
    });
    pass(mis, box, () => {
      const isAnswer = writing;
      writing = false;
      return isAnswer ? 'posted' : null;
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  return {
    control: simulator.control,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop: async () => {
      server.close();
      await simulator.stop();
    },
  };
}
