import type { Node } from '../cluster/cluster.js';
import type { Perl } from './perl.js';
import type { Shell } from './shell.js';

/**
 * A connection to one node, with root's rights: all that the rest of the program knows of the other side.
 * Implemented over SSH in this folder, and by a strict fake in the tests.
 */
export interface Runner {
  readonly node: string;

  /**
   * Runs every probe, those in Perl beside the others, in one exec, each with empty standard input and `LC_ALL=C`.
   * Every probe is answered: one that fails has its exit code, never an exception.
   * @throws DeployError CONNECTION_LOST, SUDO_REFUSED, FACT_UNREADABLE (the answer was cut short), INTERRUPTED
   */
  observe(probes: readonly Query[], signal: AbortSignal): Promise<ReadonlyMap<string, QueryOutput>>;

  /**
   * Runs the steps in order, in one exec, and stops after the first that fails. Nothing runs unless all of the script
   * arrived. An abort ends the run between two steps: the one under way is finished.
   * @returns one result per step that ran, in order
   * @throws DeployError CONNECTION_LOST, SUDO_REFUSED
   */
  perform(steps: readonly StepScript[], progress: StepListener, signal: AbortSignal): Promise<readonly StepResult[]>;

  /**
   * Runs a command that goes on, and tells every line as it comes, until `signal` aborts or the command ends. Nobody ends
   * it on the host: it must print at least once a second, so that it dies when nobody reads any more.
   * @throws DeployError CONNECTION_LOST, SUDO_REFUSED, FACT_UNREADABLE (it was cut short)
   */
  watch(command: Shell, line: (text: string) => void, signal: AbortSignal): Promise<void>;

  close(): void;
}

/** Opens runners; connecting authenticates both sides, and changes nothing on the node. */
export interface Connector {
  /**
   * @throws DeployError UNREACHABLE, AUTH_REFUSED, IDENTITY_UNUSABLE, HOST_KEY_UNKNOWN, HOST_KEY_CHANGED,
   *   HOST_KEY_REVOKED, KNOWN_HOSTS_UNREADABLE, SSH_CONFIG_REFUSED, TRANSPORT_UNSUITED, INTERRUPTED
   */
  connect(node: Node, signal: AbortSignal, dialling?: Dialling): Promise<Runner>;
}

/** Told on the way to a connection. */
export interface Dialling {
  /** @param host the name or address that it goes to */
  connecting(host: string): void;
  /** @param what for, in words */
  waiting(what: string): void;
}

/** A question to a host: a command that changes nothing. `id` is unique within a call and has no white space. */
export interface Query {
  readonly id: string;
  readonly command: Shell;
  /** The same, for an interpreter that asks many; see `perl.ts`. */
  readonly perl?: Perl;
}

export interface QueryOutput {
  readonly exitCode: number;
  /** Standard output, decoded as UTF-8; at most 1 MiB. Standard error is dropped unless the probe redirects it. */
  readonly stdout: string;
  /** There was more than 1 MiB. */
  readonly truncated?: true | undefined;
}

export interface StepScript {
  readonly script: Shell;
}

export interface StepResult {
  readonly exitCode: number;
  /** Both streams, in order, at most the last 64 KiB. */
  readonly output: string;
  readonly durationMs: number;
}

/** Told while the steps run, in order; `index` counts from 0. */
export interface StepListener {
  started(index: number): void;
  /** A whole line of output, without control characters. */
  printed(index: number, line: string): void;
  finished(index: number, result: StepResult): void;
}

/** Whether an address accepts a TCP connection from this machine: null where there is no route, or no answer at all. */
export type Reach = (address: string, port: number, signal: AbortSignal) => Promise<boolean | null>;

/** Where a fresh connection goes, and what it says first, so that the service answers. */
export interface Knocking {
  readonly address: string;
  readonly port: number;
  readonly greeting: Buffer;
  /** Milliseconds until the first byte of an answer. */
  readonly patienceMs: number;
}

/**
 * What came back: `answered` with data; `closed` in good order, without any; `refused` (nothing listens), `reset`, or
 * `silent`: nothing came in time, or there is no way there.
 */
export type KnockAnswer = 'answered' | 'closed' | 'refused' | 'reset' | 'silent';

/** Opens one fresh connection from this machine, and hangs up at the first byte of an answer. */
export type Knock = (knocking: Knocking) => Promise<KnockAnswer>;

/** Connections that say nothing, all to one address. */
export interface Crowd {
  /** Ends when each has been begun; the kernel at the other end may keep some waiting. */
  readonly come: Promise<void>;
  /** Resets all of them, and ends when none is left. May be called twice. */
  leave(): Promise<void>;
}

/** Opens so many connections from this machine. They all end with `leave`, and with this program. */
export type Gather = (address: string, port: number, count: number) => Crowd;

/** How many more connections to one address this process may open. */
export interface ConnectionCapacity {
  /** Open files that are left of RLIMIT_NOFILE, and that limit. */
  readonly files: { readonly left: number; readonly limit: number };
  /** Ports in net.ipv4.ip_local_port_range, which IPv6 goes by too. */
  readonly ports: number;
}
