// Bundles the simulated world of a source tree: `node simulation.mjs TREE OUTFILE`.
import { join } from 'node:path';
import { build } from 'esbuild';

const [tree = '.', outfile = 'simulation.cjs'] = process.argv.slice(2);
await build({
  entryPoints: [join(tree, 'test/simulation/world/main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  sourcemap: 'inline',
  logLevel: 'warning',
  // Native code, which no part of the world uses.
  external: ['usb', 'epoll', '@resvg/resvg-js', 'harfbuzzjs'],
});
