import { Content } from '../../cluster/secrets/content.js';
import type { Fact } from '../../facts/fact.js';
import { type ManagedLink, managedLinks, networkDropIn } from '../../facts/network/managed-links.js';
import type { Observation } from '../../facts/observation.js';
import type { Change, Resource } from '../resource.js';
import { writeStep } from './managed-file.js';

export interface KeptAddresses {
  readonly facts: readonly Fact<unknown>[];
  /** The interfaces that carry addresses which systemd-networkd did not add, and whether IPv6 ones are among them. */
  interfaces(host: Observation): readonly { readonly name: string; readonly six: boolean }[];
}

/**
 * systemd-networkd drops what it did not add when it starts (systemd#12050): a drop-in tells it not to. Nothing where it does
 * not manage the interface, or keeps such addresses already. It reads the drop-in when it next starts, and that is when it
 * counts: a reload would take addresses and others' routes off the link.
 */
export function keptAddresses(wanted: KeptAddresses): Resource {
  return {
    id: 'networkd:keep',
    facts: [managedLinks, ...wanted.facts],
    footprint: (host) => ({
      paths: linksOf(wanted, host)
        .filter(({ link, six }) => dropInFor(link, six) !== undefined)
        .map(({ link }) => ({ path: networkDropIn(link.networkFile) })),
    }),
    plan: (host) => linksOf(wanted, host).flatMap(({ link, six }) => keep(link, six)),
  };
}

function linksOf(
  wanted: KeptAddresses,
  host: Observation,
): readonly { readonly link: ManagedLink; readonly six: boolean }[] {
  return wanted.interfaces(host).flatMap(({ name, six }) => {
    const link = host.get(managedLinks).find((managed) => managed.interface === name);
    return link === undefined ? [] : [{ link, six }];
  });
}

/** The drop-in that is wanted; none where the link keeps such addresses without one. */
function dropInFor(link: ManagedLink, six: boolean): string | undefined {
  const value = valueFor(link.keeps, six);
  if (value === link.keeps && link.dropIn === undefined) return undefined;
  return `# Written by ha-deploy.\n[Network]\nKeepConfiguration=${value}\n`;
}

function keep(link: ManagedLink, six: boolean): Change[] {
  const content = dropInFor(link, six);
  if (content === undefined || link.dropIn === content) return [];
  const path = networkDropIn(link.networkFile);
  return [
    {
      resource: `file:${path}`,
      action: link.dropIn === undefined ? 'create' : 'update',
      summary:
        link.dropIn === undefined
          ? `systemd-networkd would drop the VIP from ${link.interface} when it restarts`
          : 'content differs',
      text: { before: link.dropIn ?? '', after: content },
      bytes: Buffer.byteLength(content),
      replaces: Content.of(link.dropIn ?? ''),
      interrupts: false,
      step: writeStep(Content.of(content), { path, mode: '0644', owner: 'root:root' }),
    },
  ];
}

/**
 * `static` keeps addresses without an end. keepalived adds IPv6 addresses as deprecated ones, which networkd takes for dynamic:
 * only `yes` keeps them too. Measured on 247, 252 and 257. What others wrote is kept as well.
 */
function valueFor(written: string | undefined, six: boolean): string {
  const dynamic = written?.startsWith('dhcp') === true || written?.startsWith('dynamic') === true;
  if (written !== undefined && /^(yes|true|on|1|y|t)$/i.test(written)) return written;
  if (six || dynamic) return 'yes';
  return 'static';
}
