/** The journal's own thread: nothing else in the daemon can hold it up, and it holds up nothing else (durability.md 7). */
import { randomBytes } from 'node:crypto';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { openDisk } from './disk.ts';
import { Keeper } from './keeper.ts';
import type { Numbered, Request } from './requests.ts';
import type { Masters } from './masters.ts';

/** What the daemon hands over. */
export interface ThreadData {
  readonly folder: string;
  readonly masters: Masters;
}

const port = parentPort;
if (port === null) throw new Error('journal-thread is started by the daemon');
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- `openJournal` starts it with just this
const { folder, masters } = workerData as ThreadData;
const keeper = new Keeper(openDisk(folder), { masters, random: randomBytes });

port.on('message', (first: Numbered<Request>) => {
  const requests = [first];
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    const { message } = next as { readonly message: Numbered<Request> };
    requests.push(message);
  }
  for (const reply of keeper.handle(requests)) port.postMessage(reply);
});
