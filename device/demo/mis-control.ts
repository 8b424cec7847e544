import * as v from 'valibot';
import * as wire from './control-wire.ts';
import type { MisFault, MisFaultName } from './faults.ts';

export { isMisFault, misFaults } from './faults.ts';
export type { MisFault, MisFaultName } from './faults.ts';
export type {
  PupilChange,
  SimMark,
  SimPupil,
  SimRequests,
  SimState,
  SimWriteback,
  TakeRegister,
  TeacherMark,
  WritebackSetting,
} from './control-wire.ts';

/** The simulator refused a command, or is not there. `message` says why in plain words. */
export class MisControlError extends Error {}

/** Steers a running MIS simulator, one function a command. Every function throws MisControlError. */
export interface MisControl {
  readonly state: () => Promise<wire.SimState>;
  /** Every mark with its history, or those of a date and session. */
  readonly marks: (only?: { readonly date?: string; readonly session?: 'AM' | 'PM' }) => Promise<wire.SimMark[]>;
  /** A teacher sets a mark over whatever is there. */
  readonly teacher: (mark: wire.TeacherMark) => Promise<wire.SimMark>;
  readonly clearMark: (mark: Pick<wire.TeacherMark, 'student' | 'date' | 'session'>) => Promise<wire.SimMark>;
  /** A teacher marks everybody who has no mark yet. Answers how many. */
  readonly takeRegister: (register: wire.TakeRegister) => Promise<number>;
  readonly requests: () => Promise<wire.SimRequests>;
  readonly forgetRequests: () => Promise<wire.SimRequests>;
  /** Cuts the network to the MIS: every connection is broken. */
  readonly offline: () => Promise<wire.SimState>;
  readonly online: () => Promise<wire.SimState>;
  /** The school's own server behind Wonde: while it is away, writes stay pending. */
  readonly schoolOnline: (online: boolean) => Promise<wire.SimState>;
  readonly fault: (fault: MisFault | MisFaultName) => Promise<wire.SimState>;
  /** Every answer takes so much longer; 0 ends that. */
  readonly slow: (ms: number) => Promise<wire.SimState>;
  readonly clearFaults: (name?: MisFaultName) => Promise<wire.SimState>;
  readonly pupils: (search?: string) => Promise<wire.SimPupil[]>;
  readonly pupil: (change: wire.PupilChange) => Promise<wire.SimPupil>;
  readonly roster: (roster: wire.SimState['roster']) => Promise<wire.SimState>;
  readonly writebacks: () => Promise<wire.SimWriteback[]>;
  readonly setWritebacks: (setting: wire.WritebackSetting) => Promise<wire.SimState>;
  /** Dates that are no school days, beside Saturdays and Sundays. */
  readonly closed: (dates: readonly string[]) => Promise<wire.SimState>;
}

const answerWithinMs = 10_000;

/** @param address any address of the simulator: its base URL `http://127.0.0.1:PORT/v1.0` will do */
export function misControl(address: string): MisControl {
  const { origin } = new URL(address);

  async function ask<T>(method: string, path: string, schema: v.GenericSchema<unknown, T>, body?: unknown): Promise<T> {
    const response = await fetch(`${origin}/_sim/${path}`, {
      method,
      signal: AbortSignal.timeout(answerWithinMs),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new MisControlError(`no MIS simulator answers at ${origin}`, { cause });
    });
    const said: unknown = await response.json().catch(() => null);
    if (!response.ok)
      throw new MisControlError(v.is(wire.errorSchema, said) ? said.error : `status ${String(response.status)}`);
    return v.parse(schema, said);
  }

  const state = (method: string, path: string, body?: unknown): Promise<wire.SimState> =>
    ask(method, path, wire.simStateSchema, body);
  const clearFaults = (name?: MisFaultName): Promise<wire.SimState> =>
    state('DELETE', name === undefined ? 'fault' : `fault?name=${encodeURIComponent(name)}`);
  const fault = (wanted: MisFault | MisFaultName): Promise<wire.SimState> =>
    state('POST', 'fault', typeof wanted === 'string' ? { name: wanted } : wanted);
  const teacher = (mark: wire.TeacherMark): Promise<wire.SimMark> => ask('POST', 'marks', wire.simMarkSchema, mark);

  return {
    state: () => state('GET', 'state'),
    marks: (only = {}) => ask('GET', `marks?${new URLSearchParams(only).toString()}`, v.array(wire.simMarkSchema)),
    teacher,
    clearMark: ({ student, date, session }) => teacher({ student, date, session, code: null }),
    takeRegister: async (register) => (await ask('POST', 'take-register', wire.takenSchema, register)).marked,
    requests: () => ask('GET', 'requests', wire.simRequestsSchema),
    forgetRequests: () => ask('DELETE', 'requests', wire.simRequestsSchema),
    offline: () => state('POST', 'online', { online: false }),
    online: () => state('POST', 'online', { online: true }),
    schoolOnline: (online) => state('POST', 'online', { school_online: online }),
    fault,
    slow: (ms) => (ms === 0 ? clearFaults('slow') : fault({ name: 'slow', ms })),
    clearFaults,
    pupils: (search) => {
      const query = search === undefined ? '' : `?search=${encodeURIComponent(search)}`;
      return ask('GET', `pupils${query}`, v.array(wire.simPupilSchema));
    },
    pupil: (change) => ask('POST', 'pupil', wire.simPupilSchema, change),
    roster: (roster) => state('POST', 'roster', { roster }),
    writebacks: () => ask('GET', 'writebacks', wire.simWritebacksSchema),
    setWritebacks: (setting) => state('POST', 'writebacks', setting),
    closed: (dates) => state('POST', 'calendar', { closed: dates }),
  };
}
