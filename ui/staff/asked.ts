/** Something that is asked of the box, and asked anew whenever the question or what it leans on is another. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { StaffAnswers } from '../../device/contract/staff-views.ts';
import { ask } from './act.ts';
import { longMs } from './box.ts';

interface Asked<T> {
  /** The last answer, also while the next is on its way; null: none yet. */
  readonly value: T | null;
  /** A sentence; empty: nothing is wrong. */
  readonly wrong: string;
}

/** `changed`: whenever one of these is another, the same is asked again. Null for `input`: nothing is asked. */
export function useAsked<Name extends keyof StaffAnswers>(
  name: Name,
  input: object | null,
  ...changed: readonly unknown[]
): Asked<StaffAnswers[Name]> {
  const value = useSignal<StaffAnswers[Name] | null>(null);
  const wrong = useSignal('');
  const question = JSON.stringify(input);
  useEffect(() => {
    if (input === null) return undefined;
    let isLast = true;
    void ask(name, input, longMs).then((answer) => {
      if (!isLast) return;
      wrong.value = 'wrong' in answer ? answer.wrong : '';
      if ('value' in answer) value.value = answer.value;
    });
    return () => {
      isLast = false;
    };
  }, [name, question, ...changed]);
  return { value: value.value, wrong: wrong.value };
}
