/** How a QR is looked for in a picture (zxing-wasm). */
import type { ReaderOptions } from 'zxing-wasm/reader';

/** Two codes in one picture are told from one. Where nothing is read, half of it each way is tried: creases and noise are smaller there (scripts/bench camera). */
export const qrReading: ReaderOptions = {
  formats: ['QRCode'],
  tryHarder: true,
  maxNumberOfSymbols: 2,
  downscaleFactor: 2,
};
