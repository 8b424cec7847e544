/** The view **People**: who may use the staff page and the box, for administrators. */
import type { PersonRow } from '../../contract/staff.ts';
import type { Access } from './access.ts';

export const peopleRows = ({ accounts, sessions }: Access): readonly PersonRow[] =>
  accounts.data.people.map(({ name, role, password, pin, totp }) => ({
    name,
    role,
    password: password !== null,
    pin: pin !== null,
    secondStep: totp !== null,
    sessions: sessions.of(name).length,
  }));
