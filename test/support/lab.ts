import type { LabHost } from '../../docker/host.js';
import { findLab, type Lab } from '../../docker/lab.js';

/** The hosts of the e2e tests, which `e2e-setup.ts` has brought up. */
export interface TestLab extends Lab {
  /** The two that become load balancers. */
  readonly pair: readonly [LabHost, LabHost];
  /** A third: a backend, a stranger, a cluster of its own. */
  readonly third: LabHost;
  /** The address that the pair shares. */
  readonly vip: string;
}

/** Where a second suite runs beside the first on a machine, its lab has another name and other addresses. */
export const testLabOptions = {
  name: process.env['HA_DEPLOY_E2E_LAB'] ?? 'test',
  prefix: process.env['HA_DEPLOY_E2E_PREFIX'] ?? '192.168.108',
  hosts: 3,
};

export async function testLab(): Promise<TestLab> {
  const lab = await findLab(testLabOptions.name);
  if (lab === undefined) throw new Error('the lab of the e2e tests does not run; start them with `npm run e2e`');
  const [first, second, third] = [...lab.hosts.values()];
  if (first === undefined || second === undefined || third === undefined) throw new Error('the lab has too few hosts');
  return { ...lab, pair: [first, second], third, vip: `${lab.prefix}.100` };
}

/** Runs a script as root on a host, past SSH; returns what it printed. @throws Error when it fails */
export async function on(host: LabHost, script: string): Promise<string> {
  const { exitCode, output } = await host.run(script);
  if (exitCode !== 0) throw new Error(`${host.name}: exit code ${exitCode} of ${script}\n${output}`);
  return output.trimEnd();
}

/** The release of a host, as `debian:12`. */
export async function releaseOn(host: LabHost): Promise<string> {
  return on(host, '. /etc/os-release; echo "$ID:$VERSION_ID"');
}

/** The names of the hosts that have this address on an interface. */
export async function holdersOf(hosts: readonly LabHost[], address: string): Promise<string[]> {
  const shown = await Promise.all(hosts.map(async (host) => on(host, 'ip -br address')));
  const word = new RegExp(`(^|\\s)${address.replaceAll('.', '\\.')}/`, 'm');
  return hosts.flatMap(({ name }, index) => (word.test(shown[index] ?? '') ? [name] : []));
}
