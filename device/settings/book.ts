/** The settings in force: the technician file's, with what staff changed over them (settings.md). No I/O. */
import type { SettingBody } from '../domain/record.ts';
import { inForce } from '../domain/setting-changes.ts';
import type { Overlay, SettingChanges, Tried } from '../domain/setting-changes.ts';
import type { IsoDate, Settings } from '../domain/settings.ts';
import type { Nation, ReasonCodes } from './checks.ts';
import { isPlace } from './places.ts';
import type { Problem } from './problem.ts';
import { readSettings } from './read.ts';
import { settingsVersion } from './version.ts';

/** The technician file that is in force. */
export interface SettingsSource {
  readonly text: string;
  readonly file: string;
  readonly baseDir: string;
}

export interface InForce {
  readonly settings: Settings;
  /** Sentences: changes that the technician file, as it is by now, leaves no room for. They wait. */
  readonly faults: readonly string[];
}

export class SettingsBook {
  /** With its secrets. */
  readonly asInFile: Settings;
  private readonly source: SettingsSource;

  constructor(source: SettingsSource, asInFile: Settings) {
    this.source = source;
    this.asInFile = asInFile;
  }

  /** What holds on that date. A change that no longer fits takes none of the others with it. */
  on(changes: SettingChanges, date: IsoDate): InForce {
    const all = inForce(changes, date);
    const whole = this.with(all);
    if (whole.ok) return { settings: whole.settings, faults: [] };
    let fit: Overlay = new Map();
    const faults: string[] = [];
    for (const [place, change] of all) {
      const next = new Map([...fit, [place, change] as const]);
      const tried = this.with(next);
      if (tried.ok) fit = next;
      else faults.push(`The change of ${place} no longer fits the technician file: ${tried.problems[0] ?? ''}.`);
    }
    const fitting = this.with(fit);
    return { settings: fitting.ok ? fitting.settings : this.asInFile, faults };
  }

  /**
   * Would this change be good on the day on which it comes into force, with the others that hold then? Each problem is a
   * sentence: which key, what was found, what is expected. `codes`: those of the nation on that day, and of the MIS.
   */
  try(changes: SettingChanges, body: SettingBody, codes: (nation: Nation) => ReasonCodes): Tried {
    if (!isPlace(body.place)) return { ok: false, problems: [`${body.place} is changed in the technician file only`] };
    return this.with(new Map([...inForce(changes, body.from), [body.place, body] as const]), codes);
  }

  private with(over: Overlay, codes?: (nation: Nation) => ReasonCodes): Tried {
    if (over.size === 0) return { ok: true, settings: this.asInFile };
    const { text, file, baseDir } = this.source;
    const read = readSettings(text, file, { baseDir, over, ...(codes === undefined ? {} : { codes }) });
    if (!read.ok) return { ok: false, problems: read.problems.map(withoutPlace) };
    // What only the technician changes stays as it was built at the start, its secrets too.
    const { times, late, leave, lateReasons, leaveReasons, badge, keep } = read.settings;
    const settings = { ...this.asInFile, times, late, leave, lateReasons, leaveReasons, badge, keep };
    return { ok: true, settings: { ...settings, version: settingsVersion(settings) } };
  }
}

/** A line of the file says nothing to whoever changed something elsewhere. */
function withoutPlace({ key, found, expected }: Problem): string {
  return `${key}: found ${found}, expected ${expected}`;
}
