import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { sshConnector } from '../../../src/remote/connect/connector.js';
import type { Runner } from '../../../src/remote/runner.js';
import { fakeConnector } from '../../support/fake-runner.js';
import { contractProbes, contractSteps, runnerContract } from '../../support/ssh/contract.js';
import { KeyFolder } from '../../support/ssh/keys.js';
import { TestServer } from '../../support/ssh/server.js';
import { hereAt, nodeAt } from '../../support/ssh/target.js';

const never = new AbortController().signal;
const folder = new KeyFolder();
const knownHosts = folder.file('known_hosts');
const runners: Runner[] = [];
let server: TestServer;

beforeAll(async () => {
  const hostKey = folder.key('host');
  const identity = folder.key('identity');
  server = await TestServer.start({ hostKeys: [hostKey.privateKey], authorized: [identity.publicKey] });
  writeFileSync(knownHosts, `[127.0.0.1]:${server.port} ${hostKey.publicKey}\n`);
});
afterEach(() => {
  for (const runner of runners.splice(0)) runner.close();
});
afterAll(async () => {
  await server.stop();
  folder.remove();
});

const transports = ['ssh2', 'openssh'] as const;
for (const transport of transports) {
  runnerContract(`over ${transport}`, {
    runner: async () => {
      const connector = sshConnector({ here: hereAt(folder.path) });
      const runner = await connector.connect(
        nodeAt({ port: server.port, knownHosts, identityFile: folder.file('identity'), transport }),
        never,
      );
      runners.push(runner);
      return runner;
    },
    lose: () => server.cut(),
  });
}

runnerContract('the fake', {
  runner: async () => {
    const connector = fakeConnector({
      'node-101': {
        probes: Object.fromEntries(contractProbes.map(({ id, answer }) => [id, answer])),
        onPerform: ({ script }) => {
          if (script === String(contractSteps.endless.step.script)) return { output: 'waiting', lost: true };
          return Object.values(contractSteps).find(({ step }) => String(step.script) === script);
        },
      },
    });
    return await connector.connect(nodeAt({ port: 22, knownHosts }), never);
  },
  lose: () => undefined,
});
