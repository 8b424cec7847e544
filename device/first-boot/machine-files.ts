/**
 * What the technician file asks of the machine around the daemon, as files of others: NetworkManager, systemd, nftables, SSH. Made
 * anew at every start, in memory: secrets in them never lie on the card. No I/O.
 */
import { createHash } from 'node:crypto';
import type { Settings } from '../domain/settings.ts';
import type { FileValues } from '../settings/schema.ts';

export interface MachineFile {
  /** Below the root, without a slash before it. */
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

export interface Wanted {
  /** Null: no technician file and none that was good: a demo, found by its usual name. */
  readonly network: FileValues['network'] | null;
  readonly web: Pick<Settings['web'], 'kioskPort' | 'staffPort'>;
  /** Where the technician file is; null: there is none. */
  readonly configPath: string | null;
  /** Where updates are looked for; empty: nowhere. */
  readonly updateUrl: string;
  /** The school's certificate authority, PEM; null: none was given. */
  readonly authority: string | null;
}

/** Where the box tells itself things that are gone at the next start. */
export const boxFolder = 'run/porter-box';
const authorityPath = `${boxFolder}/school-ca.pem`;

/** What is there only sometimes: left over from another technician file, it goes. */
export const sometimes: readonly string[] = [
  ...['school-ca.pem', 'authorized_keys', 'screen.html', 'screen-once.html', 'update-url'].map(
    (name) => `${boxFolder}/${name}`,
  ),
  'run/systemd/timesyncd.conf.d/20-porter.conf',
  'run/NetworkManager/system-connections/wireless.nmconnection',
];

export function machineFiles(wanted: Wanted): readonly MachineFile[] {
  const { network, web, authority, updateUrl } = wanted;
  const hostname = (network?.hostname ?? 'porter').toLowerCase();
  const keys = network?.ssh_keys ?? [];
  const open = (path: string, text: string): MachineFile => ({ path, text, mode: 0o644 });
  return [
    open('etc/hostname', `${hostname}\n`),
    open('etc/hosts', `127.0.0.1 localhost\n127.0.1.1 ${hostname}\n::1 localhost ip6-localhost ip6-loopback\n`),
    open(`${boxFolder}/daemon.env`, daemonEnvironment(wanted)),
    open(`${boxFolder}/kiosk-port`, `${String(web.kioskPort)}\n`),
    open(`${boxFolder}/firewall-ports.nft`, firewall(web.staffPort, keys.length > 0)),
    ...(authority === null ? [] : [open(authorityPath, authority)]),
    ...(updateUrl === '' ? [] : [open(`${boxFolder}/update-url`, `${updateUrl}\n`)]),
    ...(keys.length === 0 ? [] : [open(`${boxFolder}/authorized_keys`, `${keys.join('\n')}\n`)]),
    ...((network?.ntp.length ?? 0) === 0
      ? []
      : [open('run/systemd/timesyncd.conf.d/20-porter.conf', `[Time]\nNTP=${network?.ntp.join(' ') ?? ''}\n`)]),
    ...connections(network, authority !== null),
  ];
}

/** For porter.service. A file that is not there is said to be none: the daemon goes on with the last good settings, or shows a demo. */
function daemonEnvironment({ configPath, network, authority }: Wanted): string {
  const proxy = network?.proxy;
  const lines: readonly (readonly [string, string])[] = [
    ['PORTER_CONFIG', configPath ?? ''],
    ...(authority === null ? [] : [['NODE_EXTRA_CA_CERTS', `/${authorityPath}`] as const]),
    ...(proxy === undefined ? [] : [['HTTPS_PROXY', proxy] as const]),
  ];
  return lines.map(([name, value]) => `${name}="${value.replace(/[\\"$`]/g, '\\$&')}"\n`).join('');
}

/** Beside `systemd/firewall.nft`, whose own port goes: nft 1.1.3 of trixie ends with SIGSEGV on `flush set` in the same file. */
function firewall(staffPort: number, login: boolean): string {
  const staff = `delete element inet porter staff { 8443 }\nadd element inet porter staff { ${String(staffPort)} }\n`;
  return login ? `${staff}add element inet porter login { 22 }\n` : staff;
}

type Network = FileValues['network'];
type Section = readonly [name: string, keys: Readonly<Record<string, string>>];

/** Wired always; wireless where it is given. NetworkManager takes what has a cable first. */
function connections(network: Network | null, hasAuthority: boolean): readonly MachineFile[] {
  const wired = connection('wired', 'ethernet', [['ethernet', {}], ...addresses(network?.ethernet)]);
  const wifi = network?.wifi;
  if (wifi === undefined) return [wired];
  const sections: readonly Section[] = [
    // Asked for by name: schools hide theirs, and one that does not is found all the same.
    ['wifi', { mode: 'infrastructure', ssid: ssid(wifi.ssid), hidden: 'true' }],
    ...security(wifi, hasAuthority),
    ...addresses(undefined),
  ];
  return [wired, connection('wireless', 'wifi', sections)];
}

function security({ psk, eap }: NonNullable<Network['wifi']>, hasAuthority: boolean): readonly Section[] {
  if (eap !== undefined) {
    const inner = eap.method === 'peap' ? 'mschapv2' : 'pap';
    // A box without a clock battery may start before the certificate begins, and has no other way to learn the time than this network.
    const trust = hasAuthority ? { 'ca-cert': `/${authorityPath}`, 'phase1-auth-flags': disableTimeChecks } : {};
    const { method, identity, password } = eap;
    return [
      ['wifi-security', { 'key-mgmt': 'wpa-eap' }],
      ['802-1x', { eap: `${method};`, identity, password, 'phase2-auth': inner, ...trust }],
    ];
  }
  return psk === undefined ? [] : [['wifi-security', { 'key-mgmt': 'wpa-psk', psk }]];
}

/** `NM_SETTING_802_1X_AUTH_FLAGS_TLS_DISABLE_TIME_CHECKS` of libnm. */
const disableTimeChecks = '8';

function addresses(fixed: Network['ethernet']): readonly Section[] {
  if (fixed === undefined) {
    return [
      ['ipv4', { method: 'auto' }],
      ['ipv6', { method: 'auto' }],
    ];
  }
  const { address, gateway, dns } = fixed;
  const isSix = address.includes(':');
  const own = (six: boolean) => dns.filter((server) => server.includes(':') === six);
  const named = (six: boolean): Readonly<Record<string, string>> =>
    own(six).length === 0 ? {} : { dns: `${own(six).join(';')};` };
  const manual = { method: 'manual', address1: gateway === undefined ? address : `${address},${gateway}` };
  return [
    ['ipv4', { ...(isSix ? { method: 'auto' } : manual), ...named(false) }],
    ['ipv6', { ...(isSix ? manual : { method: 'auto' }), ...named(true) }],
  ];
}

/** `man 5 nm-settings-keyfile`. Tried for ever: a school's network comes back at some time. */
function connection(id: string, type: string, sections: readonly Section[]): MachineFile {
  const head: Section = ['connection', { id, uuid: uuidOf(id), type, autoconnect: 'true', 'autoconnect-retries': '0' }];
  const text = [head, ...sections]
    .map(([name, keys]) => {
      const lines = Object.entries(keys).map(([key, value]) => `${key}=${escaped(value)}\n`);
      return `[${name}]\n${lines.join('')}`;
    })
    .join('\n');
  return { path: `run/NetworkManager/system-connections/${id}.nmconnection`, text, mode: 0o600 };
}

/** GLib's key files: a backslash, and a space where it would be lost. */
const escaped = (value: string): string =>
  value.replace(/\\/g, '\\\\').replace(/^ +| +$/g, (spaces) => '\\s'.repeat(spaces.length));

/** As bytes where the letters could be taken for something else. */
const ssid = (name: string): string =>
  /^(?=.*[A-Za-z])[\w-]+( [\w-]+)*$/.test(name) ? name : `${[...Buffer.from(name)].join(';')};`;

/** The same at every start, so that leases and the like belong to it. */
function uuidOf(id: string): string {
  const hex = createHash('sha256').update(`porter ${id}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
