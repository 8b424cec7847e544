/** Which view is shown: it stands in the address behind #, with what it is of: `#marks/sheet`. */
import { computed, signal } from '@preact/signals';
import { viewNames } from '../../device/contract/staff.ts';
import type { ViewName } from '../../device/contract/staff.ts';
import { me } from './access/session.ts';

const hash = signal(location.hash);
addEventListener('hashchange', () => (hash.value = location.hash));

export const route = computed((): { readonly view: ViewName; readonly of: string } => {
  const [name = '', ...rest] = hash.value.slice(1).split('/');
  return { view: viewNames.find((one) => one === name) ?? me.value?.sees[0] ?? 'now', of: decoded(rest.join('/')) };
});

export const addressOf = (view: ViewName, of = ''): string =>
  of === '' ? `#${view}` : `#${view}/${encodeURIComponent(of)}`;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
