/** Something that is not as it should be. */
export interface Finding {
  readonly code: FindingCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** The worst first. */
export const findingCodes = ['CLUSTER_DOWN', 'SPLIT_BRAIN', 'CLUSTER_DEGRADED', 'DRIFT'] as const;

export type FindingCode = (typeof findingCodes)[number];
