/** What a camera program's end means, for staff: what is wrong and what to do. Its own words are for programmers. */
import type { Ending } from './program.ts';

const notInstalled = 'The camera program is not installed: rpicam-apps for a ribbon camera, v4l-utils for a USB camera';
export const unplugged = 'The camera is not connected: check its cable';
const meanings: readonly (readonly [RegExp, string])[] = [
  [/failed to run command/i, notInstalled],
  [/no cameras available|no such (file|device)|not available|ENODEV|disconnected/i, unplugged],
  // v4l2-ctl does not say why.
  [/cannot open device/i, "The camera cannot be opened: check its cable, and that Porter's user is in the group video"],
  [
    /permission denied|operation not permitted|EACCES/i,
    'Porter may not open the camera: its user must be in the group video',
  ],
  [/busy|acquire|in use/i, 'Another program has the camera: switch the box off and on'],
];

export function wordsOf({ code, missing, said }: Ending): string {
  if (missing) return notInstalled;
  const meaning = meanings.find(([pattern]) => pattern.test(said));
  if (meaning !== undefined) return meaning[1];
  const how = code === null ? 'was ended' : `ended with ${String(code)}`;
  return `The camera program ${how} and gave no picture: check the cable, then switch the box off and on`;
}

export const noPictureWords =
  'The camera gave no picture in 5 seconds: check its cable, then switch the box off and on';
