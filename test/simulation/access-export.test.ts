/** The access export: everything that the journal has of a pupil, nothing of anybody else, and that it was taken. */
import { describe, expect, test } from 'vitest';
import { PupilRecords } from '../../device/desk/about-pupil.ts';
import type { Pupil } from '../../device/domain/pupil.ts';
import type { Recorded } from '../../device/domain/record.ts';
import { takeExport } from '../../device/web/staff/access-export.ts';
import type { ExportPorts } from '../../device/web/staff/access-export.ts';
import { everything } from '../../device/web/staff/everything.ts';
import { Files } from '../../device/web/staff/files.ts';
import { seededRandom } from '../support/box.ts';
import { openDay, pupils, refusal, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';
import { steeredTime } from '../support/steered-time.ts';

/** Keys and names that stand in nothing else. */
const roll: readonly Pupil[] = Array.from({ length: 8 }, (_, n) => ({
  ...(pupils[0] as Pupil),
  key: `key-of-${String(n)}`,
  misId: `id-of-${String(n)}`,
  forename: `Fore${String(n)}`,
  surname: `Sur${String(n)}`,
}));
const jpeg = (visit: string): Uint8Array => Buffer.from(`jpeg of ${visit}`);

function ports(day: Day): ExportPorts {
  const { school, desk, journal } = day.box;
  return {
    school,
    desk,
    pupilRecords: new PupilRecords({ journal, durable: () => day.ledger }),
    photos: {
      kept: () => Promise.resolve(new Set(day.ledger.visits.keys())),
      get: (visit) => Promise.resolve(jpeg(visit)),
    },
    files: new Files({ clock: day.time.clock, random: day.box.random }),
  };
}

/** Both files, as whoever asked would have them. */
async function exported(day: Day, pupil: string) {
  const all = ports(day);
  const input = { pupil, why: 'asked in writing', by: 'Ms Reed', session: 'one' };
  const { readable, json } = value(await takeExport(all, day.box.command(input), input));
  const read = async (url: string): Promise<string> => {
    const file = (all.files as Files).find('one', url.replace('/file/', ''));
    let text = '';
    for await (const part of file?.parts() ?? []) text += part;
    return text;
  };
  const data = JSON.parse(await read(json)) as {
    readonly records: readonly Recorded[];
    readonly photos: readonly object[];
  };
  return { html: await read(readable), data, text: JSON.stringify(data) };
}

async function all(day: Day): Promise<readonly Recorded[]> {
  const records: Recorded[] = [];
  for await (const some of day.box.journal.replay()) records.push(...some);
  return records;
}

/** Whatever may happen at the desk, in any order: what is refused is refused. */
async function randomDay(seed: number): Promise<Day> {
  const chance = seededRandom(seed);
  const any = <T>(of: readonly T[]): T => of[Math.floor(chance.uniform() * of.length)] as T;
  const day = await openDay({ at: '08:45', pupils: roll });
  for (let step = 0; step < 40; step += 1) {
    const { key } = any(roll);
    const movement = any([...day.ledger.movements.keys(), 'none']);
    const act = any<() => Promise<unknown>>([
      () => day.late(key),
      () => day.early(key, { photo: 'taken', withWhom: 'grown-up' }),
      () => day.early(key, { reason: 'unwell', photo: 'taken' }),
      () => day.backByName(key),
      () => day.correct(movement),
      () => day.correct(movement, any(roll).key),
      () => day.answer(any([...day.ledger.waiting, 'none']), any(['let-go', 'no'] as const), 'Ms Reed', 'Granny Smith'),
      () => {
        const input = { movement, days: 3, why: 'for the lead', by: 'Mr Bello' };
        return day.box.staff.holdMovement(day.box.command(input), input);
      },
    ]);
    await act();
    await day.pass(3 * 60_000);
  }
  return day;
}

describe('everything, and nothing of anybody else', () => {
  test.each([1, 2, 3, 4, 5, 6])('of everybody, after a random day (seed %i)', async (seed) => {
    const day = await randomDay(seed);
    for (const { key, surname } of roll) {
      const { html, data, text } = await exported(day, key);
      const wanted = (await all(day)).filter((record) => JSON.stringify(record).includes(key));
      const had = new Set(data.records.map(({ ref }) => ref));
      expect(wanted.filter(({ ref }) => !had.has(ref))).toEqual([]);
      expect(html).toContain(`Fore${surname.slice(3)} ${surname}`);
      for (const other of roll) {
        if (other.key === key) continue;
        for (const word of [other.key, other.misId, other.surname]) {
          expect([word, text.includes(word), html.includes(word)]).toEqual([word, false, false]);
        }
      }
      expect([text.includes('Granny'), html.includes('Granny')]).toEqual([false, false]);
    }
  });
});

describe('photos', () => {
  test('the own ones; none that staff have said is of somebody else', async () => {
    const day = await openDay({ at: '10:30', pupils: roll });
    const movementOf = (key: string): string => day.ledger.movementsOf(key).at(-1)?.record.ref ?? '';
    for (const key of ['key-of-0', 'key-of-1', 'key-of-2']) value(await day.early(key, { photo: 'taken' }));
    value(await day.correct(movementOf('key-of-1'), 'key-of-3'));
    const input = {
      movement: movementOf('key-of-2'),
      correction: { how: 'not-this-pupil' },
      why: null,
      by: 'Ms Reed',
    } as const;
    value(await day.box.staff.correct(day.box.command(input), input));
    const of = async (key: string) => {
      const { photos, photosOfOthers } = await everything(ports(day), key);
      return [photos.length, photosOfOthers];
    };
    expect(await of('key-of-0')).toEqual([1, 0]);
    expect(await of('key-of-1')).toEqual([0, 1]);
    expect(await of('key-of-2')).toEqual([0, 1]);
    expect(await of('key-of-3')).toEqual([1, 0]);
    const { html, data } = await exported(day, 'key-of-0');
    expect(html.match(/src="data:image\/jpeg;base64,/g)).toHaveLength(1);
    expect(data.photos).toHaveLength(1);
  });
});

describe('the file', () => {
  test('has no script, whatever a pupil is called', async () => {
    const name = '<script>alert("x")</script>';
    const day = await openDay({ pupils: [{ ...(roll[0] as Pupil), forename: name }] });
    await day.late('key-of-0');
    const { html } = await exported(day, 'key-of-0');
    expect(html).not.toMatch(/<script/i);
    expect(html).toContain('&#60;script&#62;');
    expect(html).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
  });

  test('who took it and why is recorded first, and is in the next one', async () => {
    const day = await openDay({ pupils: roll });
    await day.late('key-of-0');
    await exported(day, 'key-of-0');
    expect(day.records.at(-1)).toMatchObject({
      type: 'access-export',
      pupil: 'key-of-0',
      by: 'Ms Reed',
      why: 'asked in writing',
    });
    const { html } = await exported(day, 'key-of-0');
    expect(html).toContain('Took everything about Fore0 Sur0 as a file (asked in writing), by Ms Reed');
  });

  test('is of the session that asked, for ten minutes', () => {
    const time = steeredTime(0);
    const files = new Files({ clock: time.clock, random: seededRandom(1) });
    const parts = async function* () {
      yield await Promise.resolve('text');
    };
    const url = files.offer('mine', { name: 'a', type: 'text/plain', parts });
    const id = url.replace('/file/', '');
    expect(files.find('mine', id)?.name).toBe('a');
    expect(files.find('other', id)).toBeNull();
    time.pass(10 * 60_000);
    expect(files.find('mine', id)).toBeNull();
  });

  test('nobody unknown; and only at the staff page', async () => {
    const day = await openDay({ pupils: roll });
    const input = { pupil: 'nobody', why: 'x', by: 'Ms Reed', session: 'one' };
    expect(refusal(await takeExport(ports(day), day.box.command(input), input))).toBe('not_found');
    const shell = { ...input, pupil: 'key-of-0', session: undefined };
    expect(refusal(await takeExport(ports(day), day.box.command(shell), shell))).toBe('wrong_state');
    expect(day.records.filter(({ type }) => type === 'access-export')).toEqual([]);
  });
});
