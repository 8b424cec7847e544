/** The receipt of an erasure: for the school's files, on paper or as a file. It names nobody but the two (product.md 10). */
import { useEffect } from 'preact/hooks';
import type { JSX } from 'preact';
import type { EraseReceipt } from '../../../device/contract/staff-views.ts';
import { useAsked } from '../asked.ts';
import { save } from '../csv.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Fact } from '../parts/fact.tsx';
import { Icon } from '../parts/icon.tsx';
import { PrintButton } from '../parts/print-button.tsx';

export function Receipt({ receipt }: { readonly receipt: EraseReceipt }): JSX.Element {
  const lines = linesOf(receipt);
  const text = `Porter: a pupil was erased\r\n\r\n${lines.map(([name, words]) => `${name}: ${words}`).join('\r\n')}\r\n`;
  // While it is there, paper shows it alone.
  useEffect(() => {
    document.body.classList.add('prints-dialog');
    return () => {
      document.body.classList.remove('prints-dialog');
    };
  }, []);
  return (
    <>
      <p>
        The key is destroyed: nobody can read the records any more, on this box or in its backups. Keep this receipt
        with the request.
      </p>
      <dl class="facts">
        {lines.map(([name, words]) => (
          <Fact key={name} name={name}>
            {words}
          </Fact>
        ))}
      </dl>
      <div class="buttons">
        <PrintButton />
        <button
          type="button"
          class="button"
          onClick={() => {
            save(`erasure-${receipt.record.replace(/^.*:/, '')}.txt`, text, 'plain');
          }}
        >
          <Icon of="download" /> Save
        </button>
      </div>
    </>
  );
}

function linesOf(receipt: EraseReceipt): readonly (readonly [string, string])[] {
  const { record, at, by, second, why, keys, records, remaining, onRoster, upTo, head } = receipt;
  const all: readonly (readonly [string, string | null])[] = [
    ['Record', record],
    ['When', `${new Date(at.earliest).toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['By', by],
    ['Together with', second],
    ['Why', why],
    ['Records that nobody can read any more', String(records)],
    ['Records that still name the pupil, until their time is over', remaining === null ? null : String(remaining)],
    ['Still on the roster of the school', onRoster === null ? null : onRoster ? 'yes' : 'no'],
    ['Keys destroyed', keys.join(', ')],
    ['The chain verifies up to number', String(upTo)],
    ['Head of the chain there', head],
  ];
  return all.flatMap(([name, words]) => (words === null ? [] : [[name, words] as const]));
}

/** One of before, by its record. */
export function OldReceipt({
  record,
  onClose,
}: {
  readonly record: string;
  readonly onClose: () => void;
}): JSX.Element {
  const { value, wrong } = useAsked('receipt', { record });
  return (
    <Dialog title="Receipt of an erasure" onClose={onClose}>
      <p role="alert" class="wrong">
        {wrong}
      </p>
      {value === null ? wrong === '' && <p class="faint">All records are read…</p> : <Receipt receipt={value} />}
    </Dialog>
  );
}
