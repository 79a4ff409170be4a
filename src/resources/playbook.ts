import type { Resource } from './resource.js';

/** What is done to one node, in order. */
export type Playbook = readonly Stage[];

export interface Stage {
  readonly title: string;
  /** `together`: on all nodes at once, because nothing in it can disturb what runs. `rolling`: one node after the other. */
  readonly spread: 'together' | 'rolling';
  readonly resources: readonly Resource[];
}
