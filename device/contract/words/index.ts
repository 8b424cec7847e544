/** Every word of the kiosk and the badge, one file per language. The English ones are the accessible names, exactly. */
import type { Language } from '../kiosk.ts';
import cy from './cy.json';
import en from './en.json';

export type Words = typeof en;

export const words: Readonly<Record<Language, Words>> = { en, cy };

/** `fill('Hello {forename}', { forename: 'Amara' })`. A place without a value stays as it is written. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}
