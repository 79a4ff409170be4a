import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LabHost } from './host.js';

const execute = promisify(execFile);

/** What an operator has on disk to reach the hosts of a lab by SSH. */
export interface Access {
  /** The folder of all files of the lab, `.lab/<name>` of the repository. */
  readonly folder: string;
  readonly identityFile: string;
  readonly knownHosts: string;
}

/** Where the files of a lab are, whether they exist or not. */
export function accessOf(lab: string): Access {
  // The folder is removed with the lab: no name may lead out of `.lab`.
  if (!/^[a-z0-9-]+$/.test(lab)) throw new Error(`The name of a lab is made of a-z, 0-9 and "-"; "${lab}" is not.`);
  const folder = fileURLToPath(new URL(`../.lab/${lab}`, import.meta.url));
  return { folder, identityFile: join(folder, 'id_ed25519'), knownHosts: join(folder, 'known_hosts') };
}

/** Makes a fresh key for the lab. */
export async function createIdentity({ folder, identityFile }: Access): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ha-deploy lab', '-f', identityFile]);
}

/** Lets the lab's key in as `ops` and as `root`, and writes down the hosts' own keys, read on the hosts themselves. */
export async function openHosts(hosts: readonly LabHost[], access: Access): Promise<void> {
  const publicKey = await readFile(`${access.identityFile}.pub`, 'utf8');
  const lines = await Promise.all(
    hosts.map(async (host) => {
      await Promise.all([authorise(host, 'ops', '/home/ops', publicKey), authorise(host, 'root', '/root', publicKey)]);
      return knownHostLines(host);
    }),
  );
  await writeFile(access.knownHosts, lines.join(''));
}

/** Removes all files of a lab. */
export async function removeAccess(lab: string): Promise<void> {
  await rm(accessOf(lab).folder, { recursive: true, force: true });
}

async function authorise(host: LabHost, user: string, home: string, publicKey: string): Promise<void> {
  const script =
    'install -d -o "$1" -g "$1" -m 700 "$2/.ssh" && install -o "$1" -g "$1" -m 600 /dev/stdin "$2/.ssh/authorized_keys"';
  await host.pipe(publicKey, ['sh', '-c', script, 'sh', user, home]);
}

async function knownHostLines(host: LabHost): Promise<string> {
  const { output } = await host.exec(['sh', '-c', 'cat /etc/ssh/ssh_host_*_key.pub']);
  const keys = output.trimEnd().split('\n');
  return keys.map((key) => `${host.address} ${key}\n`).join('');
}
