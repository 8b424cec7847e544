/** Cuts pictures out of a stream of JPEGs, one after the other, as rpicam-vid and V4L2 cameras write them. */
import { encode } from 'jpeg-js';

/** A picture of more bytes is none. */
export const pictureMaxBytes = 4 * 1024 * 1024;
/** Nor is one wider or higher: whoever draws it would need the memory. Dots. */
const sideMax = 4096;

const start = Buffer.from([0xff, 0xd8, 0xff]);
const marker = { huffman: 0xc4, start: 0xd8, end: 0xd9, scan: 0xda } as const;

/**
 * Follows each picture from its start to its end by the lengths of its segments, so a preview inside it does not end it. What
 * lies between pictures is passed over, and so is a picture that breaks off: the next one is given.
 */
export class JpegSplitter {
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private state: 'between' | 'segments' | 'scan' = 'between';
  /** Where the first scan begins, if no Huffman tables came before it. */
  private tablesGo: number | null = null;
  private hasTables = false;
  private readonly found: (jpeg: Uint8Array) => void;

  constructor(found: (jpeg: Uint8Array) => void) {
    this.found = found;
  }

  push(chunk: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes, chunk]);
    while (this.step());
    if (this.bytes.length > pictureMaxBytes) this.giveUp();
  }

  /** False: more bytes are needed. */
  private step(): boolean {
    switch (this.state) {
      case 'between':
        return this.lookForStart();
      case 'segments':
        return this.passSegment();
      case 'scan':
        return this.passScan();
    }
  }

  private lookForStart(): boolean {
    const found = this.bytes.indexOf(start);
    // The last two bytes may be the beginning of a start.
    this.bytes = this.bytes.subarray(found === -1 ? Math.max(0, this.bytes.length - 2) : found);
    if (found === -1) return false;
    this.at = 2;
    this.state = 'segments';
    this.tablesGo = null;
    this.hasTables = false;
    return true;
  }

  private passSegment(): boolean {
    const { bytes, at } = this;
    if (bytes.length < at + 4) return false;
    const kind = bytes.readUInt8(at + 1);
    if (bytes.readUInt8(at) !== 0xff || kind === marker.start || kind === marker.end) return this.giveUp();
    if (kind === 0xff) {
      this.at += 1; // filling
      return true;
    }
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (end < at + 4) return this.giveUp();
    if (bytes.length < end) return false;
    if (isFrame(kind) && !isSane(bytes.subarray(at, end))) return this.giveUp();
    if (kind === marker.huffman) this.hasTables = true;
    if (kind === marker.scan) {
      if (!this.hasTables) this.tablesGo ??= at;
      this.state = 'scan';
    }
    this.at = end;
    return true;
  }

  /** In a scan 0xff stands before 0, or before a restart; anything else ends it. */
  private passScan(): boolean {
    const { bytes } = this;
    const mark = bytes.indexOf(0xff, this.at);
    this.at = mark === -1 ? bytes.length : mark;
    if (mark === -1 || mark + 1 >= bytes.length) return false;
    const kind = bytes.readUInt8(mark + 1);
    if (kind === marker.end) return this.give(mark + 2);
    if (kind === 0 || (kind >= 0xd0 && kind <= 0xd7)) this.at = mark + 2;
    else if (kind === 0xff) this.at = mark + 1;
    else if (kind === marker.start) return this.giveUp();
    else this.state = 'segments'; // a progressive picture's next scan
    return true;
  }

  private give(end: number): true {
    const jpeg = this.bytes.subarray(0, end);
    const { tablesGo } = this;
    this.found(
      tablesGo === null
        ? Uint8Array.from(jpeg)
        : Buffer.concat([jpeg.subarray(0, tablesGo), usualTables(), jpeg.subarray(tablesGo)]),
    );
    this.bytes = this.bytes.subarray(end);
    this.state = 'between';
    return true;
  }

  /** No picture after all: on to the next start. */
  private giveUp(): true {
    this.bytes = this.bytes.subarray(2);
    this.state = 'between';
    return true;
  }
}

/** The one picture in `bytes`; null: there is none, or half of one. */
export function onePicture(bytes: Uint8Array): Uint8Array | null {
  const pictures: Uint8Array[] = [];
  new JpegSplitter((jpeg) => pictures.push(jpeg)).push(bytes);
  return pictures[0] ?? null;
}

/** Start of frame: where a JPEG says how large it is. */
const isFrame = (kind: number): boolean => kind >= 0xc0 && kind <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(kind);

function isSane(frame: Buffer): boolean {
  if (frame.length < 9) return false;
  const [height, width] = [frame.readUInt16BE(5), frame.readUInt16BE(7)];
  return height > 0 && width > 0 && height <= sideMax && width <= sideMax;
}

let tables: Uint8Array | null = null;

/**
 * USB cameras may leave the Huffman tables out and mean those of the JPEG standard (Motion JPEG); not every reader of pictures
 * knows. As jpeg-js writes them.
 */
function usualTables(): Uint8Array {
  if (tables !== null) return tables;
  const { data } = encode({ width: 8, height: 8, data: Buffer.alloc(256) }, 50);
  const from = data.indexOf(Buffer.from([0xff, marker.huffman]));
  tables = data.subarray(from, from + 2 + data.readUInt16BE(from + 2));
  return tables;
}
