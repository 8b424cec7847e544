/** The kiosk page in a real browser, against a made-up device: fingers, keys, scanners, time, and a device that goes away. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { FakeDevice, badges } from '../support/kiosk-fake.ts';
import type { Heard } from '../support/kiosk-fake.ts';
import { hold, openPage, sizes, visitor } from '../support/kiosk-tour.ts';
import type { Visitor } from '../support/kiosk-tour.ts';

const device = new FakeDevice();
let browser: Browser;
let page: Page;
let me: Visitor;

beforeAll(async () => {
  await device.start();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await device.stop();
});
beforeEach(async () => {
  device.reset();
  page = await openPage(browser, sizes[0]);
  me = await visitor(page, device);
});
afterEach(() => page.close());

const amara = ['Year 7', 'March', 'Amara O'] as const;
const heard = (name: Heard['name']): readonly Heard[] => device.heard.filter((one) => one.name === name);
const hears = async (name: Heard['name'], times = 1): Promise<void> => {
  await expect.poll(() => heard(name).length, { timeout: 5_000 }).toBe(times);
};
const button = (name: string) => page.getByRole('button', { name, exact: true });
/** Lets pass what the page waits for, and a little more. */
const passes = (ms: number): Promise<void> => page.clock.fastForward(ms + 100);

describe('the three flows', () => {
  it('signs a late pupil in', async () => {
    await me.tap('Sign in late', ...amara);
    await me.sees('Why are you late?');
    await page.getByText('Hello Amara', { exact: true }).waitFor();
    await me.tap('Bus or train');
    await me.sees("You're signed in");
    await page.getByText('Amara, 08:52. Go to your form room.').waitFor();
    expect(heard('late')[0]?.input).toMatchObject({ pupil: 'Year 7-Amara O', reason: 'bus' });
    await passes(10_000);
    await me.sees('Hill View School');
    expect(heard('end')).toEqual([]);
  });

  it('signs out with a photo, and shows the badge for half a minute', async () => {
    await me.tap('Sign out early', ...amara, 'Appointment', 'After lunch');
    await me.sees('Look at the camera');
    await page.getByText('We take a photo so staff can check it was you. It is deleted soon.').waitFor();
    // Three seconds are counted down first: of `sees` too little would be left on a busy machine.
    await hears('early');
    await me.sees('Your badge is printing');
    await page.getByText('1839 1270').waitFor();
    expect(heard('early')[0]?.input).toMatchObject({ photo: 'taken', back: 'after-lunch', withWhom: null });
    device.printerFails();
    await me.sees('Write this number down');
    await passes(29_000);
    await page.getByText('1839 1270').waitFor();
    await passes(2_000);
    await me.sees('Hill View School');
  });

  it('shows no picture that has stopped: pulled out in the countdown the camera leaves none, and the pupil goes on', async () => {
    await me.tap('Sign out early', ...amara, 'Appointment', 'After lunch');
    const picture = page.getByRole('img', { name: 'You, in the camera' });
    await picture.waitFor();
    await hold(page);
    device.show({ camera: false });
    await page.getByText('There is no picture just now', { exact: true }).waitFor();
    expect(await picture.count()).toBe(0);
    device.show({ camera: true });
    await picture.waitFor();
    device.show({ camera: false });
    device.situation.refuse.photo = 'camera_failed';
    await page.clock.resume();
    await me.sees('Your badge is printing');
    expect(heard('early')[0]?.input).toMatchObject({ photo: 'none' });
  });

  it('signs back in by the number', async () => {
    await me.tap('Sign back in', ...badges.right.split(/(?=.)/));
    await me.sees('Welcome back');
    await page.getByText('Amara, 13:28.').waitFor();
  });

  it('undoes', async () => {
    await me.tap('Sign in late', ...amara, 'Traffic', "That's wrong, undo");
    await me.sees("That's undone");
    expect(heard('undo')[0]?.input).toMatchObject({ movement: 'movement of Year 7-Amara O' });
  });

  it('shows that a month is empty only when it is chosen', async () => {
    await me.tap('Sign in late', 'Year 7');
    expect(await page.locator('.tile').count()).toBe(12);
    await me.tap('May');
    await page.getByText('No one here', { exact: true }).waitFor();
    await me.tap('Back', 'March');
    expect(await page.locator('.tile').count()).toBe(12);
    await me.tap('More');
    await button('Sam Okafor 7B').waitFor();
    expect(await page.locator('.tile').count()).toBe(4);
  });
});

describe('other ways than a finger', () => {
  it('works with the keyboard alone, from heading to heading', async () => {
    const press = async (name: string): Promise<void> => {
      for (let tabs = 0; tabs < 30; tabs += 1) {
        await page.keyboard.press('Tab');
        if ((await page.evaluate(() => document.activeElement?.textContent ?? '')) === name) break;
      }
      await page.keyboard.press('Enter');
    };
    await press('Sign in late');
    await me.sees('Which year are you in?');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await press('Year 7');
    await press('March');
    await press('Amara O');
    await press('Family');
    await me.sees("You're signed in");
  });

  it.each([
    ['its number', badges.right, { by: 'typed', badge: badges.right }],
    ['its QR', `${badges.right}.9F3a-7c`, { by: 'qr', code: `${badges.right}.9F3a-7c` }],
  ])('takes %s from a scanner', async (_what, text, input) => {
    await me.tap('Sign back in');
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
    await me.sees('Welcome back');
    expect(heard('return').map((one) => one.input)).toEqual([expect.objectContaining(input)]);
  });

  it('takes digits typed by hand, and rubs out', async () => {
    await me.tap('Sign back in');
    for (const key of ['1', '8', '9', 'Backspace', '3', '9', '1', '2', '7', '0']) {
      await page.keyboard.press(key);
      await passes(200);
    }
    await me.sees('Welcome back');
  });

  it('looks for a badge with the camera while the digits are on the screen', async () => {
    await me.tap('Sign back in');
    await hears('look');
    device.readBadge(`${badges.right}.token`);
    await me.sees('Welcome back');
    await hears('look', 2);
    expect(heard('look').map(({ input }) => (input as { on: boolean }).on)).toEqual([true, false]);
  });
});

describe('fingers on glass', () => {
  it('a double tap does not skip a question', async () => {
    await me.tap('Sign in late');
    const box = await button('Year 7').boundingBox();
    if (box === null) throw new Error('no tile');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await hold(page);
    await page.mouse.click(x, y);
    await me.sees('Which month is your birthday?');
    await page.mouse.click(x, y);
    await page.mouse.dblclick(x, y);
    await page.clock.runFor(400);
    expect(heard('names')).toEqual([]);
    // Under the finger there is a month all the time.
    await page.mouse.click(x, y);
    await hears('names');
  });

  it('shows in the next frame that a button is pressed', async () => {
    await button('Sign in late').hover();
    await page.mouse.down();
    expect(await button('Sign in late').getAttribute('data-pressed')).toBe('');
    await page.mouse.up();
  });

  it('selects nothing, opens no menu, zooms nothing', async () => {
    const prevented = await page.evaluate(() => {
      const events = [
        new MouseEvent('contextmenu', { bubbles: true, cancelable: true }),
        new Event('selectstart', { bubbles: true, cancelable: true }),
        new DragEvent('dragstart', { bubbles: true, cancelable: true }),
        new WheelEvent('wheel', { bubbles: true, cancelable: true, ctrlKey: true }),
      ];
      return events.map((event) => !document.body.dispatchEvent(event));
    });
    expect(prevented).toEqual([true, true, true, true]);
  });
});

describe('time', () => {
  it('asks after half a minute, then forgets everything', async () => {
    await me.tap('Sign in late', ...amara);
    await me.sees('Why are you late?');
    await passes(30_000);
    await me.sees('Do you need more time?');
    await button('Yes').click();
    await me.sees('Why are you late?');
    await passes(30_000);
    await me.sees('Do you need more time?');
    await passes(20_000);
    await me.sees('Hill View School');
    await hears('end');
    expect(await page.getByText('Amara').count()).toBe(0);
  });

  it('waits anew after every touch', async () => {
    await me.tap('Sign in late');
    await me.sees('Which year are you in?');
    await passes(25_000);
    await page.mouse.click(5, 5);
    await passes(25_000);
    await me.sees('Which year are you in?');
    await passes(6_000);
    await me.sees('Do you need more time?');
  });

  it('takes twice as long in Aa, and thirty seconds for an undo', async () => {
    await me.tap('Aa', 'Sign in late');
    await me.sees('Which year are you in?');
    await passes(45_000);
    await me.sees('Which year are you in?');
    await passes(16_000);
    await me.sees('Do you need more time?');
    await button('Yes').click();
    await me.tap(...amara, 'Weather');
    await me.sees("You're signed in");
    await passes(28_000);
    await button("That's wrong, undo").waitFor();
    await passes(3_000);
    await me.sees('Hill View School');
    expect(await button('Aa').getAttribute('aria-pressed')).toBe('false');
  });

  it('counts from the first touch', async () => {
    await me.tap('Sign in late');
    await me.sees('Which year are you in?');
    await passes(12_000);
    await me.tap(...amara, 'Bus or train');
    await hears('late');
    const { touchAgoMs } = heard('late')[0]?.input as { touchAgoMs: number };
    expect(touchAgoMs).toBeGreaterThanOrEqual(12_000);
    expect(touchAgoMs).toBeLessThan(25_000);
  });
});

describe('while the device is away', () => {
  it('takes no tap, says so calmly, and keeps the step through a new run', async () => {
    await me.tap('Sign in late', ...amara);
    await me.sees('Why are you late?');
    await device.stop();
    await button('Bus or train')
      .click({ timeout: 500 })
      .catch(() => undefined);
    await page.getByText('One moment please').waitFor();
    await device.restart();
    await me.sees('Why are you late?');
    expect(heard('late')).toEqual([]);
    await me.tap('Bus or train');
    await me.sees("You're signed in");
    expect(heard('late')).toHaveLength(1);
  });

  it('repeats a command without an answer under the same id, and shows the one answer', async () => {
    device.situation.silent.add('late');
    await me.tap('Sign in late', ...amara, 'Bus or train');
    await page.getByText('One moment please').waitFor();
    await hears('late', 2);
    device.situation.silent.clear();
    await me.sees("You're signed in");
    expect(new Set(heard('late').map(({ commandId }) => commandId)).size).toBe(1);
  });

  it('sends to reception after a minute without an answer', async () => {
    device.situation.silent.add('late');
    await me.tap('Sign in late', ...amara, 'Bus or train');
    await hears('late');
    await passes(65_000);
    await passes(5_000);
    await me.sees('Please see reception');
  });

  it('goes Home when it is loaded again', async () => {
    await me.tap('Sign in late', ...amara);
    await page.reload();
    await me.sees('Hill View School');
  });

  it('loads a new build only when nobody is in the middle of something', async () => {
    await me.tap('Sign in late', 'Year 7');
    await page.evaluate(() => (document.title = 'the old one'));
    device.reload('new-build');
    await passes(15_000);
    await me.sees('Which month is your birthday?');
    await me.tap('Start again');
    await passes(100);
    await expect.poll(() => page.title(), { timeout: 5_000 }).toBe('Porter');
  });
});

describe('languages and Aa', () => {
  it('has both languages on every tile, and a switch for one visit', async () => {
    device.show({ languages: ['en', 'cy'] });
    await me.tap('Cymraeg');
    expect(await page.locator('html').getAttribute('lang')).toBe('cy');
    await button('Cyrraedd yn hwyr').getByText('Sign in late').waitFor();
    await me.tap('Cyrraedd yn hwyr', 'Blwyddyn 7');
    await me.sees('Ym mha fis mae dy ben-blwydd?');
    await passes(30_000);
    await passes(20_000);
    await button('Sign in late').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });

  it('reads headings and tiles aloud, never names', async () => {
    await page.addInitScript(() => {
      const said: string[] = [];
      Object.assign(window, { said });
      speechSynthesis.speak = ({ text }) => void said.push(text);
    });
    me = await visitor(page, device);
    await me.tap('Aa', 'Sign in late', ...amara);
    await me.sees('Why are you late?');
    const said = await page.evaluate(() => (window as unknown as { said: string[] }).said.join('\n'));
    expect(said).toContain('Sign in late');
    expect(said).toContain('Which year are you in?');
    expect(said).toContain('Bus or train');
    expect(said).not.toMatch(/Amara|Aisha/);
    await me.tap('Bus or train');
    await me.sees("You're signed in");
    expect(await page.evaluate(() => (window as unknown as { said: string[] }).said.at(-1))).not.toContain('Amara');
  });

  it('loads a script of names only when a name needs it', async () => {
    const fonts: string[] = [];
    page.on('request', (request) => {
      if (request.resourceType() === 'font') fonts.push(request.url());
    });
    me = await visitor(page, device);
    await me.tap('Sign in late', 'Year 7', 'March');
    await me.sees('Who are you?');
    expect(fonts.filter((url) => url.includes('noto'))).toEqual([]);
    await me.tap('Start again', 'Sign in late', 'Year 9', 'September');
    await expect.poll(() => fonts.some((url) => url.includes('noto-sans-arabic')), { timeout: 5_000 }).toBe(true);
  });
});
