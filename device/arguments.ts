/** How Porter is started: its options, the environment that stands in for them, and what `--help` says. Part of `main.ts`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const help = `Usage: porter [--config FILE] [--data FOLDER] [--key FILE] [--clock TIME]
       porter check --config FILE
       porter first-boot --config FILE [--data FOLDER] [--root FOLDER]
       porter journal verify|export|stats [--data FOLDER] [--json] [--csv] [--recovery-key]
       porter backup create|check|restore FILE [--data FOLDER] [--config FILE] [--replace]
       porter export open FILE [--data FOLDER] [--recovery-key]
       porter update status|install FILE [--json]
       porter key check|rotate|recover|new-recovery [--data FOLDER] [--key FILE]
       porter debug-bundle [--data FOLDER] [--config FILE] [--out FILE]

  --config FILE    the technician file, porter.toml (or PORTER_CONFIG)
  --data FOLDER    where records are kept (or PORTER_DATA; .porter)
  --key FILE       the key of the data folder (or PORTER_KEY; porter.key among systemd's credentials, FOLDER.key)
  --clock TIME     demo and tests only: start at this local time, 2026-11-23T08:50
  --root FOLDER    porter first-boot and update only: the machine (/)
  --json, --csv    porter journal only: for programs; export as rows for a spreadsheet
  --recovery-key   takes the recovery key on standard input: journal verify checks who wrote the spine, export open needs no
                   data folder then
  --replace        porter backup restore only: what is in the data folder now is put aside
  --out FILE       porter debug-bundle only: a new file (standard output)
  --help, --version

Without a file and without settings that were once good, Porter runs a demo: a made-up school and a simulated MIS.
porter check says what is wrong with a file and tries every part: 0 all well, 1 a part failed, 2 the file is wrong.
porter first-boot takes the file on a box, before the daemon starts: secrets go from it into the data folder, the machine's network
is set up by it. 0: it is in force, 1: not everything could be done, 2: the file is wrong, and the last good one stays.
porter journal reads a data folder, also another box's or a copy, and changes nothing. verify needs no key: 0 all there and
unaltered, 1 something is missing or altered, 2 it cannot be read. export writes every record but no photo.
porter backup takes a password on standard input: create writes the data folder, without photos, to a file; check opens all of
it; restore puts it in the place of an empty folder. 0, or 1 where nothing was changed.
porter export prints what a daily export says, as JSON lines: 0, or 1 where it does not open.
porter update, on a box: status says which version runs, what was found and what came of the last one; install checks a bundle,
writes it to the other half of the card and starts the box from it, once: it stays only if it works. 0, or 1 where nothing changed.
Its units also call look, fetch, wanted and commit.
porter key works while no Porter runs: check says whether the key fits; rotate makes new keys, what was written before stays
readable; recover takes the recovery key on standard input where the key file is lost; new-recovery makes another one.
porter debug-bundle says how box, card and services are, for a helper far away: no name, no secret, nothing of a record. It writes
nothing into the data folder, and works whether Porter runs or not. 0, or 1 where FILE cannot be written.
`;

/** A mistake of whoever started it: said on standard error, exit code 2. */
export class Mistake extends Error {}

export interface Start {
  readonly configPath: string | null;
  readonly dataFolder: string;
  readonly keyFile: string | null;
  readonly clock: string | null;
  readonly root: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What was asked for: `positionals` are the command and what it is to do. Throws `Mistake`. */
export function readArguments(environment: Environment) {
  const { values, positionals } = parsed();
  /** The option, or the environment's; an empty variable is none, an empty option is a mistake. */
  const given = (option: string, value: string | undefined, variable: string): string | null => {
    if (value === '') throw new Mistake(`--${option} wants a name`);
    return value ?? (environment[variable] || null);
  };
  const start: Start = {
    configPath: given('config', values.config, 'PORTER_CONFIG'),
    dataFolder: resolve(given('data', values.data, 'PORTER_DATA') ?? '.porter'),
    keyFile: given('key', values.key, 'PORTER_KEY'),
    clock: values.clock ?? null,
    root: resolve(values.root ?? '/'),
  };
  const asked = values.help ? 'help' : values.version ? 'version' : null;
  const { json, csv, replace, out, 'recovery-key': recovery } = values;
  return { asked, start, positionals, json, csv, recovery, replace, out: out ?? null };
}

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        data: { type: 'string' },
        key: { type: 'string' },
        clock: { type: 'string' },
        root: { type: 'string' },
        json: { type: 'boolean', default: false },
        csv: { type: 'boolean', default: false },
        'recovery-key': { type: 'boolean', default: false },
        replace: { type: 'boolean', default: false },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Mistake(error instanceof Error ? error.message : 'the arguments are wrong');
  }
}
