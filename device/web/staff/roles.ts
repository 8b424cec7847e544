/**
 * Who may do and see what: one table, held against every command, query and view at the server (product.md 6). What is missing here
 * does not compile, and what nobody may is reached through the control socket only.
 */
import { roles, viewNames } from '../../contract/staff.ts';
import type { Role, ViewName } from '../../contract/staff.ts';
import type { CommandName } from '../commands.ts';
import type { QueryName } from './queries.ts';
import { administrator, auditors, desk, holders, looks, marks, wardens } from './role-groups.ts';

export interface Rule {
  readonly roles: readonly Role[];
  /** The password is asked for again, unless it was entered in the last five minutes. */
  readonly dangerous?: true;
}

const nobody: readonly Role[] = [];

export const mayCommand: Readonly<Record<CommandName, Rule>> = {
  answer: { roles: desk },
  correct: { roles: desk },
  'record-for': { roles: desk },
  'hold-arrivals': { roles: desk },
  'note-done': { roles: desk },
  'void-badge': { roles: desk },
  reprint: { roles: desk },
  'test-print': { roles: desk },
  'self-test': { roles: desk },
  'test-part': { roles: desk },
  backup: { roles: administrator, dangerous: true },
  'backup-to-stick': { roles: administrator, dangerous: true },
  restart: { roles: administrator, dangerous: true },
  'mis-token': { roles: administrator, dangerous: true },
  'restore-open': { roles: administrator, dangerous: true },
  restore: { roles: administrator, dangerous: true },
  'restore-drop': { roles: administrator },
  'destroy-aside': { roles: administrator, dangerous: true },
  'install-update': { roles: administrator, dangerous: true },
  drill: { roles: wardens },
  'print-evacuation': { roles: wardens },
  settle: { roles: marks },
  'settle-all': { roles: marks },
  adopt: { roles: marks },
  freeze: { roles: marks },
  thaw: { roles: marks },
  'confirm-time': { roles: marks },
  'close-out': { roles: desk },
  'close-day': { roles: desk },
  'close-days': { roles: desk },
  exported: { roles: marks },
  'roster-pull': { roles: marks },
  'roster-accept': { roles: marks },
  'roster-discard': { roles: marks },
  'hold-movement': { roles: holders },
  'loss-seen': { roles: administrator, dangerous: true },
  'set-aside-seen': { roles: administrator, dangerous: true },
  'change-setting': { roles: administrator, dangerous: true },
  'undo-setting': { roles: administrator, dangerous: true },
  erase: { roles: administrator, dangerous: true },
  'take-list': { roles: looks },
  'log-export': { roles: auditors, dangerous: true },
  'access-export': { roles: administrator, dangerous: true },
  receipt: { roles: auditors },
  'people-add': { roles: administrator, dangerous: true },
  'people-role': { roles: administrator, dangerous: true },
  'people-password': { roles: administrator, dangerous: true },
  'people-pin': { roles: administrator, dangerous: true },
  'people-second-step-off': { roles: administrator, dangerous: true },
  'people-sign-out': { roles: administrator },
  'people-remove': { roles: administrator, dangerous: true },
  'computer-remove': { roles: administrator },
  'own-password': { roles, dangerous: true },
  'own-pin': { roles, dangerous: true },
  'own-second-step-new': { roles, dangerous: true },
  'own-second-step': { roles, dangerous: true },
  'own-second-step-off': { roles, dangerous: true },
  about: { roles: nobody },
  'first-use': { roles: nobody },
  state: { roles: nobody },
  log: { roles: nobody },
  vouch: { roles: nobody },
  simulate: { roles: nobody },
  pin: { roles: nobody },
};

export const mayAsk: Readonly<Record<QueryName, Rule>> = {
  receipt: { roles: auditors },
  'erase-preview': { roles: administrator },
  log: { roles: auditors },
  chain: { roles: auditors },
  search: { roles: looks },
  pupils: { roles: looks },
  pupil: { roles: looks },
  mark: { roles: looks },
  'day-sheet': { roles: looks },
  papers: { roles: ['safeguarding', 'auditor', 'administrator'] },
  evacuees: { roles: [...wardens, 'auditor'] },
  report: { roles: looks },
  'late-pupils': { roles: ['attendance'] },
  foresee: { roles: desk },
  'preview-setting': { roles: administrator },
  'setting-codes': { roles: administrator },
};

export const mayWatch: Readonly<Record<ViewName, readonly Role[]>> = {
  now: looks,
  marks: looks,
  approvals: looks,
  evacuation: [...wardens, 'auditor'],
  pupils: looks,
  reports: looks,
  box: looks,
  people: administrator,
  log: auditors,
  settings: ['auditor', 'administrator'],
  close: looks,
};

/** Files of the box to a computer: the daily export. */
export const mayTakeExports: readonly Role[] = marks;
export const mayTakeDebugBundle: readonly Role[] = administrator;
export const maySeePhotos: readonly Role[] = desk;
/** The list as a file, which anybody can open. */
export const mayTakeEvacuation: readonly Role[] = wardens;
/** Makes the browser that asks a reception computer's. */
export const mayRegisterComputer: Rule = { roles: administrator, dangerous: true };
export const seesPupils = (role: Role): boolean => looks.includes(role);

/** Of every rule: whom it lets in. */
export const allows = ({ roles }: Rule, role: Role): boolean => roles.includes(role);

/** For the page, which shows no button that would be refused. */
export const rightsOf = (role: Role): readonly string[] =>
  [...Object.entries(mayCommand), ...Object.entries(mayAsk)].flatMap(([name, rule]) =>
    allows(rule, role) ? [name] : [],
  );
export const viewsOf = (role: Role): readonly ViewName[] => viewNames.filter((view) => mayWatch[view].includes(role));
