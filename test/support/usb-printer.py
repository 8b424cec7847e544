#!/usr/bin/python3
"""A USB receipt printer below libusb, by umockdev: what the kernel's usbfs would answer, from a printer's point of view.

Run by usb-printer.ts: `umockdev-wrapper /usr/bin/python3 usb-printer.py`. One JSON object a line: orders on standard input
({"do": "plug" | "unplug" | "set", ...}), on standard output what happened ({"told": ...}).
"""
import base64, json, struct, sys, time
import gi
gi.require_version('UMockdev', '1.0')
from gi.repository import GLib, UMockdev

def ioc(direction, number, size):
    return direction << 30 | size << 16 | ord('U') << 8 | number

SUBMIT, DISCARD, REAP, REAP_NOW = ioc(2, 10, 56), ioc(0, 11, 0), ioc(1, 12, 8), ioc(1, 13, 8)
CLAIM, RELEASE, SET_INTERFACE = ioc(2, 15, 4), ioc(2, 16, 4), ioc(2, 4, 8)
GET_DRIVER, DRIVER, CAPS, SPEED = ioc(1, 8, 260), ioc(3, 18, 16), ioc(2, 26, 4), ioc(0, 31, 0)
RESET, CLEAR_HALT = ioc(0, 20, 0), ioc(2, 21, 4)
DISCONNECT = ioc(0, 22, 0)
ENOENT, EAGAIN, EBUSY, ENODEV, EINVAL, ENOTTY, ENODATA, EPROTO, ESHUTDOWN = 2, 11, 16, 19, 22, 25, 61, 71, 108

def tell(**what):
    print(json.dumps(what), flush=True)

class Printer(UMockdev.IoctlBase):
    """The device file of one plugging-in. `state` outlives it: a printer keeps its paper when its cable is pulled."""
    def __init__(self, state):
        super().__init__()
        self.state, self.gone, self.driver, self.claimed = state, False, 'usblp', set()
        self.waiting, self.done = [], []

    def do_handle_ioctl(self, client):
        try:
            result, error = self.ioctl(client.get_request() & 0xffffffff, client.get_arg())
        except Exception as problem:  # the other side was killed in the middle
            tell(told='trouble', what=repr(problem))
            result, error = -1, EINVAL
        client.complete(result, error)
        return True

    def ioctl(self, request, arg):
        if self.gone and request not in (REAP, REAP_NOW): return -1, ENODEV
        if request == CAPS:
            arg.resolve(0, 4).update(0, struct.pack('I', 0x53))
        elif request == GET_DRIVER:
            if self.driver is None: return -1, ENODATA
            arg.resolve(0, 260).update(4, self.driver.encode() + b'\0')
        elif request == DRIVER:
            code = struct.unpack('iI', bytes(arg.resolve(0, 16).retrieve())[:8])[1]
            if code == DISCONNECT and self.driver is None: return -1, ENODATA
            self.driver = None if code == DISCONNECT else 'usblp'
        elif request == CLAIM:
            if self.driver is not None or self.state.busy: return -1, EBUSY
            number = struct.unpack('I', bytes(arg.resolve(0, 4).retrieve())[:4])[0]
            tell(told='claimed', interface=number)
            self.waiting, self.done = [], []
            self.state.inbox = b''
        elif request == SPEED:
            return 3, 0
        elif request == SUBMIT:
            return self.submit(arg)
        elif request == DISCARD:
            if not self.waiting: return -1, EINVAL
            self.end(self.waiting[0], -ENOENT)
        elif request in (REAP, REAP_NOW):
            return self.reap(arg)
        elif request not in (RELEASE, SET_INTERFACE, RESET, CLEAR_HALT):
            return -1, ENOTTY
        return 0, 0

    def submit(self, arg):
        urb = arg.resolve(0, 56)
        head = bytes(urb.retrieve())
        kind, endpoint, (_, length) = head[0], head[1], struct.unpack_from('<Qi', head, 16)
        buffer = urb.resolve(16, length) if length else None
        one = {'urb': urb, 'buffer': buffer, 'in': endpoint & 0x80, 'length': length, 'at': time.monotonic(), 'actual': 0}
        if kind == 2:
            self.control(one, bytes(buffer.retrieve())[:8])
            return 0, 0
        if endpoint not in (0x01, 0x82): tell(told='wrong endpoint', endpoint=endpoint)
        one['data'] = b'' if one['in'] else bytes(buffer.retrieve())
        self.waiting.append(one)
        return 0, 0

    def control(self, one, setup):
        if setup[:2] == b'\xa1\x01':
            one['buffer'].update(8, bytes([self.state.port_status()]))
            one['actual'] = 1
        elif setup[:2] == b'\x21\x02':
            self.state.clear()
        else:
            return self.end(one, -32)
        self.end(one, 0)

    def end(self, one, status):
        if one in self.waiting: self.waiting.remove(one)
        self.done.append((one, status))

    def reap(self, arg):
        for one in list(self.waiting): self.move(one)
        if not self.done:
            time.sleep(0.003)  # libusb asks again at once, and again
            return -1, ENODEV if self.gone else EAGAIN
        one, status = self.done.pop(0)
        one['urb'].update(4, struct.pack('<i', status))
        one['urb'].update(28, struct.pack('<i', one['actual']))
        arg.resolve(0, 8).set_ptr(0, one['urb'])
        return 0, 0

    def move(self, one):
        state = self.state
        if self.gone: return self.end(one, -ESHUTDOWN)
        if one['in']:
            if not state.inbox: return
            chunk, state.inbox = state.inbox[:one['length']], state.inbox[one['length']:]
            one['buffer'].update(0, chunk)
            one['actual'] = len(chunk)
            return self.end(one, 0)
        if state.eio: return self.end(one, -EPROTO)
        if time.monotonic() - one['at'] < len(one['data']) / state.bytes_a_second: return
        taken = state.take(one['data'])
        one['data'], one['actual'] = one['data'][taken:], one['actual'] + taken
        if self.gone: self.end(one, -ESHUTDOWN)
        elif not one['data']: self.end(one, 0)

class State:
    """Paper, cover and what was received. Takes bytes as a printer with a small buffer does."""
    room = 4096
    def __init__(self):
        self.paper, self.cover, self.hot, self.error = 'ok', 'closed', False, False
        self.busy = self.eio = self.stuck = self.mute = self.no_gs_r = False
        self.bytes_a_second = 1e9
        self.after = None  # {"bytes": n, ...}: what is to change once so many bytes were printed
        self.received, self.inbox = b'', b''
        self.command, self.out, self.printed = b'', b'', 0

    def stopped(self):
        return self.paper == 'out' or self.cover == 'open' or self.hot or self.error or self.stuck

    def port_status(self):
        return (0x20 if self.paper == 'out' else 0) | (0 if self.stopped() and not self.stuck else 0x08) | 0x10

    def status(self, n):
        off, out, near = self.stopped() and not self.stuck, self.paper == 'out', self.paper != 'ok'
        return 0x12 | {1: 8 if off else 0, 2: (4 if self.cover == 'open' else 0) | (32 if out else 0) | (64 if self.error or self.hot else 0),
                       3: (32 if self.error else 0) | (64 if self.hot else 0), 4: (12 if near else 0) | (96 if out else 0)}.get(n, 0)

    def take(self, data):
        if self.stuck: return 0
        taken = 0
        while taken < len(data):
            free = self.room - len(self.received)
            if free <= 0: break
            self.received += data[taken:taken + min(free, 256)]
            taken = min(len(data), taken + min(free, 256))
            self.real_time()
            self.work()
            if self.stuck: break
        return taken

    def real_time(self):
        """DLE EOT n and DLE DC4 8 are obeyed when they arrive, also by a printer that has stopped."""
        for n in (1, 2, 3, 4):
            while self.stopped() and bytes([0x10, 4, n]) in self.received:
                where = self.received.index(bytes([0x10, 4, n]))
                self.received = self.received[:where] + self.received[where + 3:]
                self.answer(self.status(n))
        if bytes.fromhex('10140801031401060208') in self.received: self.clear()

    def answer(self, byte):
        if not self.mute: self.inbox += bytes([byte])

    def work(self):
        while self.received and not self.stopped():
            self.command += self.received[:1]
            self.received = self.received[1:]
            self.obey()

    def obey(self):
        c = self.command
        done = None
        if c[:1] == b'\x10' and len(c) == 3 and c[1] == 4:
            self.answer(self.status(c[2]))
            self.command = b''
            return
        if c[:2] == b'\x1d\x72' and len(c) == 3:
            if not self.no_gs_r: self.answer(0x03 if self.paper == 'near' else 0)
            self.command = b''
            return
        if c == b'\x1b\x40': done = False
        elif c[:2] == b'\x1b\x4a' and len(c) == 3: done = True
        elif c[:2] == b'\x1d\x56' and len(c) == 4: done = True
        elif c[:2] == b'\x1d\x28' and len(c) == 7: done = False
        elif c[:2] == b'\x1d\x76' and len(c) >= 8:
            size = 8 + (c[4] + 256 * c[5]) * (c[6] + 256 * c[7])
            want = size - len(c)
            more = self.received[:max(0, want)]
            if self.after is not None: more = more[:max(0, self.after['bytes'] - self.printed - len(self.command))]
            self.command += more
            self.received = self.received[len(more):]
            self.due(len(self.command))
            if len(self.command) < size: return
            done = False
        elif len(c) > 10: tell(told='garbage', bytes=c.hex())
        if done is None: return
        self.out += self.command
        self.printed += len(self.command)
        self.command = b''
        self.due(0)
        if done: self.tear('paper')

    def due(self, inside):
        if self.after is None or self.printed + inside < self.after['bytes']: return
        change, self.after = self.after, None
        GLib.idle_add(lambda: tell(told='after') and False)
        if change.get('unplug'):
            plugged['printer'].gone = self.stuck = True
            GLib.idle_add(unplug)
        for key, value in change.items():
            if key not in ('bytes', 'unplug'): setattr(self, key, value)

    def tear(self, how):
        if self.out: tell(told=how, bytes=base64.b64encode(self.out).decode())
        self.out, self.printed = b'', 0

    def clear(self):
        self.received, self.inbox = b'', b''
        self.out += self.command
        self.command = b''
        tell(told='cleared')
        self.tear('torn')

bed = UMockdev.Testbed.new()
state = State()
plugged = {}
count = 1

def describe(port, number, composite, vendor, product, klass):
    storage = '0904 00 00 02 08 06 50 00' + '0705 03 02 4000 00' + '0705 84 02 4000 00'
    printer = '0904 %02x 00 02 %02x 01 02 00' % (1 if composite else 0, klass) + '0705 01 02 4000 00' + '0705 82 02 4000 00'
    body = bytes.fromhex(((storage if composite else '') + printer).replace(' ', ''))
    head = bytes.fromhex('0902') + struct.pack('<H', 9 + len(body)) + bytes([2 if composite else 1, 1, 0, 0xc0, 1])
    device = bytes.fromhex('120100020000004 0'.replace(' ', '')) + struct.pack('<HHH', vendor, product, 0x100) + bytes([1, 2, 3, 1])
    path = '/devices/pci0000:00/0000:00:14.0/usb1/1-%d' % port
    hexed = (device + head + body).hex().upper()
    lines = ['P: ' + path, 'N: bus/usb/001/%03d=%s' % (number, hexed), 'E: DEVNAME=/dev/bus/usb/001/%03d' % number,
             'E: DEVTYPE=usb_device', 'E: SUBSYSTEM=usb', 'E: BUSNUM=001', 'E: DEVNUM=%03d' % number, 'E: MAJOR=189',
             'E: MINOR=%d' % (number - 1), 'A: busnum=1\\n', 'A: devnum=%d\\n' % number, 'A: speed=12\\n', 'A: bConfigurationValue=1\\n',
             'A: idVendor=%04x\\n' % vendor, 'A: idProduct=%04x\\n' % product, 'H: descriptors=' + hexed, '']
    for i, one in enumerate(([8] if composite else []) + [klass]):
        lines += ['P: %s/1-%d:1.%d' % (path, port, i), 'E: DEVTYPE=usb_interface', 'E: SUBSYSTEM=usb', 'A: bInterfaceClass=%02x\\n' % one, '']
    return path, '\n'.join(lines)

def plug(port=2, composite=False, vendor=0x04b8, product=0x0202, klass=7):
    global count
    count += 1
    path, text = describe(port, count, composite, vendor, product, klass)
    bed.add_from_string(text)
    printer = Printer(state)
    node = '/dev/bus/usb/001/%03d' % count
    bed.attach_ioctl(node, printer)
    plugged.update(path=path, node=node, printer=printer, parts=2 if composite else 1)
    bed.uevent('/sys' + path, 'add')

def unplug():
    if not plugged: return False
    plugged['printer'].gone = True
    bed.detach_ioctl(plugged['node'])
    bed.uevent('/sys' + plugged['path'], 'remove')
    for i in range(plugged['parts']): bed.remove_device('/sys%s/%s:1.%d' % (plugged['path'], plugged['path'].rsplit('/', 1)[1], i))
    bed.remove_device('/sys' + plugged['path'])
    plugged.clear()
    state.stuck = False
    return False

def order(channel, _condition):
    line = channel.readline()
    if not line:
        loop.quit()
        return False
    what = json.loads(line)
    n, do = what.pop('n'), what.pop('do')
    if do == 'plug': plug(**what)
    elif do == 'unplug': unplug()
    elif do == 'power-off':  # and on: what it had in its buffer is lost
        state.clear()
    elif do == 'set':
        for key, value in what.items(): setattr(state, key, value)
        state.real_time()
        state.work()
    tell(told='done', n=n)
    return True

tell(told='ready', folder=bed.get_root_dir())
loop = GLib.MainLoop()
GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.IO_IN | GLib.IO_HUP, lambda *_: order(sys.stdin, None))
loop.run()
