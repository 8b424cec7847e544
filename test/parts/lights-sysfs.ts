/**
 * The kernel's /sys/class/gpio as onoff and Porter see it: their own calls of `fs`, led to a tree in a folder, where writing
 * does what the kernel does (Documentation/admin-guide/gpio/sysfs.rst). For files outside nothing changes. The kernel
 * itself is met in `scripts/lab parts`.
 */
import fs from 'node:fs';
import Module, { createRequire, syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chip } from './lights-contract.ts';

export interface FakeSysfs {
  /** Is the wire of this pin at its high level? Undefined: nobody has exported the pin as an output. */
  level(number: number): boolean | undefined;
  /** Another driver has the pin: the kernel does not export it. */
  claim(number: number): void;
  /** The wire stays so, whatever is written. */
  shorted(number: number, high: boolean): void;
  /** Writing its level fails, or works again. */
  broken(number: number, fails: boolean): void;
  /** What ends with the process: its file descriptors. Exported pins stay as they are. */
  killed(): void;
  remove(): void;
}

interface Pin {
  high: boolean;
  out: boolean;
  activeLow: boolean;
}

const root = '/sys/class/gpio';
const replaced = {
  sync: ['existsSync', 'readFileSync', 'openSync', 'closeSync', 'writeFileSync', 'writeSync'],
  promised: ['access', 'readFile', 'readdir', 'writeFile'],
} as const;

class Refusal extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`${code}: refused by the kernel`);
    this.code = code;
  }
}

/** `chips` null: a machine without /sys/class/gpio. */
export function fakeSysfs(chips: readonly Chip[] | null): FakeSysfs {
  const tree = fs.mkdtempSync(join(tmpdir(), 'porter-sysfs-'));
  const write = fs.writeFileSync;
  const pins = new Map<number, Pin>();
  const claimed = new Set<number>();
  const failing = new Set<number>();
  const wires = new Map<number, boolean>();
  const open = new Map<number, number>();

  const put = (name: string, files: Readonly<Record<string, string | number>>): void => {
    fs.mkdirSync(join(tree, name), { recursive: true });
    for (const [file, text] of Object.entries(files)) write(join(tree, name, file), `${String(text)}\n`);
  };
  for (const { label, base, count } of chips ?? []) put(`gpiochip${String(base)}`, { label, base, ngpio: count });
  if (chips === null) fs.rmSync(tree, { recursive: true });
  else put('.', { export: '', unexport: '' });

  const level = (number: number): boolean => wires.get(number) ?? pins.get(number)?.high ?? false;
  const show = (number: number): void => {
    const pin = pins.get(number);
    if (pin === undefined) return;
    put(`gpio${String(number)}`, {
      value: level(number) === pin.activeLow ? 0 : 1,
      direction: pin.out ? 'out' : 'in',
      active_low: pin.activeLow ? 1 : 0,
      edge: 'none',
    });
  };
  const told = (file: string, text: string): void => {
    const [, of = '', name = file] = /^gpio(\d+)\/(\w+)$/.exec(file) ?? [];
    const number = Number(of || text);
    if (name === 'export') {
      if (!chips?.some(({ base, count }) => number >= base && number < base + count)) throw new Refusal('EINVAL');
      if (claimed.has(number) || pins.has(number)) throw new Refusal('EBUSY');
      pins.set(number, { high: false, out: false, activeLow: false });
    }
    const pin = pins.get(number);
    if (pin === undefined) throw new Refusal('ENOENT');
    if (name === 'direction') {
      pin.out = text !== 'in';
      if (pin.out) pin.high = text === 'high';
    }
    if (name === 'active_low') pin.activeLow = text === '1';
    if (name === 'value') {
      if (!pin.out) throw new Refusal('EPERM');
      if (failing.has(number)) throw new Refusal('EIO');
      pin.high = (text === '1') !== pin.activeLow;
    }
    show(number);
  };

  /** Where the file really lies, if it is one of the tree. */
  const led = <T>(path: T): T | string =>
    typeof path === 'string' && path.startsWith(root) ? join(tree, path.slice(root.length)) : path;
  const inside = (path: unknown): string | null =>
    typeof path === 'string' && path.startsWith(root) ? path.slice(root.length).replace(/^\/+/, '') : null;

  const plain = { ...fs };
  const promised = { ...fs.promises };
  const readers = ['existsSync', 'readFileSync'] as const;
  for (const name of readers)
    Object.assign(fs, { [name]: (path: string, ...rest: []) => plain[name](led(path), ...rest) });
  Object.assign(fs, {
    openSync: (path: string, flags: string) => {
      const fd = plain.openSync(led(path), flags);
      const [, number] = /^gpio(\d+)\/value$/.exec(inside(path) ?? '') ?? [];
      if (number !== undefined) open.set(fd, Number(number));
      return fd;
    },
    closeSync: (fd: number) => {
      open.delete(fd);
      plain.closeSync(fd);
    },
    writeFileSync: (path: string, data: string | Buffer, ...rest: []) => {
      const file = inside(path);
      if (file === null) plain.writeFileSync(path, data, ...rest);
      else told(file, data.toString());
    },
    writeSync: (fd: number, data: Buffer, ...rest: []) => {
      const number = open.get(fd);
      if (number === undefined) return plain.writeSync(fd, data, ...rest);
      told(`gpio${String(number)}/value`, data.toString());
      return data.length;
    },
  });
  Object.assign(fs.promises, {
    access: (path: string, mode?: number) => promised.access(led(path), mode),
    readFile: (path: string, encoding?: BufferEncoding) => promised.readFile(led(path), encoding),
    readdir: (path: string) => promised.readdir(led(path)),
    writeFile: async (path: string, data: string, ...rest: []) => {
      const file = inside(path);
      if (file === null) await promised.writeFile(path, data, ...rest);
      else told(file, data);
    },
  });
  syncBuiltinESMExports();
  const killed = (): void => {
    for (const fd of open.keys()) plain.closeSync(fd);
    open.clear();
  };
  return {
    level: (number) => (pins.get(number)?.out === true ? level(number) : undefined),
    claim: (number) => void claimed.add(number),
    shorted: (number, high) => {
      wires.set(number, high);
      show(number);
    },
    broken: (number, fails) => {
      if (fails) failing.add(number);
      else failing.delete(number);
    },
    killed,
    remove: () => {
      killed();
      for (const name of replaced.sync) Object.assign(fs, { [name]: plain[name] });
      for (const name of replaced.promised) Object.assign(fs.promises, { [name]: promised[name] });
      syncBuiltinESMExports();
      fs.rmSync(tree, { recursive: true, force: true });
    },
  };
}

/** onoff needs native code for inputs, which Porter has none of: where it is not built something stands in for it. */
export function withoutEpoll(): void {
  const require = createRequire(import.meta.url);
  const path = createRequire(require.resolve('onoff')).resolve('epoll');
  try {
    require(path);
  } catch {
    const standIn = { filename: path, loaded: true, exports: { Epoll: EventTarget } };
    require.cache[path] = Object.assign(new Module(path), standIn);
  }
}
