/**
 * `scripts/sim`: the hand that moves what is simulated, and the staff's commands until the staff page has buttons for them.
 * Talks to a running Porter over its control socket, and to the demo's MIS simulator over its own.
 */
import { request } from 'node:http';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { controlPaths } from '../web/control.ts';
import { MisControlError, isMisFault, misControl, misFaults } from './mis-control.ts';
import type { MisControl } from './mis-control.ts';

const help = `scripts/sim [--data FOLDER] [--json] COMMAND ...     (FOLDER: .porter)

What the box knows
  state                          everything the staff page shows
  sum | out | marks | notes | undecided      parts of it; undecided: whose time is to be confirmed
  lights                         what the three lights show
  self-test                      every part
  first-use                      the code that makes the first administrator, and where

What staff do
  approve [VISIT] [--adult NAME] let a waiting pupil go (the first one, without a VISIT)
  refuse [VISIT]
  correct MOVEMENT undo          undo a movement
  correct MOVEMENT another PUPIL-KEY
  correct MOVEMENT time HH:MM | correct MOVEMENT reason REASON
  late PUPIL-KEY REASON [HH:MM]  record for a pupil: came late, left, came back
  left PUPIL-KEY REASON [HH:MM] | back PUPIL-KEY [HH:MM]
  decide KEY CODE [MINUTES]      decide a proposal, or use ours in a conflict
  keep-theirs KEY                keep what stands in the MIS
  retry KEY | cleared KEY        send again | it was cleared in the MIS by hand
  withdraw KEY                   want nothing any more, leave what stands
  adopt FORMER-KEY KEY           a pupil is back on the roster under another key
  erase PUPIL-KEY BY SECOND REASON       destroy the pupil's key: two people, a reason without a name
  receipt RECORD                 of an erasure that the card took later
  freeze | thaw                  send nothing until a person has looked | send again
  confirm-time DATE HH:MM        it is now so late; for a box whose time is not known
  confirm-time DATE HH:MM MOVEMENT       that movement, of those \`undecided\` lists, was then
  hold REASON MINUTES-AGO | hold end      the next pupils arrive with this reason and time
  exported DATE                  the export of that day is written: its records may go when their time is over
  keep MOVEMENT DAYS WHY | keep MOVEMENT end      hold all of a movement, its photo too, for safeguarding
  note-done NOTE
  loss-seen                      keys of pupils or photos were lost, and that is known: name it no more
  set-aside-seen                 a record that could not be used is known: name it no more, send marks again
  setting PLACE JSON [DATE]      changes a setting from that day on: late.hold_seconds, reason.late.bus, exception.DATE.DATE
  setting PLACE file | setting undo REF   the technician file's holds again | as if it had not been changed
  reprint BADGE-ID | void BADGE-REF | test-print
  pin NAME PIN                   six digits, for the Staff button of the kiosk
  roster pull | roster accept | roster discard

What is simulated
  printer FAULT | ok             FAULT as \`printer\` alone lists them
  camera FAULT | badge | ok      badge: the last printed badge is held before the lens
  mis offline | online           cut and mend the line to the demo's MIS
  mis slow MS | mis FAULT [TIMES] | mis ok
  mis marks | mis requests | mis state
  mis teacher "PUPIL" DATE AM|PM CODE     a teacher sets a mark
  mis register DATE AM|PM                 a teacher takes the register

Faults of the MIS:
${Object.entries(misFaults)
  .map(([name, words]) => `  ${name.padEnd(18)} ${words}`)
  .join('\n')}
`;

/** What is read of the box's answers; the rest is shown as it comes. */
const resultSchema = v.variant('ok', [
  v.object({ ok: v.literal(true), value: v.unknown() }),
  v.object({ ok: v.literal(false), error: v.object({ code: v.string(), detail: v.optional(v.string()) }) }),
]);
const stateSchema = v.looseObject({
  sum: v.object({ recorded: v.number(), confirmed: v.number(), waiting: v.number(), needsPerson: v.number() }),
  lights: v.object({ green: v.string(), amber: v.string(), red: v.string() }),
  approvals: v.array(v.looseObject({ visit: v.string() })),
  marks: v.array(
    v.looseObject({
      key: v.string(),
      code: v.nullable(v.string()),
      minutes: v.nullable(v.number()),
      inMis: v.nullable(v.string()),
    }),
  ),
  out: v.array(v.unknown()),
  undecided: v.array(v.unknown()),
  notes: v.array(v.unknown()),
});
const aboutSchema = v.looseObject({ mis: v.nullable(v.string()) });

/** Said to the person at the keyboard; exit code 1. */
class Said extends Error {}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string', default: '.porter' },
      json: { type: 'boolean', default: false },
      adult: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [name, ...words] = positionals;
  if (values.help || name === undefined) {
    process.stdout.write(help);
    return;
  }
  const box = new Box(values.data);
  const answer = await run(box, name, words, values.adult ?? null);
  process.stdout.write(
    values.json || typeof answer !== 'string' ? `${JSON.stringify(answer, null, 2)}\n` : `${answer}\n`,
  );
}

class Box {
  private readonly paths: readonly string[];
  constructor(dataFolder: string) {
    this.paths = controlPaths(dataFolder);
  }

  /** One command over the control socket; throws what the box refuses. */
  async tell(name: string, input: object = {}): Promise<unknown> {
    const result = v.parse(resultSchema, JSON.parse(await this.post(name, JSON.stringify(input), this.paths)));
    if (result.ok) return result.value;
    throw new Said(
      `the box refuses: ${result.error.code}${result.error.detail === undefined ? '' : `, ${result.error.detail}`}`,
    );
  }

  async state(): Promise<v.InferOutput<typeof stateSchema>> {
    return v.parse(stateSchema, await this.tell('state'));
  }

  async mis(): Promise<MisControl> {
    const { mis } = v.parse(aboutSchema, await this.tell('about'));
    if (mis === null) throw new Said('this Porter does not run the demo: there is no simulated MIS');
    return misControl(mis);
  }

  private post(name: string, body: string, [socketPath = '', ...others]: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath, path: `/${name}`, method: 'POST', timeout: 20_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve(Buffer.concat(chunks).toString('utf8'));
        });
      });
      asked.on('error', () => {
        if (others.length > 0) resolve(this.post(name, body, others));
        else reject(new Said(`no Porter runs on this data folder (${this.paths.join(' or ')})`));
      });
      asked.end(body);
    });
  }
}

async function run(box: Box, name: string, words: readonly string[], adult: string | null): Promise<unknown> {
  const [first, second, third] = words;
  const need = (word: string | undefined, what: string): string => {
    if (word === undefined) throw new Said(`${name}: ${what} is missing (scripts/sim --help)`);
    return word;
  };
  switch (name) {
    case 'state':
      return box.state();
    case 'sum': {
      const { sum } = await box.state();
      return `recorded ${String(sum.recorded)} = confirmed ${String(sum.confirmed)} + waiting ${String(sum.waiting)} + needs a person ${String(sum.needsPerson)}`;
    }
    case 'out':
    case 'marks':
    case 'notes':
    case 'undecided':
      return (await box.state())[name];
    case 'lights': {
      const { lights } = await box.state();
      return `green ${lights.green}, amber ${lights.amber}, red ${lights.red}`;
    }
    case 'self-test':
    case 'first-use':
    case 'freeze':
    case 'thaw':
    case 'loss-seen':
    case 'set-aside-seen':
      return box.tell(name);
    case 'approve':
    case 'refuse': {
      const visit = first ?? (await box.state()).approvals[0]?.visit;
      if (visit === undefined) throw new Said('nobody is waiting');
      return box.tell('answer', { visit, answer: name === 'approve' ? 'let-go' : 'no', adult });
    }
    case 'correct': {
      const movement = need(first, 'the movement');
      return box.tell('correct', { movement, correction: correctionOf(second, third ?? '') });
    }
    case 'late':
    case 'left':
    case 'back':
      return box.tell('record-for', recordFor(name, need(first, 'the pupil'), second, third));
    case 'decide':
      return decide(box, need(first, 'the key'), need(second, 'the code'), third);
    case 'keep-theirs':
    case 'retry':
    case 'cleared':
    case 'withdraw':
      return box.tell('settle', { key: need(first, 'the key'), verdict: { kind: name } });
    case 'adopt':
      return box.tell(name, { from: need(first, 'the former key'), to: need(second, 'the key') });
    case 'erase':
      return box.tell(name, {
        pupil: need(first, 'the key'),
        by: need(second, 'who erases'),
        second: need(third, 'who agrees'),
        why: need(words.slice(3).join(' ') || undefined, 'the reason'),
      });
    case 'receipt':
      return box.tell(name, { record: need(first, 'the record') });
    case 'confirm-time':
      return box.tell('confirm-time', {
        date: need(first, 'the date'),
        minute: minuteOf(need(second, 'the time')),
        movement: third ?? null,
      });
    case 'hold':
      return box.tell('hold-arrivals', {
        hold: first === 'end' ? null : { reason: need(first, 'the reason'), agoMs: Number(second ?? 0) * 60_000 },
      });
    case 'exported':
      return box.tell('exported', { date: need(first, 'the date') });
    case 'keep':
      return box.tell('hold-movement', {
        movement: need(first, 'the movement'),
        days: need(second, 'the number of days') === 'end' ? null : Number(second),
        why: third ?? null,
      });
    case 'setting':
      if (first === 'undo') return box.tell('undo-setting', { setting: need(second, 'the change') });
      return box.tell('change-setting', {
        place: need(first, 'the place'),
        change: changeOf(need(second, 'the value')),
        from: third ?? null,
      });
    case 'note-done':
      return box.tell('note-done', { note: need(first, 'the note') });
    case 'test-print':
      return box.tell('test-print', {});
    case 'reprint':
      return box.tell('reprint', { badge: need(first, 'the badge ID').replaceAll(' ', '') });
    case 'void':
      return box.tell('void-badge', { badge: need(first, 'the badge') });
    case 'pin':
      return box.tell('pin', { name: need(first, 'the name'), pin: need(second, 'the PIN') });
    case 'roster':
      return box.tell(`roster-${need(first, 'pull, accept or discard')}`);
    case 'printer':
    case 'camera':
      return box.tell('simulate', { part: name, fault: first === 'ok' ? null : (first ?? '') });
    case 'mis':
      return mis(await box.mis(), need(first, 'a command'), words.slice(1));
    default:
      throw new Said(`there is no command ${name} (scripts/sim --help)`);
  }
}

function recordFor(what: 'late' | 'left' | 'back', pupil: string, second?: string, third?: string): object {
  const time = what === 'back' ? second : third;
  const kind = what === 'back' ? 'return' : what === 'left' ? 'leave' : 'late';
  return { pupil, at: time === undefined ? null : { minute: time }, what: { kind, reason: second } };
}

function correctionOf(how: string | undefined, value: string): object {
  if (how === 'another') return { how: 'another-pupil', pupil: value };
  if (how === 'time') return { how, minute: value };
  return how === 'reason' ? { how, reason: value } : { how: 'undo' };
}

/** `removed`, `file`, or what would stand in the technician file, as JSON. */
function changeOf(word: string): unknown {
  if (word === 'removed') return word;
  if (word === 'file') return 'as-in-file';
  try {
    return { set: JSON.parse(word) as unknown };
  } catch {
    throw new Said(`${word} is no JSON: a text stands in quotes, such as '"office"'`);
  }
}

function minuteOf(time: string): number {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(time) ?? [];
  if (hour === undefined || minute === undefined) throw new Said(`the time is HH:MM, not ${time}`);
  return Number(hour) * 60 + Number(minute);
}

/** A decision carries the code that stands, as the person saw it. */
async function decide(box: Box, key: string, code: string, minutes: string | undefined): Promise<unknown> {
  const row = (await box.state()).marks.find((mark) => mark.key === key);
  const late = minutes === undefined ? (row?.code === code ? row.minutes : null) : Number(minutes);
  return box.tell('settle', { key, verdict: { kind: 'write', code, minutes: late, seen: row?.inMis ?? null } });
}

async function mis(control: MisControl, name: string, words: readonly string[]): Promise<unknown> {
  const [first, second, third, fourth] = words;
  switch (name) {
    case 'offline':
      return control.offline();
    case 'online':
      return control.online();
    case 'ok':
      await control.online();
      return control.clearFaults();
    case 'slow':
      return control.slow(Number(first ?? 3000));
    case 'marks':
      return control.marks();
    case 'requests':
      return control.requests();
    case 'state':
      return control.state();
    case 'pupils':
      return control.pupils(first);
    case 'teacher':
      if (first === undefined || second === undefined || fourth === undefined) break;
      return control.teacher({ student: first, date: second, session: sessionOf(third), code: fourth });
    case 'register':
      if (first === undefined) break;
      return control.takeRegister({ date: first, session: sessionOf(second) });
    default:
      if (isMisFault(name)) return control.fault(first === undefined ? { name } : { name, times: Number(first) });
      throw new Said(`the MIS knows no ${name} (scripts/sim --help)`);
  }
  throw new Said(`mis ${name}: something is missing (scripts/sim --help)`);
}

function sessionOf(word: string | undefined): 'AM' | 'PM' {
  if (word === 'AM' || word === 'PM') return word;
  throw new Said('the session is AM or PM');
}

main().catch((error: unknown) => {
  const said = error instanceof Said || error instanceof MisControlError;
  process.stderr.write(`${said ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
