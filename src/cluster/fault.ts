import type { Vrrp } from './cluster.js';

/** What a drill does to the holder of the VIP, in the order in which it does it. */
export const faults = [
  'haproxy-kill',
  'haproxy-stop',
  'haproxy-hang',
  'keepalived-stop',
  'keepalived-kill',
  'node-isolate',
  'planned',
] as const;

/** What a drill does only when it is named: it keeps clients out while it lasts. */
export const faultsByName = ['saturate'] as const;

/** What is done to the host that holds the VIP. */
export type HostFault = (typeof faults)[number];

export type Fault = HostFault | (typeof faultsByName)[number];

/** What the others notice by adverts that no longer come, and by nothing else. */
export const silentFaults: ReadonlySet<Fault> = new Set(['keepalived-kill', 'node-isolate']);

/** Longest outage that fresh clients may see, by fault: milliseconds. */
export type Budgets = Readonly<Record<Fault, number>>;

/** What is measured and what a client notices are a packet, a context switch and a gratuitous ARP apart. */
const standard: Budgets = {
  'haproxy-kill': 50,
  'haproxy-stop': 50,
  'haproxy-hang': 3500,
  'keepalived-stop': 30,
  'keepalived-kill': 350,
  'node-isolate': 350,
  planned: 0,
  saturate: 1000,
};

const fast: Budgets = { ...standard, 'keepalived-stop': 20, 'keepalived-kill': 100, 'node-isolate': 100 };

/**
 * What a cluster is held to. A fault that keepalived sees gives the VIP away by an advert of priority 0, after which the next
 * node waits its skew; silence is noticed after three intervals and the skew (RFC 5798 6.1). The two profiles with short
 * intervals have budgets of their own; every other interval has those that follow from it.
 * @param priority of the node that takes over
 */
export function budgetsOf(
  { version, advertIntervalMs }: Pick<Vrrp, 'version' | 'advertIntervalMs'>,
  priority: number,
): Budgets {
  if (version === 3 && advertIntervalMs === 100) return standard;
  if (version === 3 && advertIntervalMs === 20) return fast;
  // Version 2 counts the skew in parts of a second, whatever the interval.
  const skew = Math.ceil(((256 - priority) / 256) * (version === 3 ? advertIntervalMs : 1000));
  const silence = 3 * advertIntervalMs + skew + 50;
  return {
    'haproxy-kill': standard['haproxy-kill'] + skew,
    'haproxy-stop': standard['haproxy-stop'] + skew,
    'haproxy-hang': standard['haproxy-hang'] + skew,
    'keepalived-stop': standard['keepalived-stop'] + skew,
    'keepalived-kill': silence,
    'node-isolate': silence,
    planned: 0,
    saturate: standard.saturate,
  };
}
