import type { DrillRecord, FaultRecord, Probe } from '../../../../src/drill/probe/record.js';

/** Probes every 5 ms for a second, of which those from 502 ms on fail for so many milliseconds. */
function probes(failing: number, answer: Probe['answer'] = 'refused'): Probe[] {
  return Array.from({ length: 200 }, (_, index): Probe => {
    const at = index * 5;
    const isFailed = at >= 502 && at < 502 + failing;
    return { at, tookMs: isFailed ? 0.4 : 1.5, answer: isFailed ? answer : 'answered' };
  });
}

/** HAProxy killed on node-101; four probes refused, 20 ms of outage. */
export const killed: FaultRecord = {
  fault: 'haproxy-kill',
  from: 'node-101',
  to: 'node-102',
  injectedAt: 500,
  undoneAt: 900,
  endedAt: 1000,
  outages: [{ from: 505, to: 525, ofUndoing: false }],
  outageMs: 20,
  budgetMs: 50,
  passed: true,
  probes: probes(20),
  holders: [
    { at: 0, node: 'node-101', holds: true },
    { at: 0, node: 'node-102', holds: false },
    { at: 509, node: 'node-101', holds: false },
    { at: 517, node: 'node-102', holds: true },
  ],
};

export const slow: FaultRecord = {
  ...killed,
  fault: 'haproxy-stop',
  outages: [{ from: 505, to: 585, ofUndoing: false }],
  outageMs: 80,
  passed: false,
  probes: probes(80, 'reset'),
};

export const lost: FaultRecord = {
  ...killed,
  fault: 'node-isolate',
  to: undefined,
  undoneAt: 1000,
  outages: [{ from: 505, to: undefined, ofUndoing: false }],
  outageMs: undefined,
  budgetMs: 350,
  passed: false,
  probes: probes(600, 'silent'),
};

/** Service was back within the budget, but nobody took over. */
export const failed: FaultRecord = { ...killed, fault: 'keepalived-kill', to: undefined, passed: false };

/** The fault cost 20 ms, its undoing 30. */
export const undoing: FaultRecord = {
  ...killed,
  fault: 'keepalived-stop',
  outages: [...killed.outages, { from: 900, to: 930, ofUndoing: true }],
  outageMs: 30,
  probes: killed.probes.map((probe) => (probe.at >= 900 && probe.at < 930 ? { ...probe, answer: 'refused' } : probe)),
};

/** One probe was in flight, and was reset; no other failed. */
export const planned: FaultRecord = {
  ...killed,
  fault: 'planned',
  undoneAt: 1000,
  outages: [],
  outageMs: 0,
  budgetMs: 0,
  probes: probes(0).map((probe) => (probe.at === 500 ? { ...probe, answer: 'reset', isExcused: true } : probe)),
};

/** The service was full for 350 ms, in which nobody else got in; then clients were answered at once. */
export const saturated: FaultRecord = {
  ...killed,
  fault: 'saturate',
  to: undefined,
  undoneAt: 850,
  outages: [],
  outageMs: 0,
  budgetMs: 1000,
  saturation: { opened: 210, limit: 200, inFault: [] },
  probes: probes(0).map((probe) =>
    probe.at >= 500 && probe.at < 850 ? { ...probe, answer: 'silent', isExcused: true } : probe,
  ),
  holders: killed.holders.slice(0, 2),
};

/** The same, where keepalived took that for a fault. */
export const givenAway: FaultRecord = {
  ...saturated,
  to: 'node-102',
  passed: false,
  saturation: { opened: 210, limit: 200, inFault: ['node-101'] },
  holders: killed.holders,
};

export function drill(...faults: FaultRecord[]): DrillRecord {
  return {
    cluster: 'k8s-api',
    startedAt: '2026-11-22T03:00:12.345Z',
    version: '0.1.0',
    endpoint: '192.168.8.100:8443',
    service: 'k8s-apiserver',
    prober: undefined,
    probeIntervalMs: 5,
    advertIntervalMs: 100,
    nodes: ['node-101', 'node-102'],
    faults,
  };
}
