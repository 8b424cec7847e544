/** A process that writes to a journal until it is killed and says on standard output what it was promised. */
import { openJournal } from '../../device/journal/journal.ts';
import { SystemClock } from '../../device/system/clock.ts';
import { machineLog, machineRandom, machineTimers } from '../../device/system/outside.ts';
import { testMasters } from './keys.ts';

const [folder = '', threadFile = '', name = ''] = process.argv.slice(2);

async function write(): Promise<void> {
  const clock = new SystemClock({ trust: 'system', offsetMs: 0, builtAt: 0, hasMis: false });
  const outside = { clock, timers: machineTimers, random: machineRandom, log: machineLog };
  const journal = await openJournal({ ...outside, folder, threadFile, build: 'test', masters: testMasters });
  const writeOn = async (writer: number): Promise<void> => {
    for (let n = 0; ; n += 1) {
      const detail = `${name}-${writer}-${n}`;
      const body = { type: 'note', v: 1, kind: 'conflict', urgent: false, visit: null, pupil: null, detail } as const;
      const { records, durable } = journal.commit([body]);
      await durable;
      process.stdout.write(`${records[0]?.ref} ${detail}\n`);
    }
  };
  await Promise.all([1, 2, 3].map(writeOn));
}
void write();
