/** A new token for the MIS, entered on the staff page: tried there first, in force from the next start. Part of `main.ts`. */
import type { Settings } from './domain/settings.ts';
import type { FileSeal } from './journal/sealed-file.ts';
import type { MisToken } from './host.ts';
import type { MisConnector } from './mis/connector.ts';
import { enterToken } from './settings/entered-token.ts';

/** For one answer of the MIS. */
const misMaxMs = 20_000;

/** Null: no MIS is connected. */
export function misTokenOf(
  mis: Settings['mis'],
  connectorTo: (mis: Settings['mis']) => MisConnector,
  { refused, dataDir, seal }: Pick<MisToken, 'refused'> & { readonly dataDir: string; readonly seal: FileSeal },
): MisToken | null {
  if (mis.connector === 'none') return null;
  return {
    refused,
    keep: (token) => {
      enterToken(token, mis.token, dataDir, seal);
    },
    try: async (token) => {
      const health = await connectorTo({ ...mis, token }).health(AbortSignal.timeout(misMaxMs));
      if (health.ok) return { ok: true, value: null };
      const { kind, words } = health.failure;
      const detail = kind === 'unauthorised' ? 'The MIS does not accept this token.' : words;
      return { ok: false, error: { code: 'wrong_state', detail: `Nothing was changed. ${detail}` } };
    },
  };
}
