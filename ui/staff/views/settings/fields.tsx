/** What is typed in for each kind of setting. */
import type { JSX } from 'preact';
import type { SettingForm, SettingValue } from '../../../../device/contract/staff-settings.ts';
import type { Choice } from '../../../../device/contract/staff-views.ts';
import { Select, Text } from '../../parts/form.tsx';
import { ReasonFields } from './reason.tsx';
import { Texts } from './texts.tsx';
import type { FieldsProps } from './texts.tsx';
import { listOf, scalar, tableOf, textOf, textsOf, withPart } from './values.ts';

const weekdays: readonly Choice[] = [
  { id: 'mon', label: 'Mon' },
  { id: 'tue', label: 'Tue' },
  { id: 'wed', label: 'Wed' },
  { id: 'thu', label: 'Thu' },
  { id: 'fri', label: 'Fri' },
  { id: 'sat', label: 'Sat' },
  { id: 'sun', label: 'Sun' },
];
const named = (texts: readonly string[]): readonly Choice[] => texts.map((id) => ({ id, label: id }));

export function Fields({ form, ...props }: FieldsProps & { readonly form: SettingForm }): JSX.Element {
  const { value, onChange } = props;
  switch (form.kind) {
    case 'reason':
      return <ReasonFields of={form.of} {...props} />;
    case 'register':
      return <Register {...props} />;
    case 'hours':
      return <Times {...props} names={hours} />;
    case 'weekdays':
      return <Checks legend="Days" choices={weekdays} chosen={textsOf(value)} onChange={onChange} />;
    case 'years':
      return <Years {...props} />;
    case 'overrides':
      return <Entries {...props} add="Add other times" fresh={{ year_groups: [] }} isOverride />;
    case 'exception':
      return <Entries {...props} add="Add a line for other year groups" fresh={{ closed: true }} />;
    case 'texts':
      return <Texts {...props} />;
    case 'approval':
      return <Approval {...props} />;
    case 'choice': {
      const { choices } = form;
      const all = choices.some(({ id }) => id === scalar(value))
        ? choices
        : [...choices, { id: scalar(value), label: scalar(value), value: value ?? '' }];
      return (
        <Select
          label="What holds"
          value={scalar(value)}
          choices={all}
          onChange={(chosen) => onChange(all.find(({ id }) => id === chosen)?.value ?? chosen)}
        />
      );
    }
    case 'number': {
      const label = `${form.unit.charAt(0).toUpperCase()}${form.unit.slice(1)}`;
      return (
        <Text
          label={label}
          hint={`From ${String(form.least)} to ${String(form.most)}.`}
          value={scalar(value)}
          onInput={(text) => onChange(/^\d+$/.test(text) ? Number(text) : text)}
        />
      );
    }
  }
}

export function Checks(props: {
  readonly legend: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}): JSX.Element {
  const { legend, choices, chosen, onChange } = props;
  return (
    <fieldset class="field">
      <legend>{legend}</legend>
      <div class="checks">
        {choices.map(({ id, label }) => (
          <label class="check" key={id}>
            <input
              type="checkbox"
              checked={chosen.includes(id)}
              onChange={({ currentTarget: { checked } }) =>
                onChange(
                  choices.flatMap((one) => ((one.id === id ? checked : chosen.includes(one.id)) ? [one.id] : [])),
                )
              }
            />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Those of the roster, and those that the setting names already. */
function Years({ view, value, onChange, legend = 'Year groups' }: FieldsProps & { readonly legend?: string }) {
  const chosen = textsOf(value);
  const all = [...new Set([...view.yearGroups, ...chosen])];
  return <Checks legend={legend} choices={named(all)} chosen={chosen} onChange={onChange} />;
}

type Named = readonly (readonly [string, string])[];
const hours: Named = [
  ['from', 'From'],
  ['to', 'Until'],
];
const registerTimes: Named = [
  ['opens', 'Opens'],
  ['closes', 'Closes'],
  ['starts', 'Minutes late count from, if not from the opening'],
  ['ends', 'Session ends'],
];
function Times({ value, onChange, names }: FieldsProps & { readonly names: Named }): JSX.Element {
  return (
    <div class="in-row">
      {names.map(([name, label]) => (
        <Text
          key={name}
          label={label}
          type="time"
          value={textOf(value, name)}
          onInput={(text) => onChange(withPart(value, name, text === '' ? null : text))}
        />
      ))}
    </div>
  );
}
const Register = (props: FieldsProps): JSX.Element => <Times {...props} names={registerTimes} />;

function Approval({ view, value, onChange }: FieldsProps): JSX.Element {
  const reasons = view.leave.flatMap(({ place, name, value: reason }) =>
    reason === null ? [] : [{ id: place.split('.')[2] ?? '', label: name }],
  );
  const { year_groups: years = null, reasons: chosen = null } = tableOf(value);
  return (
    <>
      <Years
        view={view}
        value={years}
        legend="Everybody of these year groups"
        onChange={(next) => onChange(withPart(value, 'year_groups', next))}
      />
      <Checks
        legend="Everybody with one of these reasons"
        choices={reasons}
        chosen={textsOf(chosen)}
        onChange={(next) => onChange(withPart(value, 'reasons', next))}
      />
    </>
  );
}

interface EntriesProps extends FieldsProps {
  readonly add: string;
  readonly fresh: SettingValue;
  /** Of weekdays too; else of the days of the exception. */
  readonly isOverride?: boolean;
}
/** Other times, a line each; the last that applies wins. */
function Entries({ view, value, onChange, add, fresh, isOverride = false }: EntriesProps): JSX.Element {
  const entries = listOf(value);
  const put = (at: number, entry: SettingValue | null): void =>
    onChange(entries.flatMap((one, index) => (index !== at ? [one] : entry === null ? [] : [entry])));
  return (
    <>
      {entries.map((entry, at) => (
        <fieldset class="entry" key={at}>
          <legend>{entries.length === 1 && !isOverride ? 'These days' : `Line ${String(at + 1)}`}</legend>
          <Entry view={view} value={entry} isOverride={isOverride} onChange={(next) => put(at, next)} />
          {(isOverride || entries.length > 1) && (
            <button type="button" class="button small" onClick={() => put(at, null)}>
              Take line {at + 1} out
            </button>
          )}
        </fieldset>
      ))}
      <button type="button" class="button small" onClick={() => onChange([...entries, fresh])}>
        {add}
      </button>
    </>
  );
}

function Entry({ view, value, onChange, isOverride }: FieldsProps & { readonly isOverride: boolean }): JSX.Element {
  const { closed = false, weekdays: days = null, year_groups: years = null } = tableOf(value);
  const unlessNone = (name: string) => (next: readonly string[]) =>
    onChange(withPart(value, name, next.length === 0 ? null : next));
  return (
    <>
      {isOverride && (
        <Checks
          legend="Days (none: every day)"
          choices={weekdays}
          chosen={textsOf(days)}
          onChange={unlessNone('weekdays')}
        />
      )}
      <Years
        view={view}
        value={years}
        legend="Year groups (none: everybody)"
        onChange={(next) => unlessNone('year_groups')(textsOf(next))}
      />
      {!isOverride && (
        <Select
          label="What is different"
          value={closed === true ? 'closed' : 'times'}
          choices={[
            { id: 'closed', label: 'No school: holiday, INSET day, closed' },
            { id: 'times', label: 'Other times' },
          ]}
          onChange={(chosen) =>
            onChange(
              chosen === 'closed'
                ? { closed: true, ...(years === null ? {} : { year_groups: years }) }
                : withPart(value, 'closed', null),
            )
          }
        />
      )}
      {closed !== true && (
        <>
          <Session view={view} value={value} onChange={onChange} name="am" words="Morning" />
          <Session view={view} value={value} onChange={onChange} name="pm" words="Afternoon" />
        </>
      )}
    </>
  );
}

interface SessionProps extends FieldsProps {
  readonly name: 'am' | 'pm';
  readonly words: string;
}
function Session({ view, value, onChange, name, words }: SessionProps): JSX.Element {
  const now = tableOf(value)[name] ?? null;
  const usual = view.times.find(({ place }) => place === `times.${name}`)?.value ?? {};
  return (
    <>
      <Select
        label={words}
        value={now === null ? 'usual' : now === 'none' ? 'none' : 'times'}
        choices={[
          { id: 'usual', label: 'As usual' },
          { id: 'times', label: 'At these times' },
          { id: 'none', label: 'No register' },
        ]}
        onChange={(chosen) =>
          onChange(withPart(value, name, chosen === 'usual' ? null : chosen === 'none' ? 'none' : usual))
        }
      />
      {now !== null && now !== 'none' && (
        <Register view={view} value={now} onChange={(next) => onChange(withPart(value, name, next))} />
      )}
    </>
  );
}
