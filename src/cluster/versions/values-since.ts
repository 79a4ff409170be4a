import type { Service } from '../cluster.js';
import { nameOf, releases } from './releases.js';
import { type Version, versionOf } from './versions.js';

/** Words of `balance` that HAProxy has from a version on, where that is newer than the oldest that will do; docs/versions.md says from where. */
const balanceSince: readonly { readonly word: string; readonly since: Version }[] = [
  { word: 'hash', since: versionOf('2.6') },
  { word: 'path-only', since: versionOf('2.3') },
];

/** A value of the configuration that older HAProxys refuse. */
export interface NewValue {
  /** `services.web.balance`. */
  readonly key: string;
  readonly value: string;
  readonly since: Version;
}

/** Those of a service. */
export function newValues({ name, balance }: Pick<Service, 'name' | 'balance'>): readonly NewValue[] {
  const words = balance.split(' ');
  const found = balanceSince.find(({ word }) => words.includes(word));
  return found === undefined ? [] : [{ key: `services.${name}.balance`, value: balance, since: found.since }];
}

/** The releases whose HAProxy would refuse it, such as `debian:11`. */
export function releasesBefore({ since }: NewValue): readonly string[] {
  return releases.filter(({ haproxy }) => haproxy.compare(since) < 0).map(nameOf);
}
