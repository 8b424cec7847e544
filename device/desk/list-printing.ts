/** Lists to the badge printer, page by page, so that no badge waits for all of it. */
import type { Result } from '../contract/result.ts';
import type { Bitmap } from '../domain/badge.ts';
import type { ListPage } from '../domain/list-page.ts';
import { canPrint } from '../printer/port.ts';
import type { Printer } from '../printer/port.ts';

export interface ListPrintingPorts {
  readonly printer: Pick<Printer, 'status' | 'print'>;
  readonly draw: (page: ListPage) => Promise<Bitmap>;
}

export class ListPrinting {
  private readonly ports: ListPrintingPorts;
  private isBusy = false;

  constructor(ports: ListPrintingPorts) {
    this.ports = ports;
  }

  /**
   * The answer: how many pages came out. Stops at the first that does not, and says which and why.
   *
   * @param begins told before the first page, whatever becomes of it.
   */
  async print(
    name: string,
    pages: readonly ListPage[],
    begins: () => void,
  ): Promise<Result<{ readonly pages: number }>> {
    if (this.isBusy) return refused('busy', 'it is being printed already');
    this.isBusy = true;
    try {
      return await this.allOf(name, pages, begins);
    } finally {
      this.isBusy = false;
    }
  }

  private async allOf(
    name: string,
    pages: readonly ListPage[],
    begins: () => void,
  ): Promise<Result<{ readonly pages: number }>> {
    const { printer, draw } = this.ports;
    const status = await printer.status();
    if (!canPrint(status.state)) return refused('wrong_state', `Nothing was printed. ${status.words}`);
    for (const [i, page] of pages.entries()) {
      const said = `Page ${String(i + 1)} of ${String(pages.length)} did not print`;
      const picture = await draw(page).catch(() => null);
      if (picture === null) return refused('wrong_state', `${said}: it could not be drawn`);
      if (i === 0) begins();
      const { outcome, why } = await printer.print({ id: name, picture }, new AbortController().signal);
      if (outcome !== 'printed') return refused('wrong_state', `${said}. ${why}`);
    }
    return { ok: true, value: { pages: pages.length } };
  }
}

const refused = (code: 'busy' | 'wrong_state', detail: string): Result<never> => ({
  ok: false,
  error: { code, detail },
});
