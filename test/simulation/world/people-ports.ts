/** What whoever lives in a world has to do with. */
import type { Seeded } from '../../../device/demo/random.ts';
import type { Settings } from '../../../device/domain/settings.ts';
import type { Auditor } from './auditor.ts';
import type { Machine } from './machine.ts';
import type { MisWorld } from './mis.ts';
import type { Schedule } from './schedule.ts';
import type { Traits } from './traits.ts';

export const second = 1_000;

export interface PeoplePorts {
  readonly schedule: Schedule;
  readonly chance: Seeded;
  readonly machine: Machine;
  readonly mis: MisWorld;
  readonly auditor: Auditor;
  readonly settings: Settings;
  /** How much goes on: a share of a full day. */
  readonly bustle: number;
  /** Keys of the pupils who ever were on the roll; who is enrolled anew has another. */
  readonly pupils: string[];
  readonly traits: Traits;
  /** Chance for what only some lives have. */
  readonly rare: Seeded;
}
