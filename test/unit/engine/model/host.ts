import { paths } from '../../../../playbooks/paths.js';
import type { Hold } from '../../../../src/facts/host/held-units.js';
import { configOf, type Daemon, daemons, dropIn } from './daemon.js';

export type ModelFile =
  | {
      readonly type: 'file';
      readonly mode: string;
      readonly owner: string;
      readonly touchedAt: number;
      readonly content: string;
    }
  | { readonly type: 'directory'; readonly mode: string; readonly owner: string }
  | { readonly type: 'link' };

export interface ModelUnit {
  installed: boolean;
  active: string;
  enabled: boolean;
  masked: '' | 'masked' | 'masked-runtime';
  needsDaemonReload: boolean;
  /** When it last started, stopped or was reloaded; 0 when it never did. */
  changedAt: number;
  /** What the running process read when it started or was reloaded; undefined when it does not answer. */
  runs: string | undefined;
}

/** What a run may change of a host, and undoing it brings back. */
export interface ModelState {
  readonly files: ReadonlyMap<string, ModelFile>;
  readonly sysctls: ReadonlyMap<string, string>;
  readonly units: Readonly<Record<Daemon, ModelUnit>>;
}

/** A host as far as ha-deploy knows hosts: steps change it as they would a real one, and a fact says how it is. */
export class ModelHost {
  readonly name: string;
  readonly address: string;
  /** dpkg's word, by package. */
  readonly packages = new Map<string, string>();
  /** What apt has to offer, or has installed. */
  readonly versions = new Map([
    ['haproxy', '2.6.12-1+deb12u3'],
    ['keepalived', '1:2.2.7-1+b2'],
  ]);
  /** The files that their checkers reject. */
  readonly refuses = new Set<string>();
  /** The folders on a disk without a free byte. */
  readonly full = new Set<string>();
  readonly files = new Map<string, ModelFile>();
  readonly sysctls = new Map([
    ['net.ipv4.ip_nonlocal_bind', '0'],
    ['net.ipv6.ip_nonlocal_bind', '0'],
  ]);
  readonly accounts = new Set<string>();
  /** The run that holds it, and until when: see `templates/ledger/`. */
  lease: { readonly token: string; readonly lines: readonly string[] } | undefined;
  /** What it goes back to when the run under way is not confirmed. */
  uncommitted: ModelState | undefined;
  /** The last confirmed one: its head, and the paths and settings it names. */
  generation:
    | { readonly head: string; readonly paths: readonly string[]; readonly sysctls?: readonly string[] }
    | undefined;
  /** What the run under way is about to confirm. */
  recorded: ModelHost['generation'];
  /** What was confirmed before, where the run under way has confirmed another and can still be undone. */
  superseded: { readonly generation: ModelHost['generation'] } | undefined;
  /** What the run under way has given back of it: `path <path>`, `sysctl <name>`. */
  readonly forgotten = new Set<string>();
  /** That run was to change what all nodes must agree on. */
  together = false;
  /** Whether its keepalived is master: the cluster knows. */
  isMaster: () => boolean = () => false;
  /** By which file systemd-networkd configures eth0, if it does. */
  networkFile: string | undefined;
  /** What a shell that installs packages keeps from starting. */
  hold: Hold = 'none';
  readonly units: Record<Daemon, ModelUnit>;
  /** A clock that goes on a second whenever something happens. */
  #now = 1_700_000_000;

  constructor(name: string, address: string) {
    this.name = name;
    this.address = address;
    const absent = {
      installed: false,
      active: 'inactive',
      enabled: false,
      masked: '',
      changedAt: 0,
      runs: undefined,
    } as const;
    this.units = {
      haproxy: { ...absent, needsDaemonReload: false },
      keepalived: { ...absent, needsDaemonReload: false },
    };
  }

  contentOf(path: string): string | undefined {
    const found = this.files.get(path);
    return found?.type === 'file' ? found.content : undefined;
  }

  write(path: string, content: string, mode = '0644', owner = 'root:root'): void {
    this.files.set(path, { type: 'file', mode, owner, touchedAt: this.tick(), content });
    for (const daemon of daemons) if (path === dropIn(daemon)) this.units[daemon].needsDaemonReload = true;
  }

  remove(path: string): void {
    this.files.delete(path);
    for (const daemon of daemons) if (path === dropIn(daemon)) this.units[daemon].needsDaemonReload = true;
  }

  /** Like a package manager's `purge`. */
  purge(daemon: Daemon): void {
    this.packages.delete(daemon);
    this.files.delete(configOf(daemon));
    this.stop(daemon);
    Object.assign(this.units[daemon], { installed: false, enabled: false });
  }

  stop(daemon: Daemon, active = 'inactive'): void {
    Object.assign(this.units[daemon], { active, changedAt: this.tick(), runs: undefined });
    if (daemon === 'haproxy') this.#hook('0');
  }

  start(daemon: Daemon): void {
    this.units[daemon].active = 'active';
    this.reload(daemon);
    if (daemon === 'haproxy') this.#hook('1');
  }

  reload(daemon: Daemon): void {
    Object.assign(this.units[daemon], { changedAt: this.tick(), runs: this.identity(daemon) });
  }

  get state(): ModelState {
    return { files: new Map(this.files), sysctls: new Map(this.sysctls), units: structuredClone(this.units) };
  }

  /** Packages stay, and what is in /run is of the moment. @returns what was put back, `<kind>:<name>` */
  restore({ files, sysctls, units }: ModelState): readonly string[] {
    const changed = [...new Set([...this.files.keys(), ...files.keys()])].filter(
      (path) => !path.startsWith('/run/') && files.get(path) !== this.files.get(path),
    );
    for (const path of changed) {
      const file = files.get(path);
      if (file === undefined) this.files.delete(path);
      else this.files.set(path, file);
    }
    const keys = [...sysctls.keys()].filter((key) => this.sysctls.get(key) !== sysctls.get(key));
    for (const key of keys) this.sysctls.set(key, sysctls.get(key) ?? '');
    const restored = daemons.filter((daemon) => this.#restoreUnit(daemon, units[daemon], changed));
    return [
      ...changed.map((path) => `file:${path}`),
      ...keys.map((key) => `sysctl:${key}`),
      ...restored.map((daemon) => `unit:${daemon}.service`),
    ];
  }

  /** Reloaded where a file of its own came back, started or stopped as it was. @returns whether anything was to do */
  #restoreUnit(daemon: Daemon, { enabled, masked, active }: ModelUnit, changed: readonly string[]): boolean {
    const unit = this.units[daemon];
    const differs = unit.enabled !== enabled || unit.masked !== masked;
    Object.assign(unit, { enabled, masked, needsDaemonReload: false });
    if (active !== 'active') {
      if (unit.active !== 'active') return differs;
      this.stop(daemon);
      return true;
    }
    if (unit.active === 'active' && !changed.includes(configOf(daemon)) && !changed.includes(dropIn(daemon)))
      return differs;
    this.start(daemon);
    return true;
  }

  tick(): number {
    this.#now += 1;
    return this.#now;
  }

  /** What a daemon that reads its configuration now would call itself. */
  identity(daemon: Daemon): string | undefined {
    const directive = { haproxy: /^ *description (.+)$/m, keepalived: /^ *router_id (.+)$/m }[daemon];
    return directive.exec(this.contentOf(configOf(daemon)) ?? '')?.[1];
  }

  /** Whether keepalived's trackers let this host take a VIP. */
  get eligible(): boolean {
    const { haproxy, keepalived } = this.units;
    return (
      keepalived.runs !== undefined &&
      haproxy.runs !== undefined &&
      this.contentOf(paths.servingFlag)?.trim() === '1' &&
      this.contentOf(paths.maintenanceFlag)?.trim() !== '1'
    );
  }

  /** haproxy.service's ExecStartPost and ExecStopPost, once systemd has read them. */
  #hook(value: string): void {
    if (this.files.has(paths.haproxyDropIn) && !this.units.haproxy.needsDaemonReload)
      this.write(paths.servingFlag, `${value}\n`);
  }
}
