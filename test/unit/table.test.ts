import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openTable } from '../../device/journal/table.ts';
import { saveWhole } from '../../device/journal/whole-file.ts';

const place = mkdtempSync(join(tmpdir(), 'porter-table-'));
afterAll(() => rmSync(place, { recursive: true }));

interface Names {
  readonly names: readonly string[];
}
const empty: Names = { names: [] };
const parse = (data: unknown): Names | null =>
  typeof data === 'object' && data !== null && 'names' in data && Array.isArray(data.names)
    ? { names: data.names.map(String) }
    : null;

let tables = 0;
const fresh = (): string => join(place, `table-${++tables}.json`);
const open = (path: string) => openTable(path, { empty, parse });

describe('a table', () => {
  it('begins empty and keeps what was written over a restart', async () => {
    const path = fresh();
    const table = await open(path);
    expect([table.opened, table.data]).toEqual(['new', empty]);
    await table.write({ names: ['Ada'] });
    await table.write({ names: ['Ada', 'Bob'] });
    expect(table.data).toEqual({ names: ['Ada', 'Bob'] });
    const again = await open(path);
    expect([again.opened, again.data]).toEqual(['ok', { names: ['Ada', 'Bob'] }]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(empty.names).toEqual([]);
  });

  it('ends with the last of many writes, each told only when it is on the disk', async () => {
    const path = fresh();
    const table = await open(path);
    const told: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        table.write({ names: [String(n)] }).then(() => {
          told.push(n);
          expect(readFileSync(path, 'utf8')).toContain(`"${n}"`);
          expect(table.data).toEqual({ names: [String(n)] });
        }),
      ),
    );
    expect(told).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect((await open(path)).data).toEqual({ names: ['19'] });
  });

  it('keeps keys that it does not know', async () => {
    const path = fresh();
    const later = { v: 2, newer: true, data: { names: ['Ada'], colours: ['red'] } };
    await saveWhole(path, Buffer.from(JSON.stringify(later)));
    const table = await open(path);
    await table.write({ names: ['Bob'] });
    expect(JSON.parse(readFileSync(path, 'utf8').split('\n')[0] ?? '')).toEqual({
      v: 2,
      newer: true,
      data: { names: ['Bob'], colours: ['red'] },
    });
  });

  it.each([
    ['empty', ''],
    ['null', 'null'],
    ['NUL bytes', '\0'.repeat(300)],
    ['half', '{"v":1,"data":{"na'],
  ])('whose file is %s comes back from the one before', async (_what, content) => {
    const path = fresh();
    const table = await open(path);
    await table.write({ names: ['before'] });
    await table.write({ names: ['last'] });
    writeFileSync(path, content);
    const again = await open(path);
    expect([again.opened, again.data]).toEqual(['restored', { names: ['before'] }]);
    expect(readFileSync(`${path}.damaged-1`, 'utf8')).toBe(content);
  });

  it.each([
    ['no JSON', 'not json'],
    ['no table', '[]'],
    ['another table', '{"v":1,"data":{"pupils":[]}}'],
    ['null', '{"v":1,"data":null}'],
  ])('whose file is whole but %s is set aside', async (_what, content) => {
    const path = fresh();
    await saveWhole(path, Buffer.from('{"v":1,"data":{"names":["good"]}}'));
    await saveWhole(path, Buffer.from(content));
    const restored = await open(path);
    expect([restored.opened, restored.data]).toEqual(['restored', { names: ['good'] }]);

    const alone = fresh();
    await saveWhole(alone, Buffer.from(content));
    const damaged = await open(alone);
    expect([damaged.opened, damaged.data]).toEqual(['damaged', empty]);
    await damaged.write({ names: ['new'] });
    expect((await open(alone)).opened).toBe('ok');
    expect(readFileSync(`${alone}.damaged-1`, 'utf8').startsWith(content)).toBe(true);
  });

  it('keeps its data when a write fails, and writes again afterwards', async () => {
    const path = join(place, 'sub', 'table.json');
    const table = await open(path);
    await table.write({ names: ['kept'] });
    rmSync(join(place, 'sub'), { recursive: true });
    writeFileSync(join(place, 'sub'), 'a file where the folder was');
    await expect(table.write({ names: ['lost'] })).rejects.toThrow();
    expect(table.data).toEqual({ names: ['kept'] });
    rmSync(join(place, 'sub'));
    mkdirSync(join(place, 'sub'));
    await table.write({ names: ['next'] });
    expect((await open(path)).data).toEqual({ names: ['next'] });
    expect(readdirSync(join(place, 'sub'))).toEqual(['table.json']);
  });
});
