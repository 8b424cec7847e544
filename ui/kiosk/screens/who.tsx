import { fill } from '../../../device/contract/words/index.ts';
import { Button, Question } from '../parts.tsx';
import { More, Tiles, paged } from '../tiles.tsx';
import type { Tile } from '../tiles.tsx';
import { label, monthName, yearLabel } from '../view.ts';
import type { View } from '../view.ts';
import type { Step } from '../visit/state.ts';

type At<Name extends Step['at']> = { readonly view: View; readonly step: Extract<Step, { at: Name }> };

export function YearScreen({ view, step }: At<'year'>) {
  const { words, device } = view;
  const tiles = device.yearGroups.map((yearGroup): Tile => ({
    key: yearGroup,
    label: yearLabel(view, yearGroup),
    tap: { type: 'year', yearGroup },
  }));
  const page = paged(view, 'short', tiles);
  return (
    <Question
      view={view}
      name="year"
      heading={words.who.whichYear}
      lead={step.anotherDay ? <b>{words.return.anotherDay}</b> : undefined}
      foot={
        <>
          <NotSureButton view={view} />
          <More view={view} paged={page} />
        </>
      }
    >
      <Tiles view={view} kind="short" paged={page} />
    </Question>
  );
}

export function MonthScreen({ view, step }: At<'month'>) {
  const tiles = view.words.months.map((_name, index): Tile => {
    const month = index + 1;
    return {
      key: String(month),
      label: label(view, (words) => monthName(words, month)),
      tap: { type: 'month', month },
    };
  });
  const page = paged(view, 'short', tiles);
  return (
    <Question
      view={view}
      name="month"
      heading={view.words.who.whichMonth}
      lead={yearLabel(view, step.yearGroup).text}
      foot={
        <>
          <NotSureButton view={view} />
          <More view={view} paged={page} />
        </>
      }
    >
      <Tiles view={view} kind="short" paged={page} />
    </Question>
  );
}

function NotSureButton({ view }: { readonly view: View }) {
  return <Button view={view} label={label(view, ({ who }) => who.notSure)} tap={{ type: 'not-sure' }} say />;
}

export function NamesScreen({ view, step }: At<'names'>) {
  const { words } = view;
  const { pupils, someHidden } = step.list;
  const tiles = pupils.map((one): Tile => ({
    key: one.pupil,
    label: { text: one.label, second: null },
    tap: { type: 'name', pupil: one.pupil },
    name: true,
  }));
  const page = paged(view, 'names', tiles);
  return (
    <Question
      view={view}
      name="names"
      heading={words.who.whoAreYou}
      lead={`${yearLabel(view, step.yearGroup).text}, ${monthName(words, step.month)}`}
      foot={
        <>
          <Button view={view} label={label(view, ({ who }) => who.notOnList)} tap={{ type: 'not-on-list' }} say />
          {someHidden && <p class="aside">{words.who.someHidden}</p>}
          <More view={view} paged={page} />
        </>
      }
    >
      {pupils.length > 0 ? (
        <Tiles view={view} kind="names" paged={page} />
      ) : (
        <div class="empty">
          <p class="big" data-say="">
            {words.who.noOneHere}
          </p>
          <p>{words.who.tryAgain}</p>
        </div>
      )}
    </Question>
  );
}

/** `Hello Amara` */
export function hello(view: View, forename: string): string {
  return fill(view.words.who.hello, { forename });
}
