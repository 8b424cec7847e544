/** What open staff pages are sent, and when: it is never in front of the pupil at the kiosk. */
import { expect, test } from 'vitest';
import type { Role, StaffTop, ViewName } from '../../device/contract/staff.ts';
import { Pushing, lockedRoom, topRoom, viewRoom } from '../../device/web/staff/push.ts';
import { openDay, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';
import { steeredTime } from '../support/steered-time.ts';

type PushingPorts = ConstructorParameters<typeof Pushing>[0];

/** Pages that are in these rooms. `made`: what was presented, `got`: what was sent, `views`: with what number, since which; as they were. */
function pages(rooms: readonly string[], time = steeredTime(0)) {
  const box = { revision: 1, late: 0, asked: false, meanwhile: (): void => undefined };
  const made: string[] = [];
  const got: string[] = [];
  const views: (readonly [n: unknown, since: unknown])[] = [];
  const io = {
    sockets: { adapter: { rooms: new Map(rooms.map((room) => [room, new Set(['page'])])) } },
    to: (room: string) => ({
      emit: (...[event, what, , n, since]: readonly [string, ...unknown[]]) => {
        if (event === 'view') views.push([n, since]);
        if (rooms.includes(room)) got.push(`${room}: ${typeof what === 'string' ? what : 'top'} ${String(box.late)}`);
      },
    }),
  };
  const shown = {
    top: (role: Role) => {
      made.push(`top ${role}`);
      return { revision: box.revision, notes: [], moreNotes: 0, late: box.late } as unknown as StaffTop;
    },
    view: (name: ViewName, role: Role) => {
      made.push(`${name} ${role}`);
      time.timers.after(0, box.meanwhile);
      return { late: box.late };
    },
    isAsked: () => box.asked,
  };
  const ports = { io, shown, clock: time.clock, timers: time.timers } as unknown as PushingPorts;
  return { box, made, got, views, time, pushing: new Pushing(ports) };
}
const twoRoles = [
  topRoom('reception'),
  lockedRoom('reception'),
  viewRoom('now', 'reception'),
  topRoom('attendance'),
  viewRoom('now', 'attendance'),
  viewRoom('marks', 'attendance'),
];
const all = ['top reception', 'now reception', 'top attendance', 'now attendance', 'marks attendance'];

test('however many pages are open and however much changes at once, each view is made once for each role that watches it', () => {
  const { box, made, got, time, pushing } = pages(twoRoles);
  for (let late = 1; late <= 5; late += 1) {
    box.late = late;
    pushing.changed();
  }
  time.pass(1000);
  expect(made).toEqual(all);
  expect(got).toEqual([
    'top reception: top 5',
    'locked reception: top 5',
    'view now reception: now 5',
    'top attendance: top 5',
    'view now attendance: now 5',
    'view marks attendance: marks 5',
  ]);
  pushing.changed(); // of which nothing shows
  time.pass(1000);
  expect(got).toHaveLength(6);
});

test('pages are sent what has changed since the push before; when somebody new begins to watch, all of it once more', () => {
  const room = viewRoom('now', 'reception');
  const { box, views, time, pushing } = pages([topRoom('reception'), room]);
  const push = (): void => {
    box.late += 1;
    pushing.changed();
    time.pass(1000);
  };
  push();
  push();
  const [first, second] = views;
  expect(first?.[1]).toBeNull();
  expect(second?.[1]).toBe(first?.[0]);
  pushing.joined(room);
  time.pass(1000);
  expect(views[2]?.[1]).toBeNull();
  push();
  expect(views[3]?.[1]).toBe(views[2]?.[0]);
});

test('whoever begins to watch while a change of before is on its way gets all of it after that', () => {
  const room = viewRoom('now', 'reception');
  const { box, views, time, pushing } = pages([topRoom('reception'), room]);
  pushing.changed();
  time.pass(1000);
  box.late += 1;
  box.meanwhile = () => {
    box.meanwhile = () => undefined;
    pushing.joined(room);
  };
  pushing.changed();
  time.pass(1000);
  expect(views.at(-1)?.[1]).toBeNull();
});

test('what changes while the pages are being sent something is sent after that', () => {
  const { box, made, got, time, pushing } = pages(twoRoles);
  pushing.changed();
  time.pass(0);
  box.late = 1;
  made.length = 0;
  pushing.changed();
  time.pass(199);
  const before = made.length;
  time.pass(1);
  expect(made.slice(before)).toEqual(all);
  expect(got.at(-1)).toBe('view marks attendance: marks 1');
});

test('a pupil who touches the kiosk while a view is made is served before it is sent', () => {
  const { box, got, time, pushing } = pages([topRoom('reception'), viewRoom('now', 'reception')]);
  box.meanwhile = () => got.push('a touch');
  pushing.changed();
  time.pass(1000);
  expect(got).toEqual(['top reception: top 0', 'a touch', 'view now reception: now 0']);
});

test('while the desk works for somebody nothing is made; but pages do not wait for ever', () => {
  const { box, made, time, pushing } = pages([topRoom('reception'), viewRoom('now', 'reception')]);
  box.asked = true;
  pushing.changed();
  time.pass(10);
  expect(made).toEqual([]);
  box.asked = false;
  time.pass(2);
  expect(made).toEqual(['top reception', 'now reception']);
  box.asked = true;
  box.late = 1;
  made.length = 0;
  pushing.changed();
  time.pass(260);
  expect(made).toEqual(['top reception', 'now reception']);
});

test('a pupil is answered before anything of it is made for the pages that are open', async () => {
  const day: Day = await openDay({ at: '09:02' });
  const { made, pushing, time } = pages(twoRoles, day.time);
  day.box.desk.onDurable(() => {
    pushing.changed();
  });
  value(await day.late('amara'));
  expect(made).toEqual([]);
  time.pass(0);
  expect(made).toEqual(all);
});
