/**
 * What staff and technicians can tell the box, by name: from the staff page, as far as the role goes (`staff/roles.ts`), and
 * through the control socket (`scripts/sim`). Parsed here, so that every door is as narrow.
 */
import * as v from 'valibot';
import type { ExportAnswer } from '../contract/staff-views.ts';
import type { StaffSnapshot } from '../contract/staff.ts';
import type { KioskSnapshot, PartReport } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import type { Departures } from '../desk/departures.ts';
import type { DeskCommand } from '../desk/desk.ts';
import type { EraseDesk } from '../desk/erasing.ts';
import type { Losses } from '../desk/losses.ts';
import { holdDaysMax } from '../desk/keeping.ts';
import type { SettingsDesk } from '../desk/settings.ts';
import type { StaffDesk } from '../desk/staff.ts';
import type { Host } from '../host.ts';
import { passwordLeast } from '../copies/backup.ts';
import type { Random, Timers } from '../system/ports.ts';
import { isStorageTrouble } from '../journal/trouble.ts';
import { hashOfInput } from './input-hash.ts';
import { parse } from './parse.ts';
import type { Commands, Giver, On } from './giver.ts';
import { correction, date, marksAtOnceMax, onBehalf, settingChange, text, verdict } from './staff-inputs.ts';
import type { ExportWish } from './staff/access-export.ts';
import type { LogExportWish } from './staff/log-export.ts';
import type { Access } from './staff/access.ts';
import { Busy } from './staff/hashing.ts';
import { peopleCommands, sixDigits } from './staff/people-commands.ts';

export interface CommandPorts {
  readonly random: Random;
  readonly snapshot: () => StaffSnapshot;
  readonly departures: Departures;
  readonly staffDesk: StaffDesk;
  readonly eraseDesk: EraseDesk;
  readonly settingsDesk: SettingsDesk;
  readonly losses: Pick<Losses, 'seen'>;
  readonly logExport: (wish: LogExportWish) => Promise<Result<{ readonly file: string }>>;
  readonly accessExport: (command: DeskCommand, wish: ExportWish) => Promise<Result<ExportAnswer>>;
  readonly access: Access;
  readonly firstUse: () => KioskSnapshot['firstUse'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly selfTest: () => Promise<readonly PartReport[]>;
  readonly reprint: (badge: string) => Promise<Result<null>>;
  /** Those that are closed, now. */
  readonly exportDays: () => Promise<void>;
  /** They may be many: nobody waits for it. */
  readonly exportDaysLater: () => void;
  readonly testPrint: () => Promise<Result<null>>;
  readonly testPart: (part: 'camera' | 'lights' | 'mis' | 'clock') => Promise<PartReport>;
  readonly host: Host;
  readonly timers: Timers;
  readonly printEvacuation: () => Promise<Result<{ readonly pages: number }>>;
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

/** Time for the answer to get out. */
const restartAfterMs = 500;

export type CommandName = keyof ReturnType<typeof commands>;

export function commands(ports: CommandPorts) {
  const { access, departures, staffDesk, eraseDesk, losses, roster, settingsDesk } = ports;
  const on: On = <T>(
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
  const none = v.object({});
  return {
    about: on(none, () => ok(ports.about())),
    state: on(none, () => ok(ports.snapshot())),
    'first-use': on(none, () => ok(ports.firstUse())),
    'self-test': on(none, async () => ok(await ports.selfTest())),
    answer: on(
      v.object({ visit: text, answer: v.picklist(['let-go', 'no']), adult: v.optional(v.nullable(text), null) }),
      (input, { by, command }) => departures.answer(command, { ...input, by }),
    ),
    correct: on(
      v.object({ movement: text, correction, why: v.optional(v.nullable(text), null) }),
      (input, { by, command }) => staffDesk.correct(command, { ...input, by }),
    ),
    settle: on(v.object({ key: text, verdict }), (input, { by, command }) =>
      staffDesk.settle(command, { ...input, by }),
    ),
    'settle-all': on(
      v.object({ marks: v.pipe(v.array(v.object({ key: text, verdict })), v.maxLength(marksAtOnceMax)) }),
      (input, { by, command }) => staffDesk.settleAll(command, { ...input, by }),
    ),
    'record-for': on(onBehalf, (input, { by, command }) => staffDesk.recordFor(command, { ...input, by })),
    adopt: on(v.object({ from: text, to: text }), (input, { by, command }) =>
      staffDesk.adopt(command, { ...input, by }),
    ),
    erase: on(
      v.object({
        pupil: text,
        second: text,
        why: text,
        secondPassword: v.optional(v.pipe(v.string(), v.maxLength(200)), ''),
        secondCode: v.optional(v.pipe(v.string(), v.maxLength(20))),
      }),
      async ({ pupil, second, why, secondPassword, secondCode }, { by, command, session }) => {
        // At the page the second person is there, and shows it; at the control socket whoever may open it answers for both.
        const shows = {
          name: second,
          password: secondPassword,
          ...(secondCode === undefined ? {} : { code: secondCode }),
        };
        const agreed =
          session === undefined ? second : await access.second(session, shows, `${command.id} ${command.hash}`);
        if (typeof agreed !== 'string') return agreed;
        return eraseDesk.erase(command, { pupil, second: agreed, why, by });
      },
    ),
    'log-export': on(v.object({ from: date, to: date, names: v.boolean() }), (input, { by, session }) =>
      ports.logExport({ ...input, by, session }),
    ),
    'access-export': on(v.object({ pupil: text, why: text }), (input, { by, command, session }) =>
      ports.accessExport(command, { ...input, by, session }),
    ),
    receipt: on(v.object({ record: text }), ({ record }) => eraseDesk.receipt(record)),
    'change-setting': on(
      v.object({ ...settingChange, why: v.optional(v.nullable(text), null) }),
      (input, { by, command }) => settingsDesk.change(command, { ...input, by }),
    ),
    'undo-setting': on(v.object({ setting: text }), (input, { by, command }) =>
      settingsDesk.undo(command, { ...input, by }),
    ),
    freeze: on(none, (_, { by, command }) => staffDesk.freeze(command, { by })),
    thaw: on(none, (_, { by, command }) => staffDesk.thaw(command, { by })),
    'confirm-time': on(
      v.object({
        date: v.pipe(v.string(), v.isoDate()),
        minute: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1439)),
        movement: v.optional(v.nullable(text), null),
      }),
      (input, { by, command }) => staffDesk.confirmTime(command, { ...input, by }),
    ),
    'hold-arrivals': on(
      v.object({
        hold: v.nullable(
          v.object({ reason: text, agoMs: v.pipe(v.number(), v.minValue(0), v.maxValue(4 * 3_600_000)) }),
        ),
      }),
      (input, { by, command }) => staffDesk.holdArrivals(command, { ...input, by }),
    ),
    'loss-seen': on(none, (_, { by }) => losses.seen(by)),
    'set-aside-seen': on(none, (_, { by, command }) => staffDesk.setAsideSeen(command, { by })),
    'note-done': on(v.object({ note: text }), (input, { by, command }) =>
      staffDesk.noteDone(command, { ...input, by }),
    ),
    'void-badge': on(v.object({ badge: text }), (input, { by, command }) =>
      staffDesk.voidBadge(command, { ...input, by }),
    ),
    'close-out': on(
      v.object({
        movement: text,
        how: v.picklist(['went-home', 'confirmed-home', 'not-found']),
        why: v.optional(v.nullable(text), null),
      }),
      (input, { by, command }) => staffDesk.closeOut(command, { ...input, by }),
    ),
    'close-day': on(v.object({ date }), async (input, { by, command }) => {
      const closed = await staffDesk.closeDay(command, { ...input, by });
      if (closed.ok) await ports.exportDays();
      return closed;
    }),
    'close-days': on(v.object({ upTo: date }), async (input, { by, command }) => {
      const closed = await staffDesk.closeDays(command, { ...input, by });
      if (closed.ok) ports.exportDaysLater();
      return closed;
    }),
    exported: on(v.object({ date }), (input, { by, command }) => staffDesk.exported(command, { ...input, by })),
    'hold-movement': on(
      v.object({
        movement: text,
        days: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(holdDaysMax))),
        why: v.optional(v.nullable(text), null),
      }),
      (input, { by, command }) => staffDesk.holdMovement(command, { ...input, by }),
    ),
    reprint: on(v.object({ badge: v.pipe(v.string(), v.regex(/^\d{8}$/)) }), ({ badge }) => ports.reprint(badge)),
    'test-print': on(none, () => ports.testPrint()),
    'test-part': on(v.object({ part: v.picklist(['camera', 'lights', 'mis', 'clock']) }), async ({ part }) =>
      ok(await ports.testPart(part)),
    ),
    backup: on(
      v.object({ password: v.pipe(v.string(), v.minLength(passwordLeast), v.maxLength(200)) }),
      async ({ password }, { session }) => {
        if (session === undefined) return notFound('at the console it is porter backup create');
        return ok({ token: await ports.host.taking.prepare(password, session) });
      },
    ),
    restart: on(none, async (_, { by }) => {
      const { restart } = ports.host;
      if (restart === null) {
        const detail = 'nothing would start it again here: it does not run under systemd';
        return { ok: false, error: { code: 'wrong_state', detail } };
      }
      await access.restarted(by);
      ports.timers.after(restartAfterMs, restart);
      return ok(null);
    }),
    drill: on(v.object({ on: v.boolean() }), (input, { by, command }) => staffDesk.drill(command, { ...input, by })),
    'print-evacuation': on(none, async (_, { by }) => {
      const printed = await ports.printEvacuation();
      if (printed.ok) await access.tookEvacuation('paper', by, null);
      return printed;
    }),
    pin: on(v.object({ name: text, pin: sixDigits }), ({ name, pin }, { by }) => {
      const { accounts } = access;
      if (accounts.person(name) !== undefined) return accounts.setPin(name, pin, by);
      return accounts.add({ name, role: 'reception', password: null, pin }, by);
    }),
    ...peopleCommands(ports, on),
    'roster-pull': on(none, () => roster.pull()),
    'roster-accept': on(none, (_, { by }) => roster.acceptHeld(by)),
    'roster-discard': on(none, (_, { by }) => roster.discardHeld(by)),
    simulate: on(v.object({ part: text, fault: v.nullable(text) }), ({ part, fault }) => {
      const set = Object.hasOwn(ports.simulated, part) ? ports.simulated[part] : undefined;
      if (set === undefined) return notFound(`${part} is not simulated here`);
      return set(fault);
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
const notFound = (detail: string): Result<never> => ({ ok: false, error: { code: 'not_found', detail } });
