import { describe, expect, it } from 'vitest';
import { DeployError } from '../../../src/errors/deploy-error.js';
import { sh } from '../../../src/remote/shell.js';
import { fakeConnector } from '../../support/fake-runner.js';
import { recorder } from '../../support/ssh/contract.js';
import { nodeAt } from '../../support/ssh/target.js';

const never = new AbortController().signal;
const node = nodeAt({ port: 22, knownHosts: '/dev/null' });
const probe = { id: 'uptime', command: sh`uptime` };

describe('fakeConnector', () => {
  it('fails on a node, a probe or a use that it was not told of', async () => {
    const connector = fakeConnector({ 'node-101': {} });
    await expect(connector.connect({ ...node, name: 'node-102' }, never)).rejects.toThrow(
      'not told of a node node-102',
    );
    const runner = await connector.connect(node, never);
    await expect(runner.observe([probe], never)).rejects.toThrow(
      'node-101: the fake runner was not told of a probe uptime',
    );
    await expect(runner.observe([{ id: 'toString', command: sh`:` }], never)).rejects.toThrow('probe toString');
    runner.close();
    await expect(runner.observe([], never)).rejects.toThrow('used after it was closed');
  });

  it('records what is done', async () => {
    const connector = fakeConnector({ 'node-101': { probes: { uptime: () => 'long\n' } } });
    const runner = await connector.connect(node, never);
    await runner.observe([probe], never);
    await runner.perform([{ script: sh`touch ${'/a b'}` }], recorder(), never);
    expect(connector.open()).toBe(1);
    runner.close();
    expect(connector.open()).toBe(0);
    expect(connector.steps).toEqual([{ node: 'node-101', index: 0, script: "touch '/a b'" }]);
    expect(connector.calls).toEqual([
      { kind: 'connect', node: 'node-101' },
      { kind: 'observe', node: 'node-101', probes: ['uptime'] },
      { kind: 'perform', node: 'node-101', scripts: ["touch '/a b'"] },
      { kind: 'close', node: 'node-101' },
    ]);
  });

  it('fails as it was told to', async () => {
    const unreachable = new DeployError('UNREACHABLE', 'down');
    const connector = fakeConnector({ 'node-101': { connectError: unreachable } });
    await expect(connector.connect(node, never)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      details: { node: 'node-101' },
    });
  });
});
