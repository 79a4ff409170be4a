import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stranger } from '../../../../src/checks/vrrp/stranger.js';
import { run, ShellFolder } from '../../../support/ssh/local-shell.js';
import { captured, printed } from '../../facts/support.js';
import { scratch, shells } from '../../resources/support.js';

const fact = stranger({ address: '192.0.2.100', family: 4, prefix: 32 }, 'eth0');

test.each(['stranger/bullseye-answered', 'stranger/trixie-answered'])('%s', (name) => {
  expect(fact.parse(captured(name))).toBe('02:42:ac:11:00:09');
});

test.each([
  ['nobody answered', ''],
  ['what failed', '192.0.2.100  FAILED\n'],
  ['what is still asked', '192.0.2.100 INCOMPLETE\n'],
  ['no hardware address', '192.0.2.100 lladdr 02:42 STALE\n'],
])('nobody: %s', (_, stdout) => {
  expect(fact.parse(printed(stdout))).toBeUndefined();
});

describe.each(shells)('asking, by %s', (shell) => {
  /** Runs the command with a made-up `ip`, and without the wait and the datagram. */
  async function ask(ip: string) {
    const folder = new ShellFolder(shell);
    const log = join(scratch(), 'log');
    const programs = { ip: `echo "$*" >> ${log}\n${ip}`, perl: ':', sleep: ':' };
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(folder.path, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(folder.path, name), 0o755);
    }
    try {
      const { stdout, exitCode } = await run(fact.command.reveal(), { env: folder.env });
      const calls = readFileSync(log, 'utf8').trimEnd().split('\n');
      return { found: fact.parse({ exitCode: exitCode ?? -1, stdout: stdout.toString() }), calls };
    } finally {
      folder.remove();
    }
  }

  test('forgets what was known before, and takes the first answer', async () => {
    const { found, calls } = await ask(
      'case $2 in show) echo "192.0.2.100 lladdr 02:42:ac:11:00:09 REACHABLE" ;; esac',
    );
    expect(found).toBe('02:42:ac:11:00:09');
    expect(calls).toEqual(['neigh del 192.0.2.100 dev eth0', 'neigh show to 192.0.2.100 dev eth0']);
  });

  test('gives up after a bounded number of looks', async () => {
    const { found, calls } = await ask('case $2 in show) echo "192.0.2.100 INCOMPLETE" ;; esac');
    expect(found).toBeUndefined();
    expect(calls).toHaveLength(23);
  });
});
