/**
 * The pictures a reason may have. The left names are public (technician file); the right ones are files of the icon set
 * (lucide) that the kiosk bundles. Every picture stands beside the reason's words, never alone.
 */
export const reasonIcons = {
  appointment: 'calendar-clock',
  bed: 'bed',
  bicycle: 'bike',
  bus: 'bus',
  car: 'car',
  clock: 'clock',
  family: 'users',
  home: 'house',
  lunch: 'utensils',
  medical: 'stethoscope',
  music: 'music',
  other: 'ellipsis',
  person: 'user-round',
  sport: 'trophy',
  study: 'book-open',
  traffic: 'traffic-cone',
  train: 'train-front',
  travel: 'plane',
  unwell: 'thermometer',
  walk: 'footprints',
  weather: 'cloud-rain',
  work: 'briefcase',
} as const;

export type ReasonIcon = keyof typeof reasonIcons;

/** As the technician file may name them, by the alphabet. */
export const reasonIconNames: readonly string[] = Object.keys(reasonIcons);
