import { Temporal } from 'temporal-polyfill';
import type { Answer, Asked } from './answer.ts';
import { jsonAnswer } from './answer.ts';
import { writeAttendance } from './attendance-write.ts';
import { globalCodes, schoolCodes } from './codes.ts';
import type { RequestFaults } from './faults.ts';
import { pageAnswer } from './paging.ts';
import type { SimulatedMis } from './simulated-mis.ts';
import { codeVariant, deletionRow, markRow, studentRow, timestamp, visibleMarks, writebackRow } from './wonde-rows.ts';
import type { VisibleMark } from './wonde-rows.ts';

/** The Wonde side of the simulator: `/v1.0/…` as mis.md 2 and 9.2 have it. */
export interface WondeService {
  readonly mis: SimulatedMis;
  readonly token: string;
  /** `http://host:port` of the other host that the faults send clients to. */
  readonly foreign: string;
}

/** Bearer in any case (the .NET client writes it small), or Basic with the token as user and no password (PHP). */
function knows(token: string, authorization: string | undefined): boolean {
  const [scheme, credentials] = (authorization ?? '').trim().split(/ +/);
  if (credentials === undefined) return false;
  if (scheme?.toLowerCase() === 'bearer') return credentials === token;
  return scheme?.toLowerCase() === 'basic' && Buffer.from(credentials, 'base64').toString() === `${token}:`;
}

/** `2016-06-24 00:00:00`, taken as UTC; null where there is none, NaN where it cannot be read. */
function moment(text: string | null): number | null {
  if (text === null) return null;
  if (!/^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$/.test(text)) return Number.NaN;
  try {
    return Temporal.PlainDateTime.from(text.replace(' ', 'T')).toZonedDateTime('UTC').epochMilliseconds;
  } catch {
    return Number.NaN;
  }
}

interface Call extends WondeService {
  readonly asked: Asked;
  readonly faults: RequestFaults;
}

const notFound = (): Answer => jsonAnswer(404, { error: 'Not Found' });

/** @returns a test for the times that the request's `updated_after` and `updated_before` let through, or null: not readable */
function updatedFilter(query: URLSearchParams): ((at: number) => boolean) | null {
  const after = moment(query.get('updated_after'));
  const before = moment(query.get('updated_before'));
  if (Number.isNaN(after) || Number.isNaN(before)) return null;
  return (at) => (after === null || at > after) && (before === null || at < before);
}

const badDate = (): Answer => jsonAnswer(400, { error: 'Bad Request' });

function school({ mis, asked, faults }: Call): Answer {
  const { id, name } = mis.school;
  const data = {
    id,
    name,
    urn: '100001',
    la_code: '301',
    timezone: 'Europe/London',
    mis: 'SIMS',
    extended: {
      allows_writeback: !faults.has('no-writeback'),
      has_timetables: true,
      has_lesson_attendance: true,
      audit_approved_at: timestamp(Date.UTC(2026, 7, 20, 9)),
    },
    region: {
      code: 'GBR',
      domain: asked.host,
      school_url: '',
      identifiers: { la_code: '301', establishment_number: '4001', urn: '100001' },
    },
  };
  return jsonAnswer(200, { data, meta: { includes: ['cbds'] } }, 1);
}

function meta({ mis, faults }: Call): Answer {
  const custom = codeVariant(faults) === 'custom-l1';
  const data = { online: mis.schoolOnline, approved: true, audited: true, custom_attendance_codes: custom };
  return jsonAnswer(200, { data }, 1);
}

function students(call: Call): Answer {
  const { mis, asked, faults } = call;
  const updated = updatedFilter(asked.query);
  if (updated === null) return badDate();
  const wanted = (asked.query.get('include') ?? '').split(',').map((include) => include.trim());
  const asText = asked.query.get('sim_dob') === 'string' || faults.has('dob-string');
  const pupils = mis.listed().filter((pupil) => updated(pupil.updatedAt));
  return pageAnswer(call, pupils, (pupil) => studentRow(pupil, wanted, faults, asText));
}

function codes(call: Call): Answer {
  return pageAnswer(call, schoolCodes(codeVariant(call.faults)), (code) => code);
}

function deletions(call: Call): Answer {
  const { mis, asked } = call;
  const updated = updatedFilter(asked.query);
  if (updated === null) return badDate();
  const type = asked.query.get('type');
  const rows = mis.deletions().filter(({ deletedAt }) => updated(deletedAt) && (type === null || type === 'student'));
  return pageAnswer(call, rows, deletionRow);
}

/**
 * `GET /attendance/session`. Wonde's own filters are not known (mis.md 11). Chosen here, all optional and joined by
 * "and": `date`, `from` and `to` (days, both included), `session` (AM or PM), `student_id`, `updated_after`,
 * `updated_before`. Any other is ignored, as a real server may ignore these (`ignore-filters`): a client has to look
 * at what it gets. A cleared mark is simply no longer there.
 */
function marks(call: Call): Answer {
  const { mis, asked, faults } = call;
  const stale = faults.take('stale-read');
  const until = Math.min(mis.seenUntil(), mis.now() - (stale === undefined ? 0 : (stale.ms ?? 60_000)));
  const all = visibleMarks(mis, until);
  const updated = updatedFilter(asked.query);
  if (updated === null) return badDate();
  const { query } = asked;
  const is = (name: string, value: string): boolean => !query.has(name) || query.get(name) === value;
  const [from, to] = [query.get('from') ?? '', query.get('to') ?? '9999'];
  const isWanted = ({ date, session, student, last }: VisibleMark): boolean =>
    is('date', date) &&
    is('session', session) &&
    is('student_id', student) &&
    date >= from &&
    date <= to &&
    updated(last.at);
  const seen = faults.has('ignore-filters') ? all : all.filter(isWanted);
  return pageAnswer(call, seen, (mark) => markRow(mark, faults));
}

function writebacks(call: Call): Answer {
  return pageAnswer(call, call.mis.writebacks(), (one) => writebackRow(call.mis, one, call.faults));
}

function writeback(call: Call, id: string): Answer {
  const found = call.mis.writebacks().find((one) => one.id === id);
  return found === undefined ? notFound() : jsonAnswer(200, { data: writebackRow(call.mis, found, call.faults) }, 1);
}

const schoolRoutes: Readonly<Record<string, (call: Call) => Answer>> = {
  'GET ': school,
  'GET students': students,
  'GET attendance-codes': codes,
  'GET deletions': deletions,
  'GET attendance/session': marks,
  'POST attendance/session': ({ mis, asked, faults }) => writeAttendance(mis, asked, faults),
};

/** Answers one request as Wonde would; the address with or without a slash at its end. */
export function wondeAnswer(service: WondeService, asked: Asked, faults: RequestFaults): Answer {
  if (!knows(service.token, asked.headers['authorization'])) return jsonAnswer(401, { error: 'Unauthorized' });
  const call = { ...service, asked, faults };
  const [version, first, id, ...rest] = asked.pathname.slice(1).split('/');
  const isGet = asked.method === 'GET';
  if (version !== 'v1.0') return notFound();
  if (isGet && first === 'attendance-codes' && id === undefined) {
    return pageAnswer(call, globalCodes(), (code) => code);
  }
  if (isGet && first === 'writebacks' && rest.length === 0)
    return id === undefined ? writebacks(call) : writeback(call, id);
  if (isGet && first === 'meta' && id === 'schools' && rest.length === 1) {
    return rest[0] === service.mis.school.id ? meta(call) : notFound();
  }
  if (first !== 'schools' || id !== service.mis.school.id) return notFound();
  return schoolRoutes[`${asked.method} ${rest.join('/')}`]?.(call) ?? notFound();
}
