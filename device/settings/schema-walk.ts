/** Going through the schema beside a file's values: which names exist where, and what each of them takes. */
import * as v from 'valibot';
import type { KeyPath } from './problem.ts';
import { fileSchema } from './schema.ts';
import { isTable } from './toml.ts';

type Schema = v.GenericSchema;
type TableSchema = Schema & { readonly entries: Readonly<Record<string, Schema>> };

/** One row of the settings table. Lists of tables have `[]` after their name. */
export interface KeyRow {
  readonly key: string;
  /** In words: what the key takes. */
  readonly type: string;
  /** As it would be written in the file; `needed`; or empty where nothing holds until it is given. */
  readonly default: string;
  readonly meaning: string;
}

/** Every key of the technician file, in the order of the schema: the README's settings table. */
export function keys(): readonly KeyRow[] {
  return rows('', fileSchema);
}

/** What stands at one place of the schema. */
export interface Place {
  /** What is expected there, in words. */
  readonly words: string;
  /** The names or values that would be right there: to find the nearest. */
  readonly names: readonly string[];
  readonly isTable: boolean;
}

/** What the schema has at a place of the file; null when it has nothing there. */
export function placeAt(path: KeyPath, values: unknown): Place | null {
  let schema: Schema | null = fileSchema;
  let value = values;
  for (const part of path) {
    schema = step(unwrapped(schema, value), part);
    if (schema === null) return null;
    value = inside(value, part);
  }
  const here = unwrapped(schema, value);
  const names = isTableSchema(here) ? Object.keys(here.entries) : optionsOf(here);
  return { words: v.getTitle(here) ?? 'a list', names, isTable: isTableSchema(here) };
}

/** Places of all names in the file that the schema does not have. */
export function unknownKeys(values: unknown): readonly KeyPath[] {
  return unknownBelow(fileSchema, values, []);
}

function unknownBelow(schema: Schema, value: unknown, path: KeyPath): readonly KeyPath[] {
  const here = unwrapped(schema, value);
  const children: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : isTable(value) && isTableSchema(here)
      ? Object.entries(value)
      : [];
  return children.flatMap(([part, inner]) => {
    const next = step(here, part);
    const place = [...path, part];
    if (next === null) return typeof part === 'string' ? [place] : [];
    return unknownBelow(next, inner, place);
  });
}

/** `around`: the default of the whole table, for keys without one of their own. */
function rows(key: string, schema: Schema, around?: unknown): readonly KeyRow[] {
  const here = unwrapped(schema, undefined);
  const item = itemOf(here);
  if (item !== null && isTableSchema(unwrapped(item, undefined))) return rows(`${key}[]`, item);
  if (isTableSchema(here)) {
    return Object.entries(here.entries).flatMap(([name, inner]) =>
      rows(key === '' ? name : `${key}.${name}`, inner, inside(defaultOf(schema), name)),
    );
  }
  const value = defaultOf(schema) ?? around;
  const written = value === undefined ? '' : JSON.stringify(value);
  const row = { key, type: v.getTitle(here) ?? '', meaning: v.getDescription(here) ?? '' };
  return [{ ...row, default: 'wrapped' in schema ? written : 'needed' }];
}

function defaultOf(schema: Schema): unknown {
  return 'default' in schema ? schema.default : undefined;
}

/** Past "optional", and to the form that a value of several forms has. */
function unwrapped(schema: Schema, value: unknown): Schema {
  if ('wrapped' in schema && isSchema(schema.wrapped)) return unwrapped(schema.wrapped, value);
  if (isLazy(schema)) return unwrapped(schema.getter(value), value);
  return schema;
}

function step(schema: Schema, part: string | number): Schema | null {
  if (typeof part === 'number') return itemOf(schema);
  return isTableSchema(schema) && Object.hasOwn(schema.entries, part) ? (schema.entries[part] ?? null) : null;
}

function itemOf(schema: Schema): Schema | null {
  return 'item' in schema && isSchema(schema.item) ? schema.item : null;
}

function optionsOf(schema: Schema): readonly string[] {
  if (!('options' in schema) || !Array.isArray(schema.options)) return [];
  return schema.options.filter((option) => typeof option === 'string');
}

function inside(value: unknown, part: string | number): unknown {
  if (Array.isArray(value)) return value[Number(part)];
  return isTable(value) ? value[part] : undefined;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema';
}
function isTableSchema(schema: Schema): schema is TableSchema {
  return 'entries' in schema;
}
function isLazy(schema: Schema): schema is v.LazySchema<Schema> {
  return schema.type === 'lazy';
}
