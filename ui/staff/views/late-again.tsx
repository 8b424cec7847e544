/** Who is late again and again: names, for the attendance role only. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { LatePupil } from '../../../device/contract/staff-reports.ts';
import { useAsked } from '../asked.ts';
import { Card } from '../parts/card.tsx';
import { Text } from '../parts/form.tsx';
import { Listing, Who } from '../parts/listing.tsx';
import type { Column } from '../parts/listing.tsx';
import { SaveList } from '../parts/save-list.tsx';

interface LateAgainProps {
  readonly from: string;
  readonly to: string;
  /** The school's threshold. */
  readonly times: number;
}
export function LateAgain({ from, to, times }: LateAgainProps): JSX.Element {
  const wanted = useSignal(String(times));
  const count = Number(wanted.value);
  const isCount = Number.isInteger(count) && count >= 2 && count <= 100;
  const isAsked = isCount && from !== '' && to !== '' && from <= to;
  const { value: found, wrong } = useAsked('late-pupils', isAsked ? { from, to, times: count } : null);
  const rows = found?.rows ?? [];
  const since = found?.since ?? null;
  return (
    <>
      <p role="alert" class="wrong">
        {isCount ? wrong : 'A number from 2 to 100.'}
      </p>
      <Card
        title="Late again and again"
        count={rows.length + (found?.more ?? 0)}
        empty={['Nobody', `Nobody was late ${wanted.value} times or more in this time.`]}
        beside={
          <div class="buttons">
            <Text label="Times or more" value={wanted.value} maxLength={3} onInput={(text) => (wanted.value = text)} />
            {rows.length > 0 && <SaveList list="late-again" of={`${from}-${to}`} rows={rows} columns={columns} />}
          </div>
        }
      >
        <Listing label="Late again and again" rows={rows} columns={columns} keyOf={({ key }) => key} />
        {since !== null && <p class="empty">Before {since} counts are kept, no names.</p>}
      </Card>
    </>
  );
}

const columns: readonly Column<LatePupil>[] = [
  {
    name: 'Pupil',
    place: 'who',
    text: ({ pupil }) => pupil,
    cell: (row) => <Who row={{ ...row, registrationGroup: null }} />,
  },
  {
    name: 'Group',
    place: 'sub',
    text: ({ registrationGroup }) => registrationGroup ?? '',
    cell: ({ registrationGroup }) => registrationGroup,
  },
  {
    name: 'Times',
    place: 'end',
    text: ({ times }) => String(times),
    cell: ({ times }) => <strong>{times} times</strong>,
  },
  {
    name: 'Minutes',
    place: 'tail',
    text: ({ minutes }) => String(minutes),
    cell: ({ minutes }) => `${String(minutes)} min`,
  },
  { name: 'Last', place: 'tail', text: ({ last }) => last, cell: ({ last }) => last },
];
