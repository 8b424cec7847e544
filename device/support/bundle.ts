/**
 * `porter debug-bundle`: how the box is, for a helper far away, as a text that whoever sends it can read first. No name, no secret,
 * nothing of a record; figures and settled words, and of what others have written what is left by `hide.ts`. It reads only, waits for
 * nobody for long, and says what it could not read: it is for boxes that do not work.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { diskReader } from '../journal/disk.ts';
import { causeOf } from '../journal/error.ts';
import { verify } from '../journal/verify.ts';
import { hider } from './hide.ts';
import type { Hider } from './hide.ts';
import { last, machineSections } from './machine-facts.ts';
import type { MachineAsked, Section } from './machine-facts.ts';
import { shownSettings } from './settings-shown.ts';
import type { ShownSettings } from './settings-shown.ts';

export interface Asked extends MachineAsked {
  readonly version: string;
  /** ISO time. */
  readonly made: string;
  /** The technician file; null: none was named. */
  readonly configPath: string | null;
}
export interface BundleAsked extends Asked {
  /** A command to the daemon that runs on this folder; null: there is none, or it does not answer. */
  readonly tell: (command: 'state' | 'log') => Promise<unknown>;
}

const logLinesMax = 600;
/** Of a file that is as long as the card has room for (`first-boot-command.ts`). */
const cardLinesMax = 40;

const written = ({ title, text }: Section): string => `== ${title}\n${text.trim()}\n\n`;

/** A section at a time, so that what came before is there where the next one hangs. */
export async function* debugBundle(asked: BundleAsked): AsyncGenerator<string> {
  const settings = settingsOf(asked);
  const hide = hider(settings.hidden);
  yield written(about(asked));
  yield written(await health(asked, hide));
  yield written(shown(settings));
  for (const section of machineSections(asked, logLinesMax)) yield hide.known(written(section));
  yield written(await log(asked, hide));
  yield written(checked(asked));
}

/** For the card, written by first boot: there is no daemon yet. `told`: what first boot has to say. */
export function supportText(asked: Asked, told: readonly string[]): string {
  const settings = settingsOf(asked);
  const hide = hider(settings.hidden);
  const first = { title: 'First boot', text: told.length === 0 ? 'all is well' : hide.all(told.join('\n')) };
  const machine = machineSections(asked, cardLinesMax).map((one) => hide.known(written(one)));
  return [written(about(asked)), written(first), ...machine, written(shown(settings))].join('');
}

const about = ({ version, made }: Asked): Section => ({
  title: 'Porter',
  text: `${version}\nNode.js ${process.versions.node}\nmade ${made}`,
});

function settingsOf({ configPath }: Asked): ShownSettings {
  if (configPath === null) return { lines: ['no file was named (--config)'], hidden: [] };
  try {
    return shownSettings(readFileSync(configPath, 'utf8'));
  } catch (error) {
    return { lines: [`cannot be read (${causeOf(error)})`], hidden: [] };
  }
}
const shown = ({ lines }: ShownSettings): Section => ({ title: 'Technician file', text: lines.join('\n') });

/** Of what the daemon tells of itself, only this: the rest is of people. */
const stateSchema = v.object({
  clockTrusted: v.boolean(),
  sum: v.record(v.string(), v.number()),
  movementsWithoutMark: v.number(),
  mis: v.object({ state: v.string(), words: v.string() }),
  roster: v.object({ pupils: v.number(), age: v.nullable(v.string()) }),
  faults: v.array(v.string()),
  storage: v.nullable(v.record(v.string(), v.nullable(v.union([v.string(), v.number(), v.boolean()])))),
});

async function health({ tell }: BundleAsked, hide: Hider): Promise<Section> {
  const title = 'Health';
  const parsed = v.safeParse(stateSchema, await tell('state'));
  if (!parsed.success) return { title, text: 'no daemon answers on this data folder' };
  const { faults, mis, storage, ...figures } = parsed.output;
  const lines = [
    ...(faults.length === 0 ? ['nothing is wrong'] : faults),
    `mis: ${mis.state}. ${mis.words}`,
    ...Object.entries({ ...figures, storage }).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
  ];
  return { title, text: hide.all(lines.join('\n')) };
}

/** The machine's log of Porter's services, else what the daemon still knows of its own. */
async function log({ ask, tell }: BundleAsked, hide: Hider): Promise<Section> {
  const wanted = ['--boot', '--quiet', '--no-hostname', '--output=short-iso', `--lines=${String(logLinesMax)}`];
  const journal = ask('journalctl', ...wanted, '--unit=porter*')?.trim() ?? '';
  const own = journal === '' ? await tell('log') : '';
  const text = typeof own === 'string' && own !== '' ? own : journal;
  return { title: 'Log', text: text === '' ? 'there is none' : hide.all(last(text.trim().split('\n'), logLinesMax)) };
}

/** Is every record there? Numbers only: who had some removed stands in the records. */
function checked({ dataDir }: Asked): Section {
  const title = 'Records checked';
  try {
    const { problems, segments, records, numbers, cut, removed, setAside } = verify(
      diskReader(join(dataDir, 'journal')),
    );
    const counts = { segments, records, cut: cut.length, removed: removed.length, setAside: setAside.length };
    const lines = [
      ...Object.entries(counts).map(([name, count]) => `${name}: ${String(count)}`),
      `numbers: ${numbers === null ? 'none' : `${String(numbers.from)} to ${String(numbers.to)}`}`,
      ...(problems.length === 0 ? ['all there and unaltered'] : problems.map((one) => JSON.stringify(one))),
    ];
    return { title, text: lines.join('\n') };
  } catch (error) {
    return { title, text: `cannot be checked (${causeOf(error)})` };
  }
}
