/** Starting and stopping, as a technician does it (settings.md, "Start"). */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { keyPlaces, randomBytes } from '../../device/data-folder.ts';
import { openKeys } from '../../device/journal/key-folder.ts';
import { fileSeal } from '../../device/journal/sealed-file.ts';
import { writeSecrets } from '../../device/settings/stored.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'porter-start-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the daemon; `when` says on which output it is told to stop. */
function porter(
  args: readonly string[],
  when?: (out: string) => boolean,
): Promise<Ended & { readonly stopMs: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'dist/porter.js'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err, stopAt] = ['', '', 0];
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`still running: ${out}${err}`));
    }, 40_000);
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString();
      if (stopAt > 0 || when?.(out) !== true) return;
      stopAt = Date.now();
      child.kill('SIGTERM');
    });
    child.stderr.on('data', (text: Buffer) => {
      err += text.toString();
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      resolve({ code, out, err, stopMs: Date.now() - stopAt });
    });
  });
}

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const good = `[school]
name = "Hill View School"
[mis]
connector = "none"
[roster]
source = "csv"
csv = "roster.csv"
[web]
kiosk_port = 0
staff_port = 0
[hardware]
printer = { kind = "simulated", paper_mm = 58 }
camera = { kind = "simulated" }
lights = { kind = "simulated" }
`;
file('roster.csv', 'mis_id,forename,surname,year_group,registration_group,birth_month\n1,Amara,Okafor,7,7A,3\n');

describe('starting', () => {
  test('the demo prints its two addresses and nothing else, and stops cleanly on SIGTERM', async () => {
    const { code, out, stopMs } = await porter(['--data', join(folder, 'demo')], (text) => text.includes('Staff: '));
    expect(out).toBe('Kiosk: http://127.0.0.1:8080/\nStaff: https://127.0.0.1:8443/\n');
    expect(code).toBe(0);
    expect(stopMs).toBeLessThan(5_000); // the promise of settings.md, not a speed
  });

  test('a file that is not there is an error, never a demo', async () => {
    const { code, err, out } = await porter(['--config', join(folder, 'nowhere.toml'), '--data', join(folder, 'none')]);
    expect(code).toBe(2);
    expect(err).toContain('nowhere.toml');
    expect(out).toBe('');
  });

  test('a wrong file names line, key, what was found, what is expected and the nearest name', async () => {
    const wrong = file(
      'wrong.toml',
      '[school]\nname = "Hill View School"\nnatoin = "england"\n[mis]\nconnector = "none"\n[box]\nid = 12\n',
    );
    const { code, err } = await porter(['--config', wrong, '--data', join(folder, 'none')]);
    expect(code).toBe(2);
    expect(err).toMatch(/wrong\.toml, line 3, school\.natoin: .*did you mean nation\?/);
    expect(err).toMatch(/wrong\.toml, line 7, box\.id: found 12, expected .*0 to 9/);
  });

  test('a file that became wrong leaves the last good settings in force', async () => {
    const path = file('porter.toml', good);
    const data = join(folder, 'kept');
    const up = (text: string): boolean => text.includes('Staff: ');
    expect((await porter(['--config', path, '--data', data], up)).code).toBe(0);
    file('porter.toml', good.replace('[box]', '').replace('connector = "none"', 'connector = "nun"'));
    const { code, err } = await porter(['--config', path, '--data', data], up);
    expect(code).toBe(0);
    expect(err).toContain('mis.connector');
    file('porter.toml', good);
  });

  test('a second daemon on the same data is refused by name of the folder', async () => {
    const path = file('porter.toml', good);
    const data = join(folder, 'twice');
    const second: Ended[] = [];
    let asked = false;
    const first = await new Promise<Ended>((resolve, reject) => {
      const child = spawn(process.execPath, [join(root, 'dist/porter.js'), '--config', path, '--data', data]);
      child.stdout.on('data', () => {
        if (asked) return;
        asked = true;
        porter(['--config', path, '--data', data])
          .then((ended) => second.push(ended), reject)
          .finally(() => child.kill('SIGTERM'));
      });
      child.once('exit', (code) => {
        resolve({ code, out: '', err: '' });
      });
    });
    expect(first.code).toBe(0);
    expect(second[0]?.code).toBe(1);
    expect(second[0]?.err).toContain('twice');
  });

  test('--help and --version', async () => {
    expect((await porter(['--help'])).out).toContain('porter check --config FILE');
    expect((await porter(['--version'])).out).toMatch(/^porter \d+\.\d+\.\d+/);
    expect((await porter(['--nonsense'])).code).toBe(2);
  });
});

describe('porter check', () => {
  test('0: all well', async () => {
    const { code, out } = await porter(['check', '--config', file('porter.toml', good)]);
    expect(out).toContain('roster: 1 pupil');
    expect(code).toBe(0);
  });
  test('1: a part failed', async () => {
    const noMis = good.replace(
      'connector = "none"',
      'connector = "wonde"\nbase_url = "http://127.0.0.1:9/v1.0"\nschool_id = "A1"\ntoken = "t"',
    );
    const { code, out } = await porter(['check', '--config', file('no-mis.toml', noMis)]);
    expect(out).toContain('FAILED MIS');
    expect(code).toBe(1);
  });
  test('with what the data folder keeps, where its key is here; else that is not tried', async () => {
    const stored = file(
      'stored.toml',
      good.replace(
        'connector = "none"',
        'connector = "wonde"\nbase_url = "http://127.0.0.1:9/v1.0"\nschool_id = "A1"\ntoken = "(stored)"',
      ),
    );
    const data = join(folder, 'stored-data');
    mkdirSync(data);
    const places = keyPlaces({ configPath: null, dataFolder: data, keyFile: null, clock: null, root }, data, {});
    const { masters } = openKeys(places, randomBytes);
    writeSecrets(
      data,
      { 'mis.token': 'kept-here' },
      fileSeal(() => masters, randomBytes),
    );
    const here = await porter(['check', '--config', stored, '--data', data]);
    expect(here.out).toContain('FAILED MIS');
    rmSync(`${data}.key`);
    const elsewhere = await porter(['check', '--config', stored, '--data', data]);
    expect(elsewhere.out).toMatch(
      /What the data folder keeps is left out: .*key.*\nmis\.token is kept in the data folder and not tried here/s,
    );
    expect(elsewhere.out).not.toContain('MIS:');
    expect(elsewhere.code).toBe(0);
  });
  test('2: the file is wrong', async () => {
    const { code, out } = await porter(['check', '--config', file('bad.toml', '[school]\nname = \n')]);
    expect(out).toContain('bad.toml, line 2');
    expect(code).toBe(2);
  });
});
