/**
 * A badge to ESC/POS bytes, through the escpos package. Its `raster` wants RGBA and makes an object of every dot (135 ms
 * and 79 MB for 576 x 800); a badge is packed as the printer wants it already, so its rows go out with `raw`: the same
 * bytes (test/parts/printer-bytes.test.ts), next to no time.
 */
import EscPos from 'escpos';
import type { Adapter } from 'escpos';
import type { Bitmap } from '../domain/badge.ts';

export interface PrinterProfile {
  /** Has a cutter. */
  readonly cut: boolean;
  /** Darkness, -6 to 6, 0 as built; null: left as it is set. */
  readonly density: number | null;
}

/** Rows in one GS v 0: 6 kB on 58 mm paper, so that printers with a small buffer begin at once. */
const bandRows = 128;
/** Dots of paper after the badge: past the cutter's blade, or past the edge where it is torn off. */
const feedToBlade = 24;
const feedToTear = 160;

/** In the order in which they are sent; each ends with a whole command. */
export function encodeBadge(picture: Bitmap, profile: PrinterProfile): readonly Buffer[] {
  const parts: Buffer[] = [];
  const adapter: Adapter = {
    open: () => undefined,
    // A live view of the package's own memory, used again for the next part: hence the copy.
    write: (bytes) => parts.push(Buffer.from(bytes)),
    close: () => undefined,
  };
  const printer = new EscPos(adapter, { encoding: 'ascii' });
  const send = (...bytes: number[]): EscPos => printer.raw(Buffer.from(bytes));
  const done = (): unknown => printer.flush(() => undefined);

  printer.raw(initialise);
  if (profile.density !== null) send(0x1d, 0x28, 0x4b, 0x02, 0x00, 0x31, profile.density & 0xff); // GS ( K fn 49
  const stride = Math.ceil(picture.width / 8);
  for (let top = 0; top < picture.height; top += bandRows) {
    const rows = Math.min(bandRows, picture.height - top);
    send(0x1d, 0x76, 0x30, 0x00, stride & 0xff, stride >> 8, rows & 0xff, rows >> 8); // GS v 0
    printer.raw(withoutOrders(picture.bits.subarray(top * stride, (top + rows) * stride)));
    done();
  }
  if (profile.cut)
    send(0x1d, 0x56, 0x42, feedToBlade); // GS V 66: feed, partial cut
  else send(0x1b, 0x4a, feedToTear); // ESC J
  done();
  return parts;
}

/**
 * DLE EOT, DLE ENQ and DLE DC4 are obeyed wherever they stand, also between the dots of a picture (a photo in 200 has some): a
 * question is answered that nobody asked, and the rest of the badge is out of place. One dot more keeps them out.
 */
function withoutOrders(rows: Uint8Array): Buffer {
  const bytes = Buffer.from(rows);
  for (let at = bytes.indexOf(0x10); at >= 0; at = bytes.indexOf(0x10, at + 1)) {
    const next = bytes[at + 1];
    if (next === 0x04 || next === 0x05 || next === 0x14) bytes[at + 1] = next | 0x40;
  }
  return bytes;
}

/** ESC @: settings that the last job left are forgotten. */
export const initialise: Buffer = Buffer.of(0x1b, 0x40);
/** DLE DC4 8: what a given-up job left in the printer's buffer is thrown away. */
export const clearBuffer: Buffer = Buffer.from([0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08]);
