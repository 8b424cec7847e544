/**
 * `porter first-boot`: takes the technician file and sets the machine up by the one that is in force (product.md 8). At every start,
 * before there is a network and before the daemon; the same file again changes nothing. Part of `main.ts`.
 */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { finishRestore } from './copies/restore.ts';
import { CardMount } from './first-boot/card-mount.ts';
import { eraseEverything, requestDone, requestOn } from './first-boot/card-requests.ts';
import { errorPage, errorText, noStoragePage } from './first-boot/card-words.ts';
import type { Outcome } from './first-boot/card-words.ts';
import { textInPlace } from './first-boot/in-place.ts';
import { keysOfBox, sealHostKey } from './first-boot/keys.ts';
import { boxFolder, machineFiles, sometimes } from './first-boot/machine-files.ts';
import type { MachineFile } from './first-boot/machine-files.ts';
import { lostOfBefore, notHere } from './first-boot/not-here.ts';
import { recoveryName } from './first-boot/recovery.ts';
import { goOn, take } from './first-boot/take.ts';
import { openDisk, putFile } from './journal/disk.ts';
import type { KeyPlaces } from './journal/key-folder.ts';
import type { RandomBytes } from './journal/seal.ts';
import { fileSeal } from './journal/sealed-file.ts';
import { STORED } from './settings/kinds.ts';
import type { Problem } from './settings/problem.ts';
import type { FileValues } from './settings/schema.ts';
import { loadSettings, readSettingsFile } from './settings/store.ts';
import type { LoadOptions, LoadedSettings, SettingsFile } from './settings/store.ts';
import { readSecrets } from './settings/stored.ts';
import type { Secrets } from './settings/stored.ts';
import { supportText } from './support/bundle.ts';
import type { Ask } from './support/machine-facts.ts';

export interface FirstBoot {
  /** Where the technician file is to be. Its folder is the card. */
  readonly configPath: string;
  readonly places: KeyPlaces;
  /** Of the machine; another one in tests. */
  readonly root: string;
  readonly codes: NonNullable<LoadOptions['codes']>;
  readonly random: RandomBytes;
  readonly version: string;
  /** ISO time. */
  readonly now: string;
  readonly ask: Ask;
  /** A sentence about what could not be done. */
  readonly complain: (words: string) => void;
}

/** 0: the file is in force; 1: not everything could be done; 2: the file is wrong, and the box works on with what it had. */
export function firstBoot(boot: FirstBoot): 0 | 1 | 2 {
  const card = new CardMount(dirname(resolve(boot.configPath)));
  try {
    return new Booting(boot, card).run();
  } finally {
    card.close();
  }
}

/** What is known of the settings, with or without a data folder. */
interface Known {
  readonly loaded: LoadedSettings | null;
  readonly file: SettingsFile;
  readonly secrets: Secrets;
}

class Booting {
  private readonly boot: FirstBoot;
  private readonly card: CardMount;
  private readonly configPath: string;
  private readonly dataDir: string;
  private readonly told: string[] = [];
  private places: KeyPlaces;

  constructor(boot: FirstBoot, card: CardMount) {
    this.boot = boot;
    this.card = card;
    this.configPath = resolve(boot.configPath);
    this.places = boot.places;
    this.dataDir = boot.places.dataFolder;
  }

  run(): 0 | 1 | 2 {
    mkdirSync(this.at(boxFolder), { recursive: true, mode: 0o755 });
    this.attempt('The factory reset is not done', () => {
      this.reset();
    });
    this.attempt('The id of the machine is not kept', () => {
      this.keepMachineId();
    });
    const known = this.attempt('The technician file is not taken', () => this.take()) ?? {
      ...{ loaded: null, secrets: {} },
      file: readSettingsFile(this.configPath, this.boot),
    };
    this.attempt('The key beside the records is not given to systemd', () => {
      sealHostKey(this.places);
    });
    const wrong = this.setUp(known);
    this.attempt('Nothing is written for support', () => {
      this.support(wrong);
    });
    // For the staff page (systemd/self-check.sh).
    this.put({ path: `${boxFolder}/first-boot`, text: this.told.map((words) => `${words}\n`).join(''), mode: 0o644 });
    return this.told.length > 0 ? 1 : known.file.state === 'wrong' ? 2 : 0;
  }

  private at(path: string): string {
    return join(this.boot.root, path);
  }

  /** Whatever fails, the box is to start. */
  private attempt<T>(what: string, work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      const words = `${what}: ${error instanceof Error ? error.message : String(error)}.`;
      this.told.push(words);
      this.boot.complain(words);
      return null;
    }
  }

  private reset(): void {
    const { dataDir } = this;
    const id = requestOn(dirname(this.configPath), 'factory-reset', dataDir);
    if (id === null) return;
    eraseEverything(dataDir);
    // systemd has handed over the old host key before: nothing new is to stand under it, and its sealed copy has gone.
    this.places = { ...this.places, keyFiles: [this.places.newKeyFile] };
    requestDone('factory-reset', id, dataDir);
  }

  /** Random, made by the first start, and that of every later one (the image reads it there before anything else). */
  private keepMachineId(): void {
    const kept = join(dirname(this.dataDir), 'machine-id');
    const now = existsSync(this.at('etc/machine-id')) ? readFileSync(this.at('etc/machine-id'), 'utf8') : '';
    if (!existsSync(kept) && /^[0-9a-f]{32}\n?$/.test(now))
      putFile(openDisk(dirname(kept)), 'machine-id', Buffer.from(now));
  }

  private take(): Known {
    const { boot, configPath, dataDir } = this;
    finishRestore(dataDir);
    if (!existsSync(dataDir)) throw new Error(`there is no data folder ${dataDir}`);
    const { masters, recoveryKey } = keysOfBox(this.places, this.at(boxFolder), boot.random);
    if (recoveryKey !== null) this.put({ path: `${boxFolder}/${recoveryName}`, text: `${recoveryKey}\n`, mode: 0o600 });
    const seal = fileSeal(() => masters, boot.random);
    const taking = { configPath, dataDir, seal, mayWrite: this.card.mayWrite };
    goOn(taking);
    const file = readSettingsFile(configPath, boot);
    if (file.state === 'good') take(taking);
    const secrets = readSecrets(dataDir, seal);
    const loaded = loadSettings({
      configPath: file.state === 'missing' ? null : configPath,
      codes: boot.codes,
      ...{ dataDir, seal, secret: (key: keyof Secrets) => secrets[key] ?? null },
    });
    return { loaded, file, secrets };
  }

  /** The answer: what is wrong with the file. */
  private setUp({ loaded, file, secrets }: Known): readonly Problem[] {
    const read = loaded?.state === 'ready' ? loaded : file.state === 'good' ? { ...file.read, missing: [] } : null;
    const missing = loaded?.state === 'ready' ? loaded.missing : [];
    const lost = read === null ? [] : [...new Set([...missing, ...lostNetwork(read.image.network, secrets)])];
    const wrong = loaded?.state === 'wrong' ? loaded.problems : file.state === 'wrong' ? file.problems : [];
    const { dataDir } = this;
    const problems = [
      ...wrong,
      ...(file.state === 'good' ? notHere({ file, dataDir, lost }) : lostOfBefore(this.configPath, lost)),
    ];
    const web = read?.settings.web ?? { kioskPort: 8080, staffPort: 8443 };
    const network = read === null ? null : withNetworkSecrets(read.image.network, secrets);
    const files = machineFiles({
      ...{ network, web },
      configPath: file.state === 'missing' ? null : this.configPath,
      authority: this.authority(network?.ca_file),
      updateUrl: read?.image.update.url ?? '',
    });
    const outcome: Outcome = wrong.length === 0 ? 'good' : read === null ? 'stuck' : 'kept';
    this.attempt('The machine is not set up', () => {
      this.putAll([...files, ...this.screens(outcome, problems, web.kioskPort)]);
      this.setZone(read?.settings.school.timeZone ?? 'Europe/London');
    });
    this.attempt('The card was not told', () => {
      this.tell(outcome, problems, file);
    });
    return problems;
  }

  private authority(name: string | undefined): string | null {
    if (name === undefined) return null;
    return this.attempt('The certificate authority (network.ca_file) is not in use', () => {
      const text = readFileSync(resolve(dirname(this.configPath), name), 'utf8');
      if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new Error(`${name} is no PEM`);
      return text;
    });
  }

  private screens(outcome: Outcome, problems: readonly Problem[], kioskPort: number): readonly MachineFile[] {
    const stays = { path: `${boxFolder}/screen.html`, mode: 0o644 };
    if (!existsSync(this.dataDir)) return [{ ...stays, text: noStoragePage() }];
    if (problems.length === 0) return [];
    if (outcome === 'stuck') return [{ ...stays, text: errorPage(outcome, problems, null) }];
    const text = errorPage(outcome, problems, `http://127.0.0.1:${String(kioskPort)}/set-up`);
    return [{ path: `${boxFolder}/screen-once.html`, text, mode: 0o644 }];
  }

  /** Beside the technician file, where there is one or was a message. */
  private tell(outcome: Outcome, problems: readonly Problem[], file: SettingsFile): void {
    const path = join(dirname(this.configPath), 'porter-error.txt');
    if (file.state === 'missing' || (problems.length === 0 && !existsSync(path))) return;
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const text = errorText(outcome, problems);
    if (before.replaceAll('\r\n', '\n').trimEnd() === text.trimEnd()) return;
    this.card.mayWrite();
    textInPlace(path, text, errorBytes);
  }

  private support(wrong: readonly Problem[]): void {
    const { boot, dataDir } = this;
    const card = dirname(this.configPath);
    const id = requestOn(card, 'support', dataDir);
    if (id === null) return;
    // What was found there may be a secret.
    const told = wrong.map(({ line, key, expected }) => `line ${String(line)}, ${key}: expected ${expected}`);
    const asked = { ...boot, made: boot.now, dataDir, configPath: this.configPath };
    const text = supportText(asked, [...told, ...this.told]);
    this.card.mayWrite();
    textInPlace(join(card, 'porter-support.txt'), text, supportBytes);
    requestDone('support', id, dataDir);
  }

  private putAll(files: readonly MachineFile[]): void {
    const wanted = new Set(files.map(({ path }) => path));
    for (const path of sometimes) if (!wanted.has(path)) rmSync(this.at(path), { force: true });
    for (const file of files) this.put(file);
  }

  /** Whole: who reads it meanwhile reads the one before. Memory needs no sync. */
  private put({ path, text, mode }: MachineFile): void {
    const target = this.at(path);
    if (existsSync(target) && readFileSync(target, 'utf8') === text) return;
    mkdirSync(dirname(target), { recursive: true });
    rmSync(`${target}.new`, { force: true });
    writeFileSync(`${target}.new`, text, { mode });
    renameSync(`${target}.new`, target);
  }

  private setZone(zone: string): void {
    const link = this.at('etc/localtime');
    const wanted = `/usr/share/zoneinfo/${zone}`;
    mkdirSync(dirname(link), { recursive: true });
    if (linkOf(link) === wanted) return;
    rmSync(`${link}.new`, { force: true });
    symlinkSync(wanted, `${link}.new`);
    renameSync(`${link}.new`, link);
  }
}

/** Of a message on the card where there was none: it is written in place from then on. */
const errorBytes = 4_096;
const supportBytes = 16_384;

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

type Network = FileValues['network'];

function lostNetwork({ wifi }: Network, secrets: Secrets): readonly string[] {
  const lost = (key: keyof Secrets, value: string | undefined): readonly string[] =>
    value === STORED && secrets[key] === undefined ? [key] : [];
  return [...lost('network.wifi.psk', wifi?.psk), ...lost('network.wifi.eap.password', wifi?.eap?.password)];
}

/** Without a wireless network whose password is not here. */
function withNetworkSecrets(network: Network, secrets: Secrets): Network {
  const { wifi, ...others } = network;
  if (wifi === undefined || lostNetwork(network, secrets).length > 0) return others;
  const { psk, eap } = wifi;
  const own = (key: keyof Secrets, value: string): string => (value === STORED ? (secrets[key] ?? '') : value);
  return {
    ...others,
    wifi: {
      ssid: wifi.ssid,
      ...(psk === undefined ? {} : { psk: own('network.wifi.psk', psk) }),
      ...(eap === undefined ? {} : { eap: { ...eap, password: own('network.wifi.eap.password', eap.password) } }),
    },
  };
}
