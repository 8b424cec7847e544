/** TOML text to plain values, each with the line it stands on. Knows nothing of what the keys mean. */
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import type { KeyPath } from './problem.ts';

/** Dates and times stay texts as written: `2026-12-18`, `08:40:00`. */
export type TomlValue = string | number | boolean | TomlValue[] | TomlTable;
export interface TomlTable {
  [key: string]: TomlValue;
}

export interface SyntaxFault {
  readonly line: number;
  readonly what: string;
}
export interface TomlText {
  /** What could be read; null when the faults leave nothing to go by. */
  readonly values: TomlTable | null;
  readonly faults: readonly SyntaxFault[];
  /** The line of a key, or of the nearest table around it when the key is not there. From 1. */
  readonly lineOf: (path: KeyPath) => number;
  /** Where a key stands in the text, without a byte order mark; null: it is not there. */
  readonly spanOf: (path: KeyPath) => Span | null;
}
/** In code units: from the key to the end of its value, and where the value begins. */
export interface Span {
  readonly start: number;
  readonly value: number;
  readonly end: number;
}

/** Faults reported at most, each costing one more reading of the text. */
const MAX_FAULTS = 20;
/** A section whose name could not be read: its keys are left out instead of falling into the section before. */
const LOST_SECTION = 'could not be read: line ';

/** Reads on after a line that is no TOML, so that one reading shows every fault in the file. Never throws. */
export function readToml(text: string): TomlText {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const faults: SyntaxFault[] = [];
  while (faults.length < MAX_FAULTS) {
    const parsed = parse(lines.join('\n'));
    if ('values' in parsed) return { ...parsed, faults };
    const line = culprit(lines, parsed);
    if (line <= (faults.at(-1)?.line ?? 0)) break;
    faults.push({ line, what: parsed.what });
    if (parsed.what.startsWith('Unterminated') && line >= lastWritten(lines)) break;
    const opening = /^\s*(\[\[?)/.exec(lines[line - 1] ?? '')?.[1];
    lines[line - 1] = opening === undefined ? '' : `["${LOST_SECTION}${line}"]`;
  }
  return { values: null, faults, lineOf: () => 1, spanOf: () => null };
}

type Fault = SyntaxFault & { readonly column: number };
type Read = Pick<TomlText, 'values' | 'lineOf' | 'spanOf'>;

function parse(text: string): Read | Fault {
  try {
    return valuesOf(parseTOML(text, { tomlVersion: '1.1' }));
  } catch (error) {
    if (error instanceof ParseError) return { line: error.lineNumber, column: error.column, what: error.message };
    // Both the parser and the walk recurse: a stack that ran out is the file's fault, anything else is ours.
    if (error instanceof RangeError) return { line: 1, column: 1, what: 'Tables or lists nested too deep' };
    throw error;
  }
}

/** A line that ended too early is noticed at the start of the next one. */
function culprit(lines: readonly string[], fault: Fault): number {
  const previous = fault.line - 1;
  const before = lines[previous - 1] ?? '';
  const unfinished = /(=|^\s*\[[^\]]*)\s*(#.*)?$/.test(before);
  const endedEarly = fault.column === 0 && before.trim() !== '' && (unfinished || fault.what.includes('line'));
  return endedEarly ? previous : fault.line;
}

function lastWritten(lines: readonly string[]): number {
  return lines.findLastIndex((line) => line.trim() !== '') + 1;
}

function valuesOf(program: AST.TOMLProgram): Read {
  const lines = new Map<string, number>();
  const spans = new Map<string, Span>();
  const root = newTable();
  const place = new Placer(lines, spans);
  for (const node of program.body[0].body) {
    if (node.type === 'TOMLKeyValue') place.keyValue(root, [], node);
    else {
      const { table, path } = place.header(root, node);
      for (const pair of node.body) place.keyValue(table, path, pair);
    }
  }
  for (const name of Object.keys(root)) if (name.startsWith(LOST_SECTION)) Reflect.deleteProperty(root, name);
  return { values: root, lineOf: (path) => lineOf(lines, path), spanOf: (path) => spans.get(pathKey(path)) ?? null };
}

/** Puts parsed nodes where their keys say, and remembers their lines. The parser has refused contradictions. */
class Placer {
  readonly #lines: Map<string, number>;
  readonly #spans: Map<string, Span>;
  constructor(lines: Map<string, number>, spans: Map<string, Span>) {
    this.#lines = lines;
    this.#spans = spans;
  }

  header(root: TomlTable, node: AST.TOMLTable): { readonly table: TomlTable; readonly path: KeyPath } {
    let here: TomlTable | TomlValue[] = root;
    node.resolvedKey.forEach((part, depth) => {
      this.#note(node.resolvedKey.slice(0, depth + 1), node.loc.start.line);
      const listNext = typeof node.resolvedKey[depth + 1] === 'number';
      here = child(here, part, listNext);
    });
    return { table: asTable(here), path: node.resolvedKey };
  }

  keyValue(table: TomlTable, base: KeyPath, node: AST.TOMLKeyValue): void {
    const names = node.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
    const [value, end] = node.value.range;
    this.#spans.set(pathKey([...base, ...names]), { start: node.key.range[0], value, end });
    let here = table;
    names.forEach((name, depth) => {
      const path = [...base, ...names.slice(0, depth + 1)];
      this.#note(path, node.loc.start.line);
      if (depth < names.length - 1) here = asTable(child(here, name, false));
      else here[name] = this.#value(path, node.value);
    });
  }

  #value(path: KeyPath, node: AST.TOMLContentNode): TomlValue {
    this.#note(path, node.loc.start.line);
    if (node.type === 'TOMLArray') return node.elements.map((element, i) => this.#value([...path, i], element));
    if (node.type === 'TOMLInlineTable') {
      const table = newTable();
      for (const pair of node.body) this.keyValue(table, path, pair);
      return table;
    }
    return 'datetime' in node ? node.datetime : node.value;
  }

  #note(path: KeyPath, line: number): void {
    const key = pathKey(path);
    if (!this.#lines.has(key)) this.#lines.set(key, line);
  }
}

// No prototype: a key called `constructor` is a key like any other.
function newTable(): TomlTable {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- an object without any property is an empty table
  return Object.create(null) as TomlTable;
}

function child(parent: TomlTable | TomlValue[], part: string | number, listNext: boolean): TomlTable | TomlValue[] {
  const known = Array.isArray(parent) ? parent[Number(part)] : parent[String(part)];
  if (Array.isArray(known)) return known;
  if (typeof known === 'object') return asTable(known);
  const made = listNext ? [] : newTable();
  if (Array.isArray(parent)) parent[Number(part)] = made;
  else parent[String(part)] = made;
  return made;
}

function asTable(value: TomlTable | readonly TomlValue[]): TomlTable {
  return isTable(value) ? value : newTable();
}

export function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pathKey(path: KeyPath): string {
  return path.join('\u0000');
}

function lineOf(lines: ReadonlyMap<string, number>, path: KeyPath): number {
  for (let length = path.length; length > 0; length -= 1) {
    const line = lines.get(pathKey(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}
