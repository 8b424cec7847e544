/** Bounded reads for the staff page, by name: what a view does not push. Nothing is recorded by them. */
import * as v from 'valibot';
import type { Result } from '../../contract/result.ts';
import type { EraseDesk } from '../../desk/erasing.ts';
import { parse } from '../parse.ts';

export interface QueryPorts {
  readonly eraseDesk: Pick<EraseDesk, 'receipt'>;
}
export type Queries = Readonly<Record<string, (input: unknown) => Promise<Result<unknown>>>>;
export type QueryName = keyof ReturnType<typeof queries>;

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

export function queries(ports: QueryPorts) {
  const on = <T>(
    schema: v.GenericSchema<unknown, T>,
    run: (value: T) => Result<unknown> | Promise<Result<unknown>>,
  ) => {
    return async (input: unknown): Promise<Result<unknown>> => {
      const parsed = parse(schema, input);
      return parsed.ok ? run(parsed.value) : parsed;
    };
  };
  return {
    receipt: on(v.object({ record: text }), ({ record }) => ports.eraseDesk.receipt(record)),
  } satisfies Queries;
}
