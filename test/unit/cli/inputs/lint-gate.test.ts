import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { refuseBrokenRules } from '../../../../src/cli/inputs/lint-gate.js';
import type { Event } from '../../../../src/engine/run/events.js';
import { Journal } from '../../../../src/engine/run/journal.js';
import { clusterOf, hostAt } from '../../playbooks/support.js';

const shipped = readFileSync('templates/keepalived.conf.ejs', 'utf8');
/** Sound with what is usual, and without a way to fail over with what is old. */
const uneven = `<% if (versions.keepalived.atLeast('2.2')) { _%>
${shipped}<% } else { _%>
global_defs {
  router_id <%= identity %>
  vrrp_version 3
}
vrrp_instance web {
  interface eth0
  virtual_router_id 7
  virtual_ipaddress {
    192.168.8.100
  }
}
<% } _%>`;

const cluster = {
  ...clusterOf('examples/minimal.yaml'),
  templates: { keepalived: { path: '/own.ejs', source: uneven } },
};

function judged(version: string): { readonly events: readonly Event[]; readonly again: () => void } {
  const events: Event[] = [];
  const journal = new Journal(
    'up',
    (event) => events.push(event),
    () => 0,
  );
  const judge = refuseBrokenRules(cluster, journal);
  const hosts = new Map(cluster.nodes.map((node) => [node.name, hostAt(node, { id: 'debian', version })]));
  return { events, again: () => judge(hosts) };
}

test('what the hosts would be given is judged too, for the versions that they have', () => {
  const { events, again } = judged('11');
  expect(events).toEqual([]);
  expect(again).toThrow(
    expect.objectContaining({
      code: 'UNFIT_VERSIONS',
      details: expect.objectContaining({ hint: expect.any(String) as string }) as object,
    }),
  );
  expect(events).toContainEqual(expect.objectContaining({ event: 'finding', rule: 'HA008', level: 'error' }));
});

test('what was told before is not told again', () => {
  const { events, again } = judged('12');
  again();
  expect(events).toEqual([]);
});
