import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { haproxyText } from '../../../playbooks/haproxy.js';
import { keepalivedText } from '../../../playbooks/keepalived.js';
import { paths } from '../../../playbooks/paths.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Release } from '../../../src/cluster/versions/releases.js';
import { loadCluster } from '../../../src/config/load.js';
import { spoiled, strained } from '../../support/hostile.js';
import { goldenRelease, hostAt } from './support.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Path = readonly (string | number)[];

/** Every key that there is, with no template of the operator's own. */
const { templates: _, ...full } = parse(
  readFileSync(new URL('../../../examples/full.yaml', import.meta.url), 'utf8'),
) as Record<string, Json>;

/** A text of the configuration: a value, or the name of an entry. */
export interface Place {
  readonly path: Path;
  readonly is: 'value' | 'key';
  /** What stands there in the example. */
  readonly text: string;
}

export const places: readonly Place[] = placesIn(full, []);

/** The operator's own lines, which go into a file as they are. */
const own = new Set(['extra', 'extraGlobal', 'extraDefaults']);

export function isOperatorsOwn({ path, is }: Place): boolean {
  return is === 'value' && own.has(String(path.at(-1)));
}

function placesIn(value: Json, path: Path): Place[] {
  if (typeof value === 'string') return [{ path, is: 'value', text: value }];
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => placesIn(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    { path: [...path, key], is: 'key' as const, text: key },
    ...placesIn(item, [...path, key]),
  ]);
}

/** The example with another text in one place, as YAML. */
export function withText({ path, is }: Place, text: string): string {
  const put = (value: Json, [head, ...rest]: Path): Json => {
    if (head === undefined) return text;
    if (Array.isArray(value)) return value.map((item: Json, at) => (at === head ? put(item, rest) : item));
    return Object.fromEntries(
      Object.entries(value as Record<string, Json>).map(([key, item]) => {
        if (key !== head) return [key, item];
        return rest.length === 0 && is === 'key' ? [text, item] : [key, put(item, rest)];
      }),
    );
  };
  return JSON.stringify(put(full, path), null, 1);
}

export const example = JSON.stringify(full, null, 1);

export interface Attack {
  readonly place: Place;
  readonly text: string;
}

/** Something hostile, in any place. */
export const attack: fc.Arbitrary<Attack> = anywhere(places, spoiled);

const shown = {
  value:
    /^(name|vip\.1\.interface|nodes\.lb-1\.interface|vrrp\.email\.(to\.\d|from|smtpServer)|services\.\w+\.(balance|health\.path|servers\..*)|stats\.(uri|auth\.user))$/,
  key: /^(nodes\.lb-1|services\.\w+(\.servers\.[^.]+)?)$/,
} as const;

/** What some values may look like, in the places that a daemon's file shows. */
export const strain: fc.Arbitrary<Attack> = anywhere(
  places.filter(({ path, is }) => shown[is].test(path.join('.'))),
  strained,
);

function anywhere(among: readonly Place[], spoil: (text: string) => fc.Arbitrary<string>): fc.Arbitrary<Attack> {
  return fc.constantFrom(...among).chain((place) => spoil(place.text).map((text) => ({ place, text })));
}

const certificate = Buffer.from('-----BEGIN CERTIFICATE-----\nfake\n-----END CERTIFICATE-----\n');

/** Loads text on a machine on which every file is a certificate. */
export function clusterOf(text: string): Cluster {
  return loadCluster({
    path: 'ha-deploy.yaml',
    cwd: '/etc/lb',
    home: '/home/me',
    env: {},
    files: {
      read: (path) => (path === '/etc/lb/ha-deploy.yaml' ? Buffer.from(text) : certificate),
      mode: () => 0o600,
    },
  }).cluster;
}

export interface Written {
  readonly node: string;
  readonly path: string;
  readonly text: string;
}

/** Both daemons' files of every node, for hosts of a release; a word for each secret. */
export function written(
  cluster: Cluster,
  release: Pick<Release, 'id' | 'version'> = goldenRelease,
): readonly Written[] {
  return cluster.nodes.flatMap((node) => {
    const host = hostAt(node, release);
    return [
      { path: paths.haproxyConfig, content: haproxyText(cluster, node, host, 'ha-deploy:0') },
      { path: paths.keepalivedConfig, content: keepalivedText(cluster, node, host, 'ha-deploy:0') },
    ].map(({ path, content }) => ({ node: node.name, path, text: content.blanked.replaceAll('\0', 'secret') }));
  });
}
