import { familyOfInstance, type Instance } from './keepalived-model.js';
import type { Election, Member, PairNode } from './lint-input.js';

/**
 * Instances that belong together although a mistake may have set them apart: those that share a VIP; else those of one name;
 * else those of one router id.
 */
export function electionsOf(nodes: readonly PairNode[]): Election[] {
  const elections: { name: string; members: Member[] }[] = [];
  for (const node of nodes) {
    for (const instance of node.keepalived.instances) {
      const open = elections.filter(({ members }) => members.every((member) => member.node !== node));
      const kin = kinships
        .map((isKin) => open.find(({ members }) => members.some((member) => isKin(member.instance, instance))))
        .find((election) => election !== undefined);
      if (kin === undefined) elections.push({ name: instance.name, members: [{ node, instance }] });
      else kin.members.push({ node, instance });
    }
  }
  return elections;
}

const kinships: readonly ((one: Instance, other: Instance) => boolean)[] = [
  (one, other) => one.vips.some(({ value }) => other.vips.some((vip) => vip.value === value)),
  (one, other) => one.name === other.name,
  (one, other) =>
    one.routerId !== undefined &&
    one.routerId.value === other.routerId?.value &&
    familyOfInstance(one) === familyOfInstance(other),
];
