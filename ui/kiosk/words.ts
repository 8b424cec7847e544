/** The words, loaded beside the page (they are data, not code) while the socket says hello. */
import { signal } from '@preact/signals';
import type { Language } from '../../device/contract/kiosk.ts';
import cy from '../../device/contract/words/cy.json?url';
import en from '../../device/contract/words/en.json?url';
import type { Words } from '../../device/contract/words/index.ts';

export type LoadedWords = Readonly<Partial<Record<Language, Words>>>;

const TRY_AGAIN_AFTER_MS = 2_000;

/** What is there so far. */
export function loadWords(): { readonly value: LoadedWords } {
  const loaded = signal<LoadedWords>({});
  const load = async (language: Language, address: string): Promise<void> => {
    try {
      const response = await fetch(address);
      if (!response.ok) throw new Error('not there');
      // Built from the same contract as this page.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
      const words = (await response.json()) as Words;
      loaded.value = { ...loaded.value, [language]: words };
    } catch {
      setTimeout(() => void load(language, address), TRY_AGAIN_AFTER_MS);
    }
  };
  void load('en', en);
  void load('cy', cy);
  return loaded;
}
