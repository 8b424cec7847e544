/** The connector to Wonde: one REST interface in front of nearly every MIS in the UK (mis.md 2). */
import type { MisConnector } from '../connector.ts';
import { createWondeClient, refused } from './client.ts';
import type { WondeAddress, WondePorts } from './client.ts';
import { createCodeBook } from './codes.ts';
import { nothingSent } from './failure.ts';
import { readMarks } from './marks.ts';
import { createSchool } from './school.ts';
import { pullPupils } from './students.ts';
import { readWriteback, readWritebacks, writeMarks } from './writes.ts';

export interface WondeSettings extends WondeAddress {
  readonly schoolId: string;
}

export function createWondeConnector(settings: WondeSettings, ports: WondePorts): MisConnector {
  const client = createWondeClient(settings, ports);
  const { schoolId } = settings;
  const codes = createCodeBook(client, schoolId, ports.clock);
  const school = createSchool(client, schoolId, ports.clock);
  return {
    kind: 'wonde',
    health: school.health,
    pupils: (signal) => pullPupils(client, schoolId, signal),
    codes: async (signal, maxAgeMs) => {
      const list = await codes.read(signal, maxAgeMs);
      return list.ok ? { ok: true, value: list.value.codes } : list;
    },
    readMarks: (ask, signal) => readMarks({ client, schoolId, codes }, ask, signal),
    write: async (rows, signal, leaveBy = Infinity) => {
      const info = await school.info(signal);
      if (!info.ok) return refused(nothingSent(info.failure));
      return writeMarks({ client, schoolId, codes }, rows, info.value.capabilities, { signal, leaveBy });
    },
    writeback: (id, signal) => readWriteback(client, id, signal),
    writebacks: (since, signal) => readWritebacks(client, schoolId, since, signal),
  };
}
