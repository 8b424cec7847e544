/** The staff of the made-up school: one person a role. Their password is known to everybody, so the demo's page is of this machine only. */
import type { Role } from '../contract/staff.ts';
import type { Random } from '../system/ports.ts';
import { Accounts } from '../web/staff/accounts.ts';
import type { AccountTable } from '../web/staff/account-table.ts';

const password = 'hill view demo';
const people: readonly { readonly name: string; readonly role: Role; readonly pin: string }[] = [
  { name: 'Reed', role: 'administrator', pin: '246810' },
  { name: 'Hall', role: 'reception', pin: '246811' },
  { name: 'Ortiz', role: 'attendance', pin: '246812' },
  { name: 'Bello', role: 'safeguarding', pin: '246813' },
  { name: 'Flint', role: 'fire-warden', pin: '246814' },
  { name: 'Ward', role: 'auditor', pin: '246815' },
];

export const demoPeopleWords = `Staff page: Reed (administrator), Hall (reception) …, password "${password}"; staff PIN 246810.`;

export async function makeDemoPeople(table: AccountTable, random: Random): Promise<void> {
  const accounts = new Accounts({ table, random, record: () => Promise.resolve() });
  for (const person of people) {
    if (accounts.person(person.name) === undefined) await accounts.add({ ...person, password }, 'demo');
  }
}
