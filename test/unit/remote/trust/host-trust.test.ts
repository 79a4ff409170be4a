import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { DeployError } from '../../../../src/errors/deploy-error.js';
import type { SshTarget } from '../../../../src/remote/target/target.js';
import { type HostKey, hostKeyOf } from '../../../../src/remote/trust/host-key.js';
import { judgeKey, recall } from '../../../../src/remote/trust/host-trust.js';
import { KnownHostsFiles } from '../../../../src/remote/trust/known-hosts-file.js';
import { blobOf, KeyFolder } from '../../../support/ssh/keys.js';

const folder = new KeyFolder();
afterAll(() => folder.remove());
const file = folder.file("known hosts of 'mine'");

function keyNamed(name: string): HostKey {
  const key = hostKeyOf(blobOf(folder.key(name).publicKey));
  if (key === undefined) throw new Error('ssh-keygen makes no key');
  return key;
}

const shown = keyNamed('shown');
const other = keyNamed('other');

const direct: SshTarget = {
  alias: 'node-101',
  host: '192.0.2.1',
  port: 2222,
  user: 'ops',
  login: { files: [], extra: [], filesOnly: false, certificates: [], gssapi: false },
  trust: { files: [file], hostKeys: 'strict' },
  way: { kind: 'direct' },
  connectTimeoutMs: 1,
  keepalive: { intervalMs: 1, count: 1 },
};

async function judged(target: SshTarget, key: HostKey): Promise<DeployError | undefined> {
  return judgeKey(target, await recall(target, new KnownHostsFiles()), key);
}

it.each<[string, Partial<SshTarget>]>([
  ['on a port of its own', {}],
  ['on the usual port', { port: 22 }],
  ['with an address of IPv6', { host: '2001:db8::1' }],
  ['behind a command', { way: { kind: 'command', command: 'nc %h %p' } }],
  ['behind another', { way: { kind: 'jump', through: direct } }],
  [
    'with the first of all known hosts',
    { trust: { ...direct.trust, files: [join(folder.file('new'), '.ssh', 'known_hosts')] } },
  ],
  ['that goes by another name', { trust: { ...direct.trust, name: 'lb' } }],
])('the command to trust a host %s is for the key that it has shown, and no other', async (_what, of) => {
  const target = { ...direct, ...of };
  writeFileSync(file, '');
  const refusal = await judged(target, shown);
  expect(refusal?.code).toBe('HOST_KEY_UNKNOWN');
  const [, command = ''] = /trust it with: (.*)$/.exec(refusal?.details.hint ?? '') ?? [];
  execFileSync('sh', ['-c', command]);
  expect(await judged(target, shown)).toBeUndefined();
  expect((await judged(target, other))?.code).toBe('HOST_KEY_CHANGED');
});
