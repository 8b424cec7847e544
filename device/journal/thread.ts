/** The journal's own thread: nothing else in the daemon can hold it up, and it holds up nothing else (durability.md 7). */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { openDisk } from './disk.ts';
import { Keeper } from './keeper.ts';
import type { Numbered, Request } from './keeper.ts';

const port = parentPort;
if (port === null) throw new Error('journal-thread is started by the daemon');
const keeper = new Keeper(openDisk(String(workerData)));

port.on('message', (first: Numbered<Request>) => {
  const requests = [first];
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    const { message } = next as { readonly message: Numbered<Request> };
    requests.push(message);
  }
  for (const reply of keeper.handle(requests)) port.postMessage(reply);
});
