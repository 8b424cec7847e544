/**
 * What whoever runs inside the guest may have done to the parts that are plugged into it: asked over HTTP, one thing at a time,
 * each done when it is answered.
 */
import { createServer } from 'node:http';
import type { Bitmap } from '../../../device/domain/badge.ts';
import type { BenchFault } from '../../parts/printer-contract.ts';
import type { VirtualCamera } from './virtual-camera.ts';
import type { VirtualPrinter } from './virtual-printer.ts';

/** One test of the suite that runs in the guest. */
export interface Result {
  readonly name: string;
  /** Null: it passed. */
  readonly wrong: string | null;
  /** Of the guest. */
  readonly seconds: number;
}

export interface Asks {
  /** Well, plugged in, nothing left in it and no paper hanging out. */
  readonly 'printer-new': { readonly ask: null; readonly answer: null };
  /** From now on, or once so many bytes more are printed; `none`: all is mended, and it is plugged in. */
  readonly 'printer-fault': { readonly ask: { fault: BenchFault; afterBytes: number | null }; readonly answer: null };
  readonly 'printer-struck': { readonly ask: null; readonly answer: boolean };
  /** `bits` in Base64. */
  readonly 'printer-papers': {
    readonly ask: null;
    readonly answer: readonly (Omit<Bitmap, 'bits'> & { bits: string })[];
  };
  readonly 'camera-plugged': { readonly ask: boolean; readonly answer: null };
  readonly result: { readonly ask: Result; readonly answer: null };
}
export type AskName = keyof Asks;
type Doing = { readonly [Name in AskName]: (ask: Asks[Name]['ask']) => Asks[Name]['answer'] };

export interface Hands {
  readonly port: number;
  close(): void;
}

export function hands(printer: VirtualPrinter, camera: VirtualCamera, told: (result: Result) => void): Promise<Hands> {
  let [struck, first] = [false, 0];
  const faults: Readonly<Record<Exclude<BenchFault, 'none'>, () => void>> = {
    'paper-low': () => printer.paper('near'),
    'paper-out': () => printer.paper('out'),
    'cover-open': () => printer.cover(true),
    hot: () => printer.hot(true),
    busy: () => printer.stuck(true),
    unplugged: () => printer.unplug(),
  };
  const mend = (): null => {
    printer.paper('ok');
    printer.cover(false);
    printer.hot(false);
    printer.stuck(false);
    printer.plug();
    return null;
  };
  const doing: Doing = {
    'printer-new': () => {
      printer.unplug();
      printer.powerCut();
      [struck, first] = [false, printer.papers.length];
      return mend();
    },
    'printer-fault': ({ fault, afterBytes }) => {
      if (fault === 'none') return mend();
      const strike = (): void => {
        struck = true;
        faults[fault]();
      };
      if (afterBytes === null) strike();
      else printer.after(afterBytes, strike);
      return null;
    },
    'printer-struck': () => struck,
    'printer-papers': () =>
      printer.papers.slice(first).map((paper) => ({ ...paper, bits: Buffer.from(paper.bits).toString('base64') })),
    'camera-plugged': (on) => {
      if (on) camera.plug();
      else camera.unplug();
      return null;
    },
    result: (result) => {
      told(result);
      return null;
    },
  };
  // Who asks is the suite, typed as this is (inside/hand.ts).
  const answer = (name: string, ask: unknown): unknown => (doing[name as AskName] as (ask: unknown) => unknown)(ask);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [name, ask] = JSON.parse(Buffer.concat(chunks).toString('utf8')) as [string, unknown];
      response.writeHead(200, { connection: 'close' }); // one that is kept might be closed just as it is used again
      response.end(JSON.stringify(answer(name, ask)));
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({ port, close: () => void server.close() });
    });
  });
}
