/** People who may use the staff page, in a table that is in memory. */
import type { Role } from '../../device/contract/staff.ts';
import { noAccounts } from '../../device/web/staff/account-table.ts';
import type { AccountData, AccountTable } from '../../device/web/staff/account-table.ts';
import { Accounts } from '../../device/web/staff/accounts.ts';
import type { AccessBody } from '../../device/domain/record.ts';
import { seededRandom } from './box.ts';

export class MemoryTable implements AccountTable {
  data: AccountData;
  /** The card takes nothing while this is set. */
  trouble: Error | null = null;

  constructor(data: AccountData = noAccounts) {
    this.data = data;
  }

  write(next: AccountData): Promise<void> {
    if (this.trouble !== null) return Promise.reject(this.trouble);
    this.data = next;
    return Promise.resolve();
  }
}

export interface Someone {
  readonly name: string;
  readonly role?: Role;
  readonly password?: string | null;
  readonly pin?: string | null;
}

/** `records`: what is told of them. */
export async function peopleOf(some: readonly Someone[], table = new MemoryTable()) {
  const records: AccessBody[] = [];
  const accounts = new Accounts({
    table,
    random: seededRandom(11),
    record: (body) => {
      records.push(body);
      return Promise.resolve();
    },
  });
  for (const { name, role = 'reception', password = null, pin = null } of some) {
    const added = await accounts.add({ name, role, password, pin }, 'test');
    if (!added.ok) throw new Error(JSON.stringify(added.error));
  }
  return { table, accounts, records };
}
