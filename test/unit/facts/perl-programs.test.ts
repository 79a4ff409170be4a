import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endpoint } from '../../../src/cluster/address.js';
import { reachableEndpoints } from '../../../src/facts/endpoints.js';
import type { Fact } from '../../../src/facts/fact.js';
import { keepalivedProcess } from '../../../src/facts/keepalived.js';
import { takenPorts } from '../../../src/facts/taken-ports.js';
import { portOf } from '../../support/ssh/server.js';

/** What hosts are asked in Perl, in the perl of this machine. */
let folder: string;
const servers: Server[] = [];
const daemons: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ha-deploy-perl-'));
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const daemon of daemons.splice(0)) daemon.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** What a fact learns on this machine, where these things have other names. */
async function learn<T>(fact: Fact<T>, names: Readonly<Record<string, string>>): Promise<T> {
  let command = fact.command.reveal();
  for (const [there, here] of Object.entries(names)) {
    expect(command).toContain(there);
    command = command.replaceAll(there, here);
  }
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  const [exitCode] = (await once(child, 'close')) as [number];
  return fact.parse({ exitCode, stdout });
}

describe('which endpoints answer', () => {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []);

  test.each(['127.0.0.1', '::1'].filter((address) => own.includes(address)))('of %s', async (address) => {
    const server = createServer().listen(0, address);
    servers.push(server);
    await once(server, 'listening');
    const endpoints = [
      { address, port: portOf(server) },
      { address, port: 1 },
    ];
    const found = await learn(reachableEndpoints(endpoints), { '/usr/sbin/haproxy': '/bin/sh' });
    expect([...found]).toEqual([
      [endpoint(address, portOf(server)), true],
      [endpoint(address, 1), false],
    ]);
  });

  test('without HAProxy nobody is asked', async () => {
    const found = await learn(reachableEndpoints([{ address: '127.0.0.1', port: 1 }]), {
      '/usr/sbin/haproxy': '/nowhere/haproxy',
    });
    expect([...found.values()]).toEqual([false]);
  });
});

describe("keepalived's dump", () => {
  const dump =
    ' Router ID = web\n VRRP Instance = VI_1\n   State = MASTER\n   Effective priority = 250\n------< Interfaces >------\n';

  /** A process that does this when it is asked for its dump, `$dump`, and another one that it may fill. */
  async function learnFrom(whenAsked: string): Promise<unknown> {
    const other = join(folder, 'other');
    writeFileSync(other, dump);
    const daemon = spawn(
      'sh',
      ['-c', `trap '${whenAsked}' USR1; echo ready; while :; do read line || sleep 0.01; done`],
      {
        env: { ...process.env, TMPDIR: folder, dump: join(folder, 'keepalived.data'), other },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    daemons.push(daemon);
    await once(daemon.stdout, 'data');
    const pid = join(folder, 'pid');
    writeFileSync(pid, `${daemon.pid}\n`);
    return await learn(keepalivedProcess, {
      '/run/keepalived.pid': pid,
      // Whoever runs here is of no unit.
      'm{/keepalived\\.service$}m': 'm{.}',
      '"/root"': `"${folder}"`,
      ', "tmp";': ';',
    });
  }

  test('is read', async () => {
    expect(await learnFrom('cp "$other" "$dump"')).toEqual({
      routerId: 'web',
      instances: [{ name: 'VI_1', state: 'MASTER', effectivePriority: 250 }],
    });
  });

  test.each([
    ['a link to another file', 'ln -s "$other" "$dump"'],
    ['a pipe that nobody writes to', 'mkfifo "$dump"'],
    ['a folder', 'mkdir "$dump"'],
  ])('is none where %s stands in its place', async (_, plant) => {
    expect(await learnFrom(plant)).toBeUndefined();
  });
});

describe('which ports are taken', () => {
  async function listen(address: string, reusePort = false): Promise<number> {
    const program = `use Socket qw(:DEFAULT pack_sockaddr_in6 inet_pton); $0 = "odd\\nname";
socket my $s, $ARGV[0] =~ /:/ ? AF_INET6 : AF_INET, SOCK_STREAM, 0;
setsockopt $s, SOL_SOCKET, SO_REUSEPORT, 1 if $ARGV[1];
bind $s, $ARGV[0] =~ /:/ ? pack_sockaddr_in6(0, inet_pton(AF_INET6, $ARGV[0])) : pack_sockaddr_in(0, inet_aton($ARGV[0])) or die;
listen $s, 5; $| = 1; print +(unpack "x2n", getsockname $s), "\\n"; sleep`;
    const child = spawn('perl', ['-e', program, address, reusePort ? '1' : ''], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    daemons.push(child);
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    return Number(chunk.toString());
  }

  const vip = '127.0.0.9';

  test.each(['0.0.0.0', vip])('where somebody listens on %s, on that address', async (address) => {
    const port = await listen(address);
    const found = await learn(takenPorts([{ address: vip, port }]), {});
    expect(found).toMatchObject([{ address: vip, port }]);
  });

  test.each([
    ['another address of the host', '127.0.0.1', false],
    ['all addresses, and shares them', '0.0.0.0', true],
  ])('none where somebody has %s', async (_, address, isShared) => {
    const port = await listen(address, isShared);
    expect(await learn(takenPorts([{ address: vip, port }]), {})).toEqual([]);
  });

  test('an address that the host does not have is tried too', async () => {
    const port = await listen('127.0.0.1');
    expect(await learn(takenPorts([{ address: '192.0.2.100', port }]), {})).toEqual([]);
  });
});
