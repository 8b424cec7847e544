/** Serves a page as it was built, under the strict policy of the real one: for boxes that stand in for it in tests. */
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

const built = join(import.meta.dirname, '../../dist/ui');
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** `path`: of the address, without its query; `/` is the page itself. */
export function servePage(page: 'kiosk' | 'staff', path: string, response: ServerResponse): void {
  const file = path === '/' ? '/index.html' : normalize(path);
  response.setHeader('Content-Security-Policy', policy);
  try {
    const bytes = readFileSync(join(built, page, file));
    response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
    if (file.startsWith('/assets/')) response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}
