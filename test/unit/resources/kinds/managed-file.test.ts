import { describe, expect, test } from 'vitest';
import { Content } from '../../../../src/cluster/secrets/content.js';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import { interfaces } from '../../../../src/facts/network/interfaces.js';
import type { QueryOutput } from '../../../../src/remote/runner.js';
import { Shell } from '../../../../src/remote/shell.js';
import { type ManagedFile, managedFile } from '../../../../src/resources/kinds/managed-file.js';
import { captured, hostWith, printed } from '../../facts/support.js';
import { onlyChange, said } from '../support.js';

const password = new Secret('env PASSWORD', () => 'hunter2x');
const wanted: ManagedFile = {
  path: '/etc/keepalived/keepalived.conf',
  content: new Content(['auth_pass ', password, '\npriority 254\n']),
  mode: '0640',
  owner: 'root:root',
};
const right = '81a0 640 root:root 1\nauth_pass hunter2x\npriority 254\n';

function host(answer: string | QueryOutput) {
  return hostWith({ [`file:${wanted.path}`]: answer });
}

const id = 'file:/etc/keepalived/keepalived.conf';

describe('a managed file', () => {
  test('that is right needs nothing', () => {
    expect(managedFile(wanted).plan(host(right))).toEqual([]);
  });

  test.each([
    ['is missing', printed('', 1), `create ${id}: missing`],
    ['was edited', right.replace('254', '255'), `update ${id}: content differs`],
    ['is empty', '81a0 640 root:root 1\n', `update ${id}: content differs`],
    ['has the old secret', right.replace('hunter2x', 'hunter1x'), `update ${id}: content differs`],
    ['has another mode', right.replace('640', '644'), `update ${id}: mode 0644 → 0640`],
    ['has a set-user-id bit', right.replace('640', '4640'), `update ${id}: mode 4640 → 0640`],
    ['has another owner', right.replace('root:root', 'ops:root'), `update ${id}: owner ops:root → root:root`],
    [
      'is wrong in every way',
      '81a4 644 ops:ops 1\n',
      `update ${id}: content differs, mode 0644 → 0640, owner ops:ops → root:root`,
    ],
    ['is a symbolic link', captured('file/bookworm-link'), `update ${id}: not a regular file`],
    ['is a directory', captured('file/bookworm-directory'), `update ${id}: not a regular file`],
    ['is a device', captured('file/bookworm-device'), `update ${id}: not a regular file`],
  ])('that %s needs one change', (_, answer, expected) => {
    expect(said(managedFile(wanted).plan(host(answer)))).toEqual([expected]);
  });

  test('is as long as what is written, and that is not its label', () => {
    const { bytes } = onlyChange(managedFile(wanted), host(right.replace('640', '644')));
    expect(bytes).toBe('auth_pass hunter2x\npriority 254\n'.length);
  });

  test('shows its text before and after, with the secret as a label', () => {
    const { text } = onlyChange(managedFile(wanted), host(right.replace('254', '255')));
    expect(text).toEqual({
      before: 'auth_pass <secret: env PASSWORD>\npriority 255\n',
      after: 'auth_pass <secret: env PASSWORD>\npriority 254\n',
    });
  });

  test('shows no text where only its mode changes', () => {
    expect(onlyChange(managedFile(wanted), host(right.replace('640', '600'))).text).toBeUndefined();
  });

  test('whose content depends on the host is asked with what was observed', () => {
    const resource = managedFile({
      ...wanted,
      facts: [interfaces],
      content: (observed) => Content.of(`${observed.get(interfaces)[1]?.name}\n`),
    });
    expect(resource.facts.map((fact) => fact.id)).toEqual([id, 'interfaces']);
    const where = (name: string) =>
      hostWith({ interfaces: captured('interfaces/bookworm-holder'), [id]: `81a0 640 root:root 1\n${name}\n` });
    expect(resource.plan(where('eth0'))).toEqual([]);
    expect(said(resource.plan(where('eno2')))).toEqual([`update ${id}: content differs`]);
  });

  test('says what the ends of its step mean', () => {
    const { failures } = onlyChange(
      managedFile({ ...wanted, checker: { program: 'sh', command: Shell.literal('false') } }),
      host(''),
    ).step;
    expect(
      Object.values(failures)
        .map(({ code }) => code)
        .toSorted(),
    ).toEqual(['CHECK_REJECTED', 'WRITE_FAILED']);
  });
});
