/** Counts only: nobody's name is on a screen that nobody sits at. */
import type { JSX } from 'preact';
import type { StaffTop } from '../../../device/contract/staff.ts';
import type { NowView } from '../../../device/contract/staff-views.ts';
import { hidden } from '../idle.ts';
import { Icon } from '../parts/icon.tsx';

interface HiddenProps {
  /** Null: a role that sees none of this. */
  readonly now: NowView | undefined | null;
  readonly top: StaffTop;
}
export function Hidden({ now, top }: HiddenProps): JSX.Element {
  const counts = now?.counts;
  return (
    <>
      <div class="head">
        <h1>Names are hidden</h1>
        <button type="button" class="button main" onClick={() => (hidden.value = false)}>
          <Icon of="show" /> Show names
        </button>
      </div>
      {now !== null && (
        <div class="figures">
          <Figure count={top.counts.approvals} words="waiting to leave" warn />
          <Figure count={counts?.overdue ?? 0} words="overdue" warn />
          <Figure count={top.sum.needsPerson} words="marks need a person" warn />
          <Figure count={counts?.contact ?? 0} words="not yet in the MIS" warn />
          <Figure count={counts?.late ?? 0} words="late today" />
          <Figure count={counts?.out ?? 0} words="out now" />
          <Figure count={counts?.back ?? 0} words="back" />
        </div>
      )}
    </>
  );
}

interface FigureProps {
  readonly count: number;
  readonly words: string;
  readonly warn?: boolean;
}
function Figure({ count, words, warn = false }: FigureProps): JSX.Element {
  return (
    <p class={warn && count > 0 ? 'card figure warn' : 'card figure'}>
      <b>{count}</b> {words}
    </p>
  );
}
