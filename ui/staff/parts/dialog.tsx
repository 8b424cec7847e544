/** Something over the page that is done or left: Escape, the cross and the back of the phone leave it. */
import { useEffect, useId, useRef } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './icon.tsx';
import { Words } from './words.tsx';

interface DialogProps {
  readonly title: ComponentChildren;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Dialog({ title, onClose, children }: DialogProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} aria-labelledby={heading} onClose={onClose}>
      <header>
        <h2 id={heading}>{typeof title === 'string' ? <Words of={title} /> : title}</h2>
        <button type="button" class="button quiet" onClick={() => element.current?.close()}>
          <Icon of="close" /> Close
        </button>
      </header>
      <div class="body">{children}</div>
    </dialog>
  );
}
