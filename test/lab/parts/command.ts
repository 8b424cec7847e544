/** `scripts/lab parts`: the daemon as built meets real interfaces of a kernel. */
import { writeFileSync } from 'node:fs';
import { buildImages } from '../images.ts';
import { savedState } from '../saved-state.ts';
import { openBench } from './bench.ts';
import type { Bench } from './bench.ts';
import { cameraScenario } from './camera.ts';
import { kioskScenario } from './kiosk.ts';
import { partsMachine } from './kind.ts';
import { lightsScenario } from './lights.ts';
import { printerScenario } from './printer.ts';
import { figuresLine, summary, tableHead, tableRow } from './report.ts';
import type { Row } from './report.ts';

export const scenarios: Readonly<Record<string, (bench: Bench) => AsyncGenerator<Row>>> = {
  lights: lightsScenario,
  printer: printerScenario,
  camera: cameraScenario,
  kiosk: kioskScenario,
};

export interface PartsOptions {
  /** Names of scenarios; all when empty. */
  readonly only: readonly string[];
  readonly nodeFlags: string;
  readonly json: string | undefined;
  readonly say: (words: string) => void;
  /** Gets the line for test/README.md. */
  readonly figures?: (line: string) => void;
}

/** The exit code: 0 when every row is as it should be. */
export async function parts({ only, nodeFlags, json, say, figures }: PartsOptions): Promise<number> {
  const began = Date.now();
  const images = buildImages(partsMachine, { force: false, say });
  const saved = await savedState(images, nodeFlags, say, partsMachine.prefix);
  say(`The machine runs ${saved.accelerator === 'kvm' ? 'with KVM' : 'emulated'}.`);
  const rows: Row[] = [];
  process.stdout.write(`${tableHead()}\n`);
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (only.length > 0 && !only.includes(name)) continue;
    const bench = await openBench(images, saved);
    try {
      for await (const row of scenario(bench)) {
        rows.push(row);
        process.stdout.write(`${tableRow(row)}\n`);
        if (json !== undefined) writeFileSync(json, JSON.stringify(rows, null, 2));
      }
    } catch (error) {
      // What did not come in time, with what the guest knows of it; the other scenarios go on.
      const said = await bench
        .guest('journalctl -b --no-pager -n 60 -o cat')
        .catch(() => 'the guest says nothing more');
      const why = error instanceof Error ? error.message : String(error);
      say(said);
      rows.push({
        ...{ part: name, pupil: '', staff: '', lights: '' },
        fault: 'STOPPED',
        recovery: null,
        wrong: [why],
      });
      process.stdout.write(`${rows.slice(-1).map(tableRow).join('')}\n`);
    } finally {
      await bench.close();
    }
  }
  process.stdout.write(`${summary(rows, (Date.now() - began) / 60_000)}\n`);
  figures?.(figuresLine(rows));
  return rows.length > 0 && rows.every(({ wrong }) => wrong.length === 0) ? 0 : 1;
}
