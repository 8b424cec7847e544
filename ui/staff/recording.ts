/** For whom something is being recorded: opened by Now, and by the search above every view. Null: nobody. */
import { signal } from '@preact/signals';
import type { FoundPupil } from '../../device/contract/staff-views.ts';

export const recording = signal<{ readonly pupil: FoundPupil | null } | null>(null);
