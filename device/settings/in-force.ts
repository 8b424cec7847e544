/** The settings as they are now: they change when staff say so, and on the dates that staff named, without a restart. */
import { inForce } from '../domain/setting-changes.ts';
import type { SettingChanges } from '../domain/setting-changes.ts';
import type { IsoDate, Settings } from '../domain/settings.ts';
import type { SettingsBook } from './book.ts';

export class SettingsInForce {
  settings: Settings;
  /** Sentences for staff: changes that wait, as the technician file leaves no room for them. */
  faults: readonly string[] = [];
  private readonly book: SettingsBook;
  private readonly changes: () => SettingChanges;
  private readonly today: () => IsoDate;
  private seen = '';

  constructor(book: SettingsBook, changes: () => SettingChanges, today: () => IsoDate) {
    this.book = book;
    this.changes = changes;
    this.today = today;
    this.settings = book.asInFile;
    this.look();
  }

  /** Once a second, and with each record that changes something. True: they are others now. */
  look(): boolean {
    const [changes, date] = [this.changes(), this.today()];
    const now = [date, ...[...inForce(changes, date).values()].map(({ ref }) => ref)].join(' ');
    if (now === this.seen) return false;
    this.seen = now;
    const before = this.settings.version;
    ({ settings: this.settings, faults: this.faults } = this.book.on(changes, date));
    return this.settings.version !== before;
  }
}
