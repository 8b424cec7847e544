/** Why this mark? On one page, to look at and to print. */
import type { JSX } from 'preact';
import { sees } from '../act.ts';
import { useAsked } from '../asked.ts';
import { Fact } from '../parts/fact.tsx';
import { Icon } from '../parts/icon.tsx';
import { Who } from '../parts/listing.tsx';
import { PrintButton } from '../parts/print-button.tsx';
import { MarkState } from '../parts/state.tsx';
import { addressOf } from '../route.ts';
import { face } from './words.ts';

/** `changed`: whenever it is another, the page is asked for anew. */
export function WhyMark({ id, changed }: { readonly id: string; readonly changed: object }): JSX.Element {
  const { value: page, wrong } = useAsked('mark', { key: id }, [changed]);
  const { row, facts, pupilKey } = page ?? {};
  return (
    <>
      <div class="head">
        <h1>Why this mark?</h1>
        <div class="buttons">
          <a class="button" href={addressOf('marks')}>
            <Icon of="back" /> All marks
          </a>
          {pupilKey !== undefined && sees('pupils') && (
            <a class="button" href={addressOf('pupils', pupilKey)}>
              <Icon of="pupils" /> Everything about this pupil
            </a>
          )}
          <PrintButton />
        </div>
      </div>
      <p role="alert" class="wrong">
        {wrong}
      </p>
      {row !== undefined && facts !== undefined && (
        <>
          <section class="card" aria-label="The mark">
            <header>
              <h2>
                <Who row={row} /> <span class="faint">{`${row.date} ${row.session}`}</span>
              </h2>
              <MarkState state={row.state} mark={face(row) === '' ? null : face(row)} />
            </header>
            <dl class="facts body">
              {facts.map(({ name, words }) => (
                <Fact key={name} name={name}>
                  {words}
                </Fact>
              ))}
            </dl>
          </section>
          <section class="card" aria-label="What happened">
            <header>
              <h2>What happened</h2>
            </header>
            <ol class="steps body">
              {row.history.map(({ at, words }, index) => (
                <li key={`${at} ${String(index)}`}>
                  <span class="faint">{at}</span> <span>{words}</span>
                </li>
              ))}
            </ol>
          </section>
        </>
      )}
    </>
  );
}
