/** The school's own colour, made to fit: white words on it, and it on white, read from a metre and a half. */

/** WCAG AAA for text, with a little to spare for rounding. */
const CONTRAST_MIN = 7.1;
const FALLBACK: Rgb = [29, 95, 138];

type Rgb = readonly [number, number, number];

export interface Accent {
  readonly accent: string;
  /** While it is pressed. */
  readonly pressed: string;
  /** Behind dark words. */
  readonly soft: string;
}

/** `hex` as `#rgb` or `#rrggbb`; anything else gives the colour as shipped. Darkened until it is at least 7:1 on white. */
export function accentFor(hex: string): Accent {
  let colour = parse(hex) ?? FALLBACK;
  while (contrastWithWhite(colour) < CONTRAST_MIN) colour = mix(colour, [0, 0, 0], 0.04);
  return {
    accent: css(colour),
    pressed: css(mix(colour, [0, 0, 0], 0.3)),
    soft: css(mix(colour, [255, 255, 255], 0.9)),
  };
}

/** 1 (white) to 21 (black), by WCAG 2. */
export function contrastWithWhite(colour: Rgb): number {
  const [red, green, blue] = colour.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0) + 0.05);
}

function parse(hex: string): Rgb | null {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(hex);
  const digits =
    short === null
      ? /^#([\da-f]{6})$/i.exec(hex)?.[1]
      : short
          .slice(1)
          .map((d) => d + d)
          .join('');
  if (digits === undefined) return null;
  const value = Number.parseInt(digits, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2): number => from[index] + (to[index] - from[index]) * share;
  return [part(0), part(1), part(2)];
}

function css(colour: Rgb): string {
  return `#${colour.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}
