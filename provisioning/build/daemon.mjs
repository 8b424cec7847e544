// Puts the daemon as built into a folder of the image, with the packages that lie beside it: those of arm64, without sources.
//
// usage: daemon.mjs TO FOREIGN     FOREIGN: the folder that foreign.mjs has filled
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { locked, outside, project } from './packages.mjs';

const [, , to = '', foreign = ''] = process.argv;

/** Sources, other machines' programs, types: nothing of it is ever read on a box. */
const unneeded =
  /^(libusb.*|src|test|tests|example|examples|build|prebuilds\/(?!linux-arm64(\/|$)).+)$|\.(md|ts|map|gypi?|h|c|cc)$/;

mkdirSync(to, { recursive: true });
cpSync(join(project, 'dist'), to, { recursive: true, filter: (path) => !path.endsWith('/.built.json') });
for (const name of outside()) {
  // For the compiler only.
  if (/^(nan|node-addon-api|@types\/.*)$/.test(name)) continue;
  const here = join(project, 'node_modules', name);
  const from = existsSync(here) ? here : join(foreign, `${name}@${locked.get(name)?.version ?? ''}`);
  cpSync(from, join(to, 'node_modules', name), {
    recursive: true,
    filter: (path) => /licen[cs]e/i.test(path) || !unneeded.test(relative(from, path)),
  });
}
mkdirSync(join(to, 'node_modules/epoll/build/Release'), { recursive: true });
