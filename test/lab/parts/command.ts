/** `scripts/lab parts`: the daemon as built meets real interfaces of a kernel. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { buildImages } from '../images.ts';
import { savedState } from '../saved-state.ts';
import { openBench } from './bench.ts';
import type { Bench } from './bench.ts';
import { contractScenario } from './contract.ts';
import { cameraScenario } from './camera.ts';
import { kioskScenario } from './kiosk.ts';
import { partsMachine } from './kind.ts';
import { lightsScenario } from './lights.ts';
import { printerScenario } from './printer.ts';
import { figuresLines, figuresTable, summary, tableHead, tableRow } from './report.ts';
import type { Row } from './report.ts';

export const scenarios: Readonly<Record<string, (bench: Bench) => AsyncGenerator<Row>>> = {
  contract: contractScenario,
  printer: printerScenario,
  camera: cameraScenario,
  kiosk: kioskScenario,
  lights: lightsScenario,
};

export interface PartsOptions {
  /** Names of scenarios; all when empty. */
  readonly only: readonly string[];
  readonly nodeFlags: string;
  readonly json: string | undefined;
  readonly say: (words: string) => void;
  /** Gets what test/README.md shows of it. */
  readonly figures?: (lines: readonly string[], table: string) => void;
}

/** Machines side by side: each is one processor to ours, and goes by its own clock. */
const atOnce = Math.min(2, availableParallelism());

/** The exit code: 0 when every row is as it should be. */
export async function parts({ only, nodeFlags, json, say, figures }: PartsOptions): Promise<number> {
  const began = Date.now();
  const images = buildImages(partsMachine, { force: false, say });
  const saved = await savedState(images, nodeFlags, say, partsMachine.prefix);
  say(`The machine runs ${saved.accelerator === 'kvm' ? 'with KVM' : 'emulated'}.`);
  const rows: Row[] = [];
  const tell = (row: Row): void => {
    rows.push(row);
    process.stdout.write(`${tableRow(row)}\n`);
    // After each row: a run that is stopped has left something.
    if (json !== undefined) writeFileSync(json, JSON.stringify(rows, null, 2));
  };
  const names = Object.keys(scenarios).filter((name) => only.length === 0 || only.includes(name));
  const minutes = new Map(names.map((name) => [name, 0]));
  const waiting = [...names];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const from = Date.now();
      await play(name, await openBench(images, saved), tell, say);
      minutes.set(name, (Date.now() - from) / 60_000);
    }
  };
  process.stdout.write(`${tableHead()}\n`);
  await Promise.all(Array.from({ length: atOnce }, work));
  process.stdout.write(`${summary(rows, (Date.now() - began) / 60_000)}\n`);
  const inOrder = names.flatMap((name) => rows.filter(({ scenario }) => scenario === name));
  figures?.(figuresLines(inOrder, minutes), figuresTable(inOrder));
  return rows.length > 0 && rows.every(({ wrong }) => wrong.length === 0) ? 0 : 1;
}

async function play(name: string, bench: Bench, tell: (row: Row) => void, say: (words: string) => void): Promise<void> {
  try {
    for await (const row of scenarios[name]?.(bench) ?? []) tell(row);
  } catch (error) {
    // What did not come in time, with what the guest knows of it; the other scenarios go on.
    const said = await bench.guest('journalctl -b --no-pager -n 60 -o cat').catch(() => 'the guest says nothing more');
    say(said);
    const why = error instanceof Error ? error.message : String(error);
    tell({
      ...{ scenario: name, pupil: '', staff: '', lights: '' },
      fault: 'STOPPED',
      recovery: null,
      wrong: [why],
    });
  } finally {
    await bench.close();
  }
}
