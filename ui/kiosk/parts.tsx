/** The few pieces that every screen is put together from. */
import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';
import type { Picture } from './icon.tsx';
import { canSpeak } from './speech.ts';
import type { Tap } from './visit/event.ts';
import { label } from './view.ts';
import type { Label, View } from './view.ts';

interface ButtonProps {
  readonly view: View;
  readonly label: Label;
  readonly tap: Tap;
  readonly icon?: Picture;
  /** Main: the one thing most people do next. */
  readonly kind?: 'main' | 'quiet' | 'other';
  readonly say?: boolean;
}

export function Button({ view, label: words, tap, icon, kind = 'quiet', say = false }: ButtonProps) {
  return (
    <button type="button" class={`button ${kind}`} onClick={() => view.tap(tap)}>
      {icon !== undefined && <Icon of={icon} />}
      <Words view={view} label={words} say={say} />
    </button>
  );
}

/** The words of a button; the other language smaller below, for eyes only. */
export function Words(props: { readonly view: View; readonly label: Label; readonly say: boolean }) {
  const { view, label: words, say } = props;
  return (
    <span class="words">
      <span data-say={say ? '' : undefined}>{words.text}</span>
      {words.second !== null && view.other !== null && (
        <span class="second" lang={view.other.language} aria-hidden="true">
          {words.second}
        </span>
      )}
    </span>
  );
}

interface ScreenProps {
  readonly view: View;
  readonly name: string;
  readonly heading: string;
  /** What stands above the heading: `Hello Amara`. */
  readonly lead?: ComponentChildren;
  /** Headings that hold a name are never read aloud. */
  readonly quiet?: boolean;
  readonly foot?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A question: Back, the heading, Start again; the answers; what else may be said. */
export function Question({ view, name, heading, lead, quiet = false, foot, children }: ScreenProps) {
  return (
    <div class={`screen question ${name}`}>
      <header class="bar">
        <Button view={view} label={label(view, ({ common }) => common.back)} tap={{ type: 'back' }} icon="back" />
        <div class="title">
          {lead !== undefined && (
            <p class="lead" id="lead">
              {lead}
            </p>
          )}
          <h1
            tabIndex={-1}
            class={heading.length > 24 ? 'long' : undefined}
            data-say={quiet ? undefined : ''}
            aria-describedby={lead === undefined ? undefined : 'lead'}
          >
            {heading}
          </h1>
        </div>
        <Button
          view={view}
          label={label(view, ({ common }) => common.startAgain)}
          tap={{ type: 'start-again' }}
          icon="restart"
        />
      </header>
      <main>{children}</main>
      <footer class="foot">{foot}</footer>
    </div>
  );
}

interface SaidProps extends ScreenProps {
  readonly icon: Picture;
  readonly mood: 'good' | 'plain';
}

/** The end of a way: what happened, what to do now. */
export function Said({ name, heading, quiet = false, icon, mood, foot, children }: SaidProps) {
  return (
    <div class={`screen said ${mood} ${name}`}>
      <main>
        <span class="seal">
          <Icon of={icon} />
        </span>
        <h1 tabIndex={-1} data-say={quiet ? undefined : ''}>
          {heading}
        </h1>
        {children}
      </main>
      <footer class="foot">{foot}</footer>
    </div>
  );
}

/** `Hello Amara` */
export function Hello({ words }: { readonly words: string }) {
  return (
    <bdi dir="auto" class="hello">
      {words}
    </bdi>
  );
}

export function DoneButton({ view }: { readonly view: View }) {
  return <Button view={view} label={label(view, ({ common }) => common.done)} tap={{ type: 'done' }} kind="main" />;
}
export function NotMeButton({ view }: { readonly view: View }) {
  return <Button view={view} label={label(view, ({ who }) => who.notMe)} tap={{ type: 'not-me' }} />;
}

/** In Aa only: turns the voice off and on again. */
export function ReadAloudButton({ view }: { readonly view: View }) {
  if (!canSpeak) return null;
  return (
    <button
      type="button"
      class="button quiet"
      aria-pressed={view.state.comfort.readAloud}
      onClick={() => view.tap({ type: 'read-aloud' })}
    >
      <Icon of="sound" />
      <Words view={view} label={label(view, ({ home }) => home.readAloud)} say={false} />
    </button>
  );
}
