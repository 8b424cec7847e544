/** Text for an HTML file, also within quotes. */
export function escaped(raw: string): string {
  return raw.replace(/[&<>"']/g, (letter) => `&#${String(letter.charCodeAt(0))};`);
}
