/** One line of a list of facts: what it is called, and what is to be said of it. Nothing is known: no line. */
import type { ComponentChildren, JSX } from 'preact';

export function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}): JSX.Element | null {
  if (children === null) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
