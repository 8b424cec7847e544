/**
 * The printer's own process: libusb is native code, and whatever becomes of it here, the daemon goes on. It answers one
 * question at a time and ends with the daemon.
 */
import { machineTimers } from '../system/outside.ts';
import { UsbDevice } from './usb-device.ts';
import type { Answer, Opened, Question, Said, UsbIds, Written } from './usb-wire.ts';

let device: UsbDevice | null = null;

async function open(ids: UsbIds): Promise<Opened> {
  if (device !== null) return 'open';
  const found = await UsbDevice.open(ids, machineTimers);
  if (!(found instanceof UsbDevice)) return found;
  device = found;
  return 'open';
}

const notOpen: Written = { taken: 0, fault: 'gone' };

function answer({ call, ask }: Question): Promise<Answer['answer']> {
  switch (call) {
    case 'open':
      return open(ask);
    case 'write':
      return device?.write(ask) ?? Promise.resolve(notOpen);
    case 'read':
      return device?.read(ask) ?? Promise.resolve(null);
    case 'port-status':
      return device?.portStatus() ?? Promise.resolve(null);
    case 'reset':
      return device?.reset() ?? Promise.resolve(false);
  }
}

process.on('message', (question: Question) => {
  // What is thrown here ends the process, and its last words are in the daemon's log.
  void answer(question).then((said) => process.send?.({ n: question.n, answer: said } satisfies Answer));
});
process.on('disconnect', () => process.exit());
process.send?.('listening' satisfies Said);
