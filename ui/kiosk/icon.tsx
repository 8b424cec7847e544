/** One of the pictures of icons.css. It stands beside words that say the same, so no screen reader hears of it. */
export type Picture =
  | 'back'
  | 'more'
  | 'restart'
  | 'tick'
  | 'late'
  | 'out'
  | 'in'
  | 'sound'
  | 'rub-out'
  | 'help'
  | 'sit'
  | 'write'
  | 'before-lunch'
  | 'after-lunch'
  | 'question'
  | 'grown-up'
  | 'alone'
  | 'staff'
  | 'not-today'
  | 'undo'
  | 'off'
  | 'clean'
  | 'fault';

export function Icon({ of }: { readonly of: Picture }) {
  return <span class={`icon ${of}`} aria-hidden="true" />;
}

/** `name` as the settings give it; a reason without a picture, or with one that this page does not know, gets a plain one. */
export function ReasonIcon({ name }: { readonly name: string | null }) {
  return <span class={`icon reason-${name ?? 'other'}`} aria-hidden="true" />;
}

/** Fetches every picture now, so that none comes late to its screen. */
export function warmPictures(): void {
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      const address =
        rule instanceof CSSStyleRule ? /url\("?(.*?)"?\)/.exec(rule.style.getPropertyValue('--picture')) : null;
      if (address?.[1] !== undefined) new Image().src = new URL(address[1], sheet.href ?? location.href).href;
    }
  }
}
