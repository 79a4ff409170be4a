/**
 * Compares what ha-deploy takes with the least that it could take, in the same run on the same hosts; prints ratios.
 * Run it on a quiet machine: `npm run bench`. Nothing here passes or fails.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareImage } from '../../docker/engine.js';
import { type Lab, startLab, stopLab } from '../../docker/lab.js';
import { upPlaybook } from '../../playbooks/up.js';
import { preflightFacts } from '../../src/checks/preflight.js';
import { verificationFacts } from '../../src/checks/status/verify.js';
import { loadCluster } from '../../src/config/load.js';
import { factsOf } from '../../src/engine/hosts/observe.js';
import { observeScript } from '../../src/remote/exec/script.js';
import { delayingProxy } from './delaying-proxy.js';
import { type Command, measure, type Outcome, run } from './measure.js';

const product = new URL('../../dist/main.cjs', import.meta.url).pathname;
const name = 'bench';

/** Where SSH to a host goes: to itself, or through a proxy. */
interface Target {
  readonly name: string;
  readonly address: string;
  readonly host: string;
  readonly port: number;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ha-deploy-bench-'));
  try {
    report('ha-deploy --version, against an empty node', await version());
    report('files of 100 nodes with two secrets, against the same without', await manyNodes(folder));
    const lab = await startLab({
      name,
      prefix: '192.168.118',
      hosts: 4,
      image: await prepareImage(process.env['HA_DEPLOY_LAB_BASE']),
    });
    const targets = [...lab.hosts.values()].map((host) => ({
      name: host.name,
      address: host.address,
      host: host.address,
      port: 22,
    }));
    report('first install on two hosts, against apt-get over parallel ssh', await install(lab, targets, folder));
    const pair = targets.slice(2);
    report('what no-op up asks of both, asked by ssh alone', await questions(lab, pair, folder));
    report('an empty node, and then the same', await questions(lab, pair, folder, () => run('node', empty)));
    report('no-op up on two hosts, against ssh sudo -n true on both at once', await noOp(lab, pair, folder));
    const proxies = await Promise.all(pair.map((target) => delayingProxy(target, 25)));
    const far = pair.map((target, index) => ({ ...target, host: '127.0.0.1', port: proxies[index]?.port ?? 0 }));
    report('the same with 50 ms of round trip', await noOp(lab, far, folder));
    for (const proxy of proxies) proxy.close();
  } finally {
    await stopLab(name);
    await rm(folder, { recursive: true });
  }
}

const empty = ['-e', ''];

async function version(): Promise<Outcome> {
  return measure({ floor: () => run('node', empty), contender: () => run('node', [product, '--version']), rounds: 15 });
}

/** What is pure of a plan, whole: every file of every node. */
async function manyNodes(folder: string): Promise<Outcome> {
  const nodes = Array.from({ length: 100 }, (_, index) => `  lb-${index}: 192.168.8.${index + 1}\n`);
  const render = async (kind: string, auth: string, page: string): Promise<Command> => {
    const path = join(folder, `${kind}.yaml`);
    await writeFile(
      path,
      `name: many
vip: 192.168.8.200
nodes:
${nodes.join('')}vrrp: { version: 2${auth} }
stats: { port: 8404${page} }
services:
  web: { port: 8443, servers: [192.168.8.201:6443] }
`,
    );
    const env = { ...process.env, VRRP_PASSWORD: 'vrrp-pw1', STATS_PASSWORD: 'stats-pw' };
    return () => run('node', [product, 'render', '--config', path, '--out', join(folder, kind), '--json'], env);
  };
  const secret = (variable: string) => `password: { env: ${variable} }`;
  return measure({
    floor: await render('without', '', ''),
    contender: await render(
      'with',
      `, auth: { type: PASS, ${secret('VRRP_PASSWORD')} }`,
      `, auth: { user: ops, ${secret('STATS_PASSWORD')} }`,
    ),
    rounds: 5,
  });
}

/** The floor is what an operator would type; each side gets two hosts that have nothing yet. */
async function install(lab: Lab, targets: readonly Target[], folder: string): Promise<Outcome> {
  const bare =
    'export DEBIAN_FRONTEND=noninteractive; apt-get update -q && apt-get install -y -q --no-install-recommends haproxy keepalived';
  const config = await writeConfig(lab, targets.slice(2), folder);
  return measure({
    floor: async () =>
      ssh(
        lab,
        targets.slice(0, 2),
        await writeKnownHosts(lab, targets, folder),
        `sudo -n sh -c '${bare}' >/dev/null 2>&1`,
      ),
    contender: () => run('node', [product, 'up', '--config', config, '--json']),
    rounds: 1,
  });
}

async function noOp(lab: Lab, targets: readonly Target[], folder: string): Promise<Outcome> {
  const config = await writeConfig(lab, targets, folder);
  const knownHosts = await writeKnownHosts(lab, targets, folder);
  return measure({
    floor: () => ssh(lab, targets, knownHosts, 'sudo -n true'),
    contender: () => run('node', [product, 'up', '--config', config, '--json']),
    rounds: 15,
  });
}

/**
 * What a run without changes cannot go below, whoever makes it: the same questions, by an ssh that knows them already.
 * @param before what has to end before ssh begins
 */
async function questions(
  lab: Lab,
  targets: readonly Target[],
  folder: string,
  before: () => Promise<void> = async () => undefined,
): Promise<Outcome> {
  const knownHosts = await writeKnownHosts(lab, targets, folder);
  const path = await writeConfig(lab, targets, folder);
  const { cluster } = loadCluster({ path, cwd: folder, env: {}, home: folder });
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('the bench has no nodes');
  const facts = factsOf(upPlaybook(cluster, node), [...preflightFacts, ...verificationFacts(cluster)]);
  const wrapping = { nonce: '0'.repeat(32), rights: { user: 'ops' }, runFolder: '/run/ha-deploy' };
  const { command } = observeScript(facts, wrapping);
  return measure({
    floor: () => ssh(lab, targets, knownHosts, 'sudo -n true'),
    contender: async () => {
      await before();
      await ssh(lab, targets, knownHosts, command);
    },
    rounds: 15,
  });
}

async function ssh(lab: Lab, targets: readonly Target[], knownHosts: string, command: string): Promise<void> {
  const options = [
    '-F',
    'none',
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    `UserKnownHostsFile=${knownHosts}`,
    '-i',
    lab.identityFile,
  ];
  await Promise.all(
    targets.map(({ host, port }) => run('ssh', [...options, '-p', String(port), `ops@${host}`, command])),
  );
}

async function writeConfig(lab: Lab, targets: readonly Target[], folder: string): Promise<string> {
  const path = join(folder, 'ha-deploy.yaml');
  const nodes = targets.map(
    (target) => `  ${target.name}: { address: ${target.address}, ssh: { host: ${target.host}, port: ${target.port} } }`,
  );
  const text = `name: bench
vip: ${lab.prefix}.100
ssh: { user: ops, identityFile: ${lab.identityFile}, knownHosts: ${await writeKnownHosts(lab, targets, folder)} }
nodes:
${nodes.join('\n')}
services:
  k8s-apiserver: { port: 8443, servers: [${targets.map(({ address }) => `${address}:6443`).join(', ')}] }
`;
  await writeFile(path, text);
  return path;
}

/** The lab's own entries, and the same keys under the names that a proxy gives them. */
async function writeKnownHosts(lab: Lab, targets: readonly Target[], folder: string): Promise<string> {
  const path = join(folder, 'known_hosts');
  const entries = (await readFile(lab.knownHosts, 'utf8')).trim().split('\n');
  const proxied = targets.flatMap(({ address, host, port }) =>
    entries
      .filter((entry) => entry.startsWith(`${address} `))
      .map((entry) => entry.replace(address, `[${host}]:${port}`)),
  );
  await writeFile(path, `${[...entries, ...proxied].join('\n')}\n`);
  return path;
}

function report(what: string, { floor, contender, ratio }: Outcome): void {
  const difference = Math.round(contender - floor);
  console.log(
    `${ratio.toFixed(2)} x  ${what} (${Math.round(contender)} ms against ${Math.round(floor)} ms, ${difference} more)`,
  );
}

await main();
