import { beforeAll, describe, expect, it } from 'vitest';
import { bitmapToPng, isBlack } from '../../device/badge/bitmap.ts';
import { piecesOf, readFontList, tidy } from '../../device/badge/fonts.ts';
import type { FontList } from '../../device/badge/fonts.ts';
import { openTypeCase } from '../../device/badge/outline.ts';
import type { Outline, TypeCase } from '../../device/badge/outline.ts';
import { createBadgePainter } from '../../device/badge/painter.ts';
import { parseQr, slip } from '../../device/domain/badge.ts';
import type { Bitmap, SlipInput } from '../../device/domain/badge.ts';
import { aPhoto, fontFolder, readQrCodes, slipInput } from '../support/badges.ts';

const everything = { photo: true, schoolName: true, registrationGroup: true };
const named = (forename: string, surname = ''): SlipInput =>
  slipInput({ pupil: { forename, surname, registrationGroup: '9A' } });
const paint = async (input: SlipInput, paperMm: 58 | 80 = 58, photo: Uint8Array | null = null): Promise<Bitmap> =>
  await createBadgePainter(fontFolder, paperMm).paint(slip(input), photo);
const inkIn = ({ width, height, bits }: Bitmap): number =>
  bits.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0) / (width * height);

const names: Readonly<Record<string, string>> = {
  French: 'Zoë',
  Polish: 'Łukasz',
  Vietnamese: 'Nguyễn Thị Ánh',
  Welsh: 'Ŵyn',
  Yoruba: 'Ọlábísí Ẹ̀ṣọ́',
  Turkish: 'İpek Ğ',
  Ukrainian: 'Дмитро Ґ',
  Greek: 'Ελένη',
  Arabic: 'محمد',
  Urdu: 'فاطمہ گ',
  Kurdish: 'ڕێبوار',
  Hebrew: 'שירה',
  Hindi: 'अनुष्का',
  Bengali: 'প্রিয়াঙ্কা',
  Punjabi: 'ਗੁਰਪ੍ਰੀਤ',
  Gujarati: 'હિરેન',
  Tamil: 'தமிழ்ச்செல்வி',
  Telugu: 'శ్రీనివాస్',
  Kannada: 'ಲಕ್ಷ್ಮೀ',
  Malayalam: 'ശ്രീലക്ഷ്മി',
  Sinhala: 'සුනිල්',
  Oriya: 'ଓଡ଼ିଆ',
  Thai: 'น้ำฝน',
  Lao: 'ສົມພອນ',
  Burmese: 'မြတ်နိုး',
  Khmer: 'សុភ័ក្ត្រ',
  Chinese: '王小明',
  'traditional Chinese': '陳馨瑤',
  Japanese: '山﨑 さくら',
  Korean: '김민준',
  Amharic: 'ገብረ',
  Georgian: 'გიორგი',
  Armenian: 'Արամ',
};

describe('names in any script', () => {
  let list: FontList;
  let typeCase: TypeCase;
  beforeAll(async () => {
    list = await readFontList(fontFolder);
    typeCase = await openTypeCase(fontFolder);
  });
  const outline = async (text: string): Promise<Outline> => {
    const [found] = await typeCase.outlines([{ text, weight: 700 }]);
    if (found === undefined) throw new Error('no outline');
    return found;
  };

  it.each(Object.entries(names))('%s: every letter of %s has a glyph, none is left out', async (_, name) => {
    const drawn = piecesOf(list, tidy(name), 700).map(({ text }) => text);
    expect(drawn.join('')).toBe(name.normalize('NFC'));
    for (const letter of new Set(name.match(/\p{L}/gu))) expect((await outline(letter)).paths, letter).not.toBe('');
  });

  it('all look different on paper, and none like an empty line', async () => {
    const painter = createBadgePainter(fontFolder, 58);
    const all = ['', ...Object.values(names)].map((name) => painter.paint(slip(named(name)), null));
    const pictures = new Set((await Promise.all(all)).map(({ bits }) => Buffer.from(bits).toString('base64')));
    expect(pictures.size).toBe(Object.keys(names).length + 1);
  });

  it('what no font has is left out: no empty boxes', async () => {
    expect((await outline('ᏣᎳᎩ')).paths).toBe('');
    expect((await outline('\u{1F600}')).paths).toBe('');
    expect((await outline('\uFFFF')).paths).toBe('');
    expect((await outline('Amy \u{1F600}')).paths).toBe((await outline('Amy')).paths);
  });

  it('Arabic letters are joined and run from right to left', async () => {
    const shapeOf = (one: Outline): string => /d="([^"]+)"/.exec(one.paths)?.[1] ?? 'none';
    const [meem, alef, dal] = [shapeOf(await outline('م')), shapeOf(await outline('ا')), shapeOf(await outline('د'))];
    expect((await outline('م م')).paths).toContain(meem);
    expect((await outline('محمد')).paths).not.toContain(meem);
    const { paths } = await outline('اد');
    expect(paths.indexOf(dal)).toBeGreaterThanOrEqual(0);
    expect(paths.indexOf(dal)).toBeLessThan(paths.indexOf(alef)); // alef comes first, so it stands rightmost
  });

  it('signs that stand before, after and around their letter do not stand on it', async () => {
    for (const [sign, letter] of [
      ['কি', 'ক'],
      ['કિ', 'ક'],
      ['கெ', 'க'],
      ['കൊ', 'ക'],
    ] as const) {
      expect((await outline(sign)).width, sign).toBeGreaterThan((await outline(letter)).width * 1.15);
    }
  });

  it('a name cannot turn the badge round, break its line or get into the drawing', async () => {
    expect(tidy('Am\u202Eara\n\u0000 O')).toBe('Amara O');
    const picture = await paint(named('<script>"&', "'"));
    expect(await readQrCodes(await bitmapToPng(picture))).toHaveLength(1);
  });
});

describe('the badge as a picture', () => {
  it.each([
    [58, 384, 'as shipped', {}],
    [58, 384, 'with everything', { show: everything }],
    [80, 576, 'as shipped', {}],
    [80, 576, 'with everything', { show: everything, attempt: 2 }],
  ] as const)('%i mm is %i dots wide; %s, its QR code says the ID and the token', async (mm, dots, _, change) => {
    const picture = await paint(slipInput(change), mm, aPhoto());
    expect(picture.width).toBe(dots);
    const [text] = await readQrCodes(await bitmapToPng(picture));
    expect(parseQr(text ?? '')).toEqual({ badgeId: '18391270', token: '0123456789abcdef' });
  });

  it('fits every name, school and group on the paper', async () => {
    const long = {
      pupil: {
        forename: 'Maximiliana-Alexandrina Josephine Rosalinde',
        surname: 'W',
        registrationGroup: 'Group 10 Newton',
      },
      school: 'Saint Bartholomew and All Angels Church of England Academy for Everybody and Llanfairpwllgwyngyll',
      back: 'after-lunch',
    } as const;
    for (const photo of [null, aPhoto()]) {
      const picture = await paint(slipInput({ ...long, show: everything }), 58, photo);
      const edge = Array.from({ length: picture.height }, (__, y) => isBlack(picture, 383, y));
      expect(edge).not.toContain(true);
      expect(picture.height).toBeLessThan(1000);
      expect(await readQrCodes(await bitmapToPng(picture))).toHaveLength(1);
    }
  });

  it('a reprint looks like one', async () => {
    const [first, second] = [await paint(slipInput()), await paint(slipInput({ attempt: 2 }))];
    expect(second.height).toBeGreaterThan(first.height);
    expect(inkIn(second)).toBeGreaterThan(inkIn(first));
  });

  it('shows the photo in dots: neither white nor black, and the same photo the same way', async () => {
    const show = { photo: true, schoolName: false, registrationGroup: false };
    const painter = createBadgePainter(fontFolder, 58);
    const picture = await painter.paint(slip(slipInput({ show })), aPhoto());
    const face = Array.from({ length: 180 * 216 }, (_, i) => isBlack(picture, 8 + (i % 180), 8 + Math.floor(i / 180)));
    const black = face.filter(Boolean).length / face.length;
    expect(black).toBeGreaterThan(0.25);
    expect(black).toBeLessThan(0.75);
    expect(await painter.paint(slip(slipInput({ show })), aPhoto())).toEqual(picture);
  });

  it('is drawn without a photo where there is none, or one that is no picture', async () => {
    const show = { photo: true, schoolName: false, registrationGroup: false };
    const plain = await paint(slipInput());
    expect(await paint(slipInput({ show }), 58, null)).toEqual(plain);
    expect(await paint(slipInput({ show }), 58, new TextEncoder().encode('no picture'))).toEqual(plain);
    expect(await paint(slipInput({ show }), 58, aPhoto().subarray(0, 300))).toEqual(plain);
    expect(await paint(slipInput(), 58, aPhoto())).toEqual(plain); // the school has it turned off
  });

  it('rejects where the fonts are missing, so that nobody gets a badge without a name', async () => {
    await expect(createBadgePainter('/nowhere', 58).paint(slip(slipInput()), null)).rejects.toThrow();
  });
});

it('draws a list: the band over it says what it is, and what stands at the end of a row is within the paper', async () => {
  const list = (band: string | null) =>
    createBadgePainter(fontFolder, 58).paint(
      { band, rows: [{ kind: 'pupil', text: 'Bartholomew Featherstonehaugh', end: 'Not at registration' }] },
      null,
    );
  const [plain, drill] = [await list(null), await list('DRILL')];
  expect(drill.height).toBeGreaterThan(plain.height);
  const letters = Array.from({ length: 384 * 40 }, (_, i) => isBlack(drill, i % 384, 12 + Math.floor(i / 384)));
  expect(letters.filter((black) => !black).length).toBeGreaterThan(500);
  const rightEdge = Array.from({ length: plain.height * 4 }, (_, i) =>
    isBlack(plain, 380 + (i % 4), Math.floor(i / 4)),
  );
  expect(rightEdge).not.toContain(true);
});
