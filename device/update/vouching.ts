/** Asks the daemon that is tried whether all is well with it, over its control socket. */
import * as v from 'valibot';
import type { Daemon } from './commit.ts';

const answerMaxMs = 20_000;
const resultSchema = v.union([
  v.object({ ok: v.literal(true) }),
  v.object({ ok: v.literal(false), error: v.object({ code: v.string(), detail: v.optional(v.string()) }) }),
]);

/** `tell`: gives it a command by name; rejects where nobody answers. */
export function daemonOf(tell: (name: string, maxMs: number) => Promise<unknown>): Daemon {
  return {
    async vouch() {
      const answer = await tell('vouch', answerMaxMs).catch(() => null);
      const result = v.safeParse(resultSchema, answer);
      if (!result.success) return 'Porter does not come up.';
      if (result.output.ok) return null;
      const { code, detail } = result.output.error;
      return code === 'storage_failed' ? 'Nothing can be recorded.' : (detail ?? 'Porter is not in service.');
    },
  };
}
