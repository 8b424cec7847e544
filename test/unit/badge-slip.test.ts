import { describe, expect, it } from 'vitest';
import { parseQr, qrText, slip } from '../../device/domain/badge.ts';
import { english, slipInput } from '../support/badges.ts';

const name = (forename: string, surname: string): string =>
  slip(slipInput({ pupil: { forename, surname, registrationGroup: null } })).name;

describe('what stands on a badge', () => {
  it('as shipped: forename and initial, times, date, ID, QR code, journal number, what to do with it', () => {
    expect(slip(slipInput())).toEqual({
      reprint: null,
      school: null,
      name: 'Amara O',
      registrationGroup: null,
      out: { label: 'Out', time: '10:42' },
      back: { label: 'Back', text: '13:30' },
      date: 'Mon 23 Nov 2026',
      id: '1839 1270',
      qr: 'P1:18391270:0123456789ABCDEF',
      number: 'no. 1-004217',
      bring: 'Bring this back to sign back in.',
      photo: false,
    });
  });

  it('school, registration group and photo only where the school turned them on', () => {
    const all = slip(slipInput({ show: { photo: true, schoolName: true, registrationGroup: true } }));
    expect(all).toMatchObject({ school: 'Hill View School', registrationGroup: '9A', photo: true });
    const group = slip(slipInput({ show: { photo: false, schoolName: false, registrationGroup: true } }));
    expect(group).toMatchObject({ school: null, registrationGroup: '9A', photo: false });
  });

  it('never a surname', () => {
    const show = { photo: true, schoolName: true, registrationGroup: true };
    expect(JSON.stringify(slip(slipInput({ show })))).not.toMatch(/Okafor/i);
  });

  it.each([
    ['Amara', "O'Brien", 'Amara O'],
    ['Jan', 'van Dijk', 'Jan V'],
    ['Lotte', "'t Hooft", 'Lotte T'],
    ['Siân', 'ŷork', 'Siân Ŷ'],
    ['अनुष्का', 'शर्मा', 'अनुष्का श'],
    ['小明', '王', '小明'], // the initial would be the whole surname
    ['민준', '김', '민준'],
    ['Suharto', '', 'Suharto'],
    ['Suharto', '-', 'Suharto'],
    ['', 'Suharto', 'Suharto'], // one name, in the MIS's field for surnames
  ])('forename %s, surname %s: %s', (forename, surname, shown) => expect(name(forename, surname)).toBe(shown));

  it.each([
    ['before-lunch', 'Before lunch'],
    ['after-lunch', 'After lunch'],
    ['not-today', 'Not today'],
  ] as const)('back %s is said in words', (back, text) =>
    expect(slip(slipInput({ back })).back).toEqual({ label: 'Back', text }),
  );

  it('says nothing of coming back when the pupil does not know, and of the time when the clock does not', () => {
    expect(slip(slipInput({ back: 'unknown' })).back).toBeNull();
    expect(slip(slipInput({ back: null })).back).toBeNull();
    expect(slip(slipInput({ out: null })).out).toBeNull();
  });

  it('every printing after the first is marked', () => {
    expect([1, 2, 3].map((attempt) => slip(slipInput({ attempt })).reprint)).toEqual([null, 'REPRINT', 'REPRINT']);
  });

  it('Sunday is the last of the weekdays, December the last of the months', () => {
    expect(slip(slipInput({ date: null })).date).toBe('Time to be confirmed');
    const date = slip(slipInput({ date: '2026-12-06', words: { ...english, number: 'rhif' } }));
    expect(date).toMatchObject({ date: 'Sun 6 Dec 2026', number: 'rhif 1-004217' });
  });
});

describe("a badge's QR code", () => {
  it('gives back the ID and the token, and holds only characters of the compact mode', () => {
    const text = qrText('18391270', '00ff00ff00ff00ff');
    expect(text).toMatch(/^[0-9A-Z $%*+\-./:]+$/);
    expect(parseQr(text)).toEqual({ badgeId: '18391270', token: '00ff00ff00ff00ff' });
  });

  it.each([
    '',
    'https://example.org/',
    '18391270',
    'P1:1839127:0123456789ABCDEF',
    'P1:18391270:0123456789ABCDE',
    'P1:18391270:0123456789ABCDEFF',
    'P2:18391270:0123456789ABCDEF',
    'p1:18391270:0123456789abcdef',
    ' P1:18391270:0123456789ABCDEF',
    'P1:18391270:0123456789ABCDEF\n',
  ])('%j is no badge', (text) => expect(parseQr(text)).toBeNull());

  it('is not made of what is no ID or token', () => {
    expect(() => qrText('1839127', '0123456789abcdef')).toThrow(RangeError);
    expect(() => qrText('18391270', 'short')).toThrow(RangeError);
  });
});
