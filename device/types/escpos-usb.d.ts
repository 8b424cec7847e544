/** escpos-usb 3.0.0-alpha.4, as far as it may be used: see the adapter for what must be done around it. */
declare module 'escpos-usb' {
  import type { EventEmitter } from 'node:events';
  import type { Device, OutEndpoint } from 'usb';

  class UsbAdapter extends EventEmitter {
    /** Throws `Can not find printer` when given nothing and none is there. Adds a `detach` listener to `usb`. */
    constructor(device?: Device);
    static findPrinter(): Device[];
    /** Null after an unplug; the handle is then still open and must be closed by the caller. */
    device: Device | null;
    /** Its `timeout` is 0 (for ever) until set. */
    endpoint: OutEndpoint | undefined;
    /** May throw, and may call back more than once on a device with several interfaces. */
    open(callback: (error: Error | null) => void): this;
    /** `taken`: how many bytes the device has taken, also where it then failed. */
    write(data: Buffer, callback: (error?: Error | null, taken?: number) => void): this;
    /** Removes every `detach` listener of the process. */
    close(callback?: (error: Error | null) => void): this;
  }

  export default UsbAdapter;
}
