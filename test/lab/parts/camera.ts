/** The real camera path and a camera on a real USB bus: uvcvideo, v4l2-ctl, the photo on the badge; pulled out, frozen, put back. */
import { get } from 'node:http';
import type { StaffSnapshot } from '../../../device/contract/staff.ts';
import type { Kiosk } from '../box.ts';
import type { Bench } from './bench.ts';
import { badgeOf, paperOf, pupilWords, rowOf, stands } from './leaving.ts';
import type { Leaver } from './pupils.ts';
import { signOut } from './pupils.ts';
import type { Row } from './report.ts';
import { rhythmWords } from './wires.ts';

const pictureMaxMs = 600_000;
const yearGroup = 'Year 9';

export async function* cameraScenario(bench: Bench): AsyncGenerator<Row> {
  const { camera, printer } = bench;
  printer.plug();
  camera.plug();
  await bench.startBox('camera.toml');
  const kiosk = await bench.kiosk();
  yield await well(bench, kiosk, 'none');
  yield await pulled(bench, kiosk, {
    fault: 'pulled out before',
    live: false,
    begin: () => camera.unplug(),
    end: () => camera.plug(),
  });
  yield await pulled(bench, kiosk, {
    fault: 'pulled out in the countdown',
    live: true,
    begin: () => camera.unplug(),
    end: () => camera.plug(),
  });
  yield await pulled(bench, kiosk, {
    fault: 'gives no more pictures in the countdown',
    live: true,
    begin: () => camera.freeze(true),
    end: () => camera.freeze(false),
  });
  kiosk.close();
}

const cameraFault = ({ faults }: StaffSnapshot): string | undefined => faults.find((one) => one.startsWith('Camera'));
const staffWords = (state: StaffSnapshot, badge: string): string =>
  `${cameraFault(state) ?? 'no fault'}; out, badge ${rowOf(state, badge)?.badgeState ?? 'UNKNOWN'}`;

interface Live {
  /** Of the guest, from the page's asking to the first whole picture. */
  readonly seconds: number;
  end(): void;
}

async function live(bench: Bench): Promise<Live> {
  const began = await bench.seconds();
  const end = await firstPicture(bench);
  return { seconds: (await bench.seconds()) - began, end };
}

/** The live picture of the countdown, as the page asks for it. Rejects when none comes. */
function firstPicture({ kioskUrl }: Bench): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const asked = get(`${kioskUrl}camera/live`, (response) => {
      let heard: Buffer = Buffer.alloc(0);
      if (response.statusCode !== 200) reject(new Error(`no live picture: ${String(response.statusCode)}`));
      response.on('data', (bytes: Buffer) => {
        if (heard.includes(endOfPicture)) return;
        heard = Buffer.concat([heard, bytes]);
        if (heard.includes(endOfPicture)) resolve(() => void asked.destroy());
      });
      response.on('end', () => reject(new Error('the live picture ended before it began')));
      response.on('error', () => undefined);
    });
    asked.on('error', reject);
    asked.setTimeout(pictureMaxMs, () => asked.destroy(new Error('no live picture came')));
  });
}
const endOfPicture = Buffer.from([0xff, 0xd9]);

/** With a photo: what the device keeps of it must be what the camera sent, to the byte. */
async function photographed(bench: Bench, kiosk: Kiosk): Promise<{ leaver: Leaver; wrong: readonly string[] }> {
  const leaver = await signOut(kiosk, yearGroup, true);
  if (leaver.photo !== 'taken') return { leaver, wrong: ['no photo was taken'] };
  const response = await fetch(`${bench.kioskUrl}photo/${leaver.visit}`);
  const photo = Buffer.from(await response.arrayBuffer());
  const isOurs = bench.scenes.some((scene) => scene.equals(photo));
  return { leaver, wrong: isOurs ? [] : [`the photo (${String(photo.length)} bytes) is none that the camera sent`] };
}

async function well(bench: Bench, kiosk: Kiosk, fault: string): Promise<Row> {
  const { state: ready } = await bench.until('the camera is well', (now) => cameraFault(now) === undefined);
  const first = await live(bench);
  const before = bench.printer.papers.length;
  const { leaver, wrong } = await photographed(bench, kiosk);
  first.end();
  const badge = badgeOf(leaver);
  const paper = await paperOf(bench, badge, before, `camera-${fault}`);
  const { state } = await bench.until('printed', (now) => rowOf(now, badge)?.badgeState === 'printed');
  return {
    scenario: 'camera',
    fault,
    pupil: `first live picture after ${first.seconds.toFixed(1)} s; photo ${leaver.photo}; ${pupilWords(leaver.answer)}, on paper after ${paper.seconds.toFixed(1)} s`,
    staff: staffWords(state, badge),
    lights: rhythmWords(ready.lights),
    recovery: null,
    wrong: [...wrong, ...stands(state, badge), ...bench.printer.complaints],
  };
}

interface Fault {
  readonly fault: string;
  /** It comes while the live picture is shown. */
  readonly live: boolean;
  readonly begin: () => void;
  readonly end: () => void;
}

/** The pupil leaves without a photo, staff are told, and once the camera is back the next pupil has one. */
async function pulled(bench: Bench, kiosk: Kiosk, { fault, live: shown, begin, end }: Fault): Promise<Row> {
  const first = shown ? await live(bench) : null;
  begin();
  if (!shown) await bench.until('staff see it', (now) => cameraFault(now) !== undefined);
  const began = await bench.seconds();
  const leaver = await signOut(kiosk, yearGroup, true);
  const seconds = (await bench.seconds()) - began;
  const badge = badgeOf(leaver);
  const { state } = await bench.until('staff see it', (now) => cameraFault(now) !== undefined);
  first?.end();
  const wrong = [...stands(state, badge), ...(leaver.photo === 'taken' ? ['a photo was taken all the same'] : [])];
  end();
  const { seconds: recovery } = await bench.until('the camera is well', (now) => cameraFault(now) === undefined);
  const next = await well(bench, kiosk, `after-${fault}`);
  return {
    scenario: 'camera',
    fault,
    pupil: `no photo; ${pupilWords(leaver.answer)} after ${seconds.toFixed(1)} s; the next: ${next.pupil}`,
    staff: staffWords(state, badge),
    lights: rhythmWords(state.lights),
    recovery,
    wrong: [...wrong, ...next.wrong.map((what) => `the next: ${what}`)],
  };
}
