/**
 * The part of escpos 3.0.0-alpha.6 that Porter uses. Only calls whose bytes were checked are declared: its barcode(),
 * qrcode(), cut(), cashdraw(), close() and status calls send wrong bytes or hide errors; use raw() instead.
 */
declare module 'escpos' {
  /** Where the bytes go. The buffer given to `write` is a live view: copy it before it returns. */
  export interface Adapter {
    open(callback: (error?: Error | null) => void): unknown;
    write(data: Buffer, callback: (error?: Error | null) => void): unknown;
    close(callback?: (error?: Error | null) => void): unknown;
  }

  export interface PrinterOptions {
    /** An iconv-lite name. Always given: the default is GB18030. */
    readonly encoding: string;
    /** Characters per line at normal size. */
    readonly width?: number;
  }

  /** RGBA pixels, four bytes each; `shape` is [width, height, 4]. Lighter than 200 in all of r, g, b is white. */
  export interface Pixels {
    readonly data: Uint8Array | Uint8ClampedArray | Buffer;
    readonly shape: readonly [width: number, height: number, channels: 4];
  }

  class Printer {
    constructor(adapter: Adapter, options: PrinterOptions);
    /** ESC t n. The library never sends it on its own. */
    setCharacterCodeTable(codeTable: number): this;
    /** Text and a line feed. What the encoding lacks becomes `?`. */
    text(content: string, encoding?: string): this;
    /** Text without a line feed. */
    pureText(content: string, encoding?: string): this;
    feed(lines?: number): this;
    align(side: 'lt' | 'ct' | 'rt'): this;
    style(type: 'normal' | 'b' | 'u' | 'bu'): this;
    /** Enlargement, 0 to 7 each; 0 is normal size. */
    size(width: number, height: number): this;
    /** GS v 0. Slow and hungry (one object per pixel): a packer of one's own with raw() is byte-identical. */
    raster(image: Printer.Image, mode?: 'normal' | 'dw' | 'dh' | 'dwdh'): this;
    raw(data: Buffer): this;
    /** Hands everything gathered so far to the adapter, as one buffer. */
    flush(callback: (error?: Error | null) => void): this;
  }

  namespace Printer {
    class Image {
      constructor(pixels: Pixels);
    }
  }

  export default Printer;
}
