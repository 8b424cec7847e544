/** Text for other programs and for people, saved as a file; tables among it. A cell that a spreadsheet would run as a formula is quoted by an apostrophe. */

/** Spreadsheets take these for the beginning of a formula; a tab or a return before one hides it. */
const startsFormula = /^[\s]*[=+\-@]|^[\t\r\n]/;

export function safeCell(text: string): string {
  return startsFormula.test(text) ? `'${text}` : text;
}

/** RFC 4180, with a mark that makes spreadsheets read it as UTF-8. */
export function csvOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => {
    const safe = safeCell(text);
    return /[",\r\n\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\uFEFF${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** For the clipboard: a spreadsheet puts each into a cell of its own. */
export function tabbed(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => safeCell(text).replace(/[\t\r\n]+/g, ' ');
  return [head, ...rows].map((row) => row.map(cell).join('\t')).join('\n');
}

export function save(name: string, text: string, type: 'csv' | 'html' | 'plain' = 'csv'): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: `text/${type};charset=utf-8` }));
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 10_000);
}
