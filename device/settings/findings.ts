/** Collects what is wrong, and what is only worth knowing, while one file is read. */
import { NOTHING, type KeyPath, type Problem, dotted, shown, shownSecret } from './problem.ts';
import { secretKeys } from './schema.ts';
import { type TomlTable, isTable } from './toml.ts';

/** Problems told of one file; more than anyone reads. */
const MAX_PROBLEMS = 100;

export interface Finding {
  readonly path: KeyPath;
  /** Left out: the value that stands there. */
  readonly found?: string;
  readonly expected: string;
  readonly nearest?: string | undefined;
  /** Can't be said for sure while another line of the file could not be read. */
  readonly unsure?: boolean;
}

export class Findings {
  readonly values: TomlTable;
  readonly #problems: (Problem & { readonly unsure?: boolean })[] = [];
  readonly #warnings: Problem[] = [];
  readonly #file: string;
  readonly #lineOf: (path: KeyPath) => number;

  constructor(file: string, values: TomlTable, lineOf: (path: KeyPath) => number) {
    this.#file = file;
    this.values = values;
    this.#lineOf = lineOf;
  }

  /** The file can't be used like this. */
  problem(finding: Finding): void {
    const problem = this.#told(finding);
    this.#problems.push(finding.unsure === true || problem.found === NOTHING ? { ...problem, unsure: true } : problem);
  }
  /** The file can be used, but may not do what was meant. */
  warn(finding: Finding): void {
    this.#warnings.push(this.#told(finding));
  }
  /** A line that is no TOML: what should have been on it must not be missed again. */
  syntax(line: number, what: string): void {
    const expected = 'a line of TOML: name = value, or [section]';
    this.#problems.push({ file: this.#file, line, key: '', found: `a mistake (${what.trim()})`, expected });
  }

  problems(): readonly Problem[] {
    const broken = this.#problems.some((problem) => problem.key === '');
    const told = this.#problems.filter(({ unsure }) => !broken || unsure !== true);
    return inFileOrder(told.map(({ unsure: _, ...problem }) => problem)).slice(0, MAX_PROBLEMS);
  }
  warnings(): readonly Problem[] {
    return inFileOrder(this.#warnings).slice(0, MAX_PROBLEMS);
  }

  /** What the file has at a place, as written. */
  at(...path: KeyPath): unknown {
    return path.reduce<unknown>((value, part) => {
      if (Array.isArray(value)) return value[Number(part)];
      return isTable(value) ? value[part] : undefined;
    }, this.values);
  }
  /** The tables of a list of tables, with their positions; what is no table is somebody else's problem. */
  tables(...path: KeyPath): readonly (readonly [number, TomlTable])[] {
    const list = this.at(...path);
    if (!Array.isArray(list)) return [];
    return [...list.entries()].flatMap(([i, table]) => (isTable(table) ? [[i, table] as const] : []));
  }
  /** The texts of a list, with their positions. */
  texts(...path: KeyPath): readonly (readonly [number, string])[] {
    const list = this.at(...path);
    if (!Array.isArray(list)) return [];
    return [...list.entries()].flatMap(([i, words]) => (typeof words === 'string' ? [[i, words] as const] : []));
  }

  #told({ path, found, expected, nearest }: Finding): Problem {
    const key = dotted(path);
    const value = this.at(...path);
    return {
      file: this.#file,
      line: this.#lineOf(path),
      key,
      found: found ?? (mayHoldSecret(key, value) ? shownSecret(value) : shown(value)),
      expected,
      ...(nearest === undefined ? {} : { nearest }),
    };
  }
}

/** Also where a text stands in the place of the table around a secret, and where an address carries a password. */
function mayHoldSecret(key: string, value: unknown): boolean {
  if (typeof value === 'string' && value.includes('@') && /_url|proxy/.test(key)) return true;
  return secretKeys.some((secret) => secret === key || (typeof value === 'string' && secret.startsWith(`${key}.`)));
}

function inFileOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.line - b.line);
}
