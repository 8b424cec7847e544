/** The view **People**: who may use the staff page and the box, and on which computers it stays open; for administrators. */
import type { PeopleView } from '../../contract/staff.ts';
import type { Access } from './access.ts';

export const peopleView = ({ accounts, sessions }: Access): PeopleView => ({
  people: accounts.data.people.map(({ name, role, password, pin, totp }) => ({
    name,
    role,
    password: password !== null,
    pin: pin !== null,
    secondStep: totp !== null,
    sessions: sessions.of(name).length,
  })),
  computers: accounts.data.computers,
});
