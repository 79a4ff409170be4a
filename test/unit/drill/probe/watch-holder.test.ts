import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HolderChange } from '../../../../src/drill/probe/record.js';
import { watchHolder } from '../../../../src/drill/probe/watch-holder.js';
import { Shell } from '../../../../src/remote/shell.js';
import { fakeConnector } from '../../../support/fake-runner.js';
import { run, ShellFolder } from '../../../support/ssh/local-shell.js';
import { nodeOf, pair } from '../../engine/clusters.js';
import { fakeClock } from '../../engine/model/cluster.js';
import { shells } from '../../resources/support.js';

/** What the watch tells of these lines, and the command that it would run for them. */
async function watched(...lines: readonly string[]) {
  const stop = new AbortController();
  let asked = '';
  const hosts = {
    'node-101': {
      onWatch: (command: string, line: (text: string) => void) => {
        asked = command;
        for (const text of lines) line(text);
        stop.abort();
      },
    },
  };
  const runner = await fakeConnector(hosts).connect(nodeOf(pair, 'node-101'), stop.signal);
  const changes: HolderChange[] = [];
  let dots = 0;
  const watcher = {
    changed: (change: HolderChange): void => void changes.push(change),
    heard: (): void => void (dots += 1),
  };
  await watchHolder(runner, '192.0.2.100', fakeClock(), watcher, stop.signal);
  return { asked, dots, said: changes.map(({ node, holds }) => `${node} ${holds ? 'holds' : 'gave up'}`) };
}

describe('the holder', () => {
  test('is told when it changes, and once', async () => {
    const { said, dots } = await watched('+ 192.0.2.100', '+ 192.0.2.100', '.', '- 192.0.2.100', '- 192.0.2.100', '.');
    expect(said).toEqual(['node-101 holds', 'node-101 gave up']);
    expect(dots).toBe(2);
  });

  test('is told once of a node that never had the address', async () => {
    expect((await watched('.', '- 192.0.2.100', '.')).said).toEqual(['node-101 gave up']);
  });
});

describe.each(shells)('the watch on a host, by %s', (shell) => {
  test('reads what is there, and then what comes and goes', async () => {
    const folder = new ShellFolder(shell);
    const ip = `#!/bin/sh
case $2 in
monitor)
  echo 'Deleted 2: eth0    inet 192.0.2.100/32 scope global eth0'
  echo '2: eth0    inet 192.0.2.10/24 scope global eth0'
  echo '2: eth0    inet 192.0.2.100/32 scope global eth0' ;;
address) echo '2: eth0    inet 192.0.2.100/32 scope global eth0\\       valid_lft forever' ;;
esac
`;
    writeFileSync(join(folder.path, 'ip'), ip);
    chmodSync(join(folder.path, 'ip'), 0o755);
    try {
      const { asked } = await watched();
      const { stdout } = await run(Shell.literal(asked).reveal(), { env: folder.env });
      const [first, ready, ...rest] = stdout.toString().trimEnd().split('\n');
      expect([first, ready]).toEqual(['+ 192.0.2.100', '.']);
      expect(rest.filter((line) => line !== '.')).toEqual(['- 192.0.2.100', '+ 192.0.2.100']);
    } finally {
      folder.remove();
    }
  });
});
