import type { JSX } from 'preact';
import { Icon } from './icon.tsx';

/** Prints the page that is open. */
export function PrintButton({ small = false }: { readonly small?: boolean }): JSX.Element {
  return (
    <button
      type="button"
      class={small ? 'button small' : 'button'}
      onClick={() => {
        print();
      }}
    >
      <Icon of="printer" /> Print
    </button>
  );
}
