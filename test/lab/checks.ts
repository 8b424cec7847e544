/** Compares what the box and the MIS have with what was promised (book.ts). */
import type { InRow, StaffSnapshot } from '../../device/contract/staff.ts';
import type { SimMark } from '../../device/demo/mis-control.ts';
import type { Book } from './book.ts';

export interface Findings {
  /** Promises that were looked for, and are kept. */
  readonly found: number;
  /** Promises that are not, as sentences. */
  readonly lost: readonly string[];
  /** Marks that the MIS should not have, or has otherwise than the box says; things that nobody asked for. */
  readonly wrong: readonly string[];
  /** Marks that were written twice for one movement. */
  readonly doubled: readonly string[];
}

/**
 * Looks once at everything, and enters in the book what the snapshot shows beyond it: from now on that is promised too.
 * Movements of earlier days show in no list; the sum still counts their marks. What has been found is not told again.
 */
export function compare(book: Book, state: StaffSnapshot, marks: readonly SimMark[]): Findings {
  const [date = ''] = state.now.split(' ');
  const checks = [
    newRun(book, state),
    arrivals(book, state, date),
    departures(book, state, date),
    requests(book, state, date),
    returns(book, state, date),
    sum(book, state),
    inTheMis(book, state, marks),
  ];
  Object.assign(book.unanswered, { late: 0, early: 0, request: 0 });
  const news = (sentences: readonly string[]): readonly string[] => {
    const fresh = sentences.filter((one) => !book.told.has(one));
    for (const one of fresh) book.told.add(one);
    return fresh;
  };
  return {
    found: checks.reduce((all, { found = 0 }) => all + found, 0),
    lost: news(checks.flatMap(({ lost = [] }) => lost)),
    wrong: news(checks.flatMap(({ wrong = [] }) => wrong)),
    doubled: news(checks.flatMap(({ doubled = [] }) => doubled)),
  };
}

type Part = Partial<Findings>;

/** A run's id is random: the same twice would mean that the restored machine makes old random numbers again. */
function newRun(book: Book, { runId }: StaffSnapshot): Part {
  const known = book.runs.has(runId);
  book.runs.add(runId);
  return known ? { wrong: ['two starts of the daemon have one id'] } : {};
}

function arrivals(book: Book, state: StaffSnapshot, date: string): Part {
  const shown = new Set(state.late.map(({ movement }) => movement));
  const lost: string[] = [];
  let found = 0;
  for (const arrival of book.arrivals.values()) {
    if (!arrival.session.startsWith(date)) continue;
    const stands = shown.has(arrival.movement);
    if (arrival.undone === 'asked') arrival.undone = stands ? 'no' : 'yes';
    else if (stands === (arrival.undone === 'no')) found += 1;
    else lost.push(stands ? `the undo of ${arrival.movement}` : `the arrival ${arrival.movement}`);
  }
  const more = state.late.filter(({ movement }) => !book.arrivals.has(movement));
  for (const row of more) adopt(book, row, date);
  const wrong = more.length > book.unanswered.late ? [`${String(more.length)} arrivals that nobody asked for`] : [];
  return { found, lost, wrong };
}

/** A command without an answer was done all the same. */
function adopt(book: Book, { movement }: InRow, date: string): void {
  book.arrivals.set(movement, { movement, session: date, outcome: null, undone: 'no' });
}

function departures(book: Book, state: StaffSnapshot, date: string): Part {
  const out = new Set(state.out.flatMap(({ badge }) => badge ?? []));
  const lost: string[] = [];
  let found = 0;
  for (const departure of book.departures.values()) {
    if (departure.date !== date) continue;
    const isOut = out.has(departure.badge);
    if (departure.returned === 'asked') departure.returned = isOut ? 'no' : 'yes';
    else if (isOut === (departure.returned === 'no')) found += 1;
    else lost.push(isOut ? `the return with badge ${departure.badge}` : `the departure with badge ${departure.badge}`);
  }
  const letGo = [...book.requests.values()].filter((one) => one.letGo !== 'no' && !one.entered);
  const more = [...out].filter((badge) => !book.departures.has(badge));
  for (const badge of more) book.departures.set(badge, { badge, date, returned: 'no' });
  // Who is not back is out on the next day too, and may have been let go in the moment of the cut before.
  const most = book.unanswered.early + letGo.length;
  const least = letGo.filter((one) => one.letGo === 'yes' && one.date === date).length;
  for (const request of letGo) request.entered = true;
  if (more.length < least) lost.push(`${String(least - more.length)} departures of pupils who were let go`);
  return { found, lost, wrong: more.length > most ? [`${String(more.length)} departures that nobody asked for`] : [] };
}

function requests(book: Book, state: StaffSnapshot, date: string): Part {
  const waiting = new Set(state.approvals.map(({ visit }) => visit));
  const lost: string[] = [];
  let found = 0;
  for (const request of book.requests.values()) {
    if (request.date !== date) continue;
    const waits = waiting.has(request.visit);
    if (request.letGo === 'asked') request.letGo = waits ? 'no' : 'yes';
    else if (waits === (request.letGo === 'no')) found += 1;
    else lost.push(waits ? `the letting go of visit ${request.visit}` : `the request of visit ${request.visit}`);
  }
  const more = [...waiting].filter((visit) => !book.requests.has(visit));
  for (const visit of more) book.requests.set(visit, { visit, date, letGo: 'no', entered: false });
  return { found, lost, wrong: more.length > book.unanswered.request ? ['requests that nobody made'] : [] };
}

function returns(book: Book, state: StaffSnapshot, date: string): Part {
  const today = [...book.departures.values()].filter((one) => one.date === date && one.returned === 'yes').length;
  const missing = today - state.back.length;
  return missing > 0 ? { lost: [`${String(missing)} returns are not listed`] } : { found: today };
}

/** The sum counts every mark for ever: those of days that no list shows any more too. */
function sum(book: Book, { sum: { recorded, confirmed, waiting, needsPerson } }: StaffSnapshot): Part {
  const late = [...book.arrivals.values()].filter((one) => one.undone === 'no' && one.outcome === 'late').length;
  return {
    lost: recorded < late ? [`the sum counts ${String(recorded)} marks of ${String(late)}`] : [],
    wrong: recorded === confirmed + waiting + needsPerson ? [] : ['the sum does not add up'],
  };
}

/** `Porter 1-004217` stands in the comment of every mark: the journal's number of the arrival, or of the departure that a return ends. */
export const numberOf = (comment: string | null): number =>
  Number(/Porter \d-(\d+)$/.exec(comment ?? '')?.[1] ?? Number.NaN);
export const sequenceOf = (ref: string): number => Number(ref.split(':')[1]);

function inTheMis(book: Book, state: StaffSnapshot, marks: readonly SimMark[]): Part {
  const undone = new Set([...book.arrivals.values()].filter((one) => one.undone === 'yes').map((one) => one.movement));
  const undoneNumbers = new Set([...undone].map(sequenceOf));
  const rows = new Map(state.marks.map((row) => [row.key, row]));
  const wrong: string[] = [];
  const doubled: string[] = [];
  for (const mark of marks) {
    const key = `${mark.upi}|${mark.date}|${mark.session}`;
    const row = rows.get(key);
    const written = mark.history.filter(({ by }) => by !== 'teacher').map(({ comment }) => numberOf(comment));
    const number = numberOf(mark.comment);
    if (written.length > new Set(written).size) doubled.push(key);
    if (row?.state === 'confirmed' && row.code !== mark.code) wrong.push(`${key} is ${String(mark.code)}, not as said`);
    if (row?.state === 'withdrawn' && undoneNumbers.has(number)) wrong.push(`${key} was undone and sent all the same`);
  }
  const held = new Set(marks.map((mark) => `${mark.upi}|${mark.date}|${mark.session}`));
  for (const row of rows.values()) {
    if (row.state === 'confirmed' && !held.has(row.key))
      wrong.push(`${row.key} is said to be confirmed and is not there`);
  }
  return { wrong, doubled };
}
