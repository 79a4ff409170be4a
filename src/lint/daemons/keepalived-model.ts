import type { Family } from '../../cluster/cluster.js';
import { canonicalAddress, familyOf } from '../../cluster/values/address.js';
import { parseKeepalived } from './keepalived-conf.js';
import { type Tracked, type Tracker, trackersOf, undefinedTrackersOf, watchersOf } from './keepalived-trackers.js';
import { type DaemonFile, type Directive, daemonFileUnreadable, type Located, numberOf } from './source.js';

/** What the rules have to know of a keepalived.conf. Defaults are filled in, at the line of their block. */
export interface KeepalivedConf {
  readonly file: string;
  readonly globals: readonly Directive[];
  readonly watchers: readonly Tracked[];
  readonly instances: readonly Instance[];
  /** Lines whose effect is not known here: `include`, and variables. */
  readonly unread: readonly Directive[];
}

export interface Instance {
  readonly name: string;
  readonly line: number;
  readonly state?: Located<string> | undefined;
  readonly interface?: Located<string> | undefined;
  readonly routerId?: Located<number> | undefined;
  readonly priority: Located<number>;
  readonly version: Located<number>;
  readonly advertIntervalMs: Located<number>;
  /** How many adverts a backup misses before it takes over. */
  readonly downTimerAdverts: Located<number>;
  /** Whether it leaves the VIPs to a holder of lower priority, as written; `state MASTER` undoes it. */
  readonly nopreempt?: Located<true> | undefined;
  readonly preemptDelayMs?: Located<number> | undefined;
  readonly strict?: Located<true> | undefined;
  readonly smtpAlert?: Located<true> | undefined;
  readonly auth?: Auth | undefined;
  readonly unicastSource?: Located<string> | undefined;
  /** Nothing without `unicast_peer`: adverts go out by multicast. */
  readonly peers?: Located<readonly Located<string>[]> | undefined;
  readonly vips: readonly Located<string>[];
  readonly excludedVips: readonly Located<string>[];
  readonly trackers: readonly Tracker[];
  /** What it tracks and no block defines. */
  readonly undefinedTrackers: readonly Located<string>[];
}

export interface Auth {
  readonly line: number;
  readonly type?: Located<string> | undefined;
  /** Never shown. */
  readonly password?: Located<string> | undefined;
}

/** Far more than there are router ids. */
const most = 1000;

/** @throws DeployError DAEMON_CONFIG_UNREADABLE with file and line */
export function readKeepalived(source: DaemonFile, node: string): KeepalivedConf {
  const top = parseKeepalived(source, node);
  const globals = named(top, 'global_defs').flatMap(({ block = [] }) => block);
  const watchers = watchersOf(top);
  const groups = named(top, 'vrrp_sync_group').map(({ block = [] }) => block);
  const blocks = named(top, 'vrrp_instance');
  const [odd] = [...blocks.slice(most), ...named(top, 'vrrp_sync_group').slice(most)];
  if (odd !== undefined || watchers.length > most) {
    throw daemonFileUnreadable(source.file, odd?.line ?? 1, `more than ${most} blocks of one kind`);
  }
  const instances = blocks.map((directive) => instance(directive, globals, watchers, groups));
  return { file: source.file, globals, watchers, instances, unread: everywhere(top).filter(isUnread) };
}

/** The last directive of this name, as keepalived takes it. */
export function last(directives: readonly Directive[], ...names: readonly string[]): Directive | undefined {
  return directives.findLast(({ words: [name = ''] }) => names.includes(name));
}

/** The family of an instance is that of its first VIP. */
export function familyOfInstance({ vips: [first] }: Instance): Family {
  return first === undefined ? 4 : familyOf(first.value);
}

function named(directives: readonly Directive[], name: string): Directive[] {
  return directives.filter(({ words }) => words[0] === name);
}

function everywhere(directives: readonly Directive[]): Directive[] {
  return directives.flatMap((directive) => [directive, ...everywhere(directive.block ?? [])]);
}

function isUnread({ words: [name = '', ...values] }: Directive): boolean {
  return name.startsWith('include') || [name, ...values].some((text) => /^\$|\$\{|^~SEQ\(/.test(text));
}

function instance(
  { line, words: [, name = ''], block = [] }: Directive,
  globals: readonly Directive[],
  watchers: readonly Tracked[],
  groups: readonly (readonly Directive[])[],
): Instance {
  const vips = addresses(block, 'virtual_ipaddress');
  const isIpv6 = vips[0] !== undefined && familyOf(vips[0].value) === 6;
  const version = number(last(block, 'version')) ?? number(last(globals, 'vrrp_version')) ?? { value: 2, line };
  const priority = number(last(block, 'priority')) ?? { value: 100, line };
  const adverts = number(last(block, 'down_timer_adverts')) ?? number(last(globals, 'vrrp_down_timer_adverts'));
  const alert = last(block, 'smtp_alert') ?? last(globals, 'smtp_alert', 'smtp_alert_vrrp');
  return {
    name,
    line,
    state: word(last(block, 'state')),
    interface: word(last(block, 'interface')),
    routerId: number(last(block, 'virtual_router_id')),
    priority,
    // IPv6 has no version 2.
    version: isIpv6 ? { ...version, value: 3 } : version,
    advertIntervalMs: milliseconds(last(block, 'advert_int')) ?? { value: 1000, line },
    downTimerAdverts: adverts && adverts.value > 0 ? adverts : { value: 3, line },
    nopreempt: flag(last(block, 'nopreempt')),
    preemptDelayMs: milliseconds(last(block, 'preempt_delay')),
    strict: flag(last(block, 'strict_mode') ?? last(globals, 'vrrp_strict')),
    smtpAlert: flag(alert),
    auth: auth(last(block, 'authentication')),
    unicastSource: address(last(block, 'unicast_src_ip')?.words[1], last(block, 'unicast_src_ip')?.line),
    peers: peers(last(block, 'unicast_peer')),
    vips,
    excludedVips: addresses(block, 'virtual_ipaddress_excluded'),
    trackers: ownTrackers(name, block, watchers, groups),
    undefinedTrackers: undefinedTrackersOf(block, watchers),
  };
}

/** A sync group moves as one: its trackers count for each member, and weights for none, unless it says otherwise. */
function ownTrackers(
  name: string,
  block: readonly Directive[],
  watchers: readonly Tracked[],
  groups: readonly (readonly Directive[])[],
): Tracker[] {
  const own = trackersOf(block, watchers);
  const group = groups.find((inside) => (last(inside, 'group')?.block ?? []).some(({ words }) => words.includes(name)));
  if (group === undefined) return own;
  const all = [...own, ...trackersOf(group, watchers)];
  const hasWeights = last(group, 'sync_group_tracking_weight', 'global_tracking') !== undefined;
  return hasWeights ? all : all.map((tracker) => ({ ...tracker, weight: 0 }));
}

function auth(directive: Directive | undefined): Auth | undefined {
  if (directive?.block === undefined) return undefined;
  const password = last(directive.block, 'auth_pass');
  return {
    line: directive.line,
    type: word(last(directive.block, 'auth_type')),
    password: password && { value: password.words.slice(1).join(' '), line: password.line },
  };
}

function peers(directive: Directive | undefined): Instance['peers'] {
  if (directive?.block === undefined) return undefined;
  const value = directive.block.flatMap(({ words: [text], line }) => address(text, line) ?? []);
  return { value, line: directive.line };
}

/** The addresses of a block, without their prefix lengths and in one spelling. */
function addresses(block: readonly Directive[], name: string): Located<string>[] {
  return named(block, name).flatMap(({ block: inside = [] }) =>
    inside.flatMap(({ words: [text], line }) => address(text, line) ?? []),
  );
}

function address(text: string | undefined, line: number | undefined): Located<string> | undefined {
  const value = canonicalAddress(text?.replace(/\/.*$/, '') ?? '');
  return value === undefined || line === undefined ? undefined : { value, line };
}

function word(directive: Directive | undefined): Located<string> | undefined {
  const value = directive?.words[1];
  return directive === undefined || value === undefined ? undefined : { value, line: directive.line };
}

function number(directive: Directive | undefined): Located<number> | undefined {
  const value = numberOf(directive?.words[1]);
  return directive === undefined || value === undefined ? undefined : { value, line: directive.line };
}

function milliseconds(directive: Directive | undefined): Located<number> | undefined {
  const seconds = number(directive);
  return seconds && { value: seconds.value * 1000, line: seconds.line };
}

function flag(directive: Directive | undefined): Located<true> | undefined {
  const isOff = directive?.words[1] !== undefined && /^(false|off|no|0)$/.test(directive.words[1]);
  return directive === undefined || isOff ? undefined : { value: true, line: directive.line };
}
