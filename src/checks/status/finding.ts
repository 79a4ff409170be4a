/** Something that is not as it should be. */
export interface Finding {
  readonly code: FindingCode;
  readonly message: string;
  readonly hint?: string | undefined;
  /**
   * What no run has brought about, so that none is undone for it: a node that an operator keeps out of elections, a service that clients
   * keep full, servers that are down.
   */
  readonly aside?: 'maintenance' | 'full' | 'servers';
}

/** The worst first. */
export const findingCodes = ['CLUSTER_DOWN', 'SPLIT_BRAIN', 'CLUSTER_DEGRADED', 'DRIFT'] as const;

export type FindingCode = (typeof findingCodes)[number];
