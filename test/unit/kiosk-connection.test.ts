/** What the page sends, and when: nothing old arrives late, nothing is lost for a moment's silence. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../ui/shared/connection.ts';
import type { Line } from '../../ui/shared/connection.ts';

interface Seen {
  readonly runId: string;
  readonly revision: number;
}

/** A socket that is cut and mended by hand. */
class HandLine implements Line {
  connected = false;
  /** False once the device itself has ended the connection: the library then does nothing more. */
  active = true;
  calls = 0;
  readonly #listeners: Record<'connect' | 'disconnect' | 'connect_error', (() => void)[]> = {
    connect: [],
    disconnect: [],
    connect_error: [],
  };

  on(event: 'connect' | 'disconnect' | 'connect_error', listener: () => void): void {
    this.#listeners[event].push(listener);
  }
  connect(): void {
    this.calls += 1;
  }
  async mend(): Promise<void> {
    this.connected = true;
    for (const listener of this.#listeners.connect) listener();
    await vi.advanceTimersByTimeAsync(0);
  }
  cut(): void {
    this.connected = false;
    for (const listener of this.#listeners.disconnect) listener();
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = (line: HandLine, first: () => Promise<Seen | null> = () => Promise.resolve({ runId: 'a', revision: 5 })) =>
  connect<Seen>(line, first);

describe('sending', () => {
  it('waits for the device, and sends once it is there', async () => {
    const line = new HandLine();
    const connection = open(line);
    const attempt = vi.fn(() => Promise.resolve('yes'));
    const answer = connection.send(attempt);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(attempt).not.toHaveBeenCalled();
    await line.mend();
    await vi.advanceTimersByTimeAsync(200);
    expect(attempt).toHaveBeenCalledTimes(1);
    await expect(answer).resolves.toBe('yes');
  });

  it('repeats what had no answer, with its growing age, until there is one', async () => {
    const line = new HandLine();
    const connection = open(line);
    await line.mend();
    const ages: number[] = [];
    const answer = connection.send((ageMs) => {
      ages.push(ageMs);
      if (ages.length < 3)
        return new Promise<string>((_resolve, reject) => setTimeout(() => reject(new Error('silent')), 4_000));
      return Promise.resolve('yes');
    });
    await vi.advanceTimersByTimeAsync(9_000);
    await expect(answer).resolves.toBe('yes');
    expect(ages).toEqual([0, 4_100, 8_200]);
  });

  it('says with every repeat in which run of the device the tap was made, also when another has begun', async () => {
    const line = new HandLine();
    let runId = 'a';
    const connection = open(line, () => Promise.resolve({ runId, revision: 1 }));
    await line.mend();
    const runs: (string | undefined)[] = [];
    const answer = connection.send((_ageMs, madeIn) => {
      runs.push(madeIn);
      return runs.length < 3 ? Promise.reject(new Error('silent')) : Promise.resolve('yes');
    });
    await vi.advanceTimersByTimeAsync(0);
    line.cut();
    runId = 'b';
    await line.mend();
    await vi.advanceTimersByTimeAsync(9_000);
    await expect(answer).resolves.toBe('yes');
    expect([connection.snapshot.value?.runId, runs]).toEqual(['b', ['a', 'a', 'a']]);
    await connection.send((_ageMs, madeIn) => Promise.resolve(runs.push(madeIn)));
    expect(runs.at(-1)).toBe('b');
  });

  it('gives up after a minute: an old tap never arrives', async () => {
    const line = new HandLine();
    const connection = open(line);
    const attempt = vi.fn(() => Promise.resolve('yes'));
    const answer = connection.send(attempt);
    await vi.advanceTimersByTimeAsync(61_000);
    await expect(answer).resolves.toBeNull();
    await line.mend();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(attempt).not.toHaveBeenCalled();
  });
});

describe('the device', () => {
  it('is here only between its greeting and the cut', async () => {
    const line = new HandLine();
    const connection = open(line);
    expect(connection.here.value).toBe(false);
    await line.mend();
    expect(connection.here.value).toBe(true);
    line.cut();
    expect(connection.here.value).toBe(false);
    expect(connection.snapshot.value).toEqual({ runId: 'a', revision: 5 });
  });

  it('is called again when it hung up by itself', async () => {
    const line = new HandLine();
    open(line);
    await line.mend();
    line.cut();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(line.calls).toBe(0);
    line.active = false;
    line.cut();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(line.calls).toBe(1);
  });

  it('is greeted again when it did not answer', async () => {
    const line = new HandLine();
    let asked = 0;
    const connection = open(line, () => {
      asked += 1;
      return asked < 3 ? Promise.reject(new Error('silent')) : Promise.resolve({ runId: 'a', revision: 1 });
    });
    await line.mend();
    expect(connection.here.value).toBe(false);
    await vi.advanceTimersByTimeAsync(2_100);
    expect(connection.here.value).toBe(true);
  });

  it.each([
    [{ runId: 'a', revision: 4 }, 5],
    [{ runId: 'a', revision: 6 }, 6],
    [{ runId: 'b', revision: 1 }, 1],
  ])('says %o after revision 5 of run a', async (pushed, revision) => {
    const line = new HandLine();
    const connection = open(line);
    await line.mend();
    connection.take(pushed);
    expect(connection.snapshot.value?.revision).toBe(revision);
  });
});
