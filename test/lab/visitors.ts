/** Pupils at the kiosk, several at once: they sign in late, change their mind, leave and come back, as the page would. */
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ChooseAnswer,
  EarlyAnswer,
  LateAnswer,
  NameEntry,
  NamesAnswer,
  ReturnAnswer,
} from '../../device/contract/kiosk.ts';
import type { Ack, Result } from '../../device/contract/result.ts';
import type { Seeded } from '../../device/demo/random.ts';
import type { Arrival, Book, Request } from './book.ts';
import type { Box, Kiosk } from './box.ts';

export interface Load {
  readonly box: Box;
  readonly kiosk: Kiosk;
  readonly book: Book;
  readonly random: Seeded;
  /** `2026-11-30 AM`: the session that it is at the box. */
  readonly session: string;
  /** Distinguishes this run's visits and commands. */
  readonly name: string;
  /** Told after every answer that promised something. */
  readonly acknowledged: () => void;
  /** The power is gone. */
  readonly cut: AbortSignal;
}

/** Who may leave without anybody's approval, and who not. */
const older = ['Year 8', 'Year 9', 'Year 10', 'Year 11'] as const;
const younger = ['Year 4', 'Year 5', 'Year 6'] as const;
const visitorsAtOnce = 3;
const pauseMaxMs = 250;

interface Visiting extends Load {
  readonly noPower: Promise<never>;
  visits: number;
}

/** Until the cut. Rejects only when the box answers what it must not. */
export async function visitors(load: Load): Promise<void> {
  const noPower = new Promise<never>((_, reject) => {
    const fail = (): void => reject(new Error('no power'));
    if (load.cut.aborted) fail();
    load.cut.addEventListener('abort', fail, { once: true });
  });
  noPower.catch(() => undefined);
  const visiting = { ...load, noPower, visits: 0 };
  await Promise.all(Array.from({ length: visitorsAtOnce }, () => oneAfterTheOther(visiting)));
}

async function oneAfterTheOther(load: Visiting): Promise<void> {
  const { random, cut } = load;
  while (!isOver(cut)) {
    load.visits += 1;
    const visit = `${load.name}-${String(load.visits)}`;
    const what = random.next();
    try {
      if (what < 0.55) await signIn(load, visit);
      else if (what < 0.75) await signOut(load, visit, random.next() < 0.8 ? older : younger);
      else await comeBack(load, visit);
    } catch (error) {
      if (isOver(cut)) return;
      throw error;
    }
    await sleep(random.below(pauseMaxMs));
  }
}

/** An answer; rejects when the power goes first, as a page that waits then gets none. */
function ask<T>({ noPower }: Visiting, send: (ack: Ack<T>) => void): Promise<Result<T>> {
  return Promise.race([new Promise<Result<T>>((resolve) => send(resolve)), noPower]);
}

const isOver = (cut: AbortSignal): boolean => cut.aborted;
const command = <T>(visit: string, what: string, input: T) => ({ commandId: `${visit}-${what}`, ageMs: 0, input });

/** Somebody of these years, found and chosen as on the screen; null where the list has nobody or the name is refused. */
async function somebody(
  load: Visiting,
  visit: string,
  flow: 'late' | 'early',
  years: readonly string[],
): Promise<{ readonly pupil: string; readonly next: ChooseAnswer['next'] } | null> {
  const { kiosk, random } = load;
  const asked = { visit, flow, yearGroup: random.pick(years), month: 1 + random.below(12) };
  const names = await ask<NamesAnswer>(load, (ack) => kiosk.emit('names', asked, ack));
  const pupils: readonly NameEntry[] = names.ok ? names.value.pupils : [];
  if (pupils.length === 0) return null;
  const { pupil } = random.pick(pupils);
  const chosen = await ask<ChooseAnswer>(load, (ack) => kiosk.emit('choose', { visit, flow, pupil }, ack));
  return chosen.ok ? { pupil, next: chosen.value.next } : null;
}

async function signIn(load: Visiting, visit: string): Promise<void> {
  const { kiosk, book, random, session } = load;
  const who = await somebody(load, visit, 'late', [...older, ...younger]);
  if (who?.next !== 'ask') return;
  const input = { visit, pupil: who.pupil, reason: random.pick(['bus', 'traffic', 'overslept']), touchAgoMs: 500 };
  book.unanswered.late += 1;
  const answer = await ask<LateAnswer>(load, (ack) => kiosk.emit('late', command(visit, 'late', input), ack));
  book.unanswered.late -= 1;
  if (!answer.ok) return;
  const { movement, outcome } = answer.value;
  const arrival: Arrival = { movement, session, outcome, undone: 'no' };
  book.arrivals.set(movement, arrival);
  promised(load);
  if (random.next() < 0.75) return;

  await sleep(random.below(3000));
  arrival.undone = 'asked';
  const undone = await ask<null>(load, (ack) => kiosk.emit('undo', command(visit, 'undo', { visit, movement }), ack));
  arrival.undone = undone.ok ? 'yes' : 'no';
  if (undone.ok) promised(load);
}

async function signOut(load: Visiting, visit: string, years: readonly string[]): Promise<void> {
  const { kiosk, book, session, random } = load;
  const who = await somebody(load, visit, 'early', years);
  if (who?.next !== 'ask') return;
  const [date = ''] = session.split(' ');
  const withPhoto = random.next() < 0.3;
  if (withPhoto) await ask<unknown>(load, (ack) => kiosk.emit('photo', { visit }, ack));
  const input = {
    ...({ visit, pupil: who.pupil, reason: 'medical', back: 'after-lunch', touchAgoMs: 500 } as const),
    withWhom: years === younger ? ('grown-up' as const) : null,
    photo: withPhoto ? ('taken' as const) : ('declined' as const),
  };
  const kind = years === younger ? 'request' : 'early';
  book.unanswered[kind] += 1;
  const answer = await ask<EarlyAnswer>(load, (ack) => kiosk.emit('early', command(visit, 'early', input), ack));
  book.unanswered[kind] -= 1;
  if (!answer.ok) return;
  promised(load);
  if (answer.value.state === 'departed') {
    book.departures.set(answer.value.badge, { badge: answer.value.badge, date, returned: 'no' });
  } else {
    const request: Request = { visit, date, letGo: 'no', entered: false };
    book.requests.set(visit, request);
    if (random.next() < 0.5) await letGo(load, request);
  }
}

async function letGo(load: Visiting, request: Request): Promise<void> {
  request.letGo = 'asked';
  await load.box.tell('answer', { visit: request.visit, answer: 'let-go' });
  if (load.cut.aborted) return;
  // The badge is not in this answer: the next snapshot shows it.
  request.letGo = 'yes';
  promised(load);
}

async function comeBack(load: Visiting, visit: string): Promise<void> {
  const { kiosk, book, random, session } = load;
  const [date = ''] = session.split(' ');
  const away = [...book.departures.values()].filter((one) => one.returned === 'no' && one.date === date);
  if (away.length === 0) return;
  const departure = random.pick(away);
  departure.returned = 'asked';
  const input = { visit, by: 'typed', badge: departure.badge, touchAgoMs: 500 } as const;
  const answer = await ask<ReturnAnswer>(load, (ack) => kiosk.emit('return', command(visit, 'return', input), ack));
  if (answer.ok && answer.value.state === 'welcome-back') {
    departure.returned = 'yes';
    promised(load);
  } else if (answer.ok && answer.value.state === 'used') {
    throw new Error(`badge ${departure.badge} is used, and nobody was told so`);
  } else departure.returned = 'no';
}

function promised({ book, acknowledged }: Load): void {
  book.acknowledged += 1;
  acknowledged();
}
