/** What staff are told when they try one part. */
import { expect, test } from 'vitest';
import { Health } from '../../device/health.ts';
import type { HealthPorts } from '../../device/health.ts';
import type { School } from '../../device/desk/school.ts';
import { plain } from '../../device/mis/wonde/failure.ts';
import { steeredTime } from '../support/steered-time.ts';

test('the MIS fails at the test: in the words of this failure, not of what was asked before', async () => {
  const { clock, timers } = steeredTime(Date.parse('2026-11-23T08:50:00Z'));
  const mis = () => ({ state: 'online', words: 'The MIS answers.', lastContact: null }) as const;
  const health = new Health({ clock, timers, mis } as unknown as HealthPorts);
  const failure = plain('forbidden', 'The school must approve the permission for attendance codes in Wonde.');
  const connector = { codes: () => Promise.resolve({ ok: false, failure } as const) };
  expect(await health.testPart('mis', {} as School, connector)).toEqual({
    part: 'mis',
    ok: false,
    words: 'The MIS was asked for its codes. The school must approve the permission for attendance codes in Wonde.',
  });
});
