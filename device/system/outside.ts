/** Timers, random numbers and the log, as the machine gives them. */
import { randomBytes } from 'node:crypto';
import type { Log, LogFields, Random, Timers } from './ports.ts';

export const machineTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    return () => {
      clearInterval(timer);
    };
  },
};

export const machineRandom: Random = {
  bytes: (count) => randomBytes(count),
  uniform: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  id: () => randomBytes(16).toString('hex'),
};

/** One line an event on standard error, for the system's own log, which adds the time. */
export const machineLog: Log = {
  info: (event, fields) => {
    line('info', event, fields);
  },
  warn: (event, fields) => {
    line('warn', event, fields);
  },
  error: (event, fields) => {
    line('error', event, fields);
  },
};

/** Lines of this run that staff may take away: no name, photo or token is ever in one. */
const keptMax = 2_000;
let kept: readonly string[] = [];
export const recentLog = (): string => kept.map((one) => `${one}\n`).join('');

function line(level: string, event: string, fields: LogFields = {}): void {
  const words = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const text = [level, event, ...words].join(' ');
  process.stderr.write(`${text}\n`);
  kept = [...kept, `${new Date().toISOString()} ${text}`].slice(-keptMax);
}
