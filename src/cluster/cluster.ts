import type { Content } from './secrets/content.js';
import type { Secret } from './secrets/secret.js';

/** What an operator wants, with every short form made long and every default filled in. Nothing in it was observed. */
export interface Cluster {
  readonly name: string;
  /** In the order of the file. */
  readonly nodes: readonly Node[];
  /** Every VIP, in the order of the file. */
  readonly vips: readonly Vip[];
  /** The VRRP instances that carry the VIPs; see `instances.ts`. */
  readonly instances: readonly VrrpInstance[];
  readonly vrrp: Vrrp;
  readonly services: readonly Service[];
  /** HAProxy's statistics page; absent when `stats: false`. */
  readonly stats?: Stats | undefined;
  readonly haproxy: HaproxySettings;
  readonly packages: PackageSettings;
  /** The operator's own templates, in place of ours. */
  readonly templates: { readonly haproxy?: Template | undefined; readonly keepalived?: Template | undefined };
  readonly lint: LintSettings;
  /** Every secret that goes into what is made of the nodes, resolved or not; those to log in with are the nodes' own. */
  readonly secrets: readonly Secret[];
}

export type Family = 4 | 6;

export interface Node {
  readonly name: string;
  /** The address that peers reach it at, and that adverts are sent from. */
  readonly address: string;
  /** The same for adverts of the other family. */
  readonly otherAddress?: string | undefined;
  /** The interface that carries the VIPs; observed (the one with `address`) when not given. */
  readonly interface?: string | undefined;
  readonly ssh: SshSettings;
  /** What sudo asks for; without it, it must ask for nothing. */
  readonly sudoPassword?: Secret | undefined;
}

/** What the file says about connecting. What it leaves out the OpenSSH configuration says, as it would for `ssh <name>`. */
export interface SshSettings {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** Absolute path of the private key; no other is offered then. */
  readonly identityFile?: string | undefined;
  /** Of the private key. */
  readonly passphrase?: Secret | undefined;
  /** For hosts that still take one. */
  readonly password?: Secret | undefined;
  /** Absolute path of the known_hosts file. */
  readonly knownHosts?: string | undefined;
  readonly hostKeys?: 'strict' | 'accept-new' | undefined;
  /** As OpenSSH writes it: `user@host:port`, several with commas between them, or `none`. */
  readonly proxyJump?: string | undefined;
  /** Absolute path of an OpenSSH configuration in place of the user's and the system's, or `none`. */
  readonly configFile?: string | undefined;
  readonly transport: 'auto' | 'ssh2' | 'openssh';
}

export interface Vip {
  readonly address: string;
  readonly family: Family;
  /** Prefix length it is added with: 32 (IPv6: 128) unless given. */
  readonly prefix: number;
  /** Whether it is in no subnet of its interface: who does not hold it may have no way to it. */
  readonly routed?: boolean | undefined;
  /** The interface it is added to; the node's when not given. */
  readonly interface?: string | undefined;
}

/** One VRRP election: a router id, the VIPs that move together, and each node's priority in it. */
export interface VrrpInstance {
  /** Unique within keepalived.conf, such as `k8s-api` or `k8s-api-v6`. */
  readonly name: string;
  readonly routerId: number;
  readonly vips: readonly Vip[];
  /** Node name to base priority, 1..254. */
  readonly priorities: ReadonlyMap<string, number>;
}

export interface Vrrp {
  readonly version: 2 | 3;
  /** Milliseconds between adverts, a multiple of 10. */
  readonly advertIntervalMs: number;
  readonly preempt: boolean;
  readonly peering: 'unicast' | 'multicast';
  /** Version 2 only. */
  readonly auth?: { readonly type: 'AH' | 'PASS'; readonly password: Secret } | undefined;
  readonly email?: Email | undefined;
  /** The operator's own lines, verbatim, inside every vrrp_instance. */
  readonly extra?: string | undefined;
}

export interface Email {
  readonly to: readonly string[];
  readonly from: string;
  readonly smtpServer: string;
  /** Seconds. */
  readonly connectTimeout: number;
}

export interface Service {
  readonly name: string;
  /** The addresses it listens on: every VIP unless given. */
  readonly bind: readonly string[];
  readonly port: number;
  readonly mode: 'tcp' | 'http';
  readonly balance: string;
  /** Terminates TLS with this certificate chain and key, in one PEM file. */
  readonly tls?: { readonly certificate: Content } | undefined;
  readonly forwardFor: boolean;
  readonly health: HealthCheck;
  readonly timeouts: Timeouts;
  readonly servers: readonly Server[];
  /** Its share of `haproxy.maxConnections`: what its frontend holds at once. */
  readonly maxConnections: number;
  /** The key of the configuration that this share comes from. */
  readonly limitedBy: string;
  /** The operator's own lines, verbatim, at the end of the backend. */
  readonly extra?: string | undefined;
}

export interface HealthCheck {
  readonly type: 'tcp' | 'http' | 'https';
  /** Only for http and https. */
  readonly path: string;
  /** Milliseconds between two checks of a server. */
  readonly intervalMs: number;
}

/** Milliseconds. */
export interface Timeouts {
  readonly connect: number;
  readonly client: number;
  readonly server: number;
  readonly tunnel: number;
}

export interface Server {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly weight?: number | undefined;
  readonly backup: boolean;
}

export interface Stats {
  /** `vip` listens on every VIP. */
  readonly bind: 'vip' | string;
  readonly port: number;
  readonly uri: string;
  readonly auth?: { readonly user: string; readonly password: Secret } | undefined;
}

export interface HaproxySettings {
  /** Of all services together; see `connections.ts`. */
  readonly maxConnections: number;
  readonly extraGlobal?: string | undefined;
  readonly extraDefaults?: string | undefined;
}

export interface PackageSettings {
  /** Seconds to wait while another process holds the dpkg lock. */
  readonly lockTimeout: number;
}

export interface LintSettings {
  /** HA rules that are broken on purpose: rule id to the reason. */
  readonly ignore: ReadonlyMap<string, string>;
}

export interface Template {
  /** Absolute path, for messages. */
  readonly path: string;
  readonly source: string;
}
