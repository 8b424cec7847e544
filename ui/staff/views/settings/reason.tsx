/** A reason: its words in each language, its picture, and the codes that it stands for, of those that the MIS has. */
import type { JSX } from 'preact';
import type { SettingCodes } from '../../../../device/contract/staff-settings.ts';
import type { Choice } from '../../../../device/contract/staff-views.ts';
import { useAsked } from '../../asked.ts';
import { Select, Text } from '../../parts/form.tsx';
import { Texts } from './texts.tsx';
import type { FieldsProps } from './texts.tsx';
import { scalar, tableOf, textOf, withPart } from './values.ts';

export function ReasonFields({
  of,
  view,
  value,
  onChange,
}: FieldsProps & { readonly of: 'late' | 'leave' }): JSX.Element {
  const { value: codes } = useAsked('setting-codes', { date: view.today });
  const put = (name: string) => (part: Parameters<FieldsProps['onChange']>[0]) => onChange(withPart(value, name, part));
  const icon = textOf(value, 'icon');
  return (
    <>
      <Texts
        view={view}
        value={tableOf(value)['label'] ?? null}
        label="Words on the tile"
        maxLength={40}
        onChange={put('label')}
      />
      <div class="with-picture">
        <Select
          label="Picture"
          value={icon}
          none="No picture"
          choices={view.icons.map((id) => ({ id, label: id }))}
          onChange={(chosen) => onChange(withPart(value, 'icon', chosen === '' ? null : chosen))}
        />
        <span class={`icon reason-${icon === '' ? 'other' : icon}`} aria-hidden="true" />
      </div>
      {of === 'late' ? (
        <LateCodes codes={codes} value={value} onChange={onChange} view={view} />
      ) : (
        <>
          <Code
            label="Code for a later register that is missed"
            none="None: staff say which"
            choices={codes?.all}
            value={textOf(value, 'later_session_code')}
            onChange={put('later_session_code')}
          />
          <Back value={value} onChange={onChange} view={view} />
        </>
      )}
      {codes !== null && <p class="faint">{codes.words}</p>}
    </>
  );
}

function LateCodes({ codes, value, onChange }: FieldsProps & { readonly codes: SettingCodes | null }): JSX.Element {
  const code = tableOf(value)['code'] ?? {};
  const put = (name: string) => (part: string) => onChange(withPart(value, 'code', withPart(code, name, part)));
  return (
    <>
      <Code
        label="Code while the register is open"
        choices={codes?.present}
        value={textOf(code, 'before_close') || 'L'}
        onChange={put('before_close')}
      />
      <Code
        label="Code after it closed"
        none="None: the office decides"
        choices={codes?.all}
        value={textOf(code, 'after_close')}
        onChange={put('after_close')}
      />
    </>
  );
}

/** What stands there can be chosen again, also before the codes are there. */
function Code(props: {
  readonly label: string;
  readonly none?: string;
  readonly choices: readonly Choice[] | undefined;
  readonly value: string;
  readonly onChange: (code: string) => void;
}): JSX.Element {
  const { label, none, choices = [], value, onChange } = props;
  const own =
    value === '' || value === 'none' || choices.some(({ id }) => id === value) ? [] : [{ id: value, label: value }];
  const noCode = none === undefined ? [] : [{ id: 'none', label: none }];
  return (
    <Select
      label={label}
      value={value === '' ? 'none' : value}
      choices={[...noCode, ...own, ...choices]}
      onChange={onChange}
    />
  );
}

function Back({ value, onChange }: FieldsProps): JSX.Element {
  const back = tableOf(value)['back'] ?? 'ask';
  const isMinutes = back !== 'ask' && back !== 'not-today';
  return (
    <>
      <Select
        label="Are they coming back today?"
        value={isMinutes ? 'minutes' : scalar(back)}
        choices={[
          { id: 'ask', label: 'The pupil is asked' },
          { id: 'not-today', label: 'Not today' },
          { id: 'minutes', label: 'After a time' },
        ]}
        onChange={(chosen) => onChange(withPart(value, 'back', chosen === 'minutes' ? 60 : chosen))}
      />
      {isMinutes && (
        <Text
          label="Minutes away"
          hint="From 5 to 480."
          value={scalar(back)}
          onInput={(text) => onChange(withPart(value, 'back', /^\d+$/.test(text) ? Number(text) : text))}
        />
      )}
    </>
  );
}
