import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fingerprint } from './at-rest.js';
import { type Scenario, scenarios } from './fail-scenarios.js';
import { type FaultyHost, type Way, ways } from './faulty-host.js';
import { type Plot, ProvingGround } from './proving-ground.js';
import { type Repair, repairsAfter } from './repairs.js';

/** `sample`, another one each time; `all`; or how the names of scenarios begin, with `;` between: all cases of these. */
const wanted = process.env['HA_DEPLOY_FAIL_POINTS'];
const seed = Number(process.env['HA_DEPLOY_FAIL_POINTS_SEED'] ?? Date.now() % 1_000_000);
const isSample = wanted === 'sample';
/** After which no case is begun any more: a sample of what was asked for. */
const minutes = Number(process.env['HA_DEPLOY_FAIL_POINTS_MINUTES'] ?? (isSample ? 0.75 : Number.POSITIVE_INFINITY));
const shells: readonly FaultyHost['shell'][] = ['dash', 'bash'];

/** One command of a scenario, and what becomes of it. */
interface Case {
  readonly scenario: Scenario;
  readonly at: number;
  readonly call: string;
  readonly way: Way;
  readonly shell: FaultyHost['shell'];
}

interface Tally {
  commands: number;
  tried: number;
  readonly faults: string[];
}

const chosen = scenarios.filter(
  ({ name }) => isSample || wanted === 'all' || wanted?.split(';').some((each) => name.startsWith(each)),
);
const ground = new ProvingGround(3);
const tallies = new Map(chosen.map(({ name }): [string, Tally] => [name, { commands: 0, tried: 0, faults: [] }]));
/** What became of a state, however it had come about. */
const outcomes = new Map<string, Promise<readonly string[]>>();

function tallyOf({ name }: Scenario): Tally {
  const tally = tallies.get(name);
  if (tally === undefined) throw new Error(`no scenario is called ${name}`);
  return tally;
}

/** Runs the scenario with nothing amiss, and lists what may be. */
async function casesOf(plot: Plot, scenario: Scenario): Promise<readonly Case[]> {
  const host = plot.hosts.dash;
  await plot.lay(scenario.stage);
  const { exitCode, lines } = await host.step(scenario.step(host), scenario.input?.(host), { at: 0, way: 'fails' });
  const tally = tallyOf(scenario);
  if (exitCode !== 0 || !scenario.promise(host))
    tally.faults.push(`with nothing amiss it ends with ${exitCode}: ${lines.join('; ')}`);
  // Who waits asks the same again and again.
  const calls = host.calls
    .map((call, index) => ({ call, at: index + 1 }))
    .filter(({ call }, index) => host.calls.slice(0, index).filter((earlier) => earlier === call).length < 3);
  tally.commands = calls.length;
  return calls.flatMap((each) =>
    (Object.keys(ways) as Way[]).flatMap((way) => shells.map((shell) => ({ scenario, ...each, way, shell }))),
  );
}

async function tryOut(plot: Plot, { scenario, at, call, way, shell }: Case): Promise<void> {
  const host = plot.hosts[shell];
  await plot.lay(scenario.stage);
  const step = scenario.step(host);
  const { exitCode, lines } = await host.step(step, scenario.input?.(host), { at, way });
  const faults: string[] = [];
  if (!host.struck) faults.push('it was never run');
  if (exitCode === 0 && !scenario.promise(host)) faults.push(`it claims success: ${lines.join('; ')}`);
  if (step[0] === 'watch' && exitCode === 0) collect(host, step[1]);
  const repairs = Object.entries(repairsAfter(step, exitCode));
  // In a sample one of them, else all.
  const due = isSample ? repairs.slice(outcomes.size % repairs.length).slice(0, 1) : repairs;
  faults.push(...(await afterwards(plot, host, scenario, exitCode, due)));
  const tally = tallyOf(scenario);
  tally.tried += 1;
  if (faults.length === 0) return;
  const what = `command ${at} of ${shell} ${ways[way]}, exit code ${exitCode}: ${call}\n    ${faults.join('\n    ')}`;
  tally.faults.push(what.replaceAll(/\/\S*\/plot-\d\/host/g, ''));
}

/** As systemd does with a watch that has ended well. */
function collect(host: FaultyHost, token = ''): void {
  for (const unit of host.list('units').filter((name) => name.startsWith('ha-deploy-watch-')))
    if (host.read(`units/${unit}/token`) === `${token}\n`)
      rmSync(join(host.folder, 'units', unit), { recursive: true });
}

/** These repairs, each on what the step has left. */
async function afterwards(
  plot: Plot,
  host: FaultyHost,
  scenario: Scenario,
  exitCode: number | null,
  due: readonly (readonly [string, Repair])[],
): Promise<string[]> {
  const state = createHash('sha256').update(fingerprint(host)).digest('hex');
  const faults: string[] = [];
  let isSaved = false;
  for (const [name, repair] of due) {
    const key = [scenario.name, state, name, exitCode === 0].join();
    let outcome = outcomes.get(key);
    if (outcome === undefined) {
      const laid = isSaved ? plot.restore() : plot.save();
      isSaved = true;
      outcome = laid.then(async () => {
        const found = await repair(host, scenario.rests, scenario.undone);
        return found.map((fault) => `after ${name}: ${fault}`);
      });
      outcomes.set(key, outcome);
    }
    faults.push(...(await outcome));
  }
  return faults;
}

/** Each plot takes the next one as soon as it is done. */
async function onAllPlots<T>(
  items: readonly T[],
  work: (plot: Plot, item: T) => Promise<void>,
  deadline = Number.POSITIVE_INFINITY,
): Promise<void> {
  const left = items.toReversed();
  await Promise.all(
    ground.plots.map(async (plot) => {
      for (let item = left.pop(); item !== undefined && Date.now() < deadline; item = left.pop())
        await work(plot, item);
    }),
  );
}

/** In an order that the seed decides. */
function shuffled<T>(items: readonly T[]): readonly T[] {
  const ranked = items.map((item, index) => ({
    item,
    rank: createHash('sha256').update(`${seed} ${index}`).digest('hex'),
  }));
  return ranked.toSorted((one, other) => one.rank.localeCompare(other.rank)).map(({ item }) => item);
}

/** How many there are and were tried, by function. */
function summary(): string {
  const all = [...tallies].map(([name, { commands, tried, faults }]) => ({
    name,
    commands,
    tried,
    faults: faults.length,
  }));
  const total = { name: 'fail points', commands: 0, tried: 0, faults: 0 };
  for (const each of all) {
    total.commands += each.commands;
    total.tried += each.tried;
    total.faults += each.faults;
  }
  const many = Object.keys(ways).length;
  return [...all, total]
    .map(
      ({ name, commands, tried, faults }) =>
        `${name}: ${commands} commands x ${many} ways x ${shells.length} shells, ${tried} of ${commands * many * shells.length} cases, ${faults === 0 ? 'all survived' : `${faults} not survived`}`,
    )
    .join('\n');
}

describe.skipIf(wanted === undefined)('whatever command fails, or dies', () => {
  beforeAll(async () => {
    const start = Date.now();
    await ground.prepare();
    const cases = new Map<Scenario, readonly Case[]>();
    await onAllPlots(chosen, async (plot, scenario) => void cases.set(scenario, await casesOf(plot, scenario)));
    // In the order of the scenarios, so that a seed says which they are.
    const inOrder = chosen.flatMap((scenario) => cases.get(scenario) ?? []);
    await onAllPlots(shuffled(inOrder), tryOut, Date.now() + minutes * 60_000);
    process.stdout.write(`${summary()}\nseed ${seed}, ${Math.round((Date.now() - start) / 1000)} s\n`);
  }, 24 * 3_600_000);

  afterAll(() => ground.remove());

  test('some of them are tried', () => {
    expect([...tallies.values()].reduce((sum, { tried }) => sum + tried, 0)).toBeGreaterThan(0);
  });

  test.each(chosen.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
    expect(tallyOf(scenario).faults.join('\n')).toBe('');
  });
});
