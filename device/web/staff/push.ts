/**
 * What the staff page is shown, pushed: each view is made and encoded once a change and role, for the pages that watch it, and only
 * what differs from what they were sent last is sent (architecture.md 3).
 */
import type { Server } from 'socket.io';
import { roles, viewNames } from '../../contract/staff.ts';
import type { DeviceToStaff, Role, StaffToDevice, StaffTop, StaffViews, ViewName } from '../../contract/staff.ts';
import { viewChange, viewText } from '../../contract/view-change.ts';
import type { ViewText } from '../../contract/view-change.ts';
import type { Clock, Timers } from '../../system/ports.ts';

/** At most five a second. */
const everyMs = 200;
/** What is pushed stands back for whoever waits for the desk: by so much at a time, and altogether. */
const standBackMs = 2;
const standBackMaxMs = 50;

export interface Shown {
  readonly top: (role: Role) => StaffTop;
  readonly view: <N extends ViewName>(name: N, role: Role) => StaffViews[N];
  /** Does somebody wait for the desk's answer now? */
  readonly isAsked: () => boolean;
}
type Io = Pick<Server<StaffToDevice, DeviceToStaff>, 'to' | 'sockets'>;

export const topRoom = (role: Role): string => `top ${role}`;
/** Names are hidden there: nobody's goes over the line. */
export const lockedRoom = (role: Role): string => `locked ${role}`;
export const viewRoom = (view: ViewName, role: Role): string => `view ${view} ${role}`;

export const nameless = (top: StaffTop): StaffTop => ({ ...top, notes: [], moreNotes: 0 });

/** What pages that watch a view have of it. `n`: the number of the push that brought it. */
interface Had {
  readonly n: number;
  readonly text: ViewText;
}

export class Pushing {
  private readonly io: Io;
  private readonly shown: Shown;
  private readonly clock: Clock;
  private readonly timers: Timers;
  private due: (() => void) | null = null;
  /** Since what is being sent was begun. */
  private hasChanged = false;
  private lastAt = Number.NEGATIVE_INFINITY;
  /** By how much this push has stood back, ms. */
  private stoodBackMs = 0;
  /** By room. */
  private readonly sent = new Map<string, Had>();
  private pushes = 0;

  constructor(ports: { readonly io: Io; readonly shown: Shown; readonly clock: Clock; readonly timers: Timers }) {
    this.io = ports.io;
    this.shown = ports.shown;
    this.clock = ports.clock;
    this.timers = ports.timers;
  }

  /**
   * At once, if nothing was just sent; but never before whoever changed it has been answered, and one part a turn of the loop: the
   * pupil who touches the kiosk meanwhile waits for no more than that.
   */
  changed(): void {
    this.hasChanged = true;
    this.due ??= this.timers.after(Math.max(0, this.lastAt + everyMs - this.clock.mono()), () => {
      this.hasChanged = false;
      this.lastAt = this.clock.mono();
      this.stoodBackMs = 0;
      this.send(this.parts());
    });
  }

  /** Somebody new is there, who was shown the present: the others may have an older one, so the next goes to all. */
  joined(room: string): void {
    this.sent.delete(room);
    this.changed();
  }

  stop(): void {
    this.due?.();
  }

  private send(parts: Iterator<unknown>): void {
    if (this.shown.isAsked() && this.stoodBackMs < standBackMaxMs) {
      this.stoodBackMs += standBackMs;
      this.due = this.timers.after(standBackMs, () => {
        this.send(parts);
      });
      return;
    }
    const isDone = parts.next().done === true;
    this.due = isDone
      ? null
      : this.timers.after(0, () => {
          this.send(parts);
        });
    if (isDone && this.hasChanged) this.changed();
  }

  private *parts(): Generator<undefined> {
    for (const role of roles) {
      const [open, locked] = [topRoom(role), lockedRoom(role)];
      const watched = viewNames.filter((view) => this.isThere(viewRoom(view, role)));
      if (!this.isThere(open) && !this.isThere(locked)) continue;
      const now = this.shown.top(role);
      if (this.changeOf(open, { ...now, revision: 0 }) !== null) {
        this.io.to(open).emit('top', now);
        this.io.to(locked).emit('top', nameless(now));
      }
      for (const view of watched) {
        yield;
        yield* this.sendView(view, role);
      }
      yield;
    }
  }

  /** Made, compared, sent. */
  private *sendView(view: ViewName, role: Role): Generator<undefined> {
    const room = viewRoom(view, role);
    const now = this.shown.view(view, role);
    yield;
    const change = this.changeOf(room, now);
    if (change === null) return;
    yield;
    this.io.to(room).emit('view', view, change.json, change.n, change.since);
  }

  private isThere(room: string): boolean {
    if (this.io.sockets.adapter.rooms.has(room)) return true;
    this.sent.delete(room);
    return false;
  }

  /** Null: they have it. */
  private changeOf(room: string, now: object): { json: string; n: number; since: number | null } | null {
    const had = this.sent.get(room);
    const text = viewText(now, had?.text);
    const json = viewChange(had?.text, text);
    if (json === null) return null;
    const n = (this.pushes += 1);
    this.sent.set(room, { n, text });
    return { json, n, since: had?.n ?? null };
  }
}
