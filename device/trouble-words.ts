/** What a box that is out of service says to staff. */
import type { Trouble } from './journal/trouble.ts';

/** For staff: what is wrong and what to do. */
export function troubleWords(trouble: Trouble): string {
  switch (trouble.kind) {
    case 'no-room':
      return 'The card is full: no records can be kept. Free some room on it, or put the box on a larger card. Porter goes on by itself once there is room.';
    case 'read-only':
      return 'The card is read-only: no records can be kept. Switch the box off and on; if that does not help, the card is worn out and must be replaced. What was recorded before is still on it.';
    case 'failing':
      return `The card fails (${trouble.code}): no records can be kept. Switch the box off and on; if that does not help, replace the card. Keep the old one: records may still be read from it.`;
    case 'newer':
      return 'The records were written by a newer version of Porter. Nothing was changed. Install that version again.';
    case 'key-missing':
      return 'The key to the records is missing. Nothing was changed. Put the key file back, or give the recovery key.';
    case 'key-wrong':
      return 'The key does not fit the records: they are from another box, or were altered. Nothing was changed. Put the right key file back, or give the recovery key.';
    case 'restarts':
      return 'Porter ended unexpectedly again and again. It tries again within the hour, or when the box is switched off and on. If that does not help, install Porter anew on another card, and keep this one.';
  }
}

/** Without the key there is nothing to read, and a newer version's records mean what only it knows. */
export const mayRead = ({ kind }: Trouble): boolean =>
  kind !== 'key-missing' && kind !== 'key-wrong' && kind !== 'newer';

/** What this page shows of what was recorded before, and what not. */
export const knownWords = {
  'not yet': 'What was recorded before is being read.',
  shown: 'What this page shows was recorded before: whoever comes or goes now is not in it. Keep lists on paper.',
  locked: 'What was recorded before cannot be shown without its key. Keep lists on paper.',
  unreadable: 'What was recorded before cannot be read. Keep lists on paper.',
};
