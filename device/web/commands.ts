/**
 * What staff and technicians can tell the box, by name: from the staff page, as far as the role goes (`staff/roles.ts`), and
 * through the control socket (`scripts/sim`). Parsed here, so that every door is as narrow.
 */
import * as v from 'valibot';
import type { StaffSnapshot } from '../contract/staff.ts';
import type { KioskSnapshot, PartReport } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import type { SettingsDesk } from '../desk/settings.ts';
import type { Host } from '../host.ts';
import { passwordLeast } from '../copies/backup.ts';
import type { Level } from '../system/failures.ts';
import type { Random, Timers } from '../system/ports.ts';
import { isStorageTrouble } from '../journal/trouble.ts';
import { isToken } from '../settings/kinds.ts';
import { hashOfInput } from './input-hash.ts';
import { parse } from './parse.ts';
import type { Commands, Giver, On } from './giver.ts';
import { deskCommands } from './desk-commands.ts';
import type { DeskPorts } from './desk-commands.ts';
import { privacyCommands } from './privacy-commands.ts';
import type { PrivacyPorts } from './privacy-commands.ts';
import { restartAfterMs, restoreCommands } from './restore-commands.ts';
import type { RestorePorts } from './restore-commands.ts';
import { none, settingChange, text } from './staff-inputs.ts';
import type { Access } from './staff/access.ts';
import { Busy } from './staff/hashing.ts';
import { peopleCommands, sixDigits } from './staff/people-commands.ts';

export interface CommandPorts extends DeskPorts, PrivacyPorts, RestorePorts {
  readonly random: Random;
  readonly snapshot: () => StaffSnapshot;
  readonly settingsDesk: SettingsDesk;
  readonly access: Access;
  readonly firstUse: () => KioskSnapshot['firstUse'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly selfTest: () => Promise<readonly PartReport[]>;
  readonly reprint: (badge: string, by: string) => Promise<Result<null>>;
  readonly testPrint: () => Promise<Result<null>>;
  readonly testPart: (part: 'camera' | 'lights' | 'mis' | 'clock') => Promise<PartReport>;
  readonly host: Host;
  readonly level: Level;
  /** Has the kiosk's page its line to the box? */
  readonly kioskConnected: () => boolean;
  /** Of the program. */
  readonly version: string;
  readonly timers: Timers;
  /** Tells it in the records. */
  readonly asideDestroyed: (by: string) => Promise<void>;
  /** `begins` is told before the first page. */
  readonly printEvacuation: (begins: () => void) => Promise<Result<{ readonly pages: number }>>;
  readonly roster: {
    readonly pull: () => Promise<Result<{ readonly pupils: number }>>;
    readonly acceptHeld: (by: string) => Promise<Result<null>>;
    readonly discardHeld: (by: string) => Promise<Result<null>>;
  };
  /** Fault switches of the simulated parts, and where the demo's MIS is: only where there are any. */
  readonly simulated: Readonly<Record<string, FaultSwitch>>;
  readonly about: () => Readonly<Record<string, string | boolean | null>>;
}

/** Turns a simulated part's fault on; null mends it. */
export type FaultSwitch = (fault: string | null) => Result<unknown> | Promise<Result<unknown>>;

export type CommandName = keyof ReturnType<typeof commands>;

/** What the card does not take, or a box that has too much to do, is an answer. */
export const on: On = <T>(
  schema: v.GenericSchema<unknown, T>,
  run: (value: T, giver: Giver) => Result<unknown> | Promise<Result<unknown>>,
) => {
  return async (input: unknown, giver: Giver): Promise<Result<unknown>> => {
    const parsed = parse(schema, input);
    try {
      return parsed.ok ? await run(parsed.value, giver) : parsed;
    } catch (error) {
      if (error instanceof Busy) return { ok: false, error: { code: 'busy' } };
      if (isStorageTrouble(error)) return { ok: false, error: { code: 'storage_failed' } };
      throw error;
    }
  };
};

export function commands(ports: CommandPorts) {
  return {
    ...deskCommands(ports, on),
    ...privacyCommands(ports, on),
    ...peopleCommands(ports, on),
    ...settingCommands(ports, on),
    ...boxCommands(ports, on),
    ...restoreCommands(ports, on),
    ...updateCommands(ports, on),
    ...rosterCommands(ports, on),
    about: on(none, () => ok(ports.about())),
    state: on(none, () => ok(ports.snapshot())),
    log: on(none, () => ok(ports.host.log())),
    'first-use': on(none, () => ok(ports.firstUse())),
    simulate: on(v.object({ part: text, fault: v.nullable(text) }), ({ part, fault }) => {
      const set = Object.hasOwn(ports.simulated, part) ? ports.simulated[part] : undefined;
      if (set === undefined) return notFound(`${part} is not simulated here`);
      return set(fault);
    }),
  } satisfies Commands;
}

function settingCommands({ settingsDesk }: CommandPorts, on: On) {
  return {
    'change-setting': on(
      v.object({ ...settingChange, why: v.optional(v.nullable(text), null) }),
      (input, { by, command }) => settingsDesk.change(command, { ...input, by }),
    ),
    'undo-setting': on(v.object({ setting: text }), (input, { by, command }) =>
      settingsDesk.undo(command, { ...input, by }),
    ),
  } satisfies Commands;
}

function rosterCommands({ roster, access }: CommandPorts, on: On) {
  return {
    'roster-pull': on(none, async (_, { by }) => {
      await access.askedForRoster(by);
      return roster.pull();
    }),
    'roster-accept': on(none, (_, { by }) => roster.acceptHeld(by)),
    'roster-discard': on(none, (_, { by }) => roster.discardHeld(by)),
  } satisfies Commands;
}

/** One line, as `porter backup create` reads it. */
const ofBackup = v.object({
  password: v.pipe(v.string(), v.minLength(passwordLeast), v.maxLength(200), v.regex(/^\P{Cc}*$/u)),
});

/** As `mis.token` of the technician file. */
const aToken = v.pipe(v.string(), v.maxLength(4096), v.check(isToken));
const unstarted = 'nothing would start it again here: it does not run under systemd';

/** The page makes the file of what it shows: only that it is taken is told. */
const listTaken = v.object({
  list: v.picklist(['marks', 'day-sheet', 'late-again']),
  of: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d(?:-\d{4}-\d\d-\d\d)?$/)),
});

/** Its parts, what is printed, a backup, a new token, a restart. */
function boxCommands(ports: CommandPorts, on: On) {
  const { access } = ports;
  return {
    'self-test': on(none, async () => ok(await ports.selfTest())),
    reprint: on(v.object({ badge: v.pipe(v.string(), v.regex(/^\d{8}$/)) }), ({ badge }, { by }) =>
      ports.reprint(badge, by),
    ),
    'test-print': on(none, () => ports.testPrint()),
    'test-part': on(v.object({ part: v.picklist(['camera', 'lights', 'mis', 'clock']) }), async ({ part }) =>
      ok(await ports.testPart(part)),
    ),
    backup: on(ofBackup, async ({ password }, { session }) => {
      if (session === undefined) return notFound('at the console it is porter backup create');
      return ok({ token: await ports.host.taking.prepare(password, session) });
    }),
    'backup-to-stick': on(ofBackup, async ({ password }, { by }) => {
      const done = await ports.host.stick?.backUp(password);
      if (done === undefined) return notFound('there is no place for a stick here: it does not run on a box');
      if (!done.ok) return wrongState(done.words);
      await access.took('backup', by, null);
      return ok({ words: done.words });
    }),
    restart: on(none, async (_, { by }) => {
      const { restart } = ports.host;
      if (restart === null) return wrongState(unstarted);
      await access.restarted(by);
      ports.timers.after(restartAfterMs, restart);
      return ok(null);
    }),
    'mis-token': on(v.object({ token: aToken }), async ({ token }, { by }) => {
      const { misToken, restart } = ports.host;
      if (misToken === null) return wrongState('no MIS is connected');
      if (misToken.refused !== null || restart === null) return wrongState(misToken.refused ?? unstarted);
      const tried = await misToken.try(token);
      if (!tried.ok) return tried;
      await access.enteredMisToken(by);
      misToken.keep(token);
      ports.timers.after(restartAfterMs, restart);
      return tried;
    }),
    'destroy-aside': on(none, async (_, { by }) => {
      await ports.restoring.destroyAside();
      await ports.asideDestroyed(by);
      return ok(null);
    }),
    'print-evacuation': on(none, async (_, { by }) => {
      // Part of it is as good as all of it. The paper waits for no record.
      const told: Promise<void>[] = [];
      const printed = await ports.printEvacuation(() => {
        told.push(access.tookEvacuation('paper', by, null));
      });
      await Promise.all(told);
      return printed;
    }),
    'take-list': on(listTaken, async ({ list, of }, { by }) => {
      await access.took(`${list} ${of}`, by, null);
      return ok(null);
    }),
    pin: on(v.object({ name: text, pin: sixDigits }), ({ name, pin }, { by }) => {
      const { accounts } = access;
      if (accounts.person(name) !== undefined) return accounts.setPin(name, pin, by);
      return accounts.add({ name, role: 'reception', password: null, pin }, by);
    }),
  } satisfies Commands;
}

/** An update is asked for; and one that is tried asks whether all is well (durability.md 29). */
function updateCommands({ host, access, level, kioskConnected, version }: CommandPorts, on: On) {
  return {
    'install-update': on(
      v.object({ from: v.picklist(['stick', 'url']), version: text }),
      async ({ from, version: wanted }, { by }) => {
        const { updates } = host;
        if (updates === null) return wrongState('this machine takes no updates');
        const refused = updates.refusal(from, wanted);
        if (refused !== null) return wrongState(refused);
        await access.updates(`${wanted} is to be installed`, by);
        updates.install(from, wanted, by);
        return ok(null);
      },
    ),
    vouch: on(none, async () => {
      if (level !== 'normal') return wrongState('Porter ended unexpectedly several times.');
      if (!kioskConnected()) return wrongState('The page of the kiosk does not come.');
      await access.updates(`${version} is on trial`, 'Porter');
      return ok(null);
    }),
  } satisfies Commands;
}

/** Commands as whoever may open the control socket gives them: with the name that they say, each once. */
export type ShellCommands = Readonly<Record<string, (input: object) => Promise<Result<unknown>>>>;
const shellName = v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(80)), 'office');

export function fromTheShell(commands: Commands, random: Random): ShellCommands {
  const given = Object.entries(commands).map(([name, run]) => {
    const shell = async (input: object): Promise<Result<unknown>> => {
      const by = parse(shellName, 'by' in input ? input.by : undefined);
      if (!by.ok) return by;
      return run(input, { by: by.value, command: { id: random.id(), hash: hashOfInput(input), ageMs: 0 } });
    };
    return [name, shell] as const;
  });
  return Object.fromEntries(given);
}

const ok = <T>(value: T): Result<T> => ({ ok: true, value });
const wrongState = (detail: string): Result<never> => ({ ok: false, error: { code: 'wrong_state', detail } });
const notFound = (detail: string): Result<never> => ({ ok: false, error: { code: 'not_found', detail } });
