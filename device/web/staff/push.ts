/**
 * What the staff page is shown, pushed: each view is made and encoded once a change and role, for the pages that watch it, and only
 * where it differs from what they were sent last (architecture.md 3).
 */
import { createHash } from 'node:crypto';
import type { Server } from 'socket.io';
import { roles, viewNames } from '../../contract/staff.ts';
import type { DeviceToStaff, Role, StaffToDevice, StaffTop, StaffViews, ViewName } from '../../contract/staff.ts';
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
  /** By room, a hash of it: what lives from one push to the next is what the collector of garbage takes longest for. */
  private readonly sent = new Map<string, string>();

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
      if (!this.isThere(open) && !this.isThere(locked)) continue;
      const now = this.shown.top(role);
      if (this.isNew(open, JSON.stringify({ ...now, revision: 0 }))) {
        this.io.to(open).emit('top', now);
        this.io.to(locked).emit('top', nameless(now));
      }
      for (const view of viewNames) {
        if (!this.isThere(viewRoom(view, role))) continue;
        yield;
        yield* this.sendView(view, role, now.revision);
      }
      yield;
    }
  }

  /** Made, compared, sent. `revision`: what is shown is of that one, or of a later one. */
  private *sendView(view: ViewName, role: Role, revision: number): Generator<undefined> {
    const room = viewRoom(view, role);
    const now = this.shown.view(view, role);
    yield;
    // As text: it is looked at and sent, and is made once for both.
    const json = JSON.stringify(now);
    if (!this.isNew(room, json)) return;
    yield;
    this.io.to(room).emit('view', view, json, revision);
  }

  private isThere(room: string): boolean {
    if (this.io.sockets.adapter.rooms.has(room)) return true;
    this.sent.delete(room);
    return false;
  }

  private isNew(room: string, json: string): boolean {
    const hash = createHash('sha256').update(json).digest('base64');
    if (this.sent.get(room) === hash) return false;
    this.sent.set(room, hash);
    return true;
  }
}
