/** What a pupil gets from the kiosk, screen by screen, without a screen. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KioskSnapshot } from '../../device/contract/kiosk.ts';
import { limits } from '../../device/contract/kiosk.ts';
import type { ErrorCode } from '../../device/contract/result.ts';
import type { Call, Reply } from '../../ui/kiosk/device.ts';
import { step } from '../../ui/kiosk/visit.ts';
import type { Tap, VisitEvent } from '../../ui/kiosk/visit/event.ts';
import { waitOf } from '../../ui/kiosk/visit/patience.ts';
import type { State, Step } from '../../ui/kiosk/visit/state.ts';
import { atHome } from '../../ui/kiosk/visit/state.ts';
import { school } from '../support/kiosk-fake-school.ts';

/** Somebody at the kiosk: touches it, the device answers, time passes. */
class Visitor {
  state: State = atHome;
  /** Calls in the order they were sent. */
  readonly sent: (Call & { readonly commandId: string })[] = [];
  now = 1_000;
  #ids = 0;

  readonly device: KioskSnapshot;

  constructor(device: KioskSnapshot = school('run')) {
    this.device = device;
  }

  happens(event: VisitEvent): this {
    this.#ids += 1;
    const world = { now: this.now, touchedAt: this.now, id: `id-${this.#ids}`, device: this.device };
    const next = step(this.state, event, world);
    this.state = next.state;
    this.sent.push(...next.effects.map(({ call, commandId }) => ({ ...call, commandId })));
    return this;
  }
  taps(...taps: readonly (Tap | Tap['type'])[]): this {
    // Only taps that carry nothing are given by their name alone.
    for (const tap of taps) this.happens((typeof tap === 'string' ? { type: tap } : tap) as Tap);
    return this;
  }
  answers(reply: Reply): this {
    return this.happens({ type: 'reply', number: this.state.waiting?.number ?? -1, reply });
  }
  after(ms: number): this {
    this.now += ms;
    return this;
  }
  /** Through year, month and name to what follows. */
  isAmara(flow: 'late' | 'early', ask: Partial<AskAnswer> = {}): this {
    return this.taps(flow, year7, march)
      .answers({ name: 'names', result: { ok: true, value: { pupils: [amara], someHidden: false } } })
      .taps({ type: 'name', pupil: amara.pupil })
      .answers({ name: 'choose', result: { ok: true, value: { ...asked, ...ask } } });
  }
  signsIn(): this {
    return this.isAmara('late').taps({ type: 'reason', reason: 'bus' }).answers({ name: 'late', result: signedIn });
  }
  types(badge: string): this {
    return this.taps(...Array.from(badge, (digit): Tap => ({ type: 'digit', digit })));
  }
  get at(): Step['at'] {
    return this.state.step.at;
  }
  get names(): string[] {
    return this.sent.map(({ name }) => name);
  }
  input(name: Call['name']): unknown {
    return this.sent.findLast((call) => call.name === name)?.input;
  }
}

interface AskAnswer {
  readonly approvalReasons: readonly string[];
  readonly photo: boolean;
  readonly asksRegistration: boolean;
}
const year7: Tap = { type: 'year', yearGroup: 'Year 7' };
const march: Tap = { type: 'month', month: 3 };
const amara = { pupil: 'p-amara', label: 'Amara O' };
const asked = { next: 'ask', forename: 'Amara', approvalReasons: [], photo: true, asksRegistration: false } as const;
const signedIn = {
  ok: true,
  value: { movement: 'm1', forename: 'Amara', time: '08:52', outcome: 'late', undoForMs: 30_000 },
} as const;
const departed = {
  ok: true,
  value: { state: 'departed', forename: 'Amara', badge: '18391270', printing: true },
} as const;
const no = (code: ErrorCode) => ({ ok: false, error: { code } }) as const;

describe('Sign in late', () => {
  it('asks year, month, name and reason, and sends one command with the whole answer', () => {
    const me = new Visitor().taps('late').after(4_000);
    expect(me.at).toBe('year');
    me.taps(year7);
    expect(me.at).toBe('month');
    me.taps(march);
    expect(me.at).toBe('month');
    me.answers({ name: 'names', result: { ok: true, value: { pupils: [amara], someHidden: false } } });
    expect(me.at).toBe('names');
    me.taps({ type: 'name', pupil: amara.pupil }).answers({ name: 'choose', result: { ok: true, value: asked } });
    expect(me.at).toBe('late-reason');
    me.after(2_500).taps({ type: 'reason', reason: 'bus' });
    expect(me.input('late')).toEqual({ visit: 'id-1', pupil: 'p-amara', reason: 'bus', touchAgoMs: 6_500 });
    me.answers({ name: 'late', result: signedIn });
    expect(me.at).toBe('signed-in');
    expect(me.names).toEqual(['names', 'choose', 'late']);
  });

  it('counts from the first touch of the visit, also when that was for the language', () => {
    const me = new Visitor({ ...school('run'), languages: ['en', 'cy'] }).taps('language').after(9_000);
    me.isAmara('late').taps({ type: 'reason', reason: 'bus' });
    expect(me.input('late')).toMatchObject({ touchAgoMs: 9_000 });
    expect(me.state.comfort.language).toBe('cy');
  });

  it('can be undone, and says so', () => {
    const me = new Visitor().signsIn().taps('undo');
    expect(me.input('undo')).toEqual({ visit: 'id-1', movement: 'm1' });
    expect(me.answers({ name: 'undo', result: { ok: true, value: null } }).at).toBe('undone');
  });

  it('sends to reception when an undo came too late', () => {
    const me = new Visitor()
      .signsIn()
      .taps('undo')
      .answers({ name: 'undo', result: no('wrong_state') });
    expect(me.at).toBe('reception');
  });

  it('lets a sibling in with the same arrival time and reason, without asking again', () => {
    const me = new Visitor().signsIn().after(5_000).taps('someone-else');
    expect(me.at).toBe('year');
    const second = me.state.visit?.id;
    expect(second).not.toBe('id-1');
    me.isAmara('late');
    // The tile "Sign in late" is not on this screen: the year is the first thing that counts.
    expect(me.input('late')).toEqual({
      visit: second,
      pupil: 'p-amara',
      reason: 'bus',
      touchAgoMs: 5_000,
      withVisit: 'id-1',
    });
    me.answers({ name: 'late', result: signedIn }).taps('someone-else').isAmara('late');
    expect(me.input('late')).toMatchObject({ withVisit: 'id-1' });
  });

  it('asks comes-and-goes years whether they are late for registration', () => {
    const yes = new Visitor().isAmara('late', { asksRegistration: true });
    expect(yes.at).toBe('registration');
    expect(yes.taps({ type: 'for-registration', yes: true }).at).toBe('late-reason');
    expect(yes.taps({ type: 'reason', reason: 'bus' }).input('late')).toMatchObject({ forRegistration: true });

    const notLate = new Visitor().isAmara('late', { asksRegistration: true });
    notLate.taps({ type: 'for-registration', yes: false });
    expect(notLate.input('late')).toMatchObject({ forRegistration: false, reason: null });
  });

  it('takes the reason that staff hold for a late bus', () => {
    const me = new Visitor({ ...school('run'), heldArrival: { reason: 'bus', time: '08:35' } }).isAmara('late');
    expect(me.input('late')).toMatchObject({ reason: 'bus' });
  });

  it.each(['storage_failed', 'internal', 'wrong_state'] as const)('never says yes after %s', (code) => {
    const me = new Visitor().isAmara('late').taps({ type: 'reason', reason: 'bus' });
    expect(me.answers({ name: 'late', result: no(code) }).at).toBe('reception');
  });
});

describe('Sign out early', () => {
  type Row = readonly [reason: string, approval: boolean, whom: KioskSnapshot['withWhomAsked'], questions: string];
  it.each<Row>([
    ['medical', false, 'approval', 'coming-back camera'],
    ['medical', true, 'approval', 'coming-back with-whom camera'],
    ['medical', false, 'always', 'coming-back with-whom camera'],
    ['medical', true, 'never', 'coming-back camera'],
    ['unwell', true, 'approval', 'with-whom camera'],
    ['unwell', false, 'approval', 'camera'],
    ['lunch', false, 'approval', 'camera'],
  ])('%s, approval %s, with whom asked %s: %s', (reason, approval, withWhomAsked, questions) => {
    const me = new Visitor({ ...school('run'), withWhomAsked });
    me.isAmara('early', { approvalReasons: approval ? [reason] : [] }).taps({ type: 'reason', reason });
    const seen = [me.at];
    if (me.at === 'coming-back') seen.push(me.taps({ type: 'coming-back', back: 'after-lunch' }).at);
    if (me.at === 'with-whom') seen.push(me.taps({ type: 'with-whom', withWhom: 'grown-up' }).at);
    expect(seen.join(' ')).toBe(questions);
  });

  const atCamera = (): Visitor =>
    new Visitor()
      .isAmara('early')
      .taps({ type: 'reason', reason: 'medical' }, { type: 'coming-back', back: 'not-today' });

  it('counts 3, 2, 1, takes the photo, and sends one command', () => {
    const me = atCamera();
    const counts = [0, 1, 2, 3].map(() => {
      me.happens({ type: 'waited' });
      return me.state.step.at === 'camera' ? me.state.step.count : null;
    });
    expect(counts).toEqual([3, 2, 1, 'now']);
    expect(me.input('photo')).toEqual({ visit: 'id-1' });
    me.answers({ name: 'photo', result: { ok: true, value: { url: '/photo' } } });
    expect(me.input('early')).toEqual({
      visit: 'id-1',
      pupil: 'p-amara',
      reason: 'medical',
      back: 'not-today',
      withWhom: null,
      photo: 'taken',
      touchAgoMs: 0,
    });
    expect(me.answers({ name: 'early', result: departed }).at).toBe('departed');
  });

  it.each([
    ['does not want one', (me: Visitor) => me.taps('no-photo'), 'declined'],
    [
      'says no while it is being taken',
      (me: Visitor) => {
        for (let count = 0; count < 4; count += 1) me.happens({ type: 'waited' });
        return me.taps('no-photo');
      },
      'declined',
    ],
    [
      'meets a camera that fails',
      (me: Visitor) => {
        for (let count = 0; count < 4; count += 1) me.happens({ type: 'waited' });
        return me.answers({ name: 'photo', result: { ok: false, error: { code: 'camera_failed' } } });
      },
      'none',
    ],
  ] as const)('gets the same next screen who %s', (_who, does, photo) => {
    const me = does(atCamera());
    expect(me.input('early')).toMatchObject({ photo });
    expect(me.answers({ name: 'early', result: departed }).at).toBe('departed');
  });

  it.each([
    ['a box without a camera', { ...school('run'), camera: false }, true],
    ['a pupil flagged no-photo', school('run'), false],
  ])('skips the photo for %s', (_what, device, photo) => {
    const me = new Visitor(device).isAmara('early', { photo }).taps({ type: 'reason', reason: 'lunch' });
    expect(me.input('early')).toMatchObject({ photo: 'none', back: null });
  });

  it('sits the pupil down where staff must approve', () => {
    const me = new Visitor().isAmara('early', { photo: false }).taps({ type: 'reason', reason: 'lunch' });
    me.answers({ name: 'early', result: { ok: true, value: { state: 'waiting', forename: 'Amara' } } });
    expect(me.at).toBe('sit-down');
  });

  it('asks to write the number down when the printer fails after all', () => {
    const me = new Visitor().isAmara('early', { photo: false }).taps({ type: 'reason', reason: 'lunch' });
    me.answers({ name: 'early', result: departed }).happens({ type: 'print-failed', visit: 'id-1' });
    expect(me.state.step).toMatchObject({ at: 'departed', answer: { printing: false, badge: '18391270' } });
  });
});

describe('Sign back in', () => {
  it('submits with the eighth digit, once', () => {
    const me = new Visitor().taps('return').types('1839127').after(700);
    expect(me.names).toEqual(['look']);
    me.types('000');
    expect(me.names).toEqual(['look', 'return']);
    expect(me.input('return')).toEqual({ visit: 'id-1', by: 'typed', badge: '18391270', touchAgoMs: 700 });
  });

  it('rubs out', () => {
    const me = new Visitor().taps('return').types('1839').taps('rub-out').types('1');
    expect(me.state.step).toMatchObject({ digits: '1831' });
  });

  it.each([
    ['18391270.9f3a7c', { by: 'qr', code: '18391270.9f3a7c' }],
    ['1839 1270', { by: 'typed', badge: '18391270' }],
  ])('takes %s from a scanner', (text, input) => {
    const me = new Visitor().taps('return', { type: 'scanned', text });
    expect(me.input('return')).toMatchObject(input);
  });

  it('takes what the camera saw for this visit only, and only on this screen', () => {
    const me = new Visitor().taps('return').happens({ type: 'badge-seen', visit: 'another', code: 'x' });
    expect(me.names).toEqual(['look']);
    me.happens({ type: 'badge-seen', visit: 'id-1', code: '18391270.9f' });
    expect(me.input('return')).toMatchObject({ by: 'qr', code: '18391270.9f' });
    me.answers({
      name: 'return',
      result: { ok: true, value: { state: 'welcome-back', forename: 'Amara', time: '13:28' } },
    });
    expect(me.sent.filter(({ name }) => name === 'look').map(({ input }) => input)).toEqual([
      { visit: 'id-1', on: true },
      { visit: 'id-1', on: false },
    ]);
    const sent = me.sent.length;
    me.happens({ type: 'badge-seen', visit: 'id-1', code: '18391270.9f' });
    expect(me.sent).toHaveLength(sent);
  });

  it.each([
    ['mistyped', 'badge'],
    ['used', 'badge'],
    ['unknown', 'badge'],
    ['already-back', 'already-back'],
    ['another-day', 'year'],
  ] as const)('%s leads to %s', (state, at) => {
    const me = new Visitor()
      .taps('return')
      .types('11112222')
      .answers({ name: 'return', result: { ok: true, value: { state } } });
    expect(me.at).toBe(at);
    if (at === 'badge') expect(me.state.step).toMatchObject({ digits: '', said: state });
  });

  it('takes no typing while it is paused, but still the QR', () => {
    const me = new Visitor().taps('return').types('11112222');
    me.answers({ name: 'return', result: { ok: true, value: { state: 'paused', retryInMs: 60_000 } } });
    me.after(59_000).types('1');
    expect(me.state.step).toMatchObject({ digits: '', said: 'paused' });
    expect(me.happens({ type: 'badge-seen', visit: 'id-1', code: 'q' }).input('return')).toMatchObject({ by: 'qr' });
  });

  it('asks who has no badge whether they were in school today', () => {
    const was = new Visitor().taps('return', 'no-badge', { type: 'earlier-today', yes: true });
    expect(was.at).toBe('reception');
    expect(was.input('note')).toEqual({ visit: 'id-1', kind: 'no-badge', touchAgoMs: 0 });
    const wasNot = new Visitor().taps('return', 'no-badge', { type: 'earlier-today', yes: false });
    expect(wasNot.state.step).toEqual({ at: 'year', flow: 'late', anotherDay: false });
  });
});

describe('caught kindly', () => {
  const chosen = (flow: 'late' | 'early', value: object): Visitor => {
    const me = new Visitor().isAmara(flow);
    me.state = { ...me.state, step: me.state.past.at(-1)?.step ?? { at: 'home' }, past: me.state.past.slice(0, -1) };
    me.taps({ type: 'name', pupil: amara.pupil });
    return me.answers({ name: 'choose', result: { ok: true, value } } as Reply);
  };

  it('already signed in', () => {
    expect(chosen('late', { next: 'already-signed-in', forename: 'Amara', time: '08:41' }).at).toBe('already-in');
  });
  it('already out: signs back in with the badge', () => {
    const me = chosen('early', { next: 'already-out', forename: 'Amara' });
    expect(me.at).toBe('already-out');
    expect(me.taps('sign-back-in').at).toBe('badge');
  });
  it('late, but out: a return by name, once the pupil says so', () => {
    const me = chosen('late', { next: 'sign-back-in', forename: 'Amara' });
    expect(me.at).toBe('signed-out-earlier');
    expect(me.names).not.toContain('return');
    expect(me.taps('sign-back-in').input('return')).toMatchObject({ by: 'name', pupil: 'p-amara' });
  });
  it('absent in the MIS: reception, and a note that says who', () => {
    const me = chosen('early', { next: 'see-reception' });
    expect(me.at).toBe('reception');
    expect(me.input('note')).toMatchObject({ kind: 'see-reception', pupil: 'p-amara' });
  });
  it('not me: back to the names', () => {
    const me = chosen('late', { next: 'already-signed-in', forename: 'Amara', time: '08:41' }).taps('not-me');
    expect(me.at).toBe('names');
    expect(me.taps('back').at).toBe('month');
  });
});

describe('not on the way', () => {
  it.each([
    ['year', [], { kind: 'not-sure-year' }],
    ['month', [year7], { kind: 'not-sure-month', yearGroup: 'Year 7' }],
  ] as const)('not sure of the %s: reception and a note', (_which, taps, note) => {
    const me = new Visitor().taps('late', ...taps, 'not-sure');
    expect(me.at).toBe('reception');
    expect(me.input('note')).toEqual({ visit: 'id-1', touchAgoMs: 0, ...note });
    expect(me.sent.at(-1)?.commandId).not.toBe('');
  });

  it('not on the list: reception and a note', () => {
    const me = new Visitor().taps('late', year7, march);
    me.answers({ name: 'names', result: { ok: true, value: { pupils: [], someHidden: false } } }).taps('not-on-list');
    expect(me.at).toBe('reception');
    expect(me.input('note')).toMatchObject({ kind: 'not-on-list', yearGroup: 'Year 7', month: 3 });
  });

  it.each([
    ['closed', 'closed'],
    ['paused', 'paused'],
    ['internal', 'reception'],
  ] as const)('a list refused as %s shows %s', (code, at) => {
    const me = new Visitor().taps('late', year7, march).answers({ name: 'names', result: no(code) });
    expect(me.at).toBe(at);
  });

  it.each([
    [{ state: 'closed' }, 'closed'],
    [{ state: 'paused', retryInMs: 1 }, 'paused'],
    [{ state: 'storage-failed' }, 'reception'],
    [{ state: 'no-roster' }, 'reception'],
  ] as const)('%o opens no list', (accepting, at) => {
    const me = new Visitor({ ...school('run'), accepting }).taps('late');
    expect(me.at).toBe(at);
    expect(me.sent).toEqual([]);
  });

  it('signs back in outside kiosk hours too', () => {
    expect(new Visitor({ ...school('run'), accepting: { state: 'closed' } }).taps('return').at).toBe('badge');
  });

  it('Back goes one question back, Start again to Home with the same language', () => {
    const me = new Visitor({ ...school('run'), languages: ['en', 'cy'] }).taps('language').isAmara('late').taps('back');
    expect(me.at).toBe('names');
    expect(me.taps('back').at).toBe('month');
    expect(me.taps('start-again').at).toBe('home');
    expect(me.state.comfort.language).toBe('cy');
    expect(me.input('end')).toEqual({ visit: 'id-1' });
  });

  it('an answer to a question left behind changes nothing', () => {
    const me = new Visitor().taps('late', year7, march);
    const number = me.state.waiting?.number ?? 0;
    me.taps('back');
    const before = me.state;
    me.happens({
      type: 'reply',
      number,
      reply: { name: 'names', result: { ok: true, value: { pupils: [amara], someHidden: false } } },
    });
    expect(me.state).toBe(before);
  });

  it('while a command is on its way nothing can be touched', () => {
    const me = new Visitor().isAmara('late').taps({ type: 'reason', reason: 'bus' });
    const before = me.state;
    me.taps('back', 'start-again', 'not-me', { type: 'reason', reason: 'traffic' });
    expect(me.state).toBe(before);
    expect(me.names.filter((name) => name === 'late')).toHaveLength(1);
  });
});

describe('time', () => {
  const waits = (me: Visitor): unknown => waitOf(me.state);

  it.each([
    ['a question', () => new Visitor().taps('late'), 30_000, 60_000],
    ['a pupil who is signed in', () => new Visitor().signsIn(), 10_000, limits.undoForAaMs],
    [
      'a badge',
      () =>
        new Visitor()
          .isAmara('early', { photo: false })
          .taps({ type: 'reason', reason: 'lunch' })
          .answers({ name: 'early', result: departed }),
      30_000,
      60_000,
    ],
    ['reception', () => new Visitor().taps('late', 'not-sure'), 10_000, 20_000],
  ] as const)('%s waits, and longer in Aa', (_what, come, ms, aaMs) => {
    const me = come();
    expect(waits(me)).toMatchObject({ ms });
    me.state = { ...me.state, comfort: { ...me.state.comfort, aa: true } };
    expect(waits(me)).toMatchObject({ ms: aaMs });
  });

  it('asks whether more time is needed, then goes Home and forgets everything', () => {
    const me = new Visitor().taps('aa').isAmara('late').happens({ type: 'waited' });
    expect(me.state.asksMoreTime).toBe(true);
    expect(waits(me)).toEqual({ ms: 40_000, touchRestarts: false });
    me.taps({ type: 'reason', reason: 'bus' });
    expect(me.names).not.toContain('late');
    me.happens({ type: 'waited' });
    expect(me.state).toEqual({ ...atHome, calls: me.state.calls });
    expect(me.input('end')).toEqual({ visit: 'id-1' });
  });

  it('goes on where it was after "Yes"', () => {
    const me = new Visitor().isAmara('late').happens({ type: 'waited' }).taps('more-time');
    expect(me.at).toBe('late-reason');
    expect(me.state.asksMoreTime).toBe(false);
  });

  it('forgets language and Aa that nobody used', () => {
    const me = new Visitor().taps('aa');
    expect(waits(me)).toEqual({ ms: 60_000, touchRestarts: true });
    expect(me.happens({ type: 'waited' }).state.comfort).toEqual(atHome.comfort);
    expect(waits(me)).toBeNull();
  });

  it('does not end a visit that was committed', () => {
    const me = new Visitor().signsIn().happens({ type: 'waited' });
    expect(me.at).toBe('home');
    expect(me.names).not.toContain('end');
  });

  it('ends a visit that nobody can still be standing at', () => {
    const me = new Visitor().isAmara('late').happens({ type: 'forgotten' });
    expect(me.at).toBe('home');
    expect(me.names).toContain('end');
  });
});

describe('staff', () => {
  const menu = {
    staff: 'Mrs Lewis',
    pass: 'pass',
    waiting: [{ visit: 'w', name: 'A B', reason: 'medical', back: null, withWhom: null, waitingForMs: 0 }],
  };
  const pin = (): Visitor => new Visitor().taps('staff').types('246810');
  const opened = (): Visitor => pin().answers({ name: 'staff', result: { ok: true, value: menu } });

  it('opens with the sixth digit', () => {
    expect(pin().input('staff')).toEqual({ pin: '246810' });
    expect(opened().at).toBe('staff');
  });
  it.each([
    ['unauthorised', 'wrongPin'],
    ['paused', 'pausedPin'],
    ['forbidden', 'mayNot'],
    ['internal', 'failed'],
  ] as const)('%s: says so and asks again', (code, said) => {
    expect(pin().answers({ name: 'staff', result: no(code) }).state.step).toEqual({ at: 'pin', digits: '', said });
  });
  it.each([
    [
      { type: 'let-go', visit: 'w' },
      { act: 'let-go', visit: 'w', adult: null, pass: 'pass' },
    ],
    [
      { type: 'refuse', visit: 'w' },
      { act: 'refuse', visit: 'w', pass: 'pass' },
    ],
    [{ type: 'self-test' }, { act: 'self-test', pass: 'pass' }],
  ] as const)('%o', (tap, input) => {
    const me = opened().taps(tap);
    expect(me.input('staffAct')).toEqual(input);
    me.answers({ name: 'staffAct', result: { ok: true, value: { menu: { ...menu, waiting: [] } } } });
    expect(me.state.step).toMatchObject({ at: 'staff', menu: { waiting: [] } });
  });
  it('asks before it switches off', () => {
    const me = opened().taps('switch-off');
    expect(me.names).not.toContain('staffAct');
    expect(me.taps('back').at).toBe('staff');
    me.taps('switch-off', 'switch-off-yes');
    expect(me.answers({ name: 'staffAct', result: { ok: true, value: { menu } } }).at).toBe('switching-off');
  });
  it('asks for the PIN again when the pass has run out', () => {
    const me = opened()
      .taps('self-test')
      .answers({ name: 'staffAct', result: no('unauthorised') });
    expect(me.state.step).toMatchObject({ at: 'pin', said: 'passGone' });
  });
  it('closes when the role does not allow it any more', () => {
    const me = opened()
      .taps('self-test')
      .answers({ name: 'staffAct', result: no('forbidden') });
    expect(me.state.step).toMatchObject({ at: 'pin', said: 'mayNot' });
  });
  it('keeps the screen dead for cleaning', () => {
    const me = opened().taps('clean');
    expect(waitOf(me.state)).toEqual({ ms: 30_000, touchRestarts: false });
    const before = me.state.step;
    expect(me.taps('late', 'back', { type: 'digit', digit: '1' }).state.step.at).toBe(before.at);
  });
});

describe('whatever is touched', () => {
  const tap = fc.oneof(
    fc.constantFrom<Tap['type']>(
      ...(['late', 'early', 'return', 'staff', 'language', 'aa', 'back', 'start-again', 'done', 'more'] as const),
      ...(['more-time', 'not-sure', 'not-on-list', 'not-me', 'undo', 'someone-else', 'no-photo', 'rub-out'] as const),
      ...(['no-badge', 'sign-back-in', 'self-test', 'clean', 'switch-off', 'switch-off-yes'] as const),
    ),
    fc.constantFrom<Tap>(
      year7,
      march,
      { type: 'name', pupil: 'p-amara' },
      { type: 'reason', reason: 'bus' },
      { type: 'reason', reason: 'medical' },
      { type: 'coming-back', back: 'unknown' },
      { type: 'with-whom', withWhom: 'alone' },
      { type: 'digit', digit: '7' },
      { type: 'earlier-today', yes: false },
    ),
  );
  const event = fc.oneof(
    { weight: 8, arbitrary: tap },
    fc.constantFrom('answer' as const, 'refuse' as const, 'wait' as const),
  );

  it('a visit is committed at most once, and Home remembers nothing', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const me = new Visitor({ ...school('run'), languages: ['en', 'cy'] });
        for (const one of events) {
          if (one === 'wait') me.happens({ type: 'waited' });
          else if (one === 'answer' || one === 'refuse') answer(me, one === 'refuse');
          else me.taps(one);
          if (me.at !== 'home') continue;
          expect(me.state).toMatchObject({ past: [], page: 0, waiting: null, asksMoreTime: false });
        }
        const committed = me.sent.flatMap((call) =>
          call.name === 'late' || call.name === 'early' ? [call.input.visit] : [],
        );
        const yes = committed.filter((visit, index) => committed.indexOf(visit) === index);
        // A refused command ends at reception: no visit sends a second one.
        expect(committed).toEqual(yes);
      }),
      { seed: 20261123, numRuns: 400 },
    );
  });

  function answer(me: Visitor, refuses: boolean): void {
    const call = me.state.waiting?.call;
    if (call === undefined) return;
    if (refuses) return void me.answers({ name: call.name, result: no('internal') });
    const values: Record<Call['name'], unknown> = {
      names: { pupils: [amara], someHidden: false },
      choose: asked,
      photo: { url: '' },
      look: null,
      end: null,
      late: signedIn.value,
      undo: null,
      early: departed.value,
      return: { state: 'unknown' },
      note: null,
      staff: { staff: 'S', pass: 'p', waiting: [] },
      staffAct: { menu: { staff: 'S', pass: 'p', waiting: [] } },
    };
    me.answers({ name: call.name, result: { ok: true, value: values[call.name] } } as Reply);
  }
});
