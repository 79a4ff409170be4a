import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endpoint } from '../../../src/cluster/values/address.js';
import type { Fact } from '../../../src/facts/fact.js';
import { keepalivedProcess } from '../../../src/facts/keepalived/keepalived.js';
import { reachableEndpoints } from '../../../src/facts/network/endpoints.js';
import { takenPorts } from '../../../src/facts/network/taken-ports.js';
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

/** The addresses of this machine. */
const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []);

describe('which endpoints answer', () => {
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
  async function learnFrom(whenAsked: string, { into = folder, df = 'false' } = {}): Promise<unknown> {
    const other = join(folder, 'other');
    writeFileSync(other, dump);
    const daemon = spawn(
      'sh',
      ['-c', `trap '${whenAsked}' USR1; echo ready; while :; do read line || sleep 0.01; done`],
      {
        env: { ...process.env, TMPDIR: into, dump: join(into, 'keepalived.data'), other },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    daemons.push(daemon);
    await once(daemon.stdout, 'data');
    const program = join(folder, 'df');
    writeFileSync(program, `#!/bin/sh\n${df}\n`, { mode: 0o755 });
    const pid = join(folder, 'pid');
    writeFileSync(pid, `${daemon.pid}\n`);
    return await learn(keepalivedProcess, {
      '/run/keepalived.pid': pid,
      // Whoever runs here is of no unit.
      'm{/keepalived\\.service$}m': 'm{.}',
      '"/root"': `"${folder}"`,
      ', "tmp";': ';',
      '"df"': `"${program}"`,
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

  test('is read where the folder for it was taken away, which is as before afterwards', async () => {
    const into = join(folder, 'gone');
    expect(await learnFrom('cp "$other" "$dump"', { into })).toMatchObject({ routerId: 'web' });
    expect(existsSync(into)).toBe(false);
  });

  test.each([
    ['space', '/run 0 99 100'],
    ['inodes', '/run 4096 0 100'],
  ])('for which there is no %s left says nothing of the daemon', async (_, line) => {
    const df = `echo "Mounted on Avail IFree Inodes"; echo "/ 4096 99 100"; echo "${line}"`;
    await expect(learnFrom('head -c 10 "$other" > "$dump"', { df })).rejects.toMatchObject({ code: 'NO_SPACE' });
    expect(existsSync(join(folder, 'keepalived.data'))).toBe(false);
  });

  test.each([
    ['there is space', '/run 4096 99 100'],
    ['inodes are not counted', '/run 4096 0 0'],
    ['inodes are not known', '/run 4096 - -'],
    ['nothing is said', ''],
  ])('is none from a daemon that is silent though %s', async (_, line) => {
    expect(await learnFrom(':', { df: `echo "${line}"` })).toBeUndefined();
  });
});

describe('which ports are taken', () => {
  const odd = 'odd\nname';
  /** An address that no host has, of each family, as a VIP that another node holds. */
  const [vip, vip6] = ['192.0.2.100', '2001:db8::100'];

  /** Who listens on a free port, and what `ss` says of it: the rows that come first, and then a process. */
  async function listen(address: string, { reusePort = false, rows = '' } = {}): Promise<number> {
    const program = `use Socket qw(:DEFAULT pack_sockaddr_in6 inet_pton); $0 = shift;
my ($address, $reuse) = @ARGV;
my $six = $address =~ /:/;
socket my $s, $six ? AF_INET6 : AF_INET, SOCK_STREAM, 0;
setsockopt $s, SOL_SOCKET, SO_REUSEPORT, 1 if $reuse;
bind $s, $six ? pack_sockaddr_in6(0, inet_pton(AF_INET6, $address)) : pack_sockaddr_in(0, inet_aton($address)) or die;
listen $s, 5; $| = 1; print +(unpack "x2n", getsockname $s), "\\n"; sleep`;
    const child = spawn('perl', ['-e', program, odd, address, reusePort ? '1' : ''], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    daemons.push(child);
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(chunk.toString());
    const local = address === '::' ? '*' : address;
    const row = `LISTEN 0 5 ${local}:${port} 0.0.0.0:* users:(("${odd}",pid=${child.pid},fd=3))`;
    writeFileSync(join(folder, 'ss'), `#!/bin/sh\ncat <<'END'\n${rows.replaceAll('PORT', String(port))}${row}\nEND\n`, {
      mode: 0o755,
    });
    return port;
  }

  async function takenOf(address: string, port: number) {
    return await learn(takenPorts([{ address, port }]), { '"ss"': `"${join(folder, 'ss')}"` });
  }

  const wildcards = ['0.0.0.0', ...(own.includes('::1') ? ['::'] : [])];

  test.each(wildcards)('by somebody on %s: that of every VIP of the family, and who it is', async (address) => {
    const port = await listen(address);
    for (const each of address === '::' ? [vip, vip6] : [vip])
      expect(await takenOf(each, port)).toMatchObject([
        { address: each, port, processes: [{ pid: daemons.at(-1)?.pid, name: 'odd?name' }] },
      ]);
  });

  test('by somebody on that very address', async () => {
    const port = await listen('127.0.0.9');
    expect(await takenOf('127.0.0.9', port)).toMatchObject([{ processes: [{ name: 'odd?name' }] }]);
  });

  test.each([
    ['another address', '127.0.0.1', false],
    ['all addresses, and shares them', '0.0.0.0', true],
  ])('not by somebody on %s', async (_, address, reusePort) => {
    const port = await listen(address, { reusePort });
    expect(await takenOf(vip, port)).toEqual([]);
  });

  test('not by who has the port on an address of its own beside', async () => {
    const rows = `LISTEN 0 5 127.0.0.1:PORT 0.0.0.0:* users:(("nginx",pid=${process.pid},fd=3))\n`;
    const port = await listen('127.0.0.9', { rows });
    expect(await takenOf('127.0.0.9', port)).toMatchObject([{ processes: [{ pid: daemons.at(-1)?.pid }] }]);
  });
});
