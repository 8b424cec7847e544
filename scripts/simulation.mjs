// Bundles the simulated world (test/simulation/world) of a source tree into one program.
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * @param {string} tree
 * @param {string} outfile
 * @param {{ path: string, contents: string }} [instead] a source file with other contents
 */
export async function bundle(tree, outfile, instead) {
  await build({
    entryPoints: [join(tree, 'test/simulation/world/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    sourcemap: instead === undefined && 'inline',
    logLevel: 'error',
    // Native code, which no part of the world uses.
    external: ['usb', 'epoll', '@resvg/resvg-js', 'harfbuzzjs'],
    plugins: instead === undefined ? [] : [{ name: 'instead', setup: (made) => put(made, instead) }],
  });
}

/** @param {import('esbuild').PluginBuild} made @param {{ path: string, contents: string }} instead */
function put(made, { path, contents }) {
  made.onLoad({ filter: /[.]ts$/ }, (file) => (file.path === path ? { contents, loader: 'ts' } : undefined));
}

if (process.argv[1] === import.meta.filename) await bundle(process.argv[2] ?? '.', process.argv[3] ?? 'simulation.cjs');
