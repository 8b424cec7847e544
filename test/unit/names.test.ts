import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labels } from '../../device/domain/names.ts';
import type { Pupil, PupilFlag } from '../../device/domain/pupil.ts';

let made = 0;
/** `pupil('Sam Okafor', '9A')`; a name of one word has no surname. */
function pupil(name: string, registrationGroup: string | null = null, flags: readonly PupilFlag[] = []): Pupil {
  const [forename = '', ...surname] = name.split(' ');
  made += 1;
  return {
    key: `pupil-${made}`,
    misId: `A${made}`,
    forename,
    surname: surname.join(' '),
    yearGroup: 'Year 9',
    registrationGroup,
    birthMonth: 5,
    flags,
  };
}
const shown = (...pupils: readonly Pupil[]): string[] => labels(pupils).pupils.map(({ label }) => label);

describe('names on the screen', () => {
  test('forename and initial, sorted by forename', () => {
    expect(shown(pupil('Zainab Hussain'), pupil('Amara Okafor'), pupil('Élodie Martin'), pupil('Ewan Bell'))).toEqual([
      'Amara O',
      'Élodie M',
      'Ewan B',
      'Zainab H',
    ]);
  });

  test('a label leads to its own pupil', () => {
    const [sam, amara] = [pupil('Sam Okafor'), pupil('Amara Bell')];
    expect(labels([sam, amara]).pupils).toEqual([
      { pupil: amara.key, label: 'Amara B' },
      { pupil: sam.key, label: 'Sam O' },
    ]);
  });

  test.each([
    ['the shortest surname that tells them apart', ['Sam Okafor', 'Sam Oladele'], ['Sam Ok', 'Sam Ol']],
    [
      'each as short as it can be',
      ['Sam Okafor', 'Sam Okonkwo', 'Sam Oladele', 'Sam Smith'],
      ['Sam Oka', 'Sam Oko', 'Sam Ol', 'Sam S'],
    ],
    ['a surname that begins another', ['Sam Ok', 'Sam Okafor'], ['Sam Ok', 'Sam Oka']],
    [
      'never ending in an apostrophe or a space',
      ["Liam O'Brien", 'Liam Okafor', 'Ana de Luz', 'Ana Deva'],
      ['Ana de L', 'Ana Dev', "Liam O'B", 'Liam Ok'],
    ],
    ['a hyphen', ['Sam Lee-Roy', 'Sam Lee-Ann'], ['Sam Lee-A', 'Sam Lee-R']],
    ['capitals alone tell nobody apart', ['Sam Okafor', 'SAM OKELLO'], ['Sam Oka', 'SAM OKE']],
    ['nor accents', ['Zoë Brown', 'Zoe Bell'], ['Zoe Be', 'Zoë Br']],
    ['one-name pupils', ['Suharto', 'Suri Khan'], ['Suharto', 'Suri K']],
    ['one name, and the same with a surname', ['Sam', 'Sam Okafor'], ['Sam', 'Sam O']],
  ])('%s', (_, names, expected) => {
    expect(shown(...names.map((name) => pupil(name)))).toEqual(expected);
  });

  test('a pupil with a surname only goes by that', () => {
    expect(shown({ ...pupil('x'), forename: ' ', surname: 'Suharto' })).toEqual(['Suharto']);
  });

  test('same full name: the registration group', () => {
    expect(shown(pupil('Sam Okafor', '9B'), pupil('Sam Okafor', '9A'), pupil('Sam Okello', '9A'))).toEqual([
      'Sam Okafor 9A',
      'Sam Okafor 9B',
      'Sam Oke',
    ]);
    expect(shown(pupil('Suharto', '9B'), pupil('Suharto', '9A'))).toEqual(['Suharto 9A', 'Suharto 9B']);
  });

  test('still the same: hidden, and counted; who has another group is not', () => {
    const same = [pupil('Sam Okafor', '9A'), pupil('Sam Okafor', '9A'), pupil('Sam Okafor', '9B')];
    expect(labels([...same, pupil('Amara Bell', '9A')])).toEqual({
      pupils: [
        { pupil: expect.any(String) as string, label: 'Amara B' },
        { pupil: same[2]?.key, label: 'Sam Okafor 9B' },
      ],
      hidden: 2,
    });
    // Without a group nothing is left to tell by.
    expect(labels([pupil('Sam Okafor', '9A'), pupil('Sam Okafor')])).toMatchObject({
      pupils: [{ label: 'Sam Okafor 9A' }],
      hidden: 1,
    });
  });

  test('no name at all: hidden', () => {
    expect(labels([{ ...pupil('x'), forename: '', surname: ' ' }])).toEqual({ pupils: [], hidden: 1 });
    expect(labels([])).toEqual({ pupils: [], hidden: 0 });
  });

  test('see-reception and do-not-display never appear, are not counted, and nobody else goes by a label that fits them', () => {
    for (const flag of ['see-reception', 'do-not-display'] as const) {
      expect(labels([pupil('Sam Okafor', '9A', [flag]), pupil('Sam Oladele', '9B')])).toMatchObject({
        pupils: [{ label: 'Sam Ol' }],
        hidden: 0,
      });
    }
    expect(shown(pupil('Sam Okafor', '9A', ['no-photo']))).toEqual(['Sam O']);
  });

  test.each([
    ['Arabic', ['محمد علي', 'محمد حسن'], ['محمد ح', 'محمد ع']],
    ['Chinese', ['偉 陳', '偉 林'], ['偉 林', '偉 陳']],
    ['Hindi, by the letters people see', ['अनिल कुमार', 'अनिल किशन'], ['अनिल कि', 'अनिल कु']],
    ['Tamil', ['மீனா குமார்', 'மீனா ராஜன்'], ['மீனா கு', 'மீனா ரா']],
    [
      'a letter made of two code points',
      ['Ana Ṣọla', 'Ana Brown'].map((name) => name.normalize('NFD')),
      ['Ana B', 'Ana Ṣ'],
    ],
    ['outside the basic plane', ['Ana 𞤀𞤢𞤣𞤮', 'Ana 𞤖𞤢𞤧𞤢'], ['Ana 𞤀', 'Ana 𞤖']],
  ])('%s', (_, names, expected) => {
    expect(shown(...names.map((name) => pupil(name)))).toEqual(expected);
  });

  test('too long for a tile: cut with an ellipsis, unless that would make two the same', () => {
    const long = 'Wolfeschlegelsteinhausen';
    expect(shown(pupil(`${long}bergerdorff Smith`))).toEqual([`${long.slice(0, 23)}…`]);
    expect(shown(pupil(`${long} Smith`, '9A'), pupil(`${long} Smith`, '9B'))).toEqual([
      `${long} Smith 9A`,
      `${long} Smith 9B`,
    ]);
  });

  test('whatever the names: nobody is lost, no label stands twice, every label is its pupil’s', () => {
    const name = fc.constantFrom(
      '',
      'Sam',
      'sam',
      'Sám',
      'O',
      "O'",
      'Ok',
      'Okafor',
      'Oka for',
      '𞤀𞤢',
      'Sam O',
      'de la Cruz',
      'X'.repeat(40),
    );
    const someone = fc.record({
      forename: name,
      surname: name,
      registrationGroup: fc.constantFrom(null, '9A', '9B'),
      flags: fc.constantFrom<readonly PupilFlag[]>([], ['see-reception']),
    });
    const plain = new Intl.Collator('en', { sensitivity: 'base' });
    fc.assert(
      fc.property(fc.array(someone, { maxLength: 12 }), (people) => {
        const pupils = people.map((person) => ({ ...pupil('x'), ...person }));
        const result = labels(pupils);
        const visible = pupils.filter(({ flags }) => flags.length === 0);
        expect(result.pupils.length + result.hidden).toBe(visible.length);
        result.pupils.forEach(({ pupil: key, label }, index) => {
          const own = visible.find((one) => one.key === key);
          const full = [own?.forename, own?.surname, own?.registrationGroup].filter((part) => part).join(' ');
          expect(full.normalize('NFC').startsWith(label.replace(/…$/, '').split(' ')[0] ?? '')).toBe(true);
          for (const other of result.pupils.slice(index + 1)) expect(plain.compare(label, other.label)).not.toBe(0);
        });
      }),
      { numRuns: 300 },
    );
  });
});
