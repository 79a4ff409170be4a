import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareImage } from './engine.js';
import type { LabHost } from './host.js';
import { findLab, type Lab, startLab, stopLab } from './lab.js';

const usage = `Usage: npx jiti docker/lab-cli.ts <command> [options]

Commands:
  up      bring up a fresh lab
  status  show the hosts of a lab that runs
  down    remove a lab: hosts, network and files

Options:
  --name <name>      keeps labs apart (default: demo)
  --prefix <a.b.c>   first three parts of the addresses (default: 192.168.8)
  --hosts <count>    how many hosts, from node-101 on (default: 3)
  --base <image>     such as ubuntu:24.04 or debian:12 (default: ubuntu:22.04, or debian:12 without a registry)
`;

/** The cluster of the memo on the hosts of the lab. */
function clusterFile(prefix: string): string {
  return `name: k8s-api
vip: ${prefix}.100
ssh: { user: ops, identityFile: ./id_ed25519, knownHosts: ./known_hosts }
nodes:
  node-101: ${prefix}.101
  node-102: ${prefix}.102
# Containers on a busy machine stall now and then, and ten adverts a second would take that for a death.
vrrp: { profile: relaxed }
# A container may grant no more open files than that takes.
haproxy: { maxConnections: 8000 }
services:
  k8s-apiserver:
    port: 8443
    servers: [${prefix}.101:6443, ${prefix}.102:6443, ${prefix}.103:6443]
`;
}

interface Options {
  readonly name: string;
  readonly prefix: string;
  readonly hosts: string;
  readonly base?: string | undefined;
}

const commands: Record<string, (options: Options) => Promise<void>> = { up, status, down };

async function up({ name, prefix, hosts, base }: Options): Promise<void> {
  const image = await prepareImage(base);
  const lab = await startLab({ name, prefix, hosts: Number(hosts), image });
  const file = join(lab.folder, 'ha-deploy.yaml');
  await writeFile(file, clusterFile(lab.prefix));
  await show(lab);
  console.log(`\nA cluster of them: ${file}`);
}

async function status({ name }: Options): Promise<void> {
  const lab = await findLab(name);
  if (lab === undefined) throw new Error(`No lab "${name}" runs.`);
  await show(lab);
}

async function down({ name }: Options): Promise<void> {
  await stopLab(name);
  console.log(`The lab "${name}" is gone: hosts, network and files.`);
}

async function show(lab: Lab): Promise<void> {
  for (const host of lab.hosts.values()) {
    console.log(`${host.name}  ${host.address}  ${host.address6}  ${await stateOf(host)}`);
  }
  console.log(`\nssh -i ${lab.identityFile} -o UserKnownHostsFile=${lab.knownHosts} ops@${lab.prefix}.101`);
}

async function stateOf(host: LabHost): Promise<string> {
  try {
    const { output } = await host.exec(['systemctl', 'is-system-running']);
    return output.trim();
  } catch {
    return 'stopped or paused';
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'demo' },
      prefix: { type: 'string', default: '192.168.8' },
      hosts: { type: 'string', default: '3' },
      base: { type: 'string' },
    },
  });
  const command = commands[positionals[0] ?? ''];
  if (command === undefined) throw new Error(usage);
  await command(values);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
