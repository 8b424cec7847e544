import type { NoteBody } from '../domain/record.ts';

/** Something that only a person can settle. Whom or what it is about, where that is known: never a name. */
export function note(
  kind: NoteBody['kind'],
  about: Partial<Pick<NoteBody, 'urgent' | 'visit' | 'pupil' | 'detail'>>,
): NoteBody {
  return { type: 'note', v: 1, kind, urgent: false, visit: null, pupil: null, detail: null, ...about };
}
