import { resolve } from 'node:path';
import { defineConfig } from 'vite';

/** One build per screen: `vite build --mode kiosk` or `--mode staff`. The pages are served by the box itself. */
export default defineConfig(({ mode }) => ({
  root: resolve(import.meta.dirname, 'ui', mode),
  base: './',
  publicDir: false,
  cacheDir: resolve(import.meta.dirname, 'node_modules/.cache/vite'),
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: resolve(import.meta.dirname, 'dist/ui', mode),
    emptyOutDir: true,
    target: 'chrome120',
    // What the Content-Security-Policy asks for: no inline script or style, no data: addresses, nothing from outside.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
}));
