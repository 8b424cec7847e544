import type { ComponentChildren, JSX } from 'preact';

interface CardProps {
  readonly title: string;
  readonly count: number;
  /** Says so by colour; the words say it too. */
  readonly urgent?: boolean;
  /** What stands there while it is empty: a short heading, and what will come here. */
  readonly empty: readonly [string, string];
  /** Beside the heading. */
  readonly beside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A piece of a view under its own heading. */
export function Card({ title, count, urgent = false, empty, beside, children }: CardProps): JSX.Element {
  return (
    <section class={urgent && count > 0 ? 'card urgent' : 'card'} aria-label={title}>
      <header>
        <h2>
          {title} <span class={urgent && count > 0 ? 'count warn' : 'count'}>{count}</span>
        </h2>
        {beside}
      </header>
      {count === 0 ? (
        <p class="empty">
          <strong>{empty[0]}</strong>
          {empty[1]}
        </p>
      ) : (
        children
      )}
    </section>
  );
}
