/** Something over the page that is done or left: Escape, the cross and the back of the phone leave it. */
import { useEffect, useId, useRef } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { takeFocus } from './focus.ts';
import { Icon } from './icon.tsx';
import { Words } from './words.tsx';

interface DialogProps {
  readonly title: ComponentChildren;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Dialog({ title, onClose, children }: DialogProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const heading = useId();
  const isLeft = useRef(false);
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => {
      isLeft.current = true;
      // Not just taken away: closed, it gives the focus back to what opened it.
      dialog?.close();
    };
  }, []);
  useEffect(() => {
    takeFocus(body.current);
  });
  return (
    <dialog ref={element} aria-labelledby={heading} onClose={() => !isLeft.current && onClose()}>
      <header>
        <h2 id={heading}>{typeof title === 'string' ? <Words of={title} /> : title}</h2>
        <button type="button" class="button quiet" onClick={() => element.current?.close()}>
          <Icon of="close" /> Close
        </button>
      </header>
      <div class="body" ref={body}>
        {children}
      </div>
    </dialog>
  );
}
