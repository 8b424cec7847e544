/** The words of the kiosk: the accessible names are exactly those of the specification, and no language lacks any. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fill, words } from '../../device/contract/words/index.ts';
import { reasonIconNames } from '../../device/domain/reason-icons.ts';
import { accentFor, contrastWithWhite } from '../../ui/shared/accent.ts';

const { en, cy } = words;

describe('English words, which people and screen readers know by heart', () => {
  it.each([
    [en.home.signInLate, 'Sign in late'],
    [en.home.signOutEarly, 'Sign out early'],
    [en.home.signBackIn, 'Sign back in'],
    [en.home.aa, 'Aa'],
    [en.who.whichYear, 'Which year are you in?'],
    [en.who.whichMonth, 'Which month is your birthday?'],
    [en.who.whoAreYou, 'Who are you?'],
    [en.who.noOneHere, 'No one here'],
    [en.who.notSure, "I'm not sure"],
    [en.who.notOnList, "I'm not on the list"],
    [en.reception.please, 'Please see reception'],
    [fill(en.who.hello, { forename: 'Amara' }), 'Hello Amara'],
    [en.who.notMe, "That's not me"],
    [en.late.why, 'Why are you late?'],
    [en.late.tellStaff, "I'd rather tell a member of staff"],
    [en.late.signedIn, "You're signed in"],
    [en.late.undo, "That's wrong, undo"],
    [en.late.someoneElse, 'Someone else is with me'],
    [en.early.why, 'Why are you leaving?'],
    [en.early.comingBack, 'Are you coming back today?'],
    [en.early.beforeLunch, 'Before lunch'],
    [en.early.afterLunch, 'After lunch'],
    [en.early.notToday, 'Not today'],
    [en.early.unknown, "I don't know"],
    [en.early.withWhom, 'Who are you going with?'],
    [en.early.grownUp, 'A grown-up'],
    [en.early.alone, 'On my own'],
    [en.early.staff, 'A member of staff'],
    [en.early.camera, 'Look at the camera'],
    [en.early.photo, 'We take a photo so staff can check it was you. It is deleted soon.'],
    [en.early.noPhoto, "I don't want a photo"],
    [en.early.printing, 'Your badge is printing'],
    [en.early.sitDown, 'Please sit down. A member of staff will call you.'],
    [en.return.enter, 'Enter the number on your badge'],
    [en.return.noBadge, "I haven't got a badge"],
    [en.return.earlierToday, 'Were you in school earlier today?'],
    [en.return.welcomeBack, 'Welcome back'],
    [en.common.back, 'Back'],
    [en.common.startAgain, 'Start again'],
    [en.common.more, 'More'],
    [en.common.needMoreTime, 'Do you need more time?'],
    [en.staff.letGo, 'Let go'],
    [en.staff.refuse, 'No'],
    [en.badge.bringBack, 'Bring this back to sign back in.'],
  ])('%s', (said, expected) => {
    expect(said).toBe(expected);
  });

  it('has only plain apostrophes', () => {
    expect(JSON.stringify(words)).not.toMatch(/[‘’“”]/);
  });
});

describe('every language', () => {
  const texts = (tree: unknown, path = ''): [string, string][] =>
    typeof tree === 'string'
      ? [[path, tree]]
      : Object.entries(tree as Record<string, unknown>).flatMap(([key, value]) => texts(value, `${path}.${key}`));
  const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

  it('says the same things with the same places to fill', () => {
    const shape = (tree: unknown) => texts(tree).map(([path, text]) => [path, places(text)]);
    expect(shape(cy)).toEqual(shape(en));
  });
  it('leaves nothing empty', () => {
    for (const [path, text] of [...texts(en), ...texts(cy)]) expect(text.trim(), path).not.toBe('');
  });
});

describe('pictures', () => {
  const css = readFileSync(join(import.meta.dirname, '../../ui/shared/reason-icons.css'), 'utf8');
  it.each(reasonIconNames)('a reason may have the picture %s', (name) => {
    expect(css).toContain(`.icon.reason-${name} {`);
  });
});

describe("the school's colour", () => {
  const channels = (hex: string) =>
    [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];

  it.each(['#1d5f8a', '#ffd400', '#ffffff', '#f00', '#000000', '#7fffd4', 'teal', ''])('%s can be read', (hex) => {
    const { accent, pressed, soft } = accentFor(hex);
    expect(contrastWithWhite(channels(accent))).toBeGreaterThanOrEqual(7);
    expect(contrastWithWhite(channels(pressed))).toBeGreaterThanOrEqual(7);
    expect(contrastWithWhite(channels(soft))).toBeLessThan(1.6);
  });
  it('stays as it is where it can be read already', () => {
    expect(accentFor('#0b3d2e').accent).toBe('#0b3d2e');
  });
});
