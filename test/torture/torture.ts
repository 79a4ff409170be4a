/**
 * Runs of the program under faults, in sequences that follow from a seed, and rules that must hold whatever happens:
 * `npm run torture [-- --minutes 30 --seed 7]`. Its lab is its own; it is removed at the end.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareImage } from '../../docker/engine.js';
import { startLab, stopLab } from '../../docker/lab.js';
import { budgetsOf } from './budgets.js';
import { journalLines } from './journal.js';
import { Operator } from './operator.js';
import { configOf, pairOf } from './pair.js';
import { play, synopsis, type Theatre } from './play.js';
import { Recorder } from './recorder.js';
import { around, Tally, violationLines } from './report.js';
import { base } from './scenario.js';
import { sequenceOf } from './sequence.js';

const options = {
  minutes: { type: 'string', default: '3' },
  seed: { type: 'string' },
  /** Only the sequence of this number. */
  only: { type: 'string' },
  name: { type: 'string', default: 'torture' },
  prefix: { type: 'string', default: '192.168.109' },
  base: { type: 'string' },
  /** Seconds. */
  lease: { type: 'string', default: '6' },
  product: { type: 'string', default: 'dist/main.cjs' },
} as const;

const { values } = parseArgs({ options });
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
const leaseSeconds = Number(values.lease);
/** Milliseconds that most sequences take: none is begun that would end long after the time is up. */
const usual = 40_000;
const product = resolve(values.product);

async function main(): Promise<void> {
  console.log(`seed ${seed}: \`npm run torture -- --seed ${seed}\` does the same again`);
  const workshop = await mkdtemp(join(tmpdir(), 'ha-deploy-torture-'));
  const tally = new Tally();
  try {
    await sequences(workshop, tally);
  } finally {
    await stopLab(values.name);
    await rm(workshop, { recursive: true, force: true });
    const report = process.env['HA_DEPLOY_TEST_REPORT'];
    if (report !== undefined) await tally.write(report);
  }
  for (const line of tally.lines(seed)) console.log(line);
  process.exitCode = tally.failed > 0 || tally.sequences === 0 ? 1 : 0;
}

/** One after the other until the time is up; the last one is finished. */
async function sequences(workshop: string, tally: Tally): Promise<void> {
  let theatre = await openTheatre(workshop);
  const deadline = Date.now() + Number(values.minutes) * 60_000 - usual;
  let index = values.only === undefined ? 0 : Number(values.only);
  do {
    const wrecked = await oneSequence(theatre, index, tally);
    index += 1;
    if (values.only !== undefined) return;
    // What the last `up` could not repair must not be blamed on the next sequence.
    if (wrecked && Date.now() < deadline) theatre = await openTheatre(workshop);
  } while (Date.now() < deadline);
}

/** @returns whether the pair is not as it was */
async function oneSequence(theatre: Theatre, index: number, tally: Tally): Promise<boolean> {
  const sequence = sequenceOf(seed, index);
  console.log(`\nsequence ${index} of seed ${seed}\n${synopsis(sequence).join('\n')}`);
  const recorder = new Recorder(console.log);
  const played = await play(theatre, sequence, recorder);
  tally.add(played);
  for (const violation of played.violations) {
    const { from, to } = violation;
    const journals = await Promise.all(
      theatre.pair.hosts.map(async (host) => journalLines(host, from - around, to + around)),
    );
    console.log([...violationLines(violation, recorder.trace, recorder.startedAt), ...journals.flat()].join('\n'));
  }
  return played.violations.some(({ rule }) => rule === 'not-repaired' || rule === 'not-idempotent');
}

/** A fresh lab, and the pair on it set up as every sequence begins. */
async function openTheatre(workshop: string): Promise<Theatre> {
  const image = await prepareImage(values.base ?? process.env['HA_DEPLOY_LAB_BASE']);
  const pair = pairOf(await startLab({ name: values.name, prefix: values.prefix, hosts: 3, image }));
  const desks = [
    await Operator.at(workshop, product, leaseSeconds),
    await Operator.at(workshop, product, leaseSeconds),
  ] as const;
  await desks[0].write(configOf(pair, base));
  const { exitCode, result } = await desks[0].run('up');
  if (exitCode !== 0) throw new Error(`the pair cannot be set up: ${JSON.stringify(result?.error)}`);
  return { pair, desks, budgets: budgetsOf(leaseSeconds * 1000), leaseMs: leaseSeconds * 1000 };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    stopLab(values.name).then(
      () => process.exit(130),
      () => process.exit(1),
    );
  });

await main();
