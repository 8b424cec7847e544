/**
 * The printer on the USB, by escpos-usb as it is published, in a process of its own: what that package gets wrong is put
 * right around it. It needs `usb.on`, which usb 2 has elsewhere; a `usb.removeAllListeners` that it calls must not be; it
 * claims every interface of a device and prints to whichever comes first; it never gives a transfer up. And usb itself: it looks at
 * the time of a transfer only when something else happens on the bus, so on a quiet one a transfer never ends.
 */
import { createRequire } from 'node:module';
import UsbAdapter from 'escpos-usb';
import type { Device, InEndpoint, Interface, OutEndpoint } from 'usb';
import type { Timers } from '../system/ports.ts';
import type { Opened, UsbIds, Written } from './usb-wire.ts';

// The very object that escpos-usb gets from its own `require`. Hot-plugging is not listened for: the daemon watches the
// kernel's list, and this process ends with its printer.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- as its types say, and open to additions
const usb = createRequire(import.meta.url)('usb') as typeof import('usb') & Record<string, unknown>;
usb['on'] = () => usb;
usb['removeAllListeners'] = () => usb;

const printerClass = 7;
const writeMaxMs = 2_000;
const controlMaxMs = 1_000;
const [GET_PORT_STATUS, SOFT_RESET] = [1, 2];

/** Of libusb, by number: they come as properties of an Error. */
const { LIBUSB_ERROR_ACCESS, LIBUSB_ERROR_BUSY, LIBUSB_TRANSFER_CANCELLED } = usb.usb;

export class UsbDevice {
  private readonly device: Device;
  private readonly adapter: UsbAdapter;
  private readonly printer: number;
  private readonly answers: InEndpoint | null;

  private constructor(device: Device, adapter: UsbAdapter, printer: Interface, timers: Timers) {
    this.device = device;
    this.adapter = adapter;
    this.printer = printer.interfaceNumber;
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- what `direction` means in usb's types
    this.answers = (printer.endpoints.find(({ direction }) => direction === 'in') as InEndpoint | undefined) ?? null;
    const out: OutEndpoint | undefined = adapter.endpoint;
    for (const endpoint of [this.answers, out]) if (endpoint) giveUpInTime(endpoint, timers);
    device.timeout = controlMaxMs; // on a quiet bus it is this process that ends (usb.ts)
  }

  static async open(ids: UsbIds, timers: Timers): Promise<UsbDevice | Exclude<Opened, 'open'>> {
    for (const device of usb.getDeviceList()) {
      const printer = printerInterface(device, ids);
      if (printer === null) continue;
      try {
        return await opened(device, printer, (adapter, face) => new UsbDevice(device, adapter, face, timers));
      } catch (error) {
        return whyNot(error);
      }
    }
    return 'none';
  }

  write(bytes: Uint8Array): Promise<Written> {
    return new Promise((resolve) => {
      this.adapter.write(Buffer.from(bytes), (error, taken = 0) => {
        if (error === undefined || error === null) resolve({ taken: bytes.length, fault: null });
        else resolve({ taken, fault: faultOf(error) });
      });
    });
  }

  read(ms: number): Promise<Uint8Array | null> {
    const { answers } = this;
    if (answers === null) return Promise.resolve(new Uint8Array()); // it has no way to answer
    answers.timeout = ms;
    return new Promise((resolve) => {
      answers.transfer(64, (error, bytes) => {
        const gone = error !== undefined && faultOf(error) === 'gone';
        resolve(gone ? null : Uint8Array.from(bytes ?? []));
      });
    });
  }

  portStatus(): Promise<number | null> {
    return new Promise((resolve) => {
      this.device.controlTransfer(0xa1, GET_PORT_STATUS, 0, this.printer, 1, (error, bytes) => {
        resolve(error === undefined && Buffer.isBuffer(bytes) ? (bytes[0] ?? null) : null);
      });
    });
  }

  reset(): Promise<boolean> {
    return new Promise((resolve) => {
      this.device.controlTransfer(0x21, SOFT_RESET, 0, this.printer, Buffer.of(), (error) => {
        resolve(error === undefined);
      });
    });
  }
}

/** The number of its printer interface, also within a composite device; null: it is not the printer that is wanted. */
function printerInterface(device: Device, { vendor, product }: UsbIds): number | null {
  const { idVendor, idProduct } = device.deviceDescriptor;
  if ((vendor ?? idVendor) !== idVendor || (product ?? idProduct) !== idProduct) return null;
  let faces: readonly { readonly bInterfaceClass: number; readonly bInterfaceNumber: number }[] = [];
  try {
    faces = device.configDescriptor?.interfaces.flat() ?? [];
  } catch {
    return null; // libusb could not read its description
  }
  const ofClass = faces.find(({ bInterfaceClass }) => bInterfaceClass === printerClass);
  // A printer named by its ids may call itself something else.
  return (ofClass ?? (vendor === null ? undefined : faces[0]))?.bInterfaceNumber ?? null;
}

/** Through escpos-usb, which is shown the printer's interface alone. */
async function opened<T>(
  device: Device,
  printer: number,
  made: (adapter: UsbAdapter, face: Interface) => T,
): Promise<T> {
  const adapter = new UsbAdapter(device);
  const open = device.open.bind(device);
  device.open = (...how) => {
    open(...how);
    device.interfaces = device.interfaces?.filter(({ interfaceNumber }) => interfaceNumber === printer) ?? [];
  };
  await new Promise<void>((resolve, reject) => {
    adapter.open((error) => (error === null ? resolve() : reject(error)));
  });
  const [face] = device.interfaces ?? [];
  const out: OutEndpoint | undefined = adapter.endpoint;
  if (face === undefined || out === undefined) throw new Error('no way in');
  out.timeout = writeMaxMs; // for ever, as shipped
  return made(adapter, face);
}

/** Cancels the endpoint's transfers after its timeout, by a clock of our own. */
function giveUpInTime(endpoint: InEndpoint | OutEndpoint, timers: Timers): void {
  const make = endpoint.makeTransfer.bind(endpoint);
  endpoint.makeTransfer = (maxMs, done) => {
    const transfer = make(0, (...how) => {
      inTime();
      done(...how);
    });
    const inTime = timers.after(maxMs, () => void transfer.cancel());
    return transfer;
  };
}

function whyNot(error: unknown): Exclude<Opened, 'open' | 'none'> {
  const number = numberOf(error);
  if (number === LIBUSB_ERROR_BUSY) return 'taken';
  return number === LIBUSB_ERROR_ACCESS ? 'denied' : 'failed';
}

function faultOf(error: unknown): 'slow' | 'gone' {
  return numberOf(error) === LIBUSB_TRANSFER_CANCELLED ? 'slow' : 'gone';
}

function numberOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'errno' in error ? error.errno : null;
}
