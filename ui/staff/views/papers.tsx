/** Papers for the data protection officer, made from the settings in force (product.md 10). */
import type { JSX } from 'preact';
import { ask, may } from '../act.ts';
import { save } from '../csv.ts';
import { Icon } from '../parts/icon.tsx';
import { say } from '../parts/toast.tsx';

export function Papers(): JSX.Element | null {
  const take = async (): Promise<void> => {
    const answer = await ask('papers', {});
    if ('wrong' in answer) say(answer.wrong);
    else save(answer.value.name, answer.value.text, 'html');
  };
  if (!may('papers')) return null;
  return (
    <section class="card part" aria-label="Data protection">
      <h2>
        <Icon of="log" /> Data protection
      </h2>
      <p>A data map, a privacy notice and an impact assessment, filled in from the settings of this box.</p>
      <div class="buttons">
        <button type="button" class="button small" onClick={() => void take()}>
          <Icon of="download" /> Papers
        </button>
      </div>
    </section>
  );
}
