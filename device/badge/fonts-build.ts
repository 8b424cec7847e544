/**
 * The fonts that badges are drawn with, made when Porter is built: WOFF files of installed packages become the plain
 * sfnt files that resvg reads, beside a list of which characters each can draw. Takes no network.
 */
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import type { FontFamily, FontList } from './fonts.ts';

interface Source {
  readonly family: string;
  readonly package: string;
  /** Named subsets, or `sliced`: the numbered slices in which large character sets are shipped. */
  readonly subsets: readonly string[] | 'sliced';
  readonly weights: readonly (400 | 700)[];
}

const script = (name: string, language = name.toLowerCase()): Source => ({
  family: `Noto Sans ${name}`,
  package: `noto-sans-${language}`,
  subsets: [language],
  weights: [700],
});
const sliced = (name: string): Source => ({ ...script(name), subsets: 'sliced' });

/** In the order in which they are asked for a character. Noto in bold only: thin strokes break up on thermal paper. */
const sources: readonly Source[] = [
  {
    family: 'Atkinson Hyperlegible',
    package: 'atkinson-hyperlegible',
    subsets: ['latin', 'latin-ext'],
    weights: [400, 700],
  },
  {
    family: 'Noto Sans',
    package: 'noto-sans',
    subsets: ['latin', 'latin-ext', 'vietnamese', 'greek', 'greek-ext', 'cyrillic', 'cyrillic-ext'],
    weights: [700],
  },
  ...['Arabic', 'Hebrew', 'Armenian', 'Georgian', 'Ethiopic'].map((name) => script(name)),
  ...['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil'].map((name) => script(name)),
  ...['Telugu', 'Kannada', 'Malayalam', 'Sinhala'].map((name) => script(name)),
  ...['Thai', 'Lao', 'Khmer', 'Myanmar'].map((name) => script(name)),
  ...['SC', 'JP', 'KR'].map((name) => sliced(name)),
];

/**
 * Writes the fonts and their list (`fonts.json`) to `outDir`, replacing what was there only once all is made.
 * `modules` is the `node_modules` folder. Throws when a package is missing or a file can't be read.
 */
export async function buildFonts(outDir: string, modules: string): Promise<void> {
  const fresh = `${outDir}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const families: FontFamily[] = [];
  for (const source of sources) families.push(await buildFamily(source, join(modules, '@fontsource'), fresh));
  const list: FontList = { families };
  await writeFile(join(fresh, 'fonts.json'), JSON.stringify(list));
  await putInPlace(fresh, outDir);
}

/** The folder is gone for no longer than a rename takes: somebody may be reading it. */
async function putInPlace(fresh: string, place: string): Promise<void> {
  const old = `${place}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(place, old).catch(() => undefined); // there is none yet
  await rename(fresh, place);
  await rm(old, { recursive: true, force: true });
}

async function buildFamily(source: Source, packages: string, outDir: string): Promise<FontFamily> {
  const { Blob, Face } = await import('harfbuzzjs');
  const folder = join(packages, source.package);
  const files: FontFamily['files'][number][] = [];
  for (const weight of source.weights) {
    for (const subset of await subsetsOf(source, folder, weight)) {
      const font = unpackWoff(
        await readFile(join(folder, 'files', `${source.package}-${subset}-${weight}-normal.woff`)),
      );
      const file = `${source.package}-${subset}-${weight}.ttf`;
      await writeFile(join(outDir, file), font);
      files.push({ file, weight, covers: ranges(new Face(new Blob(font)).collectUnicodes()) });
    }
  }
  // The licence asks to travel with the fonts.
  await writeFile(join(outDir, `${source.package}-LICENSE.txt`), await readFile(join(folder, 'LICENSE')));
  return { family: source.family, files };
}

async function subsetsOf(source: Source, folder: string, weight: number): Promise<readonly string[]> {
  if (source.subsets !== 'sliced') return source.subsets;
  const pattern = new RegExp(`^${source.package}-(\\d+)-${weight}-normal\\.woff$`);
  const slices = (await readdir(join(folder, 'files'))).flatMap((name) => pattern.exec(name)?.[1] ?? []);
  if (slices.length === 0) throw new Error(`${folder}: no slices of weight ${weight}`);
  return slices.sort((a, b) => Number(a) - Number(b));
}

/**
 * WOFF 1 to sfnt (W3C WOFF File Format 1.0, sections 3 to 5): the same tables, each inflated where it is packed, under
 * a plain table directory. Checksums are copied: they were made over the plain tables.
 */
function unpackWoff(woff: Buffer): Buffer {
  if (woff.toString('latin1', 0, 4) !== 'wOFF') throw new Error('not a WOFF 1 file');
  const count = woff.readUInt16BE(12);
  const tables = Array.from({ length: count }, (_, i) => {
    const at = 44 + i * 20;
    const start = woff.readUInt32BE(at + 4);
    const packed = woff.subarray(start, start + woff.readUInt32BE(at + 8));
    const length = woff.readUInt32BE(at + 12);
    const data = packed.length < length ? inflateSync(packed, { maxOutputLength: length }) : packed;
    if (data.length !== length) throw new Error('a table of the WOFF file has the wrong length');
    return { tag: woff.toString('latin1', at, at + 4), checksum: woff.readUInt32BE(at + 16), data };
  });

  const power = Math.floor(Math.log2(count));
  const head = Buffer.alloc(12 + count * 16);
  head.writeUInt32BE(woff.readUInt32BE(4), 0);
  head.writeUInt16BE(count, 4);
  head.writeUInt16BE(16 * 2 ** power, 6);
  head.writeUInt16BE(power, 8);
  head.writeUInt16BE(count * 16 - 16 * 2 ** power, 10);
  const parts: Buffer[] = [head];
  let offset = head.length;
  tables.forEach(({ tag, checksum, data }, i) => {
    const at = 12 + i * 16;
    head.write(tag, at, 'latin1');
    head.writeUInt32BE(checksum, at + 4);
    head.writeUInt32BE(offset, at + 8);
    head.writeUInt32BE(data.length, at + 12);
    const padding = Buffer.alloc((4 - (data.length % 4)) % 4);
    parts.push(data, padding);
    offset += data.length + padding.length;
  });
  return Buffer.concat(parts);
}

/** Sorted, as first and last of each run: `[65, 90, 97, 122]`. */
function ranges(characters: Iterable<number>): readonly number[] {
  const list: number[] = [];
  for (const c of [...characters].sort((a, b) => a - b)) {
    if (list.at(-1) === c - 1) list[list.length - 1] = c;
    else list.push(c, c);
  }
  return list;
}
