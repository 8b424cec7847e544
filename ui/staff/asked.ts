/** Something that is asked of the box, and asked anew whenever the question or what it leans on is another. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { StaffAnswers } from '../../device/contract/staff-views.ts';
import { ask } from './act.ts';
import { longMs, top } from './box.ts';

interface Asked<T> {
  /** The last answer, also while the next is on its way; null: none yet. */
  readonly value: T | null;
  /** A sentence; empty: nothing is wrong. */
  readonly wrong: string;
  /** It answers what is asked now, not what was asked before. */
  readonly isNow: boolean;
}

/** For what is asked while somebody types, or while much changes at once: less than views are pushed apart. */
export const afterTypingMs = 150;

/** `changed`: whenever one of these is another, the same is asked again. Null for `input`: nothing is asked. */
export function useAsked<Name extends keyof StaffAnswers>(
  name: Name,
  input: object | null,
  changed: readonly unknown[] = [],
  afterMs = 0,
): Asked<StaffAnswers[Name]> {
  const value = useSignal<StaffAnswers[Name] | null>(null);
  const wrong = useSignal('');
  const question = JSON.stringify(input);
  const answered = useSignal('');
  useEffect(() => {
    if (input === null) return undefined;
    let isLast = true;
    const timer = setTimeout(() => {
      void ask(name, input, longMs).then((answer) => {
        if (!isLast) return;
        answered.value = question;
        wrong.value = 'wrong' in answer ? answer.wrong : '';
        if ('value' in answer) value.value = answer.value;
      });
    }, afterMs);
    return () => {
      isLast = false;
      clearTimeout(timer);
    };
  }, [name, question, ...changed]);
  return { value: value.value, wrong: wrong.value, isNow: answered.value === question };
}

/** What it would come to, told while somebody still types. `plan`: null while something is missing. `onKnown`: may it be done? */
export function useForetold<Name extends keyof StaffAnswers>(
  name: Name,
  plan: object | null,
  onKnown: (may: boolean) => void,
): Pick<Asked<StaffAnswers[Name]>, 'value' | 'wrong'> {
  // A register may open or close meanwhile; and what got no answer is asked again.
  const { value, wrong, isNow } = useAsked(name, plan, [top.value?.revision], afterTypingMs);
  const may = isNow && wrong === '';
  useEffect(() => {
    onKnown(may);
  }, [may]);
  return plan === null ? { value: null, wrong: '' } : { value: wrong === '' ? value : null, wrong };
}
