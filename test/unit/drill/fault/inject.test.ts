import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { faults, type HostFault } from '../../../../src/cluster/fault.js';
import { inject } from '../../../../src/drill/fault/inject.js';
import { run, ShellFolder } from '../../../support/ssh/local-shell.js';
import { scratch, shells } from '../../resources/support.js';

const target = { interfaces: ['eth0'], maintenanceFlag: '/run/ha-deploy/maintenance' };

/** Runs the script of a fault with made-up programs, which write down how they were called, a line an argument. */
async function injected(fault: HostFault, shell: string, programs: Readonly<Record<string, string>> = {}) {
  const folder = new ShellFolder(shell);
  const log = join(scratch(), 'log');
  writeFileSync(log, '');
  const all = {
    systemctl: '',
    ip: `echo "ip $*" >> ${log}`,
    cat: 'echo 0',
    'systemd-run': `printf '%s\\n' "$@" >> ${log}`,
    tc: `echo "tc $*" >> ${log}`,
    ...programs,
  };
  for (const [name, text] of Object.entries(all)) {
    writeFileSync(join(folder.path, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder.path, name), 0o755);
  }
  try {
    const { exitCode, stderr } = await run(inject(fault, target, 60).reveal(), { env: folder.env });
    return { exitCode, stderr: stderr.toString(), calls: readFileSync(log, 'utf8').trimEnd().split('\n') };
  } finally {
    folder.remove();
  }
}

describe.each(shells)('a fault, by %s', (shell) => {
  test.each(faults)('%s: its undoing is armed first, and no character of it is systemd syntax', async (fault) => {
    const { exitCode, stderr, calls } = await injected(fault, shell);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const undo = calls.findIndex((line) => line.startsWith('--property=ExecStopPost=-/bin/sh -c "'));
    const act = calls.findIndex((line) => line.startsWith('--property=ExecStartPre=') || line.startsWith('sleep 2; '));
    expect(undo).toBeGreaterThan(-1);
    expect(act === -1 || act > undo).toBe(true);
    for (const line of calls.filter((call) => call.startsWith('--property=Exec')))
      expect(line).toMatch(/^--property=\w+=-?\/bin\/sh -c "[^"$%\\]+"$/);
    expect(calls.at(-1)).toMatch(/exec sleep 60$/);
  });

  test('isolation waits until the answer is out, and cuts nothing before', async () => {
    const { calls } = await injected('node-isolate', shell);
    expect(calls.filter((line) => line.startsWith('tc '))).toEqual([
      'tc qdisc add dev eth0 clsact',
      'tc filter add dev eth0 egress protocol 0x88b5 bpf direct-action bytecode 1,6 0 0 2',
      'tc filter del dev eth0 egress',
    ]);
    expect(calls.at(-1)).toMatch(/^sleep 2; tc filter add dev eth0 egress bpf .*; tc filter add dev eth0 ingress bpf /);
  });

  test('isolation leaves traffic control alone that somebody else uses', async () => {
    const { exitCode, calls } = await injected('node-isolate', shell, { tc: '[ "$1" != qdisc ]' });
    expect(exitCode).toBe(66);
    expect(calls).toEqual(['']);
  });

  test('isolation takes back what it added where the kernel cannot drop packets', async () => {
    const log = join(scratch(), 'log');
    const { exitCode } = await injected('node-isolate', shell, { tc: `echo "tc $*" >> ${log}; [ "$1" != filter ]` });
    expect(exitCode).toBe(66);
    expect(readFileSync(log, 'utf8').trimEnd().split('\n').at(-1)).toBe('tc qdisc del dev eth0 clsact');
  });

  test('where systemd does not take it, it fails, and isolation takes back what it added', async () => {
    expect(await injected('haproxy-stop', shell, { 'systemd-run': 'exit 1' })).toMatchObject({ exitCode: 70 });
    const log = join(scratch(), 'log');
    const stubs = { tc: `echo "tc $*" >> ${log}`, 'systemd-run': 'exit 1' };
    expect(await injected('node-isolate', shell, stubs)).toMatchObject({ exitCode: 70 });
    expect(readFileSync(log, 'utf8').trimEnd().split('\n').at(-1)).toBe('tc qdisc del dev eth0 clsact');
  });
});
