/** Which cameras are there: on the ribbon cable, as rpicam-apps list it, or on USB, as V4L2 shows it. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listRibbon, listV4l2, liveRibbon, liveV4l2, ribbonNames } from './commands.ts';
import { startProgram } from './program.ts';
import type { Command, Ending, ProgramParts } from './program.ts';
import { wordsOf } from './words.ts';

export interface FoundCamera {
  readonly kind: 'libcamera' | 'v4l2';
  /** For staff: `imx219 on the ribbon cable`. */
  readonly name: string;
  readonly live: Command;
  /** The V4L2 device, `video0`; null: on the ribbon cable, which nobody pulls while the box runs. */
  readonly node: string | null;
}

export interface FindParts extends ProgramParts {
  /** Where the kernel lists video devices: `/sys/class/video4linux`. */
  readonly videoFolder: string;
}

const listMaxMs = 4_000;
const listMaxBytes = 64 * 1024;

/**
 * One after the other, best first, so that whoever gets no picture of one may try the next; a text: why one is none. The ribbon goes
 * first: USB lists also hold what a Pi has without a camera.
 */
export async function* cameras(
  wanted: 'auto' | 'libcamera' | 'v4l2',
  parts: FindParts,
  signal: AbortSignal,
): AsyncGenerator<FoundCamera | string> {
  if (wanted !== 'v4l2') yield await findRibbon(parts, signal);
  if (wanted !== 'libcamera') yield* findV4l2(parts, signal);
}

/** Where nothing was found: what to do about it. `problems`: the texts of `cameras`. */
export function whyNone(wanted: 'auto' | 'libcamera' | 'v4l2', problems: readonly string[]): string {
  const none = wanted === 'auto' && problems.every((words) => words === noRibbon || words === noUsb);
  if (none) return nowhere;
  if (wanted !== 'auto') return problems.join('; ');
  // Without the ribbon's programs, as on Debian, a camera on USB is what is meant.
  const isLast = (words: string): boolean => words === notInstalled;
  return [...problems.filter((words) => words !== noRibbon && !isLast(words)), ...problems.filter(isLast)].join('; ');
}

const noRibbon = 'No ribbon camera was found: check its cable';
const noUsb = 'No USB camera was found: check its cable';
const nowhere =
  'No camera was found: check its cable, or set hardware.camera to none in porter.toml if there is not meant to be one';
const notInstalled = 'A ribbon camera needs the package rpicam-apps, which is not installed';

/** The video devices there are now, in the kernel's order. */
export async function videoNodes(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /^video\d{1,3}$/.test(name))
    .sort((one, other) => Number(one.slice(5)) - Number(other.slice(5)));
}

/** A text: why not. */
async function findRibbon(parts: FindParts, signal: AbortSignal): Promise<FoundCamera | string> {
  for (const file of ribbonNames) {
    const { ending, text } = await runToEnd(listRibbon(file), parts, signal);
    if (ending.missing) continue;
    const camera = ribbonIn(text) ?? ribbonIn(ending.said);
    if (camera !== null) {
      return { kind: 'libcamera', name: `${camera} on the ribbon cable`, live: liveRibbon(file), node: null };
    }
    return ending.code === 0 || /no cameras available/i.test(text + ending.said) ? noRibbon : wordsOf(ending);
  }
  return notInstalled;
}

/** `0 : imx219 [3280x2464 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx219@10)`; those on USB are not driven by these programs. */
function ribbonIn(text: string): string | null {
  for (const [, name, path] of text.matchAll(/^\s*\d+\s*:\s*([\w-]{1,40})\b.*\((\/\S+)\)/gm)) {
    if (name !== undefined && path?.includes('/usb') === false) return name;
  }
  return null;
}

async function* findV4l2(parts: FindParts, signal: AbortSignal): AsyncGenerator<FoundCamera | string> {
  let problem: string | null = noUsb;
  for (const node of await videoNodes(parts.videoFolder)) {
    const device = join('/dev', node);
    const { ending, text } = await runToEnd(listV4l2(device), parts, signal);
    if (ending.missing) {
      yield 'A USB camera needs the package v4l-utils, which is not installed';
      return;
    }
    if (ending.code !== 0) problem &&= wordsOf(ending);
    else if (givesMotionJpeg(text)) {
      problem = null;
      yield { kind: 'v4l2', name: `USB camera ${node}`, live: liveV4l2(device), node };
    } else if (isCapture(text)) problem &&= noMotionJpeg;
  }
  if (problem !== null) yield problem;
}

const noMotionJpeg = 'The camera gives no Motion JPEG: Porter needs a USB camera that does';

/** Not one of a Pi's own codecs (multiplanar), nor a camera's second device, which holds no pictures (metadata). */
const isCapture = (text: string): boolean => /Type:\s*Video Capture\s*$/m.test(text);
const givesMotionJpeg = (text: string): boolean => isCapture(text) && /'(MJPG|JPEG)'/.test(text);

async function runToEnd(
  command: Command,
  parts: FindParts,
  signal: AbortSignal,
): Promise<{ readonly ending: Ending; readonly text: string }> {
  let text = '';
  const program = startProgram(
    command,
    (chunk) => {
      if (text.length < listMaxBytes) text += chunk.toString('latin1');
    },
    parts,
  );
  const kill = (): void => {
    program.kill();
  };
  const cancel = parts.timers.after(listMaxMs, kill);
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const ending = await program.ended;
  cancel();
  signal.removeEventListener('abort', kill);
  return { ending, text };
}
