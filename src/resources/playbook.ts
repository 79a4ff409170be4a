import type { Fact } from '../facts/fact.js';
import type { Observation } from '../facts/observation.js';
import type { Resource } from './resource.js';

/** What is done to one node, in order. */
export type Playbook = readonly Stage[];

export interface Stage {
  readonly title: string;
  /** `together`: on all nodes at once, because nothing in it can disturb what runs. `rolling`: one node after the other. */
  readonly spread: 'together' | 'rolling';
  readonly resources: readonly Resource[];
  /** What the stage changes and all nodes must have alike at every moment. */
  readonly agreement?: Agreement;
  /** What the stage is planned from and an earlier stage may make another. */
  readonly premise?: Premise;
}

/** Something that must be supposed of a host while an earlier stage is still to come, such as the version of a package. */
export interface Premise {
  /** In a few words, for people: `the installed versions`. */
  readonly name: string;
  /** What is supposed until then: `the versions that its release comes with`. */
  readonly supposed: string;
  readonly facts: readonly Fact<unknown>[];
  /** The same text as long as the stage would be planned the same. @throws DeployError where it cannot be carried out at all */
  of(host: Observation): string;
}

export interface Agreement {
  readonly facts: readonly Fact<unknown>[];
  /** Whether this host runs exactly what is wanted of all. */
  runs(host: Observation): boolean;
  /** Whether what runs on this host does not understand what is wanted; false where nothing of ours runs. */
  differs(host: Observation): boolean;
  /** What names the terms that are wanted: 8 hexadecimal digits. */
  readonly terms: string;
  /** The advert interval that is wanted, milliseconds. */
  readonly advertIntervalMs: number;
}
