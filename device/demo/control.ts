import * as v from 'valibot';
import type { Answer, Asked } from './answer.ts';
import { jsonAnswer } from './answer.ts';
import { letterOf, schoolCodes } from './codes.ts';
import * as wire from './control-wire.ts';
import type { Faults } from './faults.ts';
import { isMisFault } from './faults.ts';
import type { MisMark, RolledPupil } from './mis-records.ts';
import type { RequestLog } from './request-log.ts';
import type { SimulatedMis } from './simulated-mis.ts';
import { writebackStatus } from './wonde-rows.ts';

/** What `/_sim` steers. */
export interface Simulation {
  readonly mis: SimulatedMis;
  readonly faults: Faults;
  readonly log: RequestLog;
  /** false: the network to the MIS is cut. */
  online: boolean;
  readonly foreign: () => wire.SimState['foreign'];
}

/** A command that cannot be done, in words for the person who gave it. */
class Refused extends Error {}

const iso = (at: number): string => new Date(at).toISOString();

function bodyOf<T>(asked: Asked, schema: v.GenericSchema<unknown, T>): T {
  let sent: unknown;
  try {
    sent = JSON.parse(asked.body);
  } catch {
    throw new Refused('the body is not JSON');
  }
  const read = v.safeParse(schema, sent);
  if (read.success) return read.output;
  throw new Refused(read.issues.map((issue) => `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`).join('; '));
}

function onePupil(mis: SimulatedMis, text: string): RolledPupil {
  const [found, another] = mis.search(text);
  if (found === undefined) throw new Refused('no such pupil');
  if (another !== undefined) throw new Refused('several pupils are called that: use the id');
  return found;
}

function simPupil(pupil: RolledPupil): wire.SimPupil {
  return {
    id: pupil.id,
    upi: pupil.upi,
    mis_id: pupil.misId,
    forename: pupil.forename,
    surname: pupil.surname,
    year: pupil.yearCode,
    registration: pupil.registration,
    birth_date: pupil.birthDate,
    on_roll: pupil.onRoll,
  };
}

function simMark(mis: SimulatedMis, mark: MisMark): wire.SimMark[] {
  const pupil = mis.withUpi(mark.upi);
  const last = mark.history.at(-1);
  if (pupil === undefined || last === undefined) return [];
  const { id: student_id, birth_date: _birth, on_roll: _onRoll, ...who } = simPupil(pupil);
  return [
    {
      student_id,
      ...who,
      date: mark.date,
      session: mark.session,
      code: last.code,
      minutes_late: last.minutesLate,
      comment: last.comment,
      writes: mark.history.filter(({ by }) => by !== 'teacher').length,
      history: mark.history.map(({ at, by, code, minutesLate, comment }) => ({
        at: iso(at),
        by,
        code,
        minutes_late: minutesLate,
        comment,
      })),
    },
  ];
}

function state({ mis, faults, online, foreign }: Simulation): wire.SimState {
  const count = { pending: 0, processing: 0, complete: 0, failed: 0 };
  for (const writeback of mis.writebacks()) count[writebackStatus(writeback, mis.now(), mis.schoolOnline)] += 1;
  return {
    school_id: mis.school.id,
    school_name: mis.school.name,
    seed: mis.school.seed,
    now: iso(mis.now()),
    today: mis.today(),
    online,
    school_online: mis.schoolOnline,
    roster: mis.roster,
    pupils: mis.onRoll().length,
    marks: mis.marks().length,
    writebacks: count,
    delay_ms: mis.delayMs,
    closed: [...mis.closed],
    faults: [...faults.list()],
    foreign: foreign(),
  };
}

function marks({ mis }: Simulation, { query }: Asked): Answer {
  const is = (name: string, value: string): boolean => !query.has(name) || query.get(name) === value;
  const wanted = mis.marks().filter((mark) => is('date', mark.date) && is('session', mark.session));
  return jsonAnswer(
    200,
    wanted.flatMap((mark) => simMark(mis, mark)),
  );
}

/** The code is one of the whole table, whichever table the school shows just now. */
function knownCode(code: string): string {
  const tables = [...schoolCodes('full'), ...schoolCodes('custom-l1')];
  if (!tables.some((known) => letterOf(known) === code)) throw new Refused('no such code');
  return code;
}

function teach({ mis }: Simulation, asked: Asked): Answer {
  const { student, date, session, code, minutes_late, comment } = bodyOf(asked, wire.teachSchema);
  const { upi } = onePupil(mis, student);
  if (code !== null) knownCode(code);
  mis.teach({ upi, date, session, code, minutesLate: minutes_late ?? null, comment: comment ?? null });
  return jsonAnswer(
    200,
    mis
      .marks()
      .flatMap((mark) =>
        mark.upi === upi && mark.date === date && mark.session === session ? simMark(mis, mark) : [],
      )[0],
  );
}

/** Like a teacher at registration: marks those who have no mark yet. About one in twenty is away, always the same. */
function takeRegister({ mis }: Simulation, asked: Asked): Answer {
  const { date, session, code } = bodyOf(asked, wire.takeRegisterSchema);
  if (code !== undefined) knownCode(code);
  const present = session === 'AM' ? '/' : '\\';
  mis.settle();
  const unmarked = mis.onRoll().filter(({ upi }) => (mis.markOf(upi, date, session)?.code ?? null) === null);
  for (const { upi } of unmarked) {
    const usual = Number.parseInt(upi.slice(0, 4), 16) % 20 === 0 ? 'N' : present;
    mis.teach({ upi, date, session, code: code ?? usual, minutesLate: null, comment: null });
  }
  return jsonAnswer(200, { marked: unmarked.length });
}

function changePupil({ mis }: Simulation, asked: Asked): Answer {
  const change = bodyOf(asked, wire.pupilChangeSchema);
  const pupil = onePupil(mis, change.student);
  if (change.action === 'leave') {
    if (!pupil.onRoll) throw new Refused('that pupil has left already');
    mis.leave(pupil);
  } else if (change.action === 're-enrol') mis.reEnrol(pupil);
  else {
    const { forename = pupil.forename, surname = pupil.surname } = change;
    mis.rename(pupil, surname === null ? { forename } : { forename, surname });
  }
  return jsonAnswer(200, simPupil(mis.withUpi(pupil.upi) ?? pupil));
}

function clearFaults({ faults }: Simulation, { query }: Asked): void {
  const name = query.get('name');
  if (name === null) faults.clear();
  else if (isMisFault(name)) faults.clear(name);
  else throw new Refused('no such fault');
}

function setOnline(simulation: Simulation, asked: Asked): void {
  const { online, school_online: schoolOnline } = bodyOf(asked, wire.onlineSchema);
  if (online !== undefined) simulation.online = online;
  if (schoolOnline !== undefined) simulation.mis.setSchoolOnline(schoolOnline);
}

function setWritebacks({ mis }: Simulation, asked: Asked): void {
  const { delay_ms: delayMs, finish } = bodyOf(asked, wire.writebackSettingSchema);
  if (delayMs !== undefined) mis.delayMs = delayMs;
  if (finish === true) mis.finish();
}

function writebacks({ mis }: Simulation): Answer {
  const rows: wire.SimWriteback[] = mis.writebacks().map((writeback) => ({
    id: writeback.id,
    status: writebackStatus(writeback, mis.now(), mis.schoolOnline),
    created_at: iso(writeback.createdAt),
    rows: writeback.rows.length,
    message: writeback.state === 'failed' ? writeback.failure : null,
  }));
  return jsonAnswer(200, rows);
}

function pupils({ mis }: Simulation, { query }: Asked): Answer {
  const search = query.get('search');
  return jsonAnswer(200, (search === null ? mis.onRoll() : mis.search(search)).map(simPupil));
}

/** Commands that answer with the state as it is afterwards. */
const commands: Readonly<Record<string, (simulation: Simulation, asked: Asked) => void>> = {
  'GET state': () => undefined,
  'POST fault': ({ faults }, asked) => {
    faults.set(bodyOf(asked, wire.misFaultSchema));
  },
  'DELETE fault': clearFaults,
  'POST online': setOnline,
  'POST writebacks': setWritebacks,
  'POST roster': ({ mis }, asked) => {
    mis.roster = bodyOf(asked, wire.rosterChangeSchema).roster;
  },
  'POST calendar': ({ mis }, asked) => {
    mis.closed = new Set(bodyOf(asked, wire.calendarSchema).closed);
  },
};

const answers: Readonly<Record<string, (simulation: Simulation, asked: Asked) => Answer>> = {
  'GET marks': marks,
  'POST marks': teach,
  'POST take-register': takeRegister,
  'POST pupil': changePupil,
  'GET pupils': pupils,
  'GET writebacks': writebacks,
  'GET requests': ({ log }) => jsonAnswer(200, log.read()),
  'DELETE requests': ({ log }) => {
    log.forget();
    return jsonAnswer(200, log.read());
  },
};

/** Answers one request to `/_sim/…`. No token: it is on loopback only, and pages of a browser may not send to it. */
export function controlAnswer(simulation: Simulation, asked: Asked): Answer {
  if (asked.headers['origin'] !== undefined) return jsonAnswer(403, { error: 'not for web pages' });
  const name = `${asked.method} ${asked.pathname.slice('/_sim/'.length)}`;
  try {
    const command = commands[name];
    if (command === undefined)
      return answers[name]?.(simulation, asked) ?? jsonAnswer(404, { error: 'no such command' });
    command(simulation, asked);
    return jsonAnswer(200, state(simulation));
  } catch (error) {
    if (error instanceof Refused) return jsonAnswer(400, { error: error.message });
    throw error;
  }
}
