/** What this will come to, by the box's rules, before it is confirmed. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { JSX } from 'preact';
import type { ForeseeAnswer } from '../../../device/contract/staff-views.ts';
import { ask } from '../act.ts';

const afterTypingMs = 150;

/** `plan`: null while something is missing. `onKnown`: may it be done? */
export function Foretell(props: {
  readonly plan: object | null;
  readonly onKnown: (may: boolean) => void;
}): JSX.Element {
  const { plan, onKnown } = props;
  const said = useSignal<{ readonly value: ForeseeAnswer } | { readonly wrong: string } | null>(null);
  const text = JSON.stringify(plan);
  useEffect(() => {
    let isOld = false;
    said.value = null;
    onKnown(false);
    if (plan === null) return;
    const timer = setTimeout(() => {
      void ask('foresee', plan).then((answer) => {
        if (isOld) return;
        said.value = answer;
        onKnown('value' in answer);
      });
    }, afterTypingMs);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [text]);
  const answer = said.value;
  return (
    <div role="status">
      {answer !== null && 'wrong' in answer && <p class="wrong">{answer.wrong}</p>}
      {answer !== null && 'value' in answer && (
        <div class="foretold">
          {answer.value.map(({ words, rule }) => (
            <p key={words}>
              <strong>{words}</strong>
              {rule}
            </p>
          ))}
        </div>
      )}
    </div>
  );
}
