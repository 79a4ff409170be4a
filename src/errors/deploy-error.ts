/** The exit codes of the contract; see README, "Exit codes". */
export const exitCodes = {
  ok: 0,
  failed: 1,
  changesPending: 2,
  invalid: 3,
  inaccessible: 4,
  notAsItShouldBe: 5,
  leased: 6,
  refused: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Every code an error can carry, and the exit code that it leads to. Codes are stable: scripts may compare them. */
const exitCodeOf = {
  CONFIG_NOT_FOUND: exitCodes.invalid,
  CONFIG_INVALID: exitCodes.invalid,
  USAGE: exitCodes.invalid,
  SECRET_UNAVAILABLE: exitCodes.invalid,
  CERTIFICATE_MISSING: exitCodes.invalid,
  CERTIFICATE_UNUSABLE: exitCodes.invalid,
  TEMPLATE_FAILED: exitCodes.invalid,
  PLAN_UNREADABLE: exitCodes.invalid,
  DAEMON_CONFIG_UNREADABLE: exitCodes.invalid,
  HA_RULE_BROKEN: exitCodes.invalid,
  SSH_CONFIG_REFUSED: exitCodes.invalid,

  UNREACHABLE: exitCodes.inaccessible,
  AUTH_REFUSED: exitCodes.inaccessible,
  IDENTITY_UNUSABLE: exitCodes.inaccessible,
  HOST_KEY_UNKNOWN: exitCodes.inaccessible,
  HOST_KEY_CHANGED: exitCodes.inaccessible,
  HOST_KEY_REVOKED: exitCodes.inaccessible,
  KNOWN_HOSTS_UNREADABLE: exitCodes.inaccessible,
  TRANSPORT_UNSUITED: exitCodes.inaccessible,
  SUDO_REFUSED: exitCodes.inaccessible,

  CONNECTION_LOST: exitCodes.failed,
  FACT_UNREADABLE: exitCodes.failed,
  NO_SPACE: exitCodes.failed,
  STEP_FAILED: exitCodes.failed,
  CHECK_REJECTED: exitCodes.failed,
  WRITE_FAILED: exitCodes.failed,
  NOT_CONVERGED: exitCodes.failed,
  NOT_MOVED: exitCodes.failed,
  LEASE_LOST: exitCodes.failed,
  NOT_CONFIRMED: exitCodes.failed,
  INTERNAL: exitCodes.failed,

  VERIFY_FAILED: exitCodes.notAsItShouldBe,
  OVER_BUDGET: exitCodes.notAsItShouldBe,
  NOT_RESTORED: exitCodes.failed,
  CLUSTER_DOWN: exitCodes.notAsItShouldBe,
  SPLIT_BRAIN: exitCodes.notAsItShouldBe,
  CLUSTER_DEGRADED: exitCodes.notAsItShouldBe,

  LEASED: exitCodes.leased,
  UNFINISHED_RUN: exitCodes.leased,

  GENERATION_DAMAGED: exitCodes.refused,
  GENERATION_REFUSED: exitCodes.refused,
  FILE_REFUSED: exitCodes.refused,
  DISK_FULL: exitCodes.refused,
  INTERFACE_MISSING: exitCodes.refused,
  VIP_OUTSIDE_SUBNET: exitCodes.refused,
  VIP_TAKEN: exitCodes.refused,
  PORT_TAKEN: exitCodes.refused,
  VRID_TAKEN: exitCodes.refused,
  VRRP_BLOCKED: exitCodes.refused,
  UNSUPPORTED_HOST: exitCodes.refused,
  OTHER_CLUSTER: exitCodes.refused,
  NO_SUCH_GENERATION: exitCodes.refused,
  LIMIT_TOO_NARROW: exitCodes.refused,
  NODE_MISSING: exitCodes.refused,
  DPKG_LOCKED: exitCodes.refused,
  NO_HEALTHY_PEER: exitCodes.refused,
  STALE_PLAN: exitCodes.refused,
  UNFIT_VERSIONS: exitCodes.refused,
  DRILL_IMPOSSIBLE: exitCodes.refused,
  DECLINED: exitCodes.refused,

  INTERRUPTED: exitCodes.interrupted,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof exitCodeOf;

export interface ErrorDetails {
  /** The node it happened on. */
  readonly node?: string | undefined;
  /** The resource being changed, as `<kind>:<id>`. */
  readonly resource?: string | undefined;
  /** The command that failed, with secrets already replaced by their labels. */
  readonly command?: string | undefined;
  /** What it printed, secrets replaced. */
  readonly output?: string | undefined;
  /** What to do next: a full sentence. */
  readonly hint?: string | undefined;
  /** CONFIG_INVALID, STALE_PLAN: all that is wrong, as data. */
  readonly problems?: readonly object[] | undefined;
  readonly cause?: unknown;
}

/**
 * The one error that reaches a user: what failed, where, what was printed, and what to do.
 * It is recognised by its `code`, never by its text.
 */
export class DeployError extends Error {
  override readonly name = 'DeployError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.details = details;
  }

  get exitCode(): ExitCode {
    return exitCodeOf[this.code];
  }

  /** The same error, with what a caller further up knows about where it happened. */
  at(where: Pick<ErrorDetails, 'node' | 'resource'>): DeployError {
    return new DeployError(this.code, this.message, { ...where, ...definedOnly(this.details) });
  }
}

/** Anything thrown, as a DeployError; what is not one already is a defect of ours and says so. */
export function asDeployError(thrown: unknown): DeployError {
  if (thrown instanceof DeployError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new DeployError('INTERNAL', `internal error: ${message}`, {
    cause: thrown,
    hint: 'This is a defect of ha-deploy; run again with --verbose and report what it prints.',
  });
}

function definedOnly(details: ErrorDetails): ErrorDetails {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
}
