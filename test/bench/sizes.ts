/** What the screens weigh, gzipped, against the libraries alone that any such screen needs. */
import { join } from 'node:path';
import { build } from 'esbuild';
import { budgets, gzippedKb, kbOf } from '../../scripts/sizes.mjs';
import type { Bench } from './bench.ts';

const project = join(import.meta.dirname, '../..');
const bare = `
  import { h, render } from 'preact';
  import { signal } from '@preact/signals';
  import { io } from 'socket.io-client';
  const words = signal('');
  render(h('p', null, words), document.body);
  io().on('words', (said) => (words.value = said));
`;

async function librariesKb(): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: bare, resolveDir: project },
    ...{ bundle: true, minify: true, write: false, format: 'esm', platform: 'browser', logLevel: 'silent' },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return gzippedKb(outputFiles[0]?.contents ?? new Uint8Array());
}

export const sizes: Bench = {
  about: 'JavaScript and CSS of kiosk and staff page, gzipped, against preact, signals and socket.io-client alone',
  runs: 1,
  async measure() {
    const libraries = { what: 'libraries', runs: [await librariesKb()] };
    return budgets.map(({ screen, ending, maxKb }) => ({
      ...{
        what: `${screen} page, ${ending === '.js' ? 'JavaScript' : 'CSS'}, gzipped`,
        unit: 'kB',
        goal: { most: maxKb },
      },
      runs: [kbOf(join(project, 'dist/ui'), screen, ending)],
      ...(ending === '.js' ? { against: libraries } : {}),
    }));
  },
};
