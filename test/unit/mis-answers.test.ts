/**
 * Whatever an MIS, a proxy or a captive portal answers: the connector gives a value or a failure in plain words, and never throws.
 * Real answers of the simulator, spoilt in one place or several.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demoSchool } from '../../device/demo/school.ts';
import { RequestLog } from '../../device/demo/request-log.ts';
import { Faults } from '../../device/demo/faults.ts';
import { SimulatedMis } from '../../device/demo/simulated-mis.ts';
import { spoiltAnswer } from '../../device/demo/spoilt-answer.ts';
import type { MisConnector } from '../../device/mis/connector.ts';
import { createWondeConnector } from '../../device/mis/wonde/connector.ts';
import type { Asked, Exchange } from '../../device/mis/wonde/exchange.ts';
import { planted } from '../support/hostile.ts';
import { steeredTime } from '../support/steered-time.ts';
import { tries, triesTimeoutMs } from '../support/tries.ts';

const token = 'a-made-up-token';
const date = '2026-11-23';

/** What is done to an answer: the value at a place becomes another, the text is cut, or it is another answer altogether. */
type Spoiling =
  | { readonly how: 'value'; readonly at: number; readonly value: unknown }
  | { readonly how: 'cut'; readonly share: number }
  | { readonly how: 'text'; readonly text: string; readonly status: number };

const value = fc.oneof(
  fc.constantFrom<unknown>(null, '', planted, '__proto__', -1, 0, 1e308, true, [], {}, [null], [[]], 'x'.repeat(5_000)),
  fc.jsonValue({ maxDepth: 3 }),
);
const spoiling = fc.oneof(
  fc.record({ how: fc.constant('value' as const), at: fc.nat({ max: 5_000 }), value }),
  fc.record({ how: fc.constant('value' as const), at: fc.nat({ max: 60 }), value }),
  fc.record({ how: fc.constant('cut' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    how: fc.constant('text' as const),
    text: fc.oneof(
      fc.constantFrom('', 'null', '[]', '{"data":{}}', `<html>${planted}</html>`, '['.repeat(9_000)),
      fc.string(),
    ),
    status: fc.constantFrom(200, 200, 201, 202, 204, 302, 400, 401, 404, 422, 429, 500, 503),
  }),
);

/** The value at the `at`-th place, counted depth first, replaced. */
function replaced(whole: unknown, at: number, by: unknown): unknown {
  let left = at;
  const walk = (one: unknown): unknown => {
    if (left === 0) {
      left -= 1;
      return by;
    }
    left -= 1;
    if (left < 0 || typeof one !== 'object' || one === null) return one;
    if (Array.isArray(one)) return one.map(walk);
    return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, walk(inner)]));
  };
  return walk(whole);
}

function spoil(exchange: Exchange, spoilings: readonly Spoiling[]): Exchange {
  return spoilings.reduce((before: Exchange, one): Exchange => {
    if (before.kind !== 'answered') return before;
    switch (one.how) {
      case 'cut':
        return { ...before, body: before.body.subarray(0, Math.floor(before.body.length * one.share)) };
      case 'text':
        return { ...before, status: one.status, body: Buffer.from(one.text) };
      case 'value':
        try {
          const json = replaced(JSON.parse(before.body.toString('utf8')), one.at, one.value);
          return { ...before, body: Buffer.from(JSON.stringify(json)) };
        } catch {
          return before;
        }
    }
  }, exchange);
}

const school = demoSchool();
const small = { ...school, pupils: school.pupils.slice(0, 12), deletions: [] };

/** A connector whose MIS answers truly but for the `nth` exchange and those after it. */
function connectorTo(spoilings: readonly Spoiling[], nth: number) {
  const { clock, timers } = steeredTime(Date.parse(`${date}T08:52:00Z`), 30_000);
  const now = (): number => clock.now();
  const mis = new SimulatedMis({ school: small, now, delayMs: 0, closed: [], saved: null });
  const simulation = {
    mis,
    faults: new Faults(now),
    log: new RequestLog(),
    online: true,
    foreign: () => ({ requests: 0, with_token: 0 }),
  };
  let asked = 0;
  const exchange = ({ method, url, headers, body }: Asked): Promise<Exchange> => {
    const wire = {
      method,
      path: `${url.pathname}${url.search}`,
      pathname: url.pathname.replace(/\/+$/, ''),
      query: url.searchParams,
      host: url.host,
      headers,
      body: body ?? '',
    };
    const { answer } = spoiltAnswer(simulation, { mis, token, foreign: 'https://elsewhere.example' }, wire);
    simulation.log.end();
    asked += 1;
    if (answer === null) return Promise.resolve({ kind: 'failed', left: true, reused: false, code: 'ECONNRESET' });
    const whole: Exchange = {
      kind: 'answered',
      status: answer.status,
      headers: { date: new Date(clock.now()).toUTCString(), ...answer.headers },
      body: Buffer.from(answer.body),
    };
    return Promise.resolve(asked > nth ? spoil(whole, spoilings) : whole);
  };
  const connector = createWondeConnector(
    { baseUrl: 'https://wonde.example/v1.0', schoolId: small.id, token, version: '0.1.0' },
    { clock, timers, heard: () => undefined, open: () => ({ exchange, forget: () => undefined }) },
  );
  return { connector, ids: mis.onRoll().map(({ id }) => id) };
}

const asks: Readonly<
  Record<string, (to: MisConnector, ids: readonly string[], signal: AbortSignal) => Promise<unknown>>
> = {
  health: (to, _, signal) => to.health(signal),
  pupils: (to, _, signal) => to.pupils(signal),
  codes: (to, _, signal) => to.codes(signal),
  marks: (to, misIds, signal) => to.readMarks({ date, session: 'AM', misIds }, signal),
  write: (to, [misId = ''], signal) =>
    to.write([{ misId, date, session: 'AM', code: 'L', minutesLate: 5, comment: planted }], signal),
  writeback: (to, _, signal) => to.writeback('W100001', signal),
  writebacks: (to, _, signal) => to.writebacks(0, signal),
};

test.each(Object.keys(asks))(
  'an answer to %s, spoilt',
  async (what) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(spoiling, { minLength: 1, maxLength: 3 }),
        fc.nat({ max: 3 }),
        async (spoilings, nth) => {
          const { connector, ids } = connectorTo(spoilings, nth);
          const answer = await asks[what]?.(connector, ids, AbortSignal.timeout(60_000));
          expect(answer).toHaveProperty('ok');
          const { failure } = answer as { readonly failure?: { readonly words: string } };
          if (failure === undefined) return;
          expect(failure.words).toMatch(/^[A-Z].*[.]$/);
          expect(failure.words).not.toContain(planted);
          expect(failure.words).not.toContain(token);
        },
      ),
      tries(150),
    );
  },
  triesTimeoutMs,
);
