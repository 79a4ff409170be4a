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
