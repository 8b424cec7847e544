/** The camera programs and their arguments: all constant but the number of a video device, which the kernel gives. */
import type { Command } from './program.ts';

/**
 * Of live pictures, dots. Nearer sizes are taken where a camera does not have it. Large enough for a badge's QR code held up to
 * a lens that sees a whole pupil (README, "Cameras").
 */
export const pictureSize = { width: 1280, height: 960 } as const;
const framesPerSecond = 10;

/** Of the file in which a still lies until it is read. */
export const stillName = 'still.jpg';

/** rpicam-apps has been called libcamera-apps. */
export const ribbonNames = ['rpicam-vid', 'libcamera-vid'] as const;
export type RibbonName = (typeof ribbonNames)[number];

export function listRibbon(file: RibbonName): Command {
  return { file, args: ['--list-cameras'] };
}

/**
 * Until it is stopped. Of the sensor's modes the one nearest to `--mode` is taken: the smallest that sees as far as the lens
 * does; left alone, small pictures would be cut out of the middle.
 */
export function liveRibbon(file: RibbonName): Command {
  const { width, height } = pictureSize;
  const options = {
    timeout: 0,
    codec: 'mjpeg',
    width,
    height,
    mode: '1640:1232',
    framerate: framesPerSecond,
    quality: 80,
    verbose: 0,
    output: '-',
  };
  return {
    file,
    args: [
      '--nopreview',
      '--flush',
      ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ],
  };
}

/**
 * v4l2-ctl of v4l-utils: in Debian, 2 MB, writes a camera's own Motion JPEG to its output as it comes. ffmpeg and GStreamer
 * bring a hundred packages for that, ustreamer serves pictures by HTTP only, and fswebcam takes one picture at a time.
 */
const v4l2 = 'v4l2-ctl';

export function listV4l2(device: string): Command {
  return { file: v4l2, args: ['--device', device, '--list-formats'] };
}

export function liveV4l2(device: string): Command {
  const { width, height } = pictureSize;
  const format = `width=${String(width)},height=${String(height)},pixelformat=MJPG`;
  const options = ['--set-fmt-video', format, '--set-parm', String(framesPerSecond)];
  return { file: v4l2, args: ['--device', device, ...options, '--stream-mmap', '--stream-to', '-'] };
}
