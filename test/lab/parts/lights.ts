/**
 * The lights on a real kernel's pins, under systemd: their rhythms, red when the daemon is killed, `porter check` and its user's
 * rights. Chips of each generation and what is wrong with pins: the contract suite (contract.ts).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { daemonDead, lamps } from '../../../device/domain/lights.ts';
import type { Lamp, LightState } from '../../../device/domain/lights.ts';
import type { Bench } from './bench.ts';
import { signIn } from './pupils.ts';
import type { Row } from './report.ts';
import { readChanges, rhythmOf, rhythmWords, sameState } from './wires.ts';
import type { Change } from './wires.ts';

const pins: Readonly<Record<Lamp, number>> = { green: 17, amber: 27, red: 22 };
const settleMs = 10_000;
const pinList = lamps.map((lamp) => String(pins[lamp])).join(' ');
const row = (fault: string, words: Partial<Row>): Row => ({
  ...{ scenario: 'lights', fault, pupil: '', staff: '', lights: '', recovery: null, wrong: [] },
  ...words,
});

export async function* lightsScenario(bench: Bench): AsyncGenerator<Row> {
  yield* rhythms(bench);
  yield await killed(bench);
  await bench.guest('systemctl stop porter');
  yield await checked(bench);
  yield await refused(bench);
}

/** `porter check`, its wires followed: which lamps were lit alone, and what it says about the lights. */
async function check(
  bench: Bench,
  user: string,
): Promise<{ readonly words: string; readonly alone: readonly string[] }> {
  const said = await bench.guest(
    `/late/guest/wires.sh 600 ${pinList} >/run/wires & pid=$!; ` +
      `runuser -u ${user} -- node /usr/lib/porter/porter.js check --config /late/guest/lights.toml; kill $pid; cat /run/wires`,
  );
  const words = /lights: (.*)/.exec(said)?.[1] ?? said;
  const alone = readChanges(said).flatMap(({ lit }) => {
    const on = lamps.filter((lamp) => lit[lamp]);
    return on.length === 1 ? on : [];
  });
  return { words, alone: alone.filter((lamp, i) => lamp !== alone[i - 1]) };
}

/** As the technician does, as the daemon's user, on the machine with two chips. */
async function checked(bench: Bench): Promise<Row> {
  await bench.guest('/late/guest/gpio-chip.sh pinctrl-bcm2712 54 pinctrl-rp1 54');
  const { words, alone } = await check(bench, 'porter');
  const lit = alone.join(', ');
  const wrong = words === 'Ready' && lit.startsWith('green, amber, red') ? [] : [`${words}; lit alone: ${lit}`];
  return row('none: porter check, on the chips of a Pi 5', { staff: words, lights: `lit alone: ${lit}`, wrong });
}

async function refused(bench: Bench): Promise<Row> {
  await bench.guest('/late/guest/gpio-chip.sh pinctrl-bcm2711 58');
  const { words } = await check(bench, 'nobody');
  const wanted = "Pin 17 for the green light may not be used: Porter's user is not in the group gpio";
  const wrong = words.startsWith(wanted) ? [] : [`found "${words}", expected "${wanted}"`];
  return row('a user outside the group gpio', { staff: words, wrong });
}

/** Follows the wires for so long. */
async function follow(
  bench: Bench,
  seconds: number,
): Promise<{ readonly changes: readonly Change[]; readonly untilMs: number }> {
  const said = await bench.guest(`/late/guest/wires.sh ${String(seconds)} ${pinList}`);
  return { changes: readChanges(said), untilMs: seconds * 1000 };
}

async function* rhythms(bench: Bench): AsyncGenerator<Row> {
  await bench.startBox('lights-only.toml');
  const kiosk = await bench.kiosk();
  const state = async (fault: string, wanted: LightState, seconds: number): Promise<Row> => {
    const { seconds: after } = await bench.until(rhythmWords(wanted), ({ lights }) => sameState(lights, wanted));
    await sleep(settleMs); // emulated, what brought the change holds the loop for a second or two
    const { changes, untilMs } = await follow(bench, seconds);
    const seen = lamps.map((lamp) => [lamp, rhythmOf(changes, lamp, untilMs)] as const);
    const found = Object.fromEntries(seen.map(([lamp, { rhythm }]) => [lamp, rhythm])) as Record<Lamp, string>;
    const worst = Math.max(...seen.map(([, { offMs }]) => offMs));
    return row(fault, {
      lights: `${rhythmWords(found)} on the wires for ${String(seconds)} s, off by ${worst.toFixed(0)} ms at most`,
      recovery: fault.startsWith('none') ? after : null,
      wrong: sameState(found, wanted)
        ? []
        : [`wires ${rhythmWords(found)}, wanted ${rhythmWords(wanted)}: ${JSON.stringify(changes).slice(0, 600)}`],
    });
  };
  yield await state('none: all well', { green: 'steady', amber: 'off', red: 'off' }, 12);
  await bench.mis.control.offline();
  await signIn(kiosk, 'Year 9');
  yield await state('no MIS: marks waiting', { green: 'steady', amber: 'slow', red: 'off' }, 24);
  await bench.mis.control.online();
  yield await state('none: the MIS is back, the mark is confirmed', { green: 'steady', amber: 'off', red: 'off' }, 5);
  kiosk.close();
}

/** Killed as the kernel kills: nothing of the daemon runs any more. systemd sets red, then starts it anew. */
async function killed(bench: Bench): Promise<Row> {
  const said = bench.guest(
    `/late/guest/wires.sh 60 ${pinList} & sleep 2; echo "killed $(systemctl show -P MainPID porter)"; systemctl kill -s SIGKILL porter; wait`,
  );
  await sleep(100);
  const text = await said;
  const changes = readChanges(text);
  const red = changes.findIndex(({ lit }) => lamps.every((lamp) => lit[lamp] === (daemonDead[lamp] === 'steady')));
  const { seconds } = await bench.until(
    'well again',
    ({ lights }) => lights.green === 'steady' && lights.red === 'off',
  );
  const at = changes[red]?.atMs;
  const next = changes[red + 1]?.atMs;
  return row('the daemon is killed (SIGKILL)', {
    staff: 'the page is not there, then goes on',
    lights:
      at === undefined
        ? 'never red alone'
        : `red steady ${((at - 2000) / 1000).toFixed(1)} s after, ${next === undefined ? 'until the end' : `for ${((next - at) / 1000).toFixed(1)} s, then pulse`}`,
    recovery: (next ?? 60_000) / 1000 + seconds,
    wrong: at === undefined ? [`wires: ${JSON.stringify(changes).slice(0, 800)}`] : [],
  });
}
