import { deriveInstances } from '../../cluster/instances.js';
import type { Draft } from '../expand/draft.js';
import { electedVips } from '../expand/vips.js';
import { advertIntervalMs } from '../expand/vrrp.js';
import { type ConfigFinding, mistake } from '../problems/finding.js';
import { describe } from '../problems/show.js';
import type { VrrpInput } from '../schema/vrrp.js';

const longestVersion3Ms = 40_950;

export function vrrpConfigFindings(draft: Draft): ConfigFinding[] {
  const { vrrp } = draft.sections;
  if (vrrp === undefined) return [];
  return [...versionFindings(vrrp, draft), ...intervalFindings(vrrp), ...routerIdFindings(vrrp, draft)];
}

function versionFindings({ version, auth, profile, advertInterval }: VrrpInput, { vips = [] }: Draft): ConfigFinding[] {
  if (version === 3) {
    const fix = 'Remove it, and let a firewall keep strangers out; or set vrrp.version to 2 for old peers.';
    return auth === undefined
      ? []
      : [
          {
            ...mistake(
              ['vrrp', 'auth'],
              'authentication with version 3',
              'none: VRRP version 3 has no authentication',
              fix,
            ),
            at: 'key',
          },
        ];
  }
  const ipv6 = vips.filter((vip) => vip.family === 6);
  return [
    ...(profile === 'fast' && advertInterval === undefined
      ? [
          mistake(
            ['vrrp', 'profile'],
            '"fast" with version 2',
            'version 3, or another profile: version 2 has no adverts below 1s',
          ),
        ]
      : []),
    ...ipv6.map((vip) =>
      mistake(
        [...vip.path, 'address'],
        describe(vip.address),
        'IPv4 VIPs only, with VRRP version 2',
        'Leave out vrrp.version.',
      ),
    ),
  ];
}

function intervalFindings(vrrp: VrrpInput): ConfigFinding[] {
  const { advertInterval, version } = vrrp;
  if (advertInterval === undefined) return [];
  const milliseconds = advertIntervalMs(vrrp);
  const path = ['vrrp', 'advertInterval'];
  if (version === 2 && milliseconds % 1000 !== 0) {
    return [
      mistake(
        path,
        describe(advertInterval),
        'whole seconds, with VRRP version 2',
        'Write 1s, or leave out vrrp.version.',
      ),
    ];
  }
  if (version === 3 && milliseconds > longestVersion3Ms) {
    return [mistake(path, describe(advertInterval), `at most ${longestVersion3Ms}ms, with VRRP version 3`)];
  }
  return [];
}

function routerIdFindings(vrrp: VrrpInput, { vips = [], nodes }: Draft): ConfigFinding[] {
  const instances = deriveInstances('', vrrp.routerId, electedVips(vips), nodes);
  if (instances.every((instance) => instance.routerId <= 255)) return [];
  const counted = instances.length - vips.filter((vip) => vip.routerId !== undefined).length;
  const found = `${vrrp.routerId}, from which on ${counted} groups of VIPs take an id each`;
  return [mistake(['vrrp', 'routerId'], found, 'a lower number: 255 is the last')];
}
