/**
 * A camera on the machine's USB bus: class 14 (UVC 1.1), Motion JPEG in bulk transfers, one size. Its pictures are those of the
 * simulated camera, one after the other, as long as the machine asks for them.
 */
import { UsbRedirDevice } from './usbredir.ts';

export interface VirtualCamera {
  /** Pictures that went out whole. */
  readonly shown: () => number;
  /** How often the machine has started the stream. */
  readonly streams: () => number;
  plug(): void;
  unplug(): void;
  /** Frozen, it is there and gives no picture. */
  freeze(on: boolean): void;
  close(): void;
}

const word = (value: number): readonly number[] => [value & 255, value >>> 8];
const long = (value: number): readonly number[] => [...word(value & 0xffff), ...word(value >>> 16)];

/** UVC 1.1, chapter 3.9.2.6 and 4.3.1. A payload is one transfer. */
const payloadMax = 16_384;
const pictureMax = 640 * 480 * 2;
/** Of ours: of a guest that slows down, less. */
const everyMs = 400;
const interval = long(everyMs * 10_000);
const format = [
  ...[11, 0x24, 0x06, 1, 1, 1, 1, 0, 0, 0, 0],
  ...[30, 0x24, 0x07, 1, 0, ...word(640), ...word(480)],
  ...[...long(8_000_000), ...long(8_000_000), ...long(pictureMax), ...interval, 1, ...interval],
  ...[6, 0x24, 0x0d, 1, 1, 4],
];
const control = [
  ...[13, 0x24, 0x01, ...word(0x0110), ...word(13 + 18 + 9), ...long(48_000_000), 1, 1],
  ...[18, 0x24, 0x02, 1, ...word(0x0201), 0, 0, ...word(0), ...word(0), ...word(0), 3, 0, 0, 0],
  ...[9, 0x24, 0x03, 2, ...word(0x0101), 0, 1, 0],
];
const parts = [
  ...[8, 0x0b, 0, 2, 0x0e, 0x03, 0, 2],
  ...[9, 4, 0, 0, 0, 0x0e, 0x01, 0, 2],
  ...control,
  ...[9, 4, 1, 0, 1, 0x0e, 0x02, 0, 0],
  ...[14, 0x24, 0x01, 1, ...word(14 + format.length), 0x81, 0, 2, 0, 0, 0, 1, 0],
  ...format,
  ...[7, 5, 0x81, 2, ...word(512), 0],
];
const descriptors = {
  speed: 'high' as const,
  // A number for trials (pid.codes): no driver knows it by name.
  device: Buffer.from([
    18,
    1,
    ...word(0x0200),
    0xef,
    2,
    1,
    64,
    ...word(0x1209),
    ...word(1),
    ...word(0x0100),
    1,
    2,
    3,
    1,
  ]),
  configuration: Buffer.from([9, 2, ...word(9 + parts.length), 2, 1, 0, 0x80, 250, ...parts]),
  strings: ['LAB', 'Virtual camera', 'LAB0002'],
};
/** What is agreed upon before a stream: the only thing this camera can do. */
const agreed = Buffer.from([
  ...[...word(1), 1, 1, ...interval, ...word(0), ...word(0), ...word(0), ...word(0), ...word(0)],
  ...[...long(pictureMax), ...long(payloadMax), ...long(48_000_000), 3, 0, 0, 0],
]);
const setCur = 0x01;
const commitControl = 2;

export function virtualCamera(socket: string, pictures: readonly Buffer[]): VirtualCamera {
  let [shown, streams, frozen, toggle, at, due] = [0, 0, false, 0, 0, 0];
  const begin = (): void => {
    streams += 1;
    [at, due, toggle] = [0, Date.now(), 0];
  };
  const usb: UsbRedirDevice = new UsbRedirDevice(socket, descriptors, {
    out: (_, done) => done('stall'),
    read(length) {
      const picture = pictures[shown % pictures.length];
      if (frozen || picture === undefined || Date.now() < due) return null;
      const data = picture.subarray(at, at + Math.min(length, payloadMax) - 2);
      at += data.length;
      const last = at === picture.length;
      const head = Buffer.from([2, 0x80 | (last ? 2 : 0) | toggle]);
      if (last) {
        [at, toggle, due] = [0, 1 - toggle, due + everyMs];
        if (Date.now() > due) due = Date.now(); // the machine is slower: nothing is caught up
        shown += 1;
      }
      return Buffer.concat([head, data]);
    },
    control({ type, request, value, index }) {
      if (index !== 1) return null;
      if (type === 0x21 && request === setCur) {
        if (value >>> 8 === commitControl) begin();
        return Buffer.alloc(0);
      }
      return type === 0xa1 ? agreed : null;
    },
    detached: () => undefined,
  });
  const pace = setInterval(() => usb.readable(), 20);
  return {
    shown: () => shown,
    streams: () => streams,
    plug: () => usb.plug(),
    unplug: () => usb.unplug(),
    freeze: (on) => {
      frozen = on;
    },
    close() {
      clearInterval(pace);
      usb.close();
    },
  };
}
