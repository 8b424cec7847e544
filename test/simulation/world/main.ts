/** Runs seeds, one after another, and says what became of them. See scripts/simulate. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { live } from './world.ts';
import type { LifeOptions, Outcome } from './world.ts';

const help = `usage: scripts/simulate [--seeds A-B] [--steps N] [--seed X [--verbose]] [--jobs N] [--eventful]

Lives of a box in a simulated world: card, clock, line, MIS, people, all in one process and in virtual time. One seed is
one history. Prints seeds a minute, and the first seed that fails with what led to it; exit code 1 then.

  --seeds A-B   which seeds (1-200)
  --steps N     events of a life before it is healed and judged (2000)
  --seed X      this seed only; --verbose: its whole history; twice over, to prove that it replays
  --jobs N      so many processes (1)
  --eventful    most lives have most of what only some have (traits.ts): other lives under the same seeds
  --json        one line of JSON a seed instead of words; goes on after a violation
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1-200' },
      steps: { type: 'string', default: '2000' },
      seed: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      jobs: { type: 'string', default: '1' },
      eventful: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  const life: Life = { steps: Number(values.steps), eventful: values.eventful };
  if (values.seed !== undefined) return one(Number(values.seed), life, values.verbose);
  const [from = 1, to = from] = values.seeds.split('-').map(Number);
  const seeds = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const jobs = Number(values.jobs);
  if (jobs > 1) return shared(seeds, life, jobs);
  await several(seeds, life, values.json ? tellAll : tellBad);
}

/** One seed twice: its history in words, and whether it is the same both times. */
async function one(seed: number, life: Life, verbose: boolean): Promise<void> {
  const first = await live(seed, { ...life, ...(verbose ? { print: (line: string) => say(line) } : {}) });
  const second = await live(seed, life);
  if (first.violation !== null) tellBad(first, life);
  const { steps, days, records, marks, digest } = first;
  say(`seed ${seed}: ${steps} steps, ${days} days, ${records} records, ${marks} marks, history ${digest}`);
  if (digest === second.digest) return say('again: the same history');
  say(`again: another history, ${second.digest}`);
  process.exitCode = 1;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
type Life = Omit<LifeOptions, 'print'>;
type Tell = (outcome: Outcome, life: Life) => 'on' | 'stop';

const optionsOf = ({ steps, eventful }: Life): readonly string[] => [
  ...['--steps', String(steps)],
  ...(eventful ? ['--eventful'] : []),
];

function tellBad(outcome: Outcome, life: Life): 'on' | 'stop' {
  const { violation, tail, seed } = outcome;
  if (violation === null) return 'on';
  for (const line of tail) say(line);
  say(`\nseed ${seed}, step ${outcome.steps}: ${violation.what}`);
  say(`again: scripts/simulate --seed ${seed} ${optionsOf(life).join(' ')} --verbose`);
  process.exitCode = 1;
  return 'stop';
}
function tellAll(outcome: Outcome): 'on' | 'stop' {
  say(JSON.stringify(outcome));
  return 'on';
}

async function several(seeds: readonly number[], life: Life, tell: Tell): Promise<void> {
  const began = now();
  const figures = new Figures();
  for (const seed of seeds) {
    const outcome = await live(seed, life);
    figures.add(outcome);
    if (tell(outcome, life) === 'stop') return;
  }
  if (tell === tellBad) say(figures.words(now() - began));
}

/** The same by so many processes. */
async function shared(seeds: readonly number[], life: Life, jobs: number): Promise<void> {
  const began = now();
  const figures = new Figures();
  let next = 0;
  const state = { stopped: false };
  const work = async (): Promise<void> => {
    while (!state.stopped && next < seeds.length) {
      const [from, to] = [seeds[next], seeds[Math.min(next + 49, seeds.length - 1)]];
      next += 50;
      for await (const outcome of outcomesOf(['--json', '--seeds', `${from}-${to}`, ...optionsOf(life)])) {
        figures.add(outcome);
        if (!state.stopped && tellBad(outcome, life) === 'stop') state.stopped = true;
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  if (!state.stopped) say(figures.words(now() - began));
}

async function* outcomesOf(args: readonly string[]): AsyncGenerator<Outcome> {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line) as Outcome;
}

const now = (): number => Number(process.hrtime.bigint() / 1_000_000n);

class Figures {
  private seeds = 0;
  private readonly sums = { steps: 0, days: 0, records: 0, marks: 0 };

  add(outcome: Outcome): void {
    this.seeds += 1;
    for (const name of ['steps', 'days', 'records', 'marks'] as const) this.sums[name] += outcome[name];
  }
  words(ms: number): string {
    const { steps, days, records, marks } = this.sums;
    const pace = Math.round((this.seeds * 60_000) / Math.max(1, ms));
    return `${this.seeds} seeds without a violation, ${pace} a minute: ${steps} steps, ${days} days, ${records} records, ${marks} marks`;
  }
}

void main();
