/** How something is, by an icon and a word. */
import type { JSX } from 'preact';
import type { MarkStateName } from '../../../device/contract/staff.ts';
import { Icon } from './icon.tsx';
import type { Picture } from './icon.tsx';

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

interface Shown {
  readonly words: string;
  readonly icon: Picture;
  readonly tone: Tone;
}
const marks: Readonly<Record<MarkStateName, Shown>> = {
  undecided: { words: 'Time not sure', icon: 'wait', tone: 'plain' },
  waiting: { words: 'Waiting', icon: 'wait', tone: 'plain' },
  sending: { words: 'Sending', icon: 'send', tone: 'plain' },
  unknown: { words: 'Sent, no answer yet', icon: 'send', tone: 'plain' },
  accepted: { words: 'MIS accepted', icon: 'send', tone: 'plain' },
  confirmed: { words: 'In the MIS', icon: 'confirmed', tone: 'good' },
  proposed: { words: 'To decide', icon: 'why', tone: 'warn' },
  conflict: { words: 'Conflict', icon: 'warn', tone: 'warn' },
  rejected: { words: 'MIS refused', icon: 'alert', tone: 'bad' },
  expired: { words: 'Given up', icon: 'alert', tone: 'bad' },
  'clear-by-hand': { words: 'Clear by hand', icon: 'edit', tone: 'warn' },
  withdrawn: { words: 'Withdrawn', icon: 'withdrawn', tone: 'plain' },
};

export const markStateWords = (state: MarkStateName): string => marks[state].words;

/** `mark`: `L, 22 minutes`, where there is one. */
export function MarkState({
  state,
  mark,
}: {
  readonly state: MarkStateName;
  readonly mark?: string | null;
}): JSX.Element {
  const { words, icon, tone } = marks[state];
  return (
    <State icon={icon} tone={tone}>
      {mark === undefined || mark === null ? words : `${mark} · ${words}`}
    </State>
  );
}

interface StateProps {
  readonly icon: Picture;
  readonly tone: Tone;
  readonly children: string;
}
export function State({ icon, tone, children }: StateProps): JSX.Element {
  return (
    <span class={`state ${tone}`}>
      <Icon of={icon} /> {children}
    </span>
  );
}
