/**
 * Names in scripts that run from right to left, within sentences that run from left to right: each such name is shown apart (`bdi`),
 * so that it turns neither the sentence nor the date after it around.
 */
const letter = '[\\p{Script=Arabic}\\p{Script=Hebrew}\\p{Script=Syriac}\\p{Script=Thaana}\\p{Script=Nko}]';
const word = `${letter}(?:${letter}|[\\p{M}\\p{Cf}'’-])*`;
const name = new RegExp(`(${word}(?:\\s+${word})*)`, 'u');

/** The sentence in pieces: every second one, from the second on, is a name of that kind. */
export const piecesOf = (sentence: string): readonly string[] => sentence.split(name);
