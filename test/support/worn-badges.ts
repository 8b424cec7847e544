/** Badges as pupils bring them back, before the lens of a Pi's camera: creased, faded, tilted, badly lit. Drawn from the badge itself. */
import { encode } from 'jpeg-js';
import { isBlack } from '../../device/badge/bitmap.ts';
import type { Bitmap } from '../../device/domain/badge.ts';

/** What happened to it and how it is held. Angles in degrees. */
export interface Wear {
  readonly distanceCm: number;
  /** In its own plane. */
  readonly turn: number;
  /** Its upper edge, and its left one, away from the lens. */
  readonly tilt: number;
  readonly slant: number;
  /** Folded so often each way; ink is lost along each fold and the paper stands up. */
  readonly creases: number;
  /** 0: black on white; 1: white on white. */
  readonly fade: number;
  /** Of 1: what reaches the lens. */
  readonly light: number;
  /** Of 1: how much darker the left side is than the right. */
  readonly shadow: number;
  /** A lamp mirrored in the paper: how much of the code it bleaches, of 1. */
  readonly glare: number;
  /** Of the sensor, standard deviation of 255. */
  readonly noise: number;
  /** Out of focus, or moving: radius in thousandths of the picture's width. */
  readonly blur: number;
  /** A thumb over the lower right corner of the code, of its side. */
  readonly thumb: number;
}

export const fresh: Wear = {
  distanceCm: 20,
  turn: 0,
  tilt: 0,
  slant: 0,
  creases: 0,
  fade: 0,
  light: 1,
  shadow: 0,
  glare: 0,
  noise: 4,
  blur: 0.4,
  thumb: 0,
};

const held = (change: Partial<Wear>): Wear => ({ ...fresh, ...change });

/** By name, from easy to hopeless. */
export const wears: Readonly<Record<string, Wear>> = {
  'fresh, 15 cm away': held({ distanceCm: 15 }),
  'fresh, 20 cm': fresh,
  'fresh, 30 cm': held({ distanceCm: 30 }),
  'fresh, 40 cm': held({ distanceCm: 40 }),
  'fresh, 50 cm': held({ distanceCm: 50 }),
  'upside down': held({ turn: 180 }),
  'turned by 40 degrees': held({ turn: 40 }),
  'tilted by 30 degrees': held({ tilt: 30, slant: 10 }),
  'tilted by 45 degrees': held({ tilt: 45, slant: 15 }),
  'tilted by 60 degrees': held({ tilt: 60 }),
  'folded in four': held({ creases: 1 }),
  'folded three times each way': held({ creases: 3, turn: 10 }),
  'crumpled: six folds each way': held({ creases: 6, turn: 10 }),
  'faded by a half': held({ fade: 0.5 }),
  'faded by four fifths': held({ fade: 0.8 }),
  'faded by nine tenths': held({ fade: 0.9 }),
  'a dim room': held({ light: 0.35, noise: 8 }),
  'nearly dark': held({ light: 0.15, noise: 10 }),
  'light from one side': held({ shadow: 0.8 }),
  'a lamp mirrored in it': held({ glare: 0.25 }),
  'a lamp mirrored over half of it': held({ glare: 0.6 }),
  'a little out of focus': held({ blur: 1 }),
  'out of focus': held({ blur: 2 }),
  'a thumb over a tenth of its side': held({ thumb: 0.1 }),
  'a thumb over a third of its side': held({ thumb: 0.33 }),
  'a bad day: creased, faded, tilted, dim': held({
    creases: 2,
    fade: 0.4,
    tilt: 20,
    turn: 15,
    light: 0.5,
    noise: 7,
    blur: 1,
  }),
};

/** Half of what a Camera Module 2 sees sideways. */
const halfView = (31 * Math.PI) / 180;
const dotsPerMm = 8;
/** Where the code is, its quiet zone left off: from the badge's left, and from its lower edge. Millimetres. */
const code = { left: 4, up: 29, side: 18.75 } as const;

/** A JPEG as the camera would give it, `width` by three quarters of that, dots. The same seed gives the same picture. */
export function beforeTheLens(badge: Bitmap, wear: Wear, width: number, seed: number): Uint8Array {
  const height = (width * 3) / 4;
  const chance = generator(seed);
  const grey = soften(view(badge, wear, width, height, chance), width, height, (wear.blur * width) / 1000);
  const data = Buffer.alloc(width * height * 4, 255);
  for (let i = 0; i < width * height; i++) {
    const noise = (chance() + chance() - 1) * 2.4 * wear.noise;
    const light = Math.max(0, Math.min(255, Math.round((grey[i] ?? 0) + noise)));
    data[i * 4] = light;
    data[i * 4 + 1] = light;
    data[i * 4 + 2] = light;
  }
  return encode({ width, height, data }, 80).data;
}

/** One look a dot: the lens softens it afterwards. */
function view(badge: Bitmap, wear: Wear, width: number, height: number, chance: () => number): Float32Array {
  const paper = new Paper(badge, wear, chance);
  const at = plane(wear);
  const focal = width / 2 / Math.tan(halfView);
  const grey = new Float32Array(width * height);
  for (let x = 0; x < width; x++) {
    const light = wear.light * (1 - wear.shadow * (1 - x / width));
    for (let y = 0; y < height; y++) {
      const [u, v] = at((x - width / 2) / focal, (y - height / 2) / focal);
      grey[y * width + x] = light * paper.light(u, v);
    }
  }
  return grey;
}

/** From a direction of sight to the place on the badge's plane, millimetres from the middle of its code. */
function plane({ distanceCm, turn, tilt, slant }: Wear): (x: number, y: number) => readonly [number, number] {
  const [a, b, c] = [turn, tilt, slant].map((angle) => (angle * Math.PI) / 180) as [number, number, number];
  const right = [Math.cos(c), 0, Math.sin(c)] as const;
  const down = [Math.sin(b) * Math.sin(c), Math.cos(b), -Math.sin(b) * Math.cos(c)] as const;
  const normal = [
    right[1] * down[2] - right[2] * down[1],
    right[2] * down[0] - right[0] * down[2],
    right[0] * down[1] - right[1] * down[0],
  ] as const;
  const away = distanceCm * 10;
  return (x, y) => {
    const reach = (normal[2] * away) / (normal[0] * x + normal[1] * y + normal[2]);
    const point = [x * reach, y * reach, reach - away] as const;
    const u = point[0] * right[0] + point[1] * right[1] + point[2] * right[2];
    const v = point[0] * down[0] + point[1] * down[1] + point[2] * down[2];
    return [u * Math.cos(a) + v * Math.sin(a), v * Math.cos(a) - u * Math.sin(a)];
  };
}

/** The badge as it has become. */
class Paper {
  private readonly badge: Bitmap;
  private readonly wear: Wear;
  /** Of folds, millimetres on the badge; and which way the paper stands between them. */
  private readonly folds: { readonly u: readonly number[]; readonly v: readonly number[] };
  private readonly middle: { readonly x: number; readonly y: number };

  constructor(badge: Bitmap, wear: Wear, chance: () => number) {
    this.badge = badge;
    this.wear = wear;
    this.middle = { x: code.left + code.side / 2, y: badge.height / dotsPerMm - code.up + code.side / 2 };
    const places = (): readonly number[] =>
      Array.from({ length: wear.creases }, () => (chance() - 0.5) * code.side * 1.4).sort((p, q) => p - q);
    this.folds = { u: places(), v: places() };
  }

  /** 0 to 255, at millimetres from the middle of the code. */
  light(u: number, v: number): number {
    const { folds, middle, wear, badge } = this;
    const across = along(u, folds.u);
    const down = along(v, folds.v);
    const [x, y] = [middle.x + across.at, middle.y + down.at];
    const [right, low] = [badge.width / dotsPerMm, badge.height / dotsPerMm];
    if (x < 0 || y < 0 || x > right || y > low) return 90; // a hand, a jumper
    const thumb = code.side * (0.5 - wear.thumb);
    if (wear.thumb > 0 && u > thumb && v > thumb) return 110;
    const isInk =
      !across.isFold && !down.isFold && isBlack(badge, Math.floor(x * dotsPerMm), Math.floor(y * dotsPerMm));
    const shade = (across.stands ? 0.82 : 1) * (down.stands ? 0.88 : 1);
    const glare = wear.glare === 0 ? 0 : 255 * Math.exp(-((u - 3) ** 2 + (v + 3) ** 2) / (2 * (wear.glare * 12) ** 2));
    return Math.min(255, (isInk ? 35 + 190 * wear.fade : 225) * shade + glare);
  }
}

const foldMm = 0.25;

/** Every second panel stands up: it is seen shorter by a tenth, and catches the light otherwise. On a fold the ink is lost. */
function along(
  seen: number,
  folds: readonly number[],
): { readonly at: number; readonly stands: boolean; readonly isFold: boolean } {
  let at = seen;
  let stands = false;
  let isFold = false;
  for (const [i, fold] of folds.entries()) {
    if (Math.abs(seen - fold) < foldMm) isFold = true;
    if (seen <= fold) break;
    stands = i % 2 === 0;
    if (stands) at += (Math.min(seen, folds[i + 1] ?? seen) - fold) * 0.1;
  }
  return { at, stands, isFold };
}

/** A mean over neighbours, each way. */
function soften(grey: Float32Array, width: number, height: number, radius: number): Float32Array {
  return mean(mean(grey, width, height, 1, radius), width, height, width, radius);
}

function mean(grey: Float32Array, width: number, height: number, step: number, radius: number): Float32Array {
  const out = new Float32Array(grey.length);
  const whole = Math.floor(radius);
  const edge = radius - whole;
  for (let i = 0; i < width * height; i++) {
    let sum = grey[i] ?? 0;
    for (let k = 1; k <= whole + 1; k++) {
      const weight = k <= whole ? 1 : edge;
      sum += weight * ((grey[i - k * step] ?? 90) + (grey[i + k * step] ?? 90));
    }
    out[i] = sum / (1 + 2 * radius);
  }
  return out;
}

/** Mulberry32: the same seed, the same badge. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
