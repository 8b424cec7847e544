import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Blob, Face, Font } from 'harfbuzzjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFonts } from '../../device/badge/fonts-build.ts';
import { readFontList } from '../../device/badge/fonts.ts';
import type { FontList } from '../../device/badge/fonts.ts';

const modules = join(import.meta.dirname, '../../node_modules');

describe('the fonts that are shipped', () => {
  let scratch: string;
  let folder: string;
  let list: FontList;
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'porter-fonts-'));
    folder = join(scratch, 'fonts');
    await buildFonts(folder, modules);
    list = await readFontList(folder);
  });
  afterAll(() => rmSync(scratch, { recursive: true }));

  it('are read by HarfBuzz, and every character that the list names has a glyph', () => {
    const files = list.families.flatMap(({ files: all }) => all);
    expect(files.length).toBeGreaterThan(300);
    for (const { file, covers } of files) {
      const font = new Font(new Face(new Blob(readFileSync(join(folder, file)))));
      expect(covers.length, file).toBeGreaterThan(0);
      for (const c of covers) expect(font.nominalGlyph(c) ?? 0, `${file} ${c.toString(16)}`).toBeGreaterThan(0);
      expect(font.nominalGlyph(0xffff), file).toBeFalsy();
    }
  });

  it('come with their licences, and nothing else lies about', () => {
    const names = readdirSync(folder);
    const licences = names.filter((name) => name.endsWith('-LICENSE.txt'));
    expect(licences).toHaveLength(list.families.length);
    for (const name of licences) expect(readFileSync(join(folder, name), 'utf8')).toMatch(/open font license/i);
    expect(names.length).toBe(licences.length + 1 + list.families.flatMap(({ files }) => files).length);
    expect(readdirSync(scratch)).toEqual(['fonts']);
  });

  it('stay as they were when a new set cannot be made', async () => {
    await expect(buildFonts(folder, join(scratch, 'no-packages'))).rejects.toThrow();
    expect(existsSync(join(folder, 'fonts.json'))).toBe(true);
    await buildFonts(folder, modules);
    expect(readdirSync(scratch)).toEqual(['fonts']);
  });
});
