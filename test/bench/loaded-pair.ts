import { setTimeout as delay } from 'node:timers/promises';
import type { LabHost } from '../../docker/host.js';
import { on } from '../support/lab.js';

const unit = 'ha-deploy-bench-load';
const busy = `for core in $(seq "$(nproc)"); do systemd-run --quiet --collect --unit "${unit}-$core" sh -c 'while :; do :; done'; done`;

/**
 * Keeps all cores of these hosts busy for a while.
 * @returns how often a keepalived entered another state meanwhile: nothing has failed, so each was for nothing
 */
export async function electionsUnderLoad(hosts: readonly LabHost[], seconds: number): Promise<number> {
  const before = await elections(hosts);
  try {
    await Promise.all(hosts.map(async (host) => on(host, busy)));
    await delay(seconds * 1000);
    return (await elections(hosts)) - before;
  } finally {
    await Promise.all(hosts.map(async (host) => on(host, `systemctl stop '${unit}-*'`)));
  }
}

/** As keepalived tells its journal. */
async function elections(hosts: readonly LabHost[]): Promise<number> {
  const count = "journalctl --unit keepalived | grep -c 'Entering [A-Z]* STATE' || :";
  const counts = await Promise.all(hosts.map(async (host) => on(host, count)));
  return counts.reduce((sum, each) => sum + Number(each), 0);
}
