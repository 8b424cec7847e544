/**
 * What the contract suite takes from `vitest`, for a program in the guest: vitest's own runner and expectations, without the rest,
 * which transforms and watches sources. Stands in for `vitest` in the bundle (kind.ts).
 */
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend, chai } from '@vitest/expect';
import type { ExpectStatic } from '@vitest/expect';
import { setTimeout as sleep } from 'node:timers/promises';

export { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@vitest/runner';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

interface Patience {
  readonly timeout: number;
  readonly interval: number;
}

/** As vitest's: asked again until the expectation holds. Those that the suite polls with. */
function poll<T>(look: () => T | Promise<T>, { timeout, interval }: Patience): { toBe(wanted: T): Promise<void> } {
  const until = async (holds: (found: T) => void): Promise<void> => {
    for (const began = performance.now(); ; await sleep(interval)) {
      const found = await look();
      try {
        return holds(found);
      } catch (error) {
        if (performance.now() - began > timeout) throw error;
      }
    }
  };
  return { toBe: (wanted) => until((found) => expect(found).toBe(wanted)) };
}

const unreachable = (): never => chai.expect.fail('this was not to be reached');

export const expect = Object.assign(chai.expect as ExpectStatic, { poll, unreachable });
