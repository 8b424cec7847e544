/** Answers that are always the same few: yes and no, when back, with whom, digits. */
import type { ComponentChildren } from 'preact';
import { Icon } from '../icon.tsx';
import type { Picture } from '../icon.tsx';
import { Tiles, paged } from '../tiles.tsx';
import type { Tap } from '../visit/event.ts';
import { label } from '../view.ts';
import type { Label, View } from '../view.ts';
import type { Words } from '../../../device/contract/words/index.ts';

interface YesNoProps {
  readonly view: View;
  readonly yes: Label;
  readonly no: Label;
  readonly tap: (yes: boolean) => Tap;
}

export function YesNo({ view, yes, no, tap }: YesNoProps) {
  const tiles = [
    { key: 'yes', label: yes, tap: tap(true) },
    { key: 'no', label: no, tap: tap(false) },
  ];
  return <Tiles view={view} kind="short" paged={paged(view, 'short', tiles)} />;
}

export interface Choice {
  readonly words: (words: Words) => string;
  readonly icon: Picture;
  readonly tap: Tap;
}

export function Choices({ view, of }: { readonly view: View; readonly of: readonly Choice[] }) {
  const tiles = of.map((choice, index) => ({
    key: String(index),
    label: label(view, choice.words),
    tap: choice.tap,
    icon: <Icon of={choice.icon} />,
  }));
  return <Tiles view={view} kind="pictures" paged={paged(view, 'pictures', tiles)} />;
}

/** What has been typed; or, before anything is, why the last number was not taken. */
export function Entry({ said, children }: { readonly said: string | null; readonly children: ComponentChildren }) {
  return (
    <div class="entry" role="status">
      {said === null ? (
        children
      ) : (
        <p class="why" data-say="">
          {said}
        </p>
      )}
    </div>
  );
}

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'];

export function DigitPad({ view }: { readonly view: View }) {
  return (
    <div class="pad">
      {DIGITS.map((digit) => (
        <button
          type="button"
          key={digit}
          class={`tile digit-${digit}`}
          onClick={() => view.tap({ type: 'digit', digit })}
        >
          {digit}
        </button>
      ))}
      <button
        type="button"
        class="tile rub-out"
        aria-label={view.words.return.rubOut}
        onClick={() => view.tap({ type: 'rub-out' })}
      >
        <Icon of="rub-out" />
      </button>
    </div>
  );
}
