import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../../docker/host.js';
import type { SshSettings } from '../../../src/cluster/cluster.js';
import { Content } from '../../../src/cluster/secrets/content.js';
import { Secret } from '../../../src/cluster/secrets/secret.js';
import { type SshConnectorOptions, sshConnector } from '../../../src/remote/connect/connector.js';
import type { Runner } from '../../../src/remote/runner.js';
import { quote, Shell, sh } from '../../../src/remote/shell.js';
import { on, type TestLab, testLab } from '../../support/lab.js';
import { recorder, runnerContract } from '../../support/ssh/contract.js';
import { Proxy } from '../../support/ssh/proxy.js';
import { hereAt, nodeAt } from '../../support/ssh/target.js';

const never = new AbortController().signal;
const lost = { code: 'CONNECTION_LOST' };
let lab: TestLab;
let transport: 'ssh2' | 'openssh' = 'ssh2';
let host: LabHost;
let proxy: Proxy | undefined;
const runners: Runner[] = [];

beforeAll(async () => {
  lab = await testLab();
  host = lab.third;
});
afterEach(() => {
  for (const runner of runners.splice(0)) runner.close();
});
afterAll(() => proxy?.stop());

async function connect(target: Partial<SshSettings> = {}, options: Partial<SshConnectorOptions> = {}): Promise<Runner> {
  const connector = sshConnector({ here: hereAt(lab.folder), ...options });
  const { identityFile, knownHosts } = lab;
  const node = nodeAt(
    { host: host.address, port: 22, user: 'ops', identityFile, knownHosts, transport, ...target },
    host.name,
  );
  const runner = await connector.connect(node, never);
  runners.push(runner);
  return runner;
}

/** A connection that can be cut: through the proxy, with the host's keys under the proxy's name. */
async function connectThroughProxy(): Promise<Runner> {
  proxy ??= await Proxy.start(host.address, 22);
  const { output } = await host.exec(['cat', '/etc/ssh/ssh_host_ed25519_key.pub']);
  const knownHosts = join(lab.folder, 'known_hosts_proxy');
  writeFileSync(knownHosts, `[127.0.0.1]:${proxy.port} ${output}`);
  return await connect({ host: '127.0.0.1', port: proxy.port, knownHosts });
}

/** Waits on the host until a shell condition holds. */
async function until(condition: string): Promise<void> {
  await on(host, `timeout 30 sh -c ${quote(`until ${condition}; do sleep 0.05; done`)}`);
}

/** Sends a signal to the sshd of ops' sessions, not to what runs in them. */
async function signalSessions(signal: string): Promise<void> {
  await on(
    host,
    `for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline) in 'sshd: ops@'* | 'sshd-session: ops@'*) kill -${signal} "\${p#/proc/}" ;; esac; done`,
  );
}

describe.each(['ssh2', 'openssh'] as const)('over %s', (way) => {
  beforeAll(() => {
    transport = way;
  });
  afterAll(async () => void (await on(host, 'userdel -r powerless 2>/dev/null || :')));

  runnerContract('the runner', { runner: connectThroughProxy, lose: () => proxy?.cut() });

  describe('a real host', () => {
    it.each(['ops', 'root'])('gives %s the rights of root', async (user) => {
      const runner = await connect({ user });
      const probe = { id: 'id', command: sh`id -u; pwd; umask; echo "$PATH" | tr : '\\n' | grep -c sbin` };
      expect((await runner.observe([probe], never)).get('id')?.stdout).toBe('0\n/\n0022\n3\n');
      expect(await runner.perform([{ script: sh`id -u` }], recorder(), never)).toMatchObject([
        { exitCode: 0, output: '0' },
      ]);
    });

    it('carries megabytes, and leaves no secret in a log or a file', async () => {
      const secret = new Secret('env PASSWORD', () => 'hunter2-hunter2');
      const content = new Content(['x'.repeat(3_000_000), secret]);
      const runner = await connect();
      const steps = [
        { script: sh`printf %s ${Shell.encoded(content)} | base64 -d | wc -c` },
        { script: sh`grep -rlI hunter2 /var/log /run /tmp /root /home 2>/dev/null; journalctl | grep hunter2` },
      ];
      expect(await runner.perform(steps, recorder(), never)).toMatchObject([{ output: '3000015' }, { output: '' }]);
    });

    it('without sudo for the user refuses', async () => {
      await on(
        host,
        'useradd -m -s /bin/sh powerless && cp -r /home/ops/.ssh /home/powerless/ && chown -R powerless: /home/powerless/.ssh',
      );
      const runner = await connect({ user: 'powerless' });
      const refused = { code: 'SUDO_REFUSED', details: { node: host.name, command: 'sudo -n sh' } };
      await expect(runner.observe([{ id: 'a', command: sh`:` }], never)).rejects.toMatchObject(refused);
      await expect(runner.perform([{ script: sh`:` }], recorder(), never)).rejects.toMatchObject(refused);
    });

    it('that lets no such user in refuses', async () => {
      await expect(connect({ user: 'nobody-we-know' })).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
    });

    it('is known by any of its keys', async () => {
      for (const [index, key] of (await on(host, 'cat /etc/ssh/ssh_host_*_key.pub')).split('\n').entries()) {
        const knownHosts = join(lab.folder, `known_hosts_${index}`);
        writeFileSync(knownHosts, `${host.address} ${key}\n`);
        expect(await (await connect({ knownHosts })).observe([], never)).toEqual(new Map());
      }
    });

    it('ends between two steps when interrupted, and is left clean', async () => {
      const abort = new AbortController();
      const progress = recorder(([kind]) => (kind === 'printed' ? abort.abort() : undefined));
      const wait = sh`echo under way; until ls /run/ha-deploy/abort.* >/dev/null 2>&1; do sleep 0.05; done`;
      const runner = await connect();
      expect(await runner.perform([{ script: wait }, { script: sh`:` }], progress, abort.signal)).toHaveLength(1);
      expect(await on(host, 'ls /run/ha-deploy')).toBe('');
    });
  });

  describe('a step under way when the connection is lost', () => {
    const steps = (name: string): { script: Shell }[] => [
      {
        script: sh`echo $$ >/tmp/${Shell.literal(name)}.shell; echo under way; until [ -e /tmp/${Shell.literal(name)}.go ]; do sleep 0.05; done; head -c 1000000 /dev/zero; echo err >&2 && touch /tmp/${Shell.literal(name)}.finished`,
      },
      { script: sh`touch /tmp/${Shell.literal(name)}.second` },
    ];

    it.each<[string, () => unknown]>([
      ['reset', () => proxy?.cut()],
      ['sshd-killed', async () => signalSessions('KILL')],
      ['sshd-terminated', async () => signalSessions('TERM')],
    ])('is finished, and no other begins: %s', async (name, lose) => {
      await on(host, `rm -f /tmp/${name}.*`);
      const runner = await connectThroughProxy();
      let losing: unknown;
      const progress = recorder(([kind]) => {
        if (kind === 'printed') losing = lose();
      });
      await expect(runner.perform(steps(name), progress, never)).rejects.toMatchObject(lost);
      await losing;
      await on(host, `touch /tmp/${name}.go`);
      await until(`[ -e /tmp/${name}.finished ]`);
      await until(`[ ! -e /proc/$(cat /tmp/${name}.shell) ]`);
      expect(await on(host, `ls /tmp/${name}.*`)).toBe(
        ['finished', 'go', 'shell'].map((end) => `/tmp/${name}.${end}`).join('\n'),
      );
    });
  });

  describe('a host that hangs', () => {
    it('is noticed: its sshd is stopped', async () => {
      const runner = await connect({}, { keepaliveMs: 100 });
      let stopping: unknown;
      const progress = recorder(([kind]) => {
        if (kind === 'printed') stopping = signalSessions('STOP');
      });
      const endless = [{ script: sh`echo under way; sleep 60` }];
      await expect(runner.perform(endless, progress, never)).rejects.toMatchObject(lost);
      await stopping;
      await signalSessions('KILL');
    });

    it('is noticed, and not connected to: everything in it is frozen', async () => {
      const runner = await connect({}, { keepaliveMs: 100 });
      await host.pause();
      try {
        await expect(runner.observe([], never)).rejects.toMatchObject(lost);
        await expect(connect({}, { connectTimeoutMs: 500 })).rejects.toMatchObject({ code: 'UNREACHABLE' });
      } finally {
        await host.unpause();
      }
    });
  });
});
