/** The thread that reads QR codes out of camera pictures. A picture is looked at and forgotten: none is ever stored. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { qrReading } from './qr-reading.ts';

const port = parentPort;
if (port === null) throw new Error('qr-thread is started by the daemon');
// Given by hand: left to itself the library would fetch it from the network.
const { buffer } = readFileSync(join(import.meta.dirname, 'zxing_reader.wasm'));
prepareZXingModule({ overrides: { wasmBinary: buffer } });

/** JPEG bytes in; the texts of the QR codes in the picture out, none when it cannot be read. */
port.on('message', (jpeg: Uint8Array) => {
  readBarcodes(jpeg, qrReading).then(
    (found) => {
      port.postMessage(found.map(({ text }) => text));
    },
    () => {
      port.postMessage([]);
    },
  );
});
