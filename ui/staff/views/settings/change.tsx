/** One setting, changed: what, from when, why; shown on an example before it is kept. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { SettingRow, SettingValue, SettingsView } from '../../../../device/contract/staff-settings.ts';
import { act, actAndSay } from '../../act.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Form, Text } from '../../parts/form.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Fields } from './fields.tsx';
import { Preview } from './preview.tsx';
import { scalar, tableOf } from './values.ts';

type Said = 'removed' | 'as-in-file' | { readonly set: SettingValue };

export const undoSetting = (setting: string): void =>
  void actAndSay('undo-setting', { setting }, { done: 'Undone. What held before holds again.' });

/** Null: done. */
function change(place: string, said: Said, from: string | null, why: string, done: string): Promise<string | null> {
  const input = { place, change: said, from, why: why.trim() === '' ? null : why.trim() };
  return act('change-setting', input, {
    done,
    undo: (answer) => {
      if (typeof answer === 'object' && answer !== null && 'setting' in answer) undoSetting(String(answer.setting));
    },
  });
}

/** The tiles of one kind in another order. */
export async function reorder(kind: 'late' | 'leave', ids: readonly string[], words: string): Promise<void> {
  await actAndSay(
    'change-setting',
    { place: `order.${kind}`, change: { set: ids }, from: null, why: null },
    { done: words },
  );
}

interface ChangeProps {
  readonly view: SettingsView;
  readonly row: SettingRow;
  readonly onClose: () => void;
}
export function Change({ view, row, onClose }: ChangeProps): JSX.Element {
  const value = useSignal<SettingValue | null>(row.value ?? emptyOf(row));
  const isNew = row.place === '';
  const days = useSignal({ first: view.today, last: view.today });
  const from = useSignal(view.today);
  const why = useSignal('');
  const may = useSignal(false);
  const place = isNew ? newPlace(view, row, value.value, days.value) : row.place;
  const ready = place !== null && value.value !== null && from.value !== '';
  const keep = async (said: Said, done: string): Promise<string | null> => {
    const wrong = await change(place ?? '', said, from.value, why.value, done);
    if (wrong === null) onClose();
    return wrong;
  };
  return (
    <Dialog title={row.name} onClose={onClose}>
      {row.inFile !== null && <p class="faint">In the technician file: {row.inFile}.</p>}
      <Form
        button={isNew ? 'Add it' : 'Change it'}
        icon="tick"
        ready={ready && may.value}
        onSend={() => keep({ set: value.value ?? '' }, isNew ? 'Added.' : `Changed: ${row.name}.`)}
      >
        {isNew && row.form.kind === 'exception' && (
          <div class="in-row">
            <Text
              label="First day"
              type="date"
              value={days.value.first}
              onInput={(first) => (days.value = { first, last: first > days.value.last ? first : days.value.last })}
            />
            <Text
              label="Last day"
              type="date"
              value={days.value.last}
              onInput={(last) => (days.value = { ...days.value, last })}
            />
          </div>
        )}
        <Fields form={row.form} view={view} value={value.value} onChange={(next) => (value.value = next)} />
        <div class="in-row">
          {row.form.kind !== 'exception' && (
            <Text label="From" type="date" value={from.value} onInput={(text) => (from.value = text)} />
          )}
          <Text label="Why?" hint="For whoever looks later." value={why.value} onInput={(text) => (why.value = text)} />
        </div>
        <Preview
          view={view}
          row={{ ...row, place: place ?? row.place }}
          change={ready ? { place, change: { set: value.value }, from: from.value } : null}
          onKnown={(known) => (may.value = known)}
        />
      </Form>
      {!isNew && <Otherwise row={row} keep={keep} />}
    </Dialog>
  );
}

/** Back to the technician file, or out of the list. */
function Otherwise(props: {
  readonly row: SettingRow;
  readonly keep: (said: Said, done: string) => Promise<string | null>;
}): JSX.Element {
  const { row, keep } = props;
  const wrong = useSignal('');
  const { kind } = row.form;
  const mayGo = (kind === 'reason' || kind === 'exception') && !row.place.endsWith('.tell-staff') && row.value !== null;
  const press = async (said: Said, done: string): Promise<void> => {
    wrong.value = (await keep(said, done)) ?? '';
  };
  return (
    <>
      <p role="alert" class="wrong">
        {wrong.value}
      </p>
      <div class="buttons">
        {row.changed && row.inFile !== null && (
          <button
            type="button"
            class="button"
            onClick={() => void press('as-in-file', `${row.name} is as in the technician file again.`)}
          >
            <Icon of="back" /> As in the technician file
          </button>
        )}
        {mayGo && (
          <button type="button" class="button danger" onClick={() => void press('removed', `Taken out: ${row.name}.`)}>
            <Icon of="close" /> Take it out
          </button>
        )}
      </div>
    </>
  );
}

function emptyOf({ form }: SettingRow): SettingValue | null {
  if (form.kind === 'exception') return [{ closed: true }];
  return form.kind === 'reason' ? {} : null;
}

/** The name that a new one goes by for ever: of a reason, from its first words; null: not known yet. */
function newPlace(
  view: SettingsView,
  { form }: SettingRow,
  value: SettingValue | null,
  { first, last }: { readonly first: string; readonly last: string },
): string | null {
  if (form.kind === 'exception') return first === '' || last < first ? null : `exception.${first}.${last}`;
  if (form.kind !== 'reason') return null;
  const words = scalar(Object.values(tableOf(tableOf(value)['label']))[0]);
  const plain = words.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const id = plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 28);
  if (id === '') return null;
  const taken = new Set(view[form.of].map(({ place }) => place));
  for (let nth = 1; ; nth += 1) {
    const place = `reason.${form.of}.${nth === 1 ? id : `${id}-${String(nth)}`}`;
    if (!taken.has(place)) return place;
  }
}
