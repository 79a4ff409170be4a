import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { sshArguments } from '../../../../src/remote/openssh/arguments.js';
import { resolveTarget } from '../../../../src/remote/target/resolve.js';
import { hereAt, nodeAt } from '../../../support/ssh/target.js';

test('an address with a zone is taken as it is', async () => {
  const node = nodeAt({ host: 'fe80::1%eth0', port: 22 });
  const target = await resolveTarget(node, hereAt('/home/me'), new AbortController().signal);
  const told = execFileSync('ssh', sshArguments(target, { keyNotes: '/dev/null' }, ['-F', 'none', '-G']), {
    encoding: 'utf8',
  });
  expect(told.split('\n')).toContain('hostname fe80::1%eth0');
});
