/** What a change comes to, on an example, while it is typed: by the box's rules, with its words for what is wrong. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { SettingRow, SettingsView } from '../../../../device/contract/staff-settings.ts';
import { useForetold } from '../../asked.ts';
import { Select, Text } from '../../parts/form.tsx';

/** `change`: null while there is nothing to try. `onKnown`: may it be done? */
export function Preview(props: {
  readonly view: SettingsView;
  readonly row: SettingRow;
  readonly change: { readonly place: string; readonly change: unknown; readonly from: string } | null;
  readonly onKnown: (may: boolean) => void;
}): JSX.Element {
  const { view, row, change, onKnown } = props;
  const kind = row.place.startsWith('leave.') || row.place.startsWith('reason.leave.') ? 'leave' : 'late';
  const own = row.form.kind === 'reason' ? (row.place.split('.')[2] ?? '') : null;
  const reasons = view[kind].flatMap(({ place, name, value }) =>
    value === null ? [] : [{ id: place.split('.')[2] ?? '', label: name }],
  );
  const [, firstDay = view.example.date] = row.form.kind === 'exception' ? row.place.split('.') : [];
  /** Null: nobody has said another. */
  const date = useSignal<string | null>(null);
  const time = useSignal(kind === 'late' ? view.example.time : '11:00');
  const yearGroup = useSignal(view.example.yearGroup);
  const reason = useSignal(reasons[0]?.id ?? '');
  const usual = change !== null && change.from > firstDay ? change.from : firstDay;
  const day = date.value ?? usual;
  const minute = Number(time.value.slice(0, 2)) * 60 + Number(time.value.slice(3, 5));
  const { value, wrong } = useForetold(
    'preview-setting',
    change === null || time.value === '' || day === ''
      ? null
      : { change, example: { kind, date: day, minute, yearGroup: yearGroup.value, reason: own ?? reason.value } },
    onKnown,
  );
  return (
    <fieldset class="entry">
      <legend>For example</legend>
      <div class="in-row">
        <Select
          label="A pupil of"
          value={yearGroup.value}
          choices={[...new Set([yearGroup.value, ...view.yearGroups])].map((id) => ({ id, label: id }))}
          onChange={(id) => (yearGroup.value = id)}
        />
        {own === null && (
          <Select label="For" value={reason.value} choices={reasons} onChange={(id) => (reason.value = id)} />
        )}
        <Text label="On" type="date" value={day} onInput={(text) => (date.value = text)} />
        <Text label="At" type="time" value={time.value} onInput={(text) => (time.value = text)} />
      </div>
      <div role="status">
        {wrong !== '' && <p class="wrong">{wrong}</p>}
        {value !== null && (
          <p class="foretold">
            <strong>{value.then}</strong>
            {value.now === value.then ? 'As it is without the change.' : `Without the change: ${value.now}`}
          </p>
        )}
      </div>
    </fieldset>
  );
}
