import { expect, test } from 'vitest';
import { ourPatterns, paths } from '../../../playbooks/paths.js';
import { secrecy } from '../../../playbooks/secrecy.js';
import { redactLines } from '../../../src/resources/kinds/redaction.js';

test.each([
  [paths.haproxyConfig, 'userlist it\n  user me password hunter2\n  stats auth me:hunter2\n'],
  [paths.keepalivedConfig, '  authentication {\n    auth_pass hunter2\n'],
])('%s is shown without its secrets', (path, text) => {
  const hidden = secrecy(path);
  if (hidden === 'whole') throw new Error('nothing of it is shown');
  expect(redactLines(text, hidden)).not.toContain('hunter2');
  expect(redactLines('  balance source\n', hidden)).toBe('  balance source\n');
});

test.each([ourPatterns[0].replace('*', 'web'), '/etc/haproxy/mine.lst', '/etc/keepalived/password'])(
  'nothing is shown of %s',
  (path) => expect(secrecy(path)).toBe('whole'),
);

test.each([paths.sysctl, paths.haproxyDropIn, paths.healthScript, ourPatterns[1].replace('*', 'eth0')])(
  'all is shown of %s',
  (path) => expect(secrecy(path)).toEqual([]),
);
