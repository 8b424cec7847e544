/** How the box is: the parts, storage, the MIS and the clock, for the lights, the staff page and the self-test. */
import type { PartReport } from './contract/kiosk.ts';
import type { Camera, CameraStatus } from './camera/port.ts';
import { untilKnown, untilLookedAt } from './desk/losses.ts';
import { isOverdue } from './desk/presence.ts';
import type { School } from './desk/school.ts';
import { out } from './domain/elsewhere.ts';
import type { Ledger } from './domain/ledger.ts';
import type { LightHealth } from './domain/lights.ts';
import type { Journal, JournalFault } from './journal/journal.ts';
import type { Lights } from './lights/port.ts';
import type { MisConnector } from './mis/connector.ts';
import type { LineView } from './mis/line.ts';
import type { Level } from './system/failures.ts';
import type { StorageWatch } from './storage-watch.ts';
import type { Clock, Timers } from './system/ports.ts';
import { canPrint, soonOf, statusOf } from './printer/port.ts';
import type { Printer, PrinterStatus } from './printer/port.ts';
import { tryClock, tryPart, tryParts } from './try-parts.ts';
import type { Tried } from './try-parts.ts';

export interface HealthPorts {
  readonly printer: Printer;
  readonly camera: Camera;
  readonly lights: Lights;
  readonly journal: Pick<Journal, 'opened' | 'state'>;
  readonly mis: () => LineView;
  readonly storage: Pick<StorageWatch, 'faults' | 'machineFaults' | 'words'>;
  readonly level: Level;
  readonly clock: Pick<Clock, 'mono'>;
  readonly timers: Timers;
  /** Numbers of records that could not be taken in, and of which nobody has heard yet. */
  readonly setAside: () => readonly number[];
  /** Sentences of those who look after what lies beside the records. */
  readonly beside: () => readonly string[];
}

/** What was found in the records at start, for staff. */
export function journalWords(fault: JournalFault): string {
  switch (fault.kind) {
    case 'damage':
      return fault.missing === null
        ? 'Records: damaged bytes were set aside, no record is missing.'
        : `Records: ${range(fault.missing)} are damaged and missing.`;
    case 'tail':
      return `Records: the end was cut off; up to ${range({ from: fault.after + 1, to: fault.after + fault.upTo })} may be missing.`;
    case 'must-understand':
      return `Records: number ${String(fault.n)} was written by a newer version. Pupils can sign in and out, but no mark is decided or sent until this box is updated.`;
    case 'unreadable':
      return `Records: ${range(fault.missing)} cannot be read and were passed over.`;
    case 'keys-lost':
      return fault.among === null
        ? `Records: the keys of pupils were lost (both copies of journal/pupil-keys): what stands under them cannot be read again. New records are kept under new keys. ${untilKnown}`
        : `Records: some of ${range(fault.among)} stand under keys that were lost; they cannot be read and were passed over. ${untilKnown}`;
    case 'spine':
      return fault.found === 'changed'
        ? 'Records: the list of finished segments (journal/spine) is not as Porter left it: it was damaged, or somebody changed it. Check with "porter journal verify --recovery-key"; a new recovery key ends this message.'
        : 'Records: nothing vouches any more for the list of finished segments (both copies of journal/spine-key are lost). A new recovery key ("porter key new-recovery") begins anew.';
  }
}
const failed = (part: string, words: string): string => `${part}: ${words}${words.endsWith('?') ? '' : '.'}`;
function cameraFaults({ state, words, concern }: CameraStatus): readonly string[] {
  if (state === 'failed') return [failed('Camera', words)];
  return concern === undefined ? [] : [failed('Camera', concern)];
}
function levelWords(level: Level): readonly string[] {
  if (level === 'normal') return [];
  const off = level === 'safe' ? 'the printer and the camera' : 'the printer, the camera and new rosters';
  return [
    `Porter ended unexpectedly several times, so ${off} are off and nothing is sent to the MIS. Signing in and out works. Everything is tried again after an hour, or when the box is switched off and on.`,
  ];
}
const range = ({ from, to }: { readonly from: number; readonly to: number }): string =>
  from === to ? `number ${String(from)}` : `numbers ${String(from)} to ${String(to)}`;

/** An MIS that takes longer will not take marks in time either. */
const misTestMaxMs = 8_000;

export class Health {
  private paper: PrinterStatus = statusOf('offline');
  private readonly ports: HealthPorts;

  constructor(ports: HealthPorts) {
    this.ports = ports;
  }

  /** Asks the printer once, then hears of every change. The answer ends that. */
  async begin(changed: () => void): Promise<() => void> {
    this.paper = await this.ports.printer.status();
    return this.ports.printer.onChange((status) => {
      this.paper = status;
      changed();
    });
  }

  mayPrint(): boolean {
    return canPrint(this.paper.state);
  }

  /**
   * A newer version's records, and those that could not be taken in, may change what a mark should be: nothing is sent
   * (durability.md 3, 28).
   */
  maySend(): boolean {
    const { level, setAside } = this.ports;
    return level === 'normal' && this.mayDecide() && setAside().length === 0;
  }

  /** Nothing is decided beside a newer version's record that must be understood (durability.md 3). */
  mayDecide(): boolean {
    return !this.ports.journal.opened.faults.some(({ kind }) => kind === 'must-understand');
  }

  /** May anything be accepted? Without durable storage nothing is (durability.md 28). */
  storageWorks(): boolean {
    const { kind } = this.ports.journal.state();
    return kind !== 'refusing' && kind !== 'failed';
  }

  /** Sentences for staff about what has failed. */
  faults(): readonly string[] {
    const { camera, lights, printer, journal, storage, level, setAside, beside } = this.ports;
    return [
      ...(printer.kind === 'none' || this.mayPrint() ? [] : [failed('Printer', this.paper.words)]),
      ...cameraFaults(camera.status()),
      ...(lights.status().state === 'failed' ? [failed('Lights', lights.status().words)] : []),
      ...storage.faults(),
      ...storage.machineFaults(),
      ...levelWords(level),
      ...journal.opened.faults.map(journalWords),
      ...beside(),
      ...setAside().map((n) => `Records: number ${String(n)} cannot be used and was set aside. ${untilLookedAt}`),
    ];
  }

  /** Sentences for staff about what will fail soon: amber says so, not red. */
  notices(): readonly string[] {
    return this.paper.state === 'paper-low' ? [`Printer: ${this.paper.words}.`] : [];
  }

  /** What the lights go by (product.md 7). */
  lightHealth(school: School, ledger: Ledger, starting: boolean): LightHealth {
    const sum = ledger.sum();
    const overdue = out(ledger).some((departure) => isOverdue(school, departure));
    return {
      marksWaiting: sum.waiting > 0,
      clockTrusted: school.clock.trusted(),
      personNeeded: sum.needsPerson > 0 || this.paper.state === 'paper-low',
      urgent: overdue || ledger.waiting.size > 0 || [...ledger.notes.values()].some((note) => note.urgent),
      partFailed: this.faults().length > 0,
      starting,
      acceptsSignIns: this.storageWorks() && school.roster.pupils.length > 0,
    };
  }

  /** Each part as it was last known to be; nothing is tried. */
  parts(school: School): readonly PartReport[] {
    const { camera, lights, printer } = this.ports;
    const { state, words, concern } = camera.status();
    const paper =
      printer.kind === 'none'
        ? { ok: true, words: 'There is no printer' }
        : { ok: this.mayPrint(), ...soonOf(this.paper), words: this.paper.words };
    return [
      { part: 'printer', ...paper },
      { part: 'camera', ok: state !== 'failed' && concern === undefined, words: concern ?? words },
      { part: 'lights', ok: lights.status().state !== 'failed', words: lights.status().words },
      ...this.others(school),
    ];
  }

  /** What else the box lives on. */
  private others({ clock }: School): readonly PartReport[] {
    const { storage } = this.ports;
    const mis = this.ports.mis();
    const { state, words } = tryClock(clock);
    return [
      { part: 'mis', ok: mis.state === 'online' || mis.state === 'none', words: mis.words },
      { part: 'storage', ok: storage.faults().length === 0, words: storage.words() },
      { part: 'clock', ok: state === 'works', words },
    ];
  }

  /** One part, now: what was tried, and what came of it. */
  async testPart(
    part: 'camera' | 'lights' | 'mis' | 'clock',
    school: School,
    connector: Pick<MisConnector, 'codes'>,
  ): Promise<PartReport> {
    if (part === 'mis') return this.testMis(connector);
    const { state, words } = part === 'clock' ? tryClock(school.clock) : await tryPart(part, this.ports);
    return { part, ok: state === 'works', words: state === 'absent' ? 'The technician file leaves it out' : words };
  }

  /** Asks for the list of codes, which every MIS has. */
  private async testMis(connector: Pick<MisConnector, 'codes'>): Promise<PartReport> {
    const { clock, timers, mis } = this.ports;
    if (mis().state === 'none') return { part: 'mis', ok: true, words: mis().words };
    const deadline = new AbortController();
    const cancel = timers.after(misTestMaxMs, () => {
      deadline.abort();
    });
    const from = clock.mono();
    const answer = await connector.codes(deadline.signal, 0).finally(cancel);
    if (!answer.ok)
      return { part: 'mis', ok: false, words: `The MIS was asked for its codes. ${answer.failure.words}` };
    const took = `${String(Math.round(clock.mono() - from))} ms`;
    return {
      part: 'mis',
      ok: true,
      words: `The MIS answered in ${took}: it has ${String(answer.value.length)} codes.`,
    };
  }

  /** Every part, and what else the box lives on; what the settings leave out is left out. */
  async selfTest(school: School): Promise<readonly PartReport[]> {
    const { level } = this.ports;
    const report = ({ part, state, words }: Tried): readonly PartReport[] => {
      if (state !== 'absent') return [{ part, ok: state === 'works', words }];
      return level === 'normal' || part === 'lights'
        ? []
        : [{ part, ok: false, words: 'Off since Porter ended several times: switch the box off and on' }];
    };
    const parts = await tryParts(this.ports);
    return [...parts.flatMap(report), ...this.others(school)];
  }
}
