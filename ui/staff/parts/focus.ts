/** Where the focus goes when what had it is gone, with what was shown before: to the first thing to fill in, or to press. */
export function takeFocus(within: HTMLElement | null): void {
  if (within === null || document.activeElement !== document.body) return;
  const first = ['[autofocus]', 'input, select, textarea, [aria-pressed]', 'button, a[href]']
    .map((what) => within.querySelector<HTMLElement>(what))
    .find((found) => found !== null);
  first?.focus();
}
