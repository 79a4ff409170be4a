import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changesOf, planNode } from '../../../src/engine/plan/node-plan.js';
import type { Change } from '../../../src/resources/resource.js';
import { cases } from '../../support/thoroughness.js';
import { nodeOf, pair } from '../engine/clusters.js';
import { ModelCluster, playbookFor } from '../engine/model/cluster.js';
import type { ModelHost } from '../engine/model/host.js';
import { enactStep } from '../engine/model/steps.js';
import { said } from '../resources/support.js';
import { drifts } from './drift.js';

const node = nodeOf(pair, 'node-101');
const playbook = playbookFor(pair)(node);

interface Subject {
  readonly host: ModelHost;
  readonly plan: () => readonly Change[];
}

function bare(): Subject {
  const model = new ModelCluster(pair);
  return { host: model.host(node.name), plan: () => changesOf(planNode(playbook, model.observe(node))) };
}

/** Makes the changes of a plan, each step once, and sees that none fails. */
function carryOut({ host, plan }: Subject): void {
  for (const { script } of new Set(plan().map(({ step }) => step)))
    expect(enactStep(host, script.reveal())).toEqual({ exitCode: 0 });
}

function converged(): Subject {
  const subject = bare();
  carryOut(subject);
  return subject;
}

test('a bare host is set up by one plan, and then needs nothing', () => {
  const subject = bare();
  expect(said(subject.plan())).toMatchInlineSnapshot(`
    [
      "create package:haproxy: install",
      "create package:keepalived: install",
      "create file:/etc/sysctl.d/60-ha-deploy.conf: missing",
      "update sysctl:net.ipv4.ip_nonlocal_bind: 0 → 1",
      "create file:/etc/sysusers.d/ha-deploy.conf: missing",
      "create account:keepalived_script: system account without shell or home",
      "create file:/etc/tmpfiles.d/ha-deploy.conf: missing",
      "create directory:/run/ha-deploy: missing",
      "create file:/etc/systemd/system/haproxy.service.d/ha-deploy.conf: missing",
      "create file:/etc/haproxy/haproxy.cfg: missing",
      "enable unit:haproxy.service: start at boot",
      "start unit:haproxy.service: it was inactive",
      "create file:/etc/systemd/system/keepalived.service.d/ha-deploy.conf: missing",
      "create file:/etc/keepalived/ha-deploy-haproxy-answers: missing",
      "create file:/etc/keepalived/ha-deploy-servers-answer: missing",
      "create file:/etc/keepalived/keepalived.conf: missing",
      "enable unit:keepalived.service: start at boot",
      "start unit:keepalived.service: it was inactive",
    ]
  `);
  carryOut(subject);
  expect(said(subject.plan())).toEqual([]);
});

test('a host that was set up serves', () => {
  expect(converged().host.eligible).toBe(true);
});

describe('where', () => {
  test.each(drifts)('$name, the plan says so, nothing else, and one run mends it', ({ happen, plan }) => {
    const subject = converged();
    happen(subject.host);
    expect(said(subject.plan())).toEqual(plan);
    carryOut(subject);
    expect(said(subject.plan())).toEqual([]);
    expect(subject.host.eligible).toBe(true);
  });
});

test('whatever happens to a host, one run mends it, and the next has nothing to do', () => {
  fc.assert(
    fc.property(fc.subarray([...drifts]), fc.boolean(), (happened, inReverse) => {
      const subject = converged();
      for (const { happen } of inReverse ? happened.toReversed() : happened) happen(subject.host);
      carryOut(subject);
      expect(said(subject.plan())).toEqual([]);
      expect(subject.host.eligible).toBe(true);
    }),
    { numRuns: cases(40) },
  );
});

test('a run that is lost after any step is finished by the next one', () => {
  fc.assert(
    fc.property(fc.oneof(fc.constant([]), fc.subarray([...drifts])), fc.nat(20), (happened, lostAfter) => {
      // Where nothing has happened, it is the first install that is lost.
      const subject = happened.length === 0 ? bare() : converged();
      for (const { happen } of happened) happen(subject.host);
      const steps = [...new Set(subject.plan().map(({ step }) => step))].slice(0, lostAfter);
      for (const { script } of steps) enactStep(subject.host, script.reveal());
      carryOut(subject);
      expect(said(subject.plan())).toEqual([]);
      expect(subject.host.eligible).toBe(true);
    }),
    { numRuns: cases(40) },
  );
});
