/** One text a language. */
import type { JSX } from 'preact';
import type { SettingValue, SettingsView } from '../../../../device/contract/staff-settings.ts';
import { Text } from '../../parts/form.tsx';
import { textOf, withPart } from './values.ts';

/** Whatever a setting is typed into with. */
export interface FieldsProps {
  readonly view: SettingsView;
  readonly value: SettingValue | null;
  readonly onChange: (value: SettingValue) => void;
}

interface TextsProps extends FieldsProps {
  readonly label?: string;
  readonly maxLength?: number;
}
export function Texts({ view, value, onChange, label = 'Words', maxLength = 120 }: TextsProps): JSX.Element {
  return (
    <>
      {view.languages.map(({ id, label: language }) => (
        <Text
          key={id}
          label={view.languages.length === 1 ? label : `${label}, ${language}`}
          value={textOf(value, id)}
          maxLength={maxLength}
          onInput={(text) => onChange(withPart(value, id, text.trim() === '' ? null : text))}
        />
      ))}
    </>
  );
}
