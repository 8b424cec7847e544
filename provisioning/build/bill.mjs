// The bill of materials of an image, into its tree: CycloneDX for programs, and for people a line a package with its licences.
//
// usage: bill.mjs TREE VERSION
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { locked, onBox } from './packages.mjs';

const [, , tree = '', version = ''] = process.argv;

/** Names of licences in the copyright file of a Debian package; where it has no such fields, where to read. @param {string} name */
function debianLicences(name) {
  const path = `/usr/share/doc/${name}/copyright`;
  const file = join(tree, path);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const found = new Set([...text.matchAll(/^License: *(\S.*)$/gm)].map(([, words]) => (words ?? '').trim()));
  return found.size === 0 ? [`see ${path}`] : [...found].sort();
}

const debian = execFileSync(
  'dpkg-query',
  [`--admindir=${tree}/var/lib/dpkg`, '-W', '-f', '${db:Status-Abbrev}\\t${Package}\\t${Version}\\t${Architecture}\\n'],
  { encoding: 'utf8' },
)
  .split('\n')
  .filter((line) => line.startsWith('ii'))
  .map((line) => {
    const [, name = '', release = '', architecture = ''] = line.split('\t');
    const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(release)}?arch=${architecture}&distro=trixie`;
    return { name, version: release, purl, licences: debianLicences(name) };
  });

/** As npm knows it; an old package names its licences in a way of its own. @param {string} name */
function npmLicences(name) {
  const { license } = locked.get(name) ?? {};
  if (license !== undefined) return [license];
  /** @type {{ licenses?: readonly { type: string }[] }} */
  const { licenses = [] } = JSON.parse(readFileSync(`/project/node_modules/${name}/package.json`, 'utf8'));
  return licenses.length === 0 ? ['unknown'] : licenses.map(({ type }) => type);
}

const npm = [...onBox()].sort().map((name) => {
  const { version: release } = locked.get(name) ?? { version: '' };
  return {
    name,
    version: release,
    purl: `pkg:npm/${name.replace('@', '%40')}@${release}`,
    licences: npmLicences(name),
  };
});

/** Of ours, for the kernel of the board. */
const modules = join(tree, 'usr/lib/modules');
const kernelModules = readdirSync(modules)
  .map((kernel) => join(modules, kernel, 'updates'))
  .flatMap((updates) => (existsSync(updates) ? readdirSync(updates) : []))
  .map((file) => file.replace(/\.ko$/, ''));

const all = [
  { name: 'porter', version, purl: `pkg:generic/porter@${encodeURIComponent(version)}`, licences: ['MIT'] },
  ...kernelModules.map((name) => ({ name, version, purl: `pkg:generic/${name}`, licences: ['GPL-2.0-only'] })),
  ...npm,
  ...debian,
];
const bill = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {
    timestamp: new Date(Number(process.env.SOURCE_DATE_EPOCH) * 1000).toISOString(),
    component: { type: 'operating-system', name: 'porter-image', version },
  },
  components: all.map(({ licences, ...component }) => ({
    ...{ type: 'library', 'bom-ref': component.purl, ...component },
    licenses: licences.map((name) => ({ license: { name } })),
  })),
};

const folder = join(tree, 'usr/share/porter');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'bill-of-materials.cdx.json'), `${JSON.stringify(bill, null, 1)}\n`);
writeFileSync(
  join(folder, 'licences.txt'),
  all.map((one) => `${one.name}\t${one.version}\t${one.licences.join(', ')}\n`).join(''),
);
