import type { Answer, Asked } from './answer.ts';
import type { Simulation } from './control.ts';
import { routeOf } from './request-log.ts';
import { cutOff, slownessOf, spoilingOf } from './spoiling.ts';
import type { Ending } from './spoiling.ts';
import { wondeAnswer } from './wonde.ts';
import type { WondeService } from './wonde.ts';

/** What comes back of one request, and how. */
export interface SpoiltAnswer {
  readonly answer: Answer | null;
  readonly ending: Ending;
  /** Before anything is sent back, ms. */
  readonly waitMs: number;
}

/** Does the work of one request to `/v1.0`, with whatever faults are on; no network in it. The log's entry stays open. */
export function spoiltAnswer(simulation: Simulation, service: WondeService, asked: Asked): SpoiltAnswer {
  const { mis, log, online } = simulation;
  const faults = simulation.faults.during(asked);
  const around = { now: mis.now(), foreign: service.foreign, path: asked.path };
  const spoiling = online ? spoilingOf(faults, around) : cutOff;
  const right = spoiling === null || spoiling.works ? wondeAnswer(service, asked, faults) : null;
  const answer = spoiling === null ? right : spoiling.answer(right);
  const ending = spoiling?.ending ?? 'whole';
  const { method, path, pathname } = asked;
  log.begin(routeOf(pathname), {
    at: new Date(around.now).toISOString(),
    method,
    path,
    status: ending === 'whole' ? (answer?.status ?? 0) : 0,
    rows: right?.rows ?? 0,
    faults: [...faults.met()],
  });
  return { answer, ending, waitMs: (spoiling?.waitMs ?? 0) + (online ? slownessOf(faults) : 0) };
}
