/**
 * Is the version that is tried to be kept? Only where it is at its normal level, makes the same of the same records as the version
 * before, has recorded something durably and has the kiosk's page connected (durability.md 29). Nothing else counts: not the network,
 * not the MIS, printer or clock. Where it is not so within some minutes, this fails, and systemd starts the machine anew: from the half before.
 */
import { rmSync } from 'node:fs';
import { difference } from './folds.ts';
import type { Folds } from './folds.ts';
import { halvesOf, isTrial } from './halves.ts';
import { forgetFetched, keepLast, lastSchema, readJson } from './places.ts';
import type { Before, Places } from './places.ts';
import { markGood } from './rauc.ts';

/** Under emulation, or with years of records, a start takes minutes. */
const waitMaxMs = 10 * 60_000;
const askEveryMs = 5_000;

export interface Daemon {
  /** Null: it is well, and has recorded that. Else why not, a sentence. Never rejects. */
  vouch(): Promise<string | null>;
}

export interface TrialPorts {
  readonly places: Places;
  readonly version: string;
  /** Null: the version before has left nothing. */
  readonly before: Before | null;
  readonly folds: (upTo: number) => Folds;
  readonly daemon: Daemon;
  readonly print: (text: string) => void;
  readonly now: () => number;
  /** Milliseconds that no change of the clock moves. */
  readonly mono: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** 0: kept, or there is nothing to keep; 1: not, and the machine is to start anew. */
export async function commitTrial(ports: TrialPorts): Promise<0 | 1> {
  const { places, version, print, now } = ports;
  if (!isTrial(halvesOf(places.slot, places.autoboot))) return 0;
  const last = readJson(lastSchema, places.last);
  const wrong = (await whyNot(ports)) ?? (await keep(places));
  print(wrong === null ? `Version ${version} is kept.\n` : `Version ${version} is not kept. ${wrong}\n`);
  const began = last ?? ({ from: 'file', by: 'a technician' } as const);
  const outcome = wrong === null ? 'taken' : 'went-back';
  try {
    keepLast(places, { ...began, version, at: now(), outcome, why: wrong });
    if (wrong === null) {
      rmSync(places.found, { force: true });
      forgetFetched(places.kept, null);
    }
  } catch {
    // Whether it is kept does not hang on a card that takes no change.
  }
  return wrong === null ? 0 : 1;
}

/** The card says what is kept, not RAUC: it may take the other half for the one that runs, or fail after the change. */
async function keep(places: Places): Promise<string | null> {
  const wrong = await markGood();
  const halves = halvesOf(places.slot, places.autoboot);
  if (halves !== null && !isTrial(halves)) return null;
  return wrong ?? 'The card was not changed, although RAUC says so.';
}

async function whyNot(ports: TrialPorts): Promise<string | null> {
  const { before, folds, daemon, mono, sleep } = ports;
  if (before === null) return 'The version before has left nothing to compare with.';
  const other = compared(before, folds);
  if (other !== null) return other;
  const began = mono();
  for (;;) {
    const why = await daemon.vouch(); // may take its time to say nothing
    if (why === null || mono() - began > waitMaxMs) return why;
    await sleep(askEveryMs);
  }
}

function compared(before: Before, folds: TrialPorts['folds']): string | null {
  try {
    return difference(before, folds(before.upTo));
  } catch (error) {
    return `The new version cannot read the records: ${error instanceof Error ? error.message : String(error)}.`;
  }
}
