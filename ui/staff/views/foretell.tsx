/** What this will come to, by the box's rules, before it is confirmed. */
import type { JSX } from 'preact';
import { useForetold } from '../asked.ts';

/** `plan`: null while something is missing. `onKnown`: may it be done? */
export function Foretell(props: {
  readonly plan: object | null;
  readonly onKnown: (may: boolean) => void;
}): JSX.Element {
  const { value, wrong } = useForetold('foresee', props.plan, props.onKnown);
  return (
    <div role="status">
      {wrong !== '' && <p class="wrong">{wrong}</p>}
      {value !== null && (
        <div class="foretold">
          {value.map(({ words, rule }) => (
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
