import { keepalivedProcess } from '../facts/keepalived/keepalived.js';
import { standing } from '../facts/keepalived/participation.js';
import { ledger } from '../facts/ledger/ledger.js';
import type { Observation } from '../facts/observation.js';
import { couldServe, whyNot } from './health.js';

/**
 * What is not as it should be when nodes are what an earlier run made them, a sentence each. The configuration of now does not say what
 * that was, so the daemons are asked: each instance has one master, and every node could take over. Nodes without a confirmed run have
 * nothing to serve.
 */
export function problemsAfterReturn(observations: readonly Observation[]): readonly string[] {
  const ours = observations.filter((host) => host.get(ledger).generation !== undefined);
  const names = new Set(ours.flatMap((host) => (host.get(keepalivedProcess)?.instances ?? []).map(({ name }) => name)));
  return [
    ...ours
      .filter((host) => !couldServe(host) && host.get(standing) !== 'in maintenance')
      .map((host) => `${host.node} could not take over: ${whyNot(host)}`),
    ...[...names].flatMap((name) => mastersProblem(name, mastersOf(name, ours))),
  ];
}

function mastersOf(instance: string, hosts: readonly Observation[]): readonly string[] {
  const isMaster = (host: Observation): boolean =>
    host.get(keepalivedProcess)?.instances.some(({ name, state }) => name === instance && state === 'MASTER') === true;
  return hosts.filter(isMaster).map(({ node }) => node);
}

function mastersProblem(instance: string, masters: readonly string[]): readonly string[] {
  if (masters.length === 1) return [];
  if (masters.length === 0) return [`no node is master of ${instance}`];
  return [`${masters.join(' and ')} are master of ${instance} at once`];
}
