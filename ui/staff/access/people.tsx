import type { JSX } from 'preact';
import type { PersonRow } from '../../../device/contract/staff.ts';

/** Who may use the staff page and the box. */
export function PeoplePage({ people }: { readonly people: readonly PersonRow[] }): JSX.Element {
  return (
    <section aria-label="People">
      <h2>People</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Signed in</th>
          </tr>
        </thead>
        <tbody>
          {people.map(({ name, role, sessions }) => (
            <tr key={name}>
              <td dir="auto">{name}</td>
              <td>{role}</td>
              <td>{sessions}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
