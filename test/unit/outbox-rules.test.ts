/**
 * Every sentence of rules 19 to 25 of durability.md, the outbox, with the tests that show it; or the Decision of the README that
 * says where and why the box does otherwise.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isThere, shownIn } from '../support/shown.ts';
import type { Shown } from '../support/shown.ts';

const { file, outbox, roster, unit } = shownIn;
const plan = (name: string): Shown => unit('outbox-plan', name);
const mark = (name: string): Shown => unit('mark', name);
const backOff = (name: string): Shown => unit('back-off', name);
const states = mark('%s: it is then %3$s');
const may = plan('%s: %5$s');

/** `decision`: words of the README's Decisions. */
interface Sentence {
  readonly says: string;
  readonly shown: readonly Shown[];
  readonly decision?: string;
}

const table: Readonly<Record<19 | 20 | 21 | 22 | 23 | 24 | 25, readonly Sentence[]>> = {
  19: [
    {
      says: 'wanted is a fold: the earliest uncancelled arrival decides',
      shown: [
        unit('ledger', 'two arrivals for one session are one mark; without the first the second decides'),
        states,
      ],
    },
    { says: 'corrections replace', shown: [outbox('-corrections', 'other minutes: written over ours, once')] },
    { says: 'compared with the last observed', shown: [may] },
    {
      says: 'at most one unsettled write per key; a new wish waits until it settles',
      shown: [
        outbox('', 'a wish that changes while the write flies waits, and then is carried out'),
        outbox('-corrections', 'while the first is on its way: it lands, then the corrected one goes'),
      ],
    },
    {
      says: 'today first, every fourth batch oldest first',
      shown: [
        plan('turn %i: %j'),
        outbox('', "today's marks go first, then day by day"),
        outbox('', 'a long backlog of today does not hold up the oldest for ever'),
      ],
    },
    {
      says: "a pupil's commit never waits behind more than one batch of the sender",
      shown: [outbox('', 'each commit of the outbox is one batch at most, and one at a time')],
    },
    {
      says: 'outcomes ride on the next commit, only sending forces a sync',
      shown: [],
      decision: 'Outcomes are synced too',
    },
  ],
  20: [
    {
      says: 'sending, with what was read before, is durable before the POST',
      shown: [
        outbox('', 'nothing is lost when the kill comes at any record'),
        outbox('', 'undone while the batch is being claimed: the journal decides which came first'),
        outbox('-oddities', 'nothing is sent that cannot be recorded; well again with room'),
      ],
    },
    {
      says: 'a failure before the first byte left is retry',
      shown: [
        file('contract/wonde-faults.test.ts', 'a refused connection is unreachable: nothing can have happened'),
        outbox('-doubt', 'failed before its first byte left: sent again within seconds'),
      ],
    },
    {
      says: 'any later one is unknown: read back at once and often, confirmed if ours shows',
      shown: [
        outbox('-doubt', 'the MIS had stored it: read back and confirmed at once'),
        outbox('-doubt', 'read back at once, and then once a minute at least'),
        outbox('-doubt', 'a stop in the middle of a write does not wait for it, and records that nobody knows'),
      ],
    },
    {
      says: 'posted again only if the write-back list shows nothing of ours',
      shown: [
        outbox('-doubt', 'and not even then while the MIS has a write of unknown origin on its way'),
        outbox('-doubt', 'nor where it is done but does not show yet'),
        outbox('-doubt', 'a trace of it, complete, that never shows: a person, not a second write'),
        outbox('-doubt', 'other batches around it do not look like a trace'),
      ],
    },
    {
      says: 'and the settle time has passed: longest delay seen at this school, at least 15 minutes',
      shown: [
        outbox('-doubt', 'the MIS had not: sent again after a quarter of an hour, and not before'),
        outbox('-doubt', 'is longer at a school whose MIS once took longer, restart or not'),
      ],
    },
    { says: 'counted only while the MIS is online', shown: [outbox('-doubt', 'runs only while the MIS answers')] },
    {
      says: 'and a fresh read still equals what was read before',
      shown: [outbox('-doubt', 'marks the pupil, and ours never arrives: the tray')],
      decision: 'What stands there by then is decided anew',
    },
    {
      says: 'the simulator applies duplicates late and out of order',
      shown: [
        file(
          'contract/mis-simulator-faults.test.ts',
          'duplicates applies a write again later, over what a teacher did meanwhile',
        ),
        file('contract/mis-simulator-faults.test.ts', 'out-of-order lets a later write overtake an earlier one'),
        outbox('-oddities', 'duplicates, late and in reverse: one write of ours, the right mark at the end'),
        outbox('-oddities', 'a duplicate that comes after the undo is undone again'),
      ],
    },
  ],
  21: [
    {
      says: 'never send a write whose latest read, 60 s old at most, shows a mark that may not be replaced',
      shown: [
        outbox('-overwrite', 'before the box reads: the tray, and nothing is written'),
        outbox('-overwrite', 'while a slow disk holds up the write: read again, as what was read is too old'),
      ],
    },
    {
      says: 'nor while the MIS says it is offline',
      shown: [
        outbox('-faults', 'the school cannot be reached by the MIS: nothing is sent, asked for less and less often'),
        outbox('-faults', 'after an outage the MIS is asked anew whether it reaches the school'),
      ],
    },
    {
      says: 'the window from read to application is stated, kept short and watched',
      shown: [
        outbox('-window', 'where no mark stood: the tray, since the MIS has had a mark for longer than ours'),
        outbox('-window', 'where N stood the MIS tells nothing of it: the window that is left'),
      ],
      decision: 'The window between our read and the MIS',
    },
    {
      says: 'after complete another code, newer: changed by school, not fought',
      shown: [
        outbox('-overwrite', 'after ours was written and before it is read back: changed by school, not fought'),
        outbox('-overwrite', 'after it was confirmed: changed by school, seen within ten minutes, not fought'),
        outbox('-sweep', 'in the afternoon, for the morning: changed by school, not fought'),
      ],
    },
    {
      says: 'older: a stale read, wait',
      shown: [
        outbox(
          '-window',
          'after a restart the journal still knows which of two marks is the older: a stale read changes nothing',
        ),
        outbox('-overwrite', 'and clears ours: believed at the second look, as a stale read looks the same'),
      ],
    },
    {
      says: 'if ours may have landed on a foreign mark, it goes to the tray',
      shown: [
        outbox('-overwrite', 'while the write is on its way: ours goes over it, a person hears of it and puts it back'),
        outbox('-doubt', 'marks the pupil, and ours arrives after all: the tray, with what ours went over'),
        outbox('-window', 'where no mark stood: the tray, since the MIS has had a mark for longer than ours'),
      ],
    },
  ],
  22: [
    {
      says: 'ours: a different mark before, then our write confirmed, and nothing else since',
      shown: [
        may,
        plan('%s: %3$s, surely: %4$s'),
        outbox(
          '-window',
          'seen by the sweep: still confirmed; undone later, a person is asked, and theirs is not cleared',
        ),
        outbox('-window', 'seen by the read before an undo is written: the same'),
      ],
    },
    {
      says: 'found already as wanted: confirmed, not ours, never compensated',
      shown: [
        outbox('-corrections', 'found already as wanted and so never ours: never put back'),
        outbox('-doubt', 'sets the same code with a word of their own: theirs, never undone by us'),
      ],
    },
    {
      says: 'compensation restores the earlier code if there was one the box may write',
      shown: [
        mark('%s goes back'),
        mark('%s does not: a person puts it right'),
        outbox('', 'N goes back where N stood'),
      ],
    },
    {
      says: 'if there was none, please clear in the MIS',
      shown: [outbox('', 'where no mark stood a person clears it, and ticks it off')],
    },
    {
      says: '"Use ours" carries the code that staff saw, and returns to the tray if it changed',
      shown: [
        outbox('-overwrite', 'use ours over %s: written, confirmed'),
        outbox('-overwrite', 'use ours, but it changed again: back to the tray with what stands now'),
      ],
    },
  ],
  23: [
    {
      says: 'one serial writer: undo before claim is withdrawn, never sent',
      shown: [
        outbox('', 'undone in time is never sent'),
        outbox('', 'undone while the batch is being claimed: the journal decides which came first'),
        mark('a claim of the sender that comes after an undo is void: it never flies'),
      ],
    },
    {
      says: 'after, compensating',
      shown: [outbox('-doubt', 'undone meanwhile, and it turns out to stand: put back where it can be')],
    },
    {
      says: 'claimed when hold_seconds old by monotonic time, or from an earlier boot',
      shown: [
        plan('%s: %3$s'),
        outbox('', 'is held for sixty seconds, not sent before, and sent soon after'),
        outbox('', 'held for as long as the school sets'),
      ],
    },
  ],
  24: [
    {
      says: 'every movement that can make a mark is in exactly one bucket',
      shown: [
        mark('each state counts in one place, withdrawn in none'),
        mark('every state of a mark is reached above or below'),
        unit('ledger', 'an arrival waits from its first record on, and counts once'),
        // After each record the books are checked by another hand (`support/bookkeeper.ts`).
        outbox('-random', 'seed %i'),
      ],
    },
    {
      says: 'the shown sum takes done without withdrawn and none wanted',
      shown: [
        unit('ledger', 'on time: decided, and no mark'),
        unit('ledger', 'a decision that comes after the undo wishes for nothing'),
      ],
    },
  ],
  25: [
    {
      says: 'daily jobs at the set time + hash(journal id) mod 2 h',
      shown: [
        roster("a new roster comes at the set time and this box's part of two hours, once"),
        roster('boxes are spread over two hours, each at its own time'),
        outbox('-sweep', 'boxes that start together, or whose schools open together, do not ask together'),
        outbox('-sweep', 'the present register is not read at the stroke of opening, when every school opens'),
      ],
    },
    {
      says: 'coming online never resets the back-off: one probe after a uniform wait in [0, min(outage / 4, 15 min)]',
      shown: [
        backOff('%s: %3$s to %4$s s'),
        backOff('a thousand boxes that lost the MIS at one moment do not come back at one moment'),
        backOff('an outage is measured from its first failure, through all kinds of trouble'),
      ],
    },
    {
      says: 'then a rate growing from one request in 5 s to 2 a second',
      shown: [backOff('the rate grows from one in 5 s to two a second'), outbox('', 'at most two requests a second')],
    },
    {
      says: 'Retry-After: r waits r + uniform [0, max(30 s, r)]',
      shown: [backOff('%s: %3$s to %4$s s'), outbox('-faults', '%j: at least so long, and at most so much more')],
    },
    {
      says: 'a short blip costs seconds, not minutes',
      shown: [
        outbox('-faults', 'one failure is a blip: online again with the next good answer'),
        outbox('-doubt', 'failed before its first byte left: sent again within seconds'),
      ],
      decision: 'A plain 503 on a write costs that batch 15 minutes',
    },
    {
      says: 'roster pulls refuse themselves 07:30-09:45 unless a person asks',
      shown: [
        roster('an old roster is not renewed between half past seven and a quarter to ten'),
        roster('but when a person asks it is'),
        roster('the hours are those of the school, also in summer'),
      ],
    },
    {
      says: 'waits survive a restart',
      shown: [
        outbox('-faults', 'the wait outlives a restart'),
        outbox('-faults', 'a long outage is not asked about the sooner for a restart'),
        roster('a wait that the MIS asked for still holds'),
      ],
    },
  ],
};

const sentences = Object.entries(table).flatMap(([rule, all]) => all.map((one) => ({ rule, ...one })));
const decisions = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8').split('## Decisions')[1] ?? '';

describe('rules 19 to 25 of durability.md', () => {
  test.each(sentences)('$rule: $says', ({ shown, decision }) => {
    expect(shown.length > 0 || decision !== undefined).toBe(true);
    expect(shown.filter((one) => !isThere(one))).toEqual([]);
    expect(decisions.replace(/\s+/g, ' ')).toContain(decision ?? '');
  });
});
