/** First boot: from a technician file on the card to a machine that is set up, and a card without secrets (product.md 8). */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { utimesSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { firstBoot } from '../../device/first-boot-command.ts';
import { CardMount } from '../../device/first-boot/card-mount.ts';
import { finishPlan, isBetween, replaceByPlan, sectorBytes } from '../../device/first-boot/in-place.ts';
import { withoutSecrets } from '../../device/first-boot/without-secrets.ts';
import { codesOf } from '../../device/domain/codes.ts';
import { keyPlaces } from '../../device/data-folder.ts';
import { readKeys } from '../../device/journal/key-folder.ts';
import { fileSeal } from '../../device/journal/sealed-file.ts';
import { hostKeyText } from '../../device/journal/written-keys.ts';
import { keyCommand } from '../../device/key-command.ts';
import { loadSettings } from '../../device/settings/store.ts';
import { readSecrets, readStoredRoster, readStoredTlsKey } from '../../device/settings/stored.ts';

const scratch = mkdtempSync(join(tmpdir(), 'porter-first-boot-'));
const { PATH } = process.env;
/** systemd's own wants a machine; this one keeps the promise that matters: what comes out is not what went in, and comes back. */
beforeAll(() => {
  const bin = join(scratch, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'systemd-creds'),
    '#!/bin/sh\n[ "$1 $2 $3 $4 $5" = "encrypt --with-key=host --name=porter.key - -" ] && base64\n',
  );
  chmodSync(join(bin, 'systemd-creds'), 0o755);
  process.env['PATH'] = `${bin}${delimiter}${PATH ?? ''}`;
});
afterAll(() => {
  process.env['PATH'] = PATH;
  rmSync(scratch, { recursive: true, force: true });
});

const random = (count: number): Uint8Array => randomBytes(count);
const token = 'wonde-0123456789abcdef0123456789abcdef';
const good = `# Hill View
[school]
name = "Hill View School"
badge_key = "a-badge-key-that-is-long-enough"   # of all boxes
[mis]
connector = "wonde"
school_id = "A1930499544"
token = "${token}"
[network]
hostname = "Porter-Hall"
wifi = { ssid = "Hill View", psk = "corréct horse" }
ntp = ["ntp.school.example"]
`;

let card: string;
let data: string;
let root: string;
let complaints: string[];
beforeEach(() => {
  const box = mkdtempSync(join(scratch, 'box-'));
  [card, data, root] = [join(box, 'config'), join(box, 'data/porter'), join(box, 'root')];
  for (const folder of [card, data, join(box, 'data/credstore.encrypted'), join(root, 'etc')])
    mkdirSync(folder, { recursive: true });
  writeFileSync(join(root, 'etc/machine-id'), '0123456789abcdef0123456789abcdef\n');
});

const config = () => join(card, 'porter.toml');
const onCard = (name = 'porter.toml'): string => readFileSync(join(card, name), 'utf8');
const inRoot = (path: string): string => readFileSync(join(root, path), 'utf8');
const put = (text: string | Uint8Array, name = 'porter.toml') => {
  writeFileSync(join(card, name), text);
};
/** As systemd hands it over at the next start. */
function places() {
  const sealed = join(data, '../credstore.encrypted/porter.key');
  const credentials = join(root, 'credentials');
  mkdirSync(credentials, { recursive: true });
  rmSync(join(credentials, 'porter.key'), { force: true });
  if (existsSync(sealed))
    writeFileSync(join(credentials, 'porter.key'), Buffer.from(readFileSync(sealed, 'utf8'), 'base64'));
  const start = { configPath: null, dataFolder: data, keyFile: null, clock: null, root };
  return keyPlaces(start, data, { CREDENTIALS_DIRECTORY: credentials });
}
function boot(): number {
  complaints = [];
  return firstBoot({
    ...{ configPath: config(), places: places(), root, random, version: '1.0', now: '2026-12-01T07:00:00Z' },
    ask: (program) =>
      program === 'journalctl' ? '[ 4.2] kernel: mmc0: error -110 whilst initialising SD card\n' : null,
    codes: (nation) => codesOf(nation, '2026-11-30'),
    complain: (words) => complaints.push(words),
  });
}
const seal = () => fileSeal(() => readKeys(places()), random);
/** What the daemon then starts with. */
function daemon(path: string | null = config()) {
  const secrets = readSecrets(data, seal());
  return loadSettings({ configPath: path, dataDir: data, seal: seal(), secret: (key) => secrets[key] ?? null });
}
/** Every file of a folder with its bytes and when it was written, but for who holds the lock. */
const everything = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile() && !path.endsWith('lock'))
      .map((path) => [
        path,
        `${String(statSync(join(folder, path)).mtimeMs)} ${readFileSync(join(folder, path), 'hex')}`,
      ]),
  );
const nowhere = (secret: string): boolean =>
  [card, data].every(
    (folder) => !Object.values(everything(folder)).some((file) => file.includes(Buffer.from(secret).toString('hex'))),
  );

describe('a good file', () => {
  beforeEach(() => {
    put(good);
    expect([boot(), complaints]).toEqual([0, []]);
  });

  it('gives the daemon its settings, secrets and all', () => {
    const loaded = daemon();
    if (loaded.state !== 'ready') throw new Error(loaded.state);
    expect([loaded.from, loaded.missing]).toEqual(['file', []]);
    expect(loaded.settings.school.badgeKey).toBe('a-badge-key-that-is-long-enough');
    expect(loaded.settings.mis).toMatchObject({ token });
  });

  it('stands on the card as it was, with "(stored)" for each secret, as long as before', () => {
    expect(onCard()).toBe(
      good
        .replace('"a-badge-key-that-is-long-enough"', '"(stored)"'.padEnd(33))
        .replace(`"${token}"`, '"(stored)"'.padEnd(token.length + 2))
        .replace('"corréct horse"', '"(stored)"'.padEnd(16)),
    );
    expect(Buffer.byteLength(onCard())).toBe(Buffer.byteLength(good));
  });

  it('leaves no secret on the card in the clear', () => {
    expect([token, 'a-badge-key-that', 'corréct horse'].map(nowhere)).toEqual([true, true, true]);
  });

  it('sets up the machine: name, network, time, firewall, what the daemon is started with', () => {
    expect(inRoot('etc/hostname')).toBe('porter-hall\n');
    expect(inRoot('etc/hosts')).toContain('127.0.1.1 porter-hall\n');
    const wireless = inRoot('run/NetworkManager/system-connections/wireless.nmconnection');
    expect(wireless).toContain('[wifi]\nmode=infrastructure\nssid=Hill View\nhidden=true\n');
    expect(wireless).toContain('[wifi-security]\nkey-mgmt=wpa-psk\npsk=corréct horse\n');
    expect(statSync(join(root, 'run/NetworkManager/system-connections/wireless.nmconnection')).mode & 0o777).toBe(
      0o600,
    );
    expect(inRoot('run/NetworkManager/system-connections/wired.nmconnection')).toContain('[ipv4]\nmethod=auto\n');
    expect(inRoot('run/systemd/timesyncd.conf.d/20-porter.conf')).toBe('[Time]\nNTP=ntp.school.example\n');
    expect(inRoot('run/porter-box/daemon.env')).toBe(`PORTER_CONFIG="${config()}"\n`);
    expect(inRoot('run/porter-box/firewall-ports.nft')).toContain('{ 8443 }');
    expect(existsSync(join(root, 'run/porter-box/authorized_keys'))).toBe(false);
    expect(readFileSync(join(data, '../machine-id'), 'utf8')).toBe('0123456789abcdef0123456789abcdef\n');
  });

  it('again changes nothing, on the card or in the data folder', () => {
    const noted = join(data, 'recovery-unnoted');
    rmSync(noted);
    const before = [everything(card), everything(data)];
    expect(boot()).toBe(0);
    expect([everything(card), everything(data)]).toEqual(before);
  });

  it('written anew by its owner, secrets and all, is blanked again, and nothing else happens', () => {
    rmSync(join(data, 'recovery-unnoted'));
    const blanked = onCard();
    const before = everything(data);
    put(good);
    expect(boot()).toBe(0);
    expect(onCard()).toBe(blanked);
    expect(Object.keys(everything(data))).toEqual(Object.keys(before));
    expect(everything(data)['stored-secrets.json']).toBe(before['stored-secrets.json']);
  });

  it('with the key of the school’s certificate beside it: that goes into the box, once', () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'AbC/'.repeat(400)}\n-----END PRIVATE KEY-----\n`;
    put('-----BEGIN CERTIFICATE-----\n', 'school.pem');
    put(key, 'school.key');
    put(`${onCard()}[web]\ntls_cert = "school.pem"\ntls_key = "school.key"\n`);
    for (const _ of [1, 2]) {
      expect(boot()).toBe(0);
      expect(onCard('school.key')).toMatch(/^Porter has moved this file into encrypted storage\.\s*$/);
      expect(readStoredTlsKey(data, seal())?.toString()).toBe(key);
      expect(existsSync(join(card, 'porter-error.txt'))).toBe(false);
    }
    expect(nowhere('AbC/AbC/')).toBe(true);
  });

  it('followed by one with another token: that one counts, the other secrets stay', () => {
    put(onCard().replace(`token = "(stored)"`, 'token = "another-token-0123456789"'));
    expect(boot()).toBe(0);
    expect(readSecrets(data, seal())).toMatchObject({
      'mis.token': 'another-token-0123456789',
      'network.wifi.psk': 'corréct horse',
    });
    expect(nowhere('another-token')).toBe(true);
  });

  it('followed by one without the wireless network: its password is forgotten', () => {
    put(onCard().replace(/^wifi.*$/m, ''));
    expect(boot()).toBe(0);
    expect(Object.keys(readSecrets(data, seal())).toSorted()).toEqual(['mis.token', 'school.badge_key']);
    expect(existsSync(join(root, 'run/NetworkManager/system-connections/wireless.nmconnection'))).toBe(false);
  });
});

describe('keys', () => {
  beforeEach(() => {
    put(good);
    boot();
  });
  const shown = () => inRoot('run/porter-box/recovery-key').trim();

  it('the host key goes to systemd sealed, and lies nowhere else', () => {
    const sealed = readFileSync(join(data, '../credstore.encrypted/porter.key'), 'utf8');
    const key = Buffer.from(sealed, 'base64').toString().split(' ')[1] ?? '';
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(existsSync(`${data}.key`)).toBe(false);
    expect(readdirSync(join(root, 'run/porter-box'))).not.toContain('host-key');
  });

  it('the recovery key is another one at each start until somebody has noted it, then stays', () => {
    const first = shown();
    expect(first).toMatch(/^([0-9A-Z]{4}-){6}[0-9A-Z]{4}$/);
    rmSync(join(root, 'run'), { recursive: true });
    boot();
    const second = shown();
    expect(second).not.toBe(first);
    rmSync(join(data, 'recovery-unnoted'));
    rmSync(join(root, 'run'), { recursive: true });
    boot();
    expect(existsSync(join(root, 'run/porter-box/recovery-key'))).toBe(false);
  });

  it('recovered by the recovery key: the new host key goes to systemd at the next start, and lies nowhere else', async () => {
    const recoveryKey = shown();
    rmSync(join(data, 'recovery-unnoted'));
    writeFileSync(
      join(data, '../credstore.encrypted/porter.key'),
      Buffer.from(hostKeyText(random(32))).toString('base64'),
    );
    const ask = () => Promise.resolve(recoveryKey);
    expect(await keyCommand({ action: 'recover', places: places(), random, print: () => undefined, ask })).toBe(0);
    expect([boot(), complaints, existsSync(`${data}.key`)]).toEqual([0, [], false]);
    expect(readSecrets(data, seal())['mis.token']).toBe(token);
  });

  it('beside it and of other records: it is left alone, and said', () => {
    const sealed = everything(join(data, '../credstore.encrypted'));
    writeFileSync(`${data}.key`, hostKeyText(random(32)));
    expect(boot()).toBe(1);
    expect(complaints.join()).toContain('The key beside the records is not given to systemd');
    expect([everything(join(data, '../credstore.encrypted')), existsSync(`${data}.key`)]).toEqual([sealed, true]);
  });

  it('of another machine: nothing is made over them, the file is used as it is, and what is wrong is said', () => {
    const before = everything(data);
    writeFileSync(join(data, '../credstore.encrypted/porter.key'), Buffer.from('no key').toString('base64'));
    const mended = onCard().replace(/psk = "\(stored\)" +/, 'psk = "corréct horse" ');
    put(mended);
    expect(boot()).toBe(1);
    expect(complaints.join()).toMatch(/technician file is not taken: .*key/);
    expect([everything(data), onCard()]).toEqual([before, mended]);
    expect(inRoot('etc/hostname')).toBe('porter-hall\n');
    expect(inRoot('run/NetworkManager/system-connections/wireless.nmconnection')).toContain('psk=corréct horse\n');
  });
});

describe('no data partition', () => {
  it('nothing is taken from the card, and the machine is set up all the same', () => {
    rmSync(data, { recursive: true });
    put(good);
    expect(boot()).toBe(1);
    expect(complaints.join()).toContain('there is no data folder');
    expect([onCard(), existsSync(data)]).toEqual([good, false]);
    expect(inRoot('etc/hostname')).toBe('porter-hall\n');
    // The daemon does not start without it (porter.service): the screen says so itself, and stays with it.
    expect(inRoot('run/porter-box/screen.html')).toContain('cannot keep records');
  });
});

describe('a wrong file', () => {
  const wrong = good.replace('connector = "wonde"', 'connector = "wand"').replace('[network]', '[netwrok]');

  it('with nothing before it: what, where and how to mend it, on the screen and beside it; nothing is taken', () => {
    put(wrong);
    expect(boot()).toBe(2);
    const page = inRoot('run/porter-box/screen.html');
    for (const words of ['porter.toml is wrong', 'cannot start', 'Line 6: mis.connector', '&#34;wand&#34;', 'network'])
      expect(page).toContain(words);
    expect(page).not.toContain('http-equiv');
    const text = onCard('porter-error.txt');
    expect(text).toContain('Line 6: mis.connector\r\n  found:        "wand"\r\n');
    expect(text).toContain('did you mean: network');
    expect(text).toHaveLength(4096);
    expect(onCard()).toBe(wrong);
    expect(page + text).not.toContain(token);
  });

  it('after a good one: the box works on with that, the screen says so once and goes on', () => {
    put(good);
    boot();
    put(wrong);
    expect(boot()).toBe(2);
    const loaded = daemon();
    expect(loaded).toMatchObject({ state: 'ready', from: 'last-good', missing: [] });
    expect(inRoot('etc/hostname')).toBe('porter-hall\n');
    expect(inRoot('run/NetworkManager/system-connections/wireless.nmconnection')).toContain('psk=corréct horse\n');
    expect(inRoot('run/porter-box/screen-once.html')).toContain('content="60;url=http://127.0.0.1:8080/set-up"');
    expect(onCard('porter-error.txt')).toContain('works on with the settings that it had before');
  });

  it('mended: the message goes from the screen, and the text beside it says that all is right, as long as before', () => {
    put(wrong);
    boot();
    put(good);
    expect(boot()).toBe(0);
    expect(existsSync(join(root, 'run/porter-box/screen.html'))).toBe(false);
    expect(onCard('porter-error.txt').trim()).toBe(
      'porter.toml was read and is right.\r\nThe box works with this file.',
    );
    expect(onCard('porter-error.txt')).toHaveLength(4096);
  });

  it('again: nothing is written', () => {
    put(wrong);
    boot();
    const before = everything(card);
    boot();
    expect(everything(card)).toEqual(before);
  });

  it.each([
    ['no TOML', '[school\nname = ', /found a mistake|Line 1/],
    ['another encoding', Buffer.from('[school]\nname = "Sch\xf6ne Schule"\n', 'latin1'), /UTF-8/],
    ['larger than any', Buffer.alloc(300_000, '#'), /more than/],
    ['empty', '', /school\.name/],
    ['unknown keys', `${good}[wifi]\nssid = "x"\n`, /wifi/],
  ])('%s', (_, text, words) => {
    put(text);
    expect(boot()).toBe(2);
    expect(onCard('porter-error.txt')).toMatch(words);
    expect(inRoot('run/porter-box/screen.html')).toContain('porter.toml is wrong');
  });
});

it('no file, and none before: a demo, at the usual name, and nothing on the card', () => {
  expect(boot()).toBe(0);
  expect(inRoot('run/porter-box/daemon.env')).toBe('PORTER_CONFIG=""\n');
  expect(inRoot('etc/hostname')).toBe('porter\n');
  expect([readdirSync(card), daemon(null).state]).toEqual([[], 'demo']);
});

it('no file any more: the box works on with the last good one', () => {
  put(good);
  boot();
  rmSync(config());
  expect(boot()).toBe(0);
  expect(inRoot('run/porter-box/daemon.env')).toBe('PORTER_CONFIG=""\n');
  expect(inRoot('etc/hostname')).toBe('porter-hall\n');
  expect(daemon(null)).toMatchObject({ state: 'ready', from: 'last-good', missing: [] });
});

it('secrets that another box has: said on the screen and beside the file, and no network without its password', () => {
  put(good.replace(token, '(stored)').replace('corréct horse', '(stored)'));
  expect(boot()).toBe(0);
  expect(onCard('porter-error.txt')).toMatch(/mis\.token[^]*network\.wifi\.psk/);
  expect(inRoot('run/porter-box/screen-once.html')).toContain('network.wifi.psk');
  expect(existsSync(join(root, 'run/NetworkManager/system-connections/wireless.nmconnection'))).toBe(false);
});

describe('files beside it', () => {
  const csv = 'mis_id,forename,surname,year_group,registration_group,birth_month\n1,Amara,Okafor,Year 9,9A,3\n';
  const withFiles =
    '[school]\nname = "Hill View"\n[mis]\nconnector = "wonde"\nschool_id = "A1"\ntoken_file = "t.txt"\n[roster]\nsource = "csv"\ncsv = "pupils.csv"\n';

  it('a roster and a token are moved too, and the card holds neither a name nor the token', () => {
    put(withFiles);
    put(csv, 'pupils.csv');
    put(`${token}\n`, 't.txt');
    expect(boot()).toBe(0);
    expect(onCard()).toBe(
      withFiles
        .replace('token_file = "t.txt"', 'token = "(stored)"'.padEnd(20))
        .replace('"pupils.csv"', '"(stored)"'.padEnd(12)),
    );
    expect(onCard('pupils.csv')).toHaveLength(csv.length);
    expect([token, 'Okafor'].map(nowhere)).toEqual([true, true]);
    expect(Buffer.from(readStoredRoster(data, seal()) ?? []).toString()).toBe(csv);
    const loaded = daemon();
    expect(loaded.state === 'ready' && loaded.settings.mis).toMatchObject({ token });
  });

  it('named again by a technician who kept the first file: what was moved stays in use', () => {
    put(withFiles);
    put(csv, 'pupils.csv');
    put(token, 't.txt');
    boot();
    put(withFiles);
    expect(boot()).toBe(0);
    expect(readSecrets(data, seal())).toEqual({ 'mis.token': token });
    expect(Buffer.from(readStoredRoster(data, seal()) ?? []).toString()).toBe(csv);
  });

  it('a roster of the shipped name, which the technician file need not give', () => {
    put('[school]\nname = "Hill View"\n[mis]\nconnector = "none"\n');
    put(csv, 'roster.csv');
    expect(boot()).toBe(0);
    expect(nowhere('Okafor')).toBe(true);
    expect(Buffer.from(readStoredRoster(data, seal()) ?? []).toString()).toBe(csv);
  });

  it('a token that lies elsewhere stays where it is', () => {
    const elsewhere = join(root, 'token');
    writeFileSync(elsewhere, token);
    put(withFiles.replace('t.txt', elsewhere).replace('source = "csv"\ncsv = "pupils.csv"\n', ''));
    expect(boot()).toBe(0);
    expect(readFileSync(elsewhere, 'utf8')).toBe(token);
    expect(onCard()).toContain(elsewhere);
  });

  it("the school's certificate authority, a proxy, keys to log in", () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    put(pem, 'school.pem');
    put(
      `${good}proxy = "http://proxy.school.example:3128"\nca_file = "school.pem"\nssh_keys = ["ssh-ed25519 AAAA one", "ssh-ed25519 BBBB two"]\n`,
    );
    expect(boot()).toBe(0);
    expect(inRoot('run/porter-box/school-ca.pem')).toBe(pem);
    expect(inRoot('run/porter-box/daemon.env')).toBe(
      `PORTER_CONFIG="${config()}"\nNODE_EXTRA_CA_CERTS="/run/porter-box/school-ca.pem"\nHTTPS_PROXY="http://proxy.school.example:3128"\n`,
    );
    expect(inRoot('run/porter-box/authorized_keys')).toBe('ssh-ed25519 AAAA one\nssh-ed25519 BBBB two\n');
    expect(inRoot('run/porter-box/firewall-ports.nft')).toContain('login { 22 }');
    put(good);
    boot();
    for (const name of ['authorized_keys', 'school-ca.pem'])
      expect(existsSync(join(root, 'run/porter-box', name))).toBe(false);
    expect(inRoot('run/porter-box/firewall-ports.nft')).not.toContain('login');
  });
});

describe('networks', () => {
  const network = (lines: string) => {
    put(`[school]\nname = "Hill View"\n[mis]\nconnector = "none"\n[network]\n${lines}\n`);
    expect([boot(), complaints]).toEqual([0, []]);
    const read = (name: string) =>
      existsSync(join(root, 'run/NetworkManager/system-connections', name))
        ? inRoot(`run/NetworkManager/system-connections/${name}`)
        : '';
    return { wired: read('wired.nmconnection'), wireless: read('wireless.nmconnection') };
  };

  it('a fixed address', () => {
    const { wired } = network(
      'ethernet = { address = "10.1.2.3/24", gateway = "10.1.2.1", dns = ["10.1.1.1", "10.1.1.2"] }',
    );
    expect(wired).toContain('[ipv4]\nmethod=manual\naddress1=10.1.2.3/24,10.1.2.1\ndns=10.1.1.1;10.1.1.2;\n');
    expect(wired).toContain('[ipv6]\nmethod=auto\n');
  });

  it('802.1X, whose password is stored too', () => {
    const { wireless } = network(
      'wifi = { ssid = "eduroam", eap = { identity = "box@hillview", password = " back\\\\slash" } }',
    );
    expect(wireless).toContain('key-mgmt=wpa-eap\n');
    expect(wireless).toContain(
      '[802-1x]\neap=peap;\nidentity=box@hillview\npassword=\\sback\\\\slash\nphase2-auth=mschapv2\n',
    );
    expect(onCard()).toContain('password = "(stored)"');
    expect(boot()).toBe(0);
    expect(inRoot('run/NetworkManager/system-connections/wireless.nmconnection')).toBe(wireless);
  });

  it('802.1X by the school’s own authority, whatever the time of the box is', () => {
    put('-----BEGIN CERTIFICATE-----\n', 'school.pem');
    const { wireless } = network(
      'ca_file = "school.pem"\nwifi = { ssid = "eduroam", eap = { identity = "box", password = "secret-1" } }',
    );
    expect(wireless).toContain('ca-cert=/run/porter-box/school-ca.pem\nphase1-auth-flags=8\n');
  });

  it('a name that could be read as something else is written as bytes', () => {
    expect(network('wifi = { ssid = "1;2" }').wireless).toContain('ssid=49;59;50;\n');
    expect(network('wifi = { ssid = "2024" }').wireless).toContain('ssid=50;48;50;52;\n');
  });
});

describe('taken out', () => {
  const out = (text: string, path: readonly string[]) => withoutSecrets(Buffer.from(text), [{ path }]).toString();
  it.each([
    ['in a table of one line', 'a = { b = "0123456789abc", c = 1 } # x\n', 'a = { b = "(stored)"     , c = 1 } # x\n'],
    ['under a dotted name', 'a.b = "0123456789abc"\n', 'a.b = "(stored)"     \n'],
    [
      'behind a byte order mark, with other letters before it',
      '\uFEFFx = "ü€😀"\r\na.b = \'0123456789é\'\r\n',
      '\uFEFFx = "ü€😀"\r\na.b = "(stored)"    \r\n',
    ],
    ['over several lines', 'a.b = """\\\n  0123456789"""\nx = 1\n', 'a.b = "(stored)"          \nx = 1\n'],
    ['too short for the word: the file grows', 'a.b = "abc"\nx = 1\n', 'a.b = "(stored)"\nx = 1\n'],
    ['not there', 'a.c = "abc"\n', 'a.c = "abc"\n'],
  ])('%s', (_, text, wanted) => {
    expect(out(text, ['a', 'b'])).toBe(wanted);
  });
});

describe('the card is written a sector at a time', () => {
  const before = Buffer.from(`${'# a comment\n'.repeat(100)}token = "${'x'.repeat(700)}"\n`);
  const after = Buffer.from(before.toString().replace(/x/g, ' '));

  it('cut off with any sectors old and any new, the next start ends the same', () => {
    put(good);
    boot();
    const count = Math.ceil(before.length / sectorBytes);
    for (let mix = 0; mix < 2 ** count; mix += 1) {
      const file = join(card, 'cut.toml');
      writeFileSync(file, before);
      // The plan is written, and the card refuses the file itself.
      chmodSync(file, 0o444);
      const plan = join(data, 'card-plan.json');
      replaceByPlanUpTo(file, plan);
      for (let n = 0; n < count; n += 1) {
        if (((mix >> n) & 1) === 0) continue;
        const torn = readFileSync(file);
        after.copy(torn, n * sectorBytes, n * sectorBytes, Math.min((n + 1) * sectorBytes, after.length));
        rmSync(file);
        writeFileSync(file, torn);
      }
      finishPlan(data, seal());
      expect(readFileSync(file).equals(after)).toBe(true);
      expect(existsSync(plan)).toBe(false);
      rmSync(file, { force: true });
    }
  });

  /** As far as the plan, which then lies there as after a cut. */
  function replaceByPlanUpTo(file: string, plan: string): void {
    const open = (): never => {
      throw new Error('the power is cut');
    };
    expect(() => {
      replaceByPlan(data, [{ path: file, after }], { ...seal(), open });
    }).toThrow('the power is cut');
    expect(existsSync(plan)).toBe(true);
  }

  it('a file that somebody has put there since is none of that', () => {
    const other = Buffer.from(before.toString().replace('comment', 'Comment'));
    expect([isBetween(before, before, after), isBetween(after, before, after)]).toEqual([true, true]);
    expect([isBetween(other, before, after), isBetween(before.subarray(1), before, after)]).toEqual([false, false]);
  });
});

describe('a file that is right in itself, and names what is not there', () => {
  const school = (mis: string, rest: string) => `[school]\nname = "Hill View"\n[mis]\n${mis}\n${rest}`;
  const wonde = (lines: string) => `connector = "wonde"\nschool_id = "A1"\n${lines}`;
  const web = 'token = "a-token-that-is-long-enough"\n[web]\n';
  it.each([
    [
      'a token file that Windows has called t.txt.txt',
      school(wonde('token_file = "t.txt"'), ''),
      /Line 6: mis\.token_file\n {2}found: +"t\.txt", but the file is called "t\.txt\.txt"\n {2}expected: +a text file/,
    ],
    [
      'an authority that is not there',
      school(wonde('token = "a-token-that-is-long-enough"'), '[network]\nca_file = "ca.cer"\n'),
      /Line 8: network\.ca_file\n {2}found: +"ca\.cer", and no such file/,
    ],
    [
      'an authority as Windows exports it',
      school(wonde('token = "a-token-that-is-long-enough"'), '[network]\nca_file = "der.cer"\n'),
      /Line 8: network\.ca_file\n {2}found: +"der\.cer", which is none\n {2}expected: +a certificate as PEM/,
    ],
    [
      'no pupils',
      school('connector = "none"', '[roster]\ncsv = "pupils.csv"\n'),
      /Line 6: roster\.csv\n {2}found: +"pupils\.csv", and no such file/,
    ],
    [
      'a certificate without its key',
      school(wonde(`${web}tls_cert = "school.pem"\ntls_key = "school.key"`), ''),
      /Line 9: web\.tls_key\n {2}found: +"school\.key", and no such file/,
    ],
    [
      'a port that the box may not open',
      school(wonde(`${web}staff_port = 80`), ''),
      /web\.staff_port\n {2}found: +80\n {2}expected: +a port from 443/,
    ],
  ])('%s', (_, text, words) => {
    put('a-token-in-a-file', 't.txt.txt');
    put(Uint8Array.of(0x30, 0x82, 3, 1), 'der.cer');
    put('-----BEGIN CERTIFICATE-----\n', 'school.pem');
    put(text);
    boot();
    const told = onCard('porter-error.txt').replaceAll('\r\n', '\n');
    expect(told).toMatch(words);
    expect(told.match(/^Line /gm)).toHaveLength(1);
    expect(existsSync(join(root, 'run/porter-box/screen-once.html'))).toBe(true);
  });
});

describe('what a file on the card asks for', () => {
  const later = (name: string) => {
    const time = new Date(Date.parse('2026-12-01T08:00:00Z'));
    utimesSync(join(card, name), time, time);
  };

  it('factory-reset: everything goes, once, also the keys; written anew, again', () => {
    put(good);
    boot();
    writeFileSync(join(data, 'photo'), 'a face');
    put('', 'factory-reset');
    expect(boot()).toBe(0);
    expect(readdirSync(data).toSorted()).toEqual(
      ['keys', 'journal', 'last-good-settings.json', 'recovery-unnoted'].toSorted(),
    );
    expect(readSecrets(data, seal())).toEqual({});
    expect(onCard('porter-error.txt')).toContain('it was reset');
    writeFileSync(join(data, 'photo'), 'another face');
    boot();
    expect(existsSync(join(data, 'photo'))).toBe(true);
    later('factory-reset');
    boot();
    expect(existsSync(join(data, 'photo'))).toBe(false);
  });

  it('factory-reset: the box starts with keys of its own after it, at once and at every later start', () => {
    put(good);
    boot();
    const sealed = join(data, '../credstore.encrypted/porter.key');
    const before = readFileSync(sealed, 'utf8');
    put('', 'factory-reset');
    expect(boot()).toBe(0);
    expect(readFileSync(sealed, 'utf8')).not.toBe(before);
    put(good);
    expect([boot(), daemon().state]).toEqual([0, 'ready']);
  });

  it('factory-reset: nothing is left beside the data folder either', () => {
    put(good);
    boot();
    const left = ['porter.before-1/journal', 'porter.restored', 'ssh', 'update', 'NetworkManager'];
    for (const name of left) {
      mkdirSync(join(data, '..', name), { recursive: true });
      writeFileSync(join(data, '..', name, 'file'), 'of before');
    }
    put('', 'factory-reset');
    boot();
    expect(Object.keys(everything(join(data, '..'))).filter((path) => path.endsWith('/file'))).toEqual([]);
    expect(everything(join(data, '..'))).toHaveProperty(['porter.card.json']);
  });

  it('support: the machine, and nothing of a person or a secret', () => {
    put(good);
    put('', 'support.txt');
    mkdirSync(join(root, 'proc'));
    writeFileSync(join(root, 'proc/version'), 'Linux version 6.12\n');
    expect(boot()).toBe(0);
    const text = onCard('porter-support.txt');
    expect(text).toContain('== Porter\r\n1.0\r\n');
    expect(text).toContain('mmc0: error -110');
    expect(text).toContain('Linux version 6.12');
    expect(text).toMatch(/keys +\d files/);
    for (const secret of ['Hill View', token, 'corréct horse', 'a-badge-key', 'A1930499544', 'ntp.school.example'])
      expect(text).not.toContain(secret);
    expect(text).toContain('mis.token = "(stored)"');
    const before = everything(card);
    boot();
    expect(everything(card)).toEqual(before);
  });

  it('support, beside a file that is wrong: in which line, and not what stands there', () => {
    put(`${good}[web]\nstaff_bind = "Okafor"\n[late\ntoken = sekret-token-1\n`);
    put('', 'support');
    boot();
    const text = onCard('porter-support.txt');
    expect(text).toMatch(/line \d+, web\.staff_bind: expected an IP address/);
    for (const secret of ['Okafor', 'sekret', token]) expect(text).not.toContain(secret);
  });
});

describe('a card that is mounted read-only', () => {
  /** `mount` says what it was asked for. */
  function mounted(options: string, script = '') {
    const bin = mkdtempSync(join(scratch, 'mount-'));
    writeFileSync(join(bin, 'mount'), `#!/bin/sh\necho "$*" >>${bin}/asked\n${script}\n`);
    chmodSync(join(bin, 'mount'), 0o755);
    writeFileSync(join(bin, 'mounts'), `proc /proc proc rw 0 0\n/dev/mmcblk0p1 ${card} vfat ${options} 0 0\n`);
    const before = process.env['PATH'];
    process.env['PATH'] = `${bin}${delimiter}${before ?? ''}`;
    return {
      mount: new CardMount(card, join(bin, 'mounts')),
      asked: () => (existsSync(join(bin, 'asked')) ? readFileSync(join(bin, 'asked'), 'utf8') : ''),
      end: () => (process.env['PATH'] = before),
    };
  }

  it('is writable while something is written, and no longer', () => {
    const { mount, asked, end } = mounted('ro,noatime');
    mount.mayWrite();
    mount.mayWrite();
    expect(asked()).toBe(`-o remount,rw ${card}\n`);
    mount.close();
    end();
    expect(asked()).toBe(`-o remount,rw ${card}\n-o remount,ro ${card}\n`);
  });

  it('is left alone where nothing is written, or where it is writable', () => {
    const closed = mounted('ro');
    closed.mount.close();
    closed.end();
    const open = mounted('rw,noatime');
    open.mount.mayWrite();
    open.mount.close();
    open.end();
    expect([closed.asked(), open.asked()]).toEqual(['', '']);
  });

  it('that does not become writable: an error that says so', () => {
    const { mount, end } = mounted('ro', 'echo "write-protected" >&2; exit 32');
    expect(() => {
      mount.mayWrite();
    }).toThrow(/cannot be mounted rw: write-protected/);
    end();
  });
});
