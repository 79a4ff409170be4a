/**
 * Breaks pairs of hosts again and again, and prints how long fresh clients were without service: the median and the worst of
 * each fault, for every profile, and for the memo's own configuration on the same hosts; and how often the VIP moves for nothing
 * while all cores are busy. Run it on a quiet machine: `npm run bench:failover [rounds [part…]]`. Nothing here passes or fails.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { prepareImage } from '../../docker/engine.js';
import { type Lab, startLab, stopLab } from '../../docker/lab.js';
import { type Fault, faults } from '../../src/cluster/fault.js';
import { electionsUnderLoad } from './loaded-pair.js';
import { memoPair } from './memo-pair.js';

const product = new URL('../../dist/main.cjs', import.meta.url).pathname;
const name = 'failover';
const [words = '10', ...chosen] = process.argv.slice(2);
const rounds = Number(words);
const loadedSeconds = 300;

/** Milliseconds; null where service did not come back while somebody watched. */
type Outages = ReadonlyMap<Fault, readonly (number | null)[]>;

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ha-deploy-failover-'));
  try {
    const lab = await startLab({
      name,
      prefix: '192.168.119',
      hosts: 3,
      image: await prepareImage(process.env['HA_DEPLOY_LAB_BASE']),
    });
    const parts = {
      standard: async () => print('standard', await drilled(lab, 'standard', folder)),
      fast: async () => print('fast', await drilled(lab, 'fast', folder)),
      relaxed: async () => print('relaxed', await drilled(lab, 'relaxed', folder)),
      load: async () => printElections(await loaded(lab, folder)),
      memo: async () => print("the memo's own configuration, made to start", await memo(lab, folder)),
    };
    for (const [part, measure] of Object.entries(parts))
      if (chosen.length === 0 || chosen.includes(part)) await measure();
  } finally {
    await stopLab(name);
    await rm(folder, { recursive: true });
  }
}

/** Every fault, as often as was asked for, by the product itself. */
async function drilled(lab: Lab, profile: string, folder: string): Promise<Outages> {
  const config = join(folder, `${profile}.yaml`);
  await writeFile(config, configOf(lab, profile));
  await run('up', config);
  const found = new Map<Fault, (number | null)[]>(faults.map((fault) => [fault, []]));
  for (let round = 0; round < rounds; round += 1) {
    const { faults: felt = [] } = await run('drill', config, '--yes');
    for (const { fault, outageMs } of felt) found.get(fault)?.push(outageMs);
  }
  return found;
}

/** On hosts that have the packages. */
async function memo(lab: Lab, folder: string): Promise<Outages> {
  await standard(lab, folder);
  return await memoPair(lab, Math.min(rounds, 3));
}

async function standard(lab: Lab, folder: string): Promise<void> {
  const config = join(folder, 'standard.yaml');
  await writeFile(config, configOf(lab, 'standard'));
  await run('up', config);
}

/** How often the VIP of the standard profile moves while nothing fails. */
async function loaded(lab: Lab, folder: string): Promise<number> {
  await standard(lab, folder);
  return await electionsUnderLoad([...lab.hosts.values()].slice(0, 2), loadedSeconds);
}

function printElections(count: number): void {
  console.log(`\n${count} elections in ${loadedSeconds} s with all cores of both hosts busy, standard`);
}

interface Result {
  readonly faults?: readonly { readonly fault: Fault; readonly outageMs: number | null }[];
}

/** @throws Error where it failed, but for a drill that was over its budget: that is what is measured here */
async function run(command: string, config: string, ...flags: readonly string[]): Promise<Result> {
  const args = [product, command, '--config', config, '--json', ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (code !== 0 && code !== 5) throw new Error(`\`${command}\` failed: ${last}`);
  return JSON.parse(last) as Result;
}

function configOf(lab: Lab, profile: string): string {
  const [first, second, third] = [...lab.hosts.values()];
  if (first === undefined || second === undefined || third === undefined) throw new Error('the lab has too few hosts');
  return `name: ${name}
vip: ${lab.prefix}.100
ssh: { user: ops, identityFile: ${lab.identityFile}, knownHosts: ${lab.knownHosts} }
nodes: { ${first.name}: ${first.address}, ${second.name}: ${second.address} }
vrrp: { profile: ${profile} }
services:
  web: { port: 8443, servers: [${third.address}:6443] }
`;
}

function print(title: string, outages: Outages): void {
  console.log(`\n${title}\n${'fault'.padEnd(18)}${'p50'.padStart(10)}${'p99'.padStart(10)}   every one, ms`);
  for (const [fault, all] of outages) {
    const sorted = all.map((ms) => ms ?? Number.POSITIVE_INFINITY).toSorted((a, b) => a - b);
    const at = (part: number): string => shown(sorted[Math.ceil(part * sorted.length) - 1]);
    console.log(
      `${fault.padEnd(18)}${at(0.5).padStart(10)}${at(0.99).padStart(10)}   ${all.map((ms) => shown(ms ?? undefined)).join(' ')}`,
    );
  }
}

function shown(ms: number | undefined): string {
  return ms === undefined || !Number.isFinite(ms) ? 'for ever' : String(Math.round(ms));
}

await main();
