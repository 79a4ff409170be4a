import { Version, versionOf } from './versions.js';

/** A release of a distribution, and the daemons that its packages are. */
export interface Release {
  /** `ubuntu`, `debian` (os-release(5), ID) */
  readonly id: string;
  /** `22.04`, `12` (os-release(5), VERSION_ID) */
  readonly version: string;
  readonly haproxy: Version;
  readonly keepalived: Version;
}

/** In order of age within a distribution. From the package indexes of the distributions; updates move the last number on. */
export const releases = [
  { id: 'debian', version: '11', haproxy: versionOf('2.2.9'), keepalived: versionOf('2.1.5') },
  { id: 'debian', version: '12', haproxy: versionOf('2.6.12'), keepalived: versionOf('2.2.7') },
  { id: 'debian', version: '13', haproxy: versionOf('3.0.11'), keepalived: versionOf('2.3.3') },
  { id: 'ubuntu', version: '20.04', haproxy: versionOf('2.0'), keepalived: versionOf('2.0.19') },
  { id: 'ubuntu', version: '22.04', haproxy: versionOf('2.4.30'), keepalived: versionOf('2.2.4') },
  { id: 'ubuntu', version: '24.04', haproxy: versionOf('2.8.16'), keepalived: versionOf('2.2.8') },
] as const satisfies readonly Release[];

/** What is assumed where nobody says what the hosts are: the release that the manual takes for its examples. */
export const defaultRelease: Release = releases[4];

/**
 * The row for a host: its own release, else the newest one before it; without a version, as Debian testing has none, the newest.
 * @returns undefined for another distribution, and `too old` for a release of ours that comes before all of them
 */
export function releaseOf(id: string, version: string): Release | 'too old' | undefined {
  const own = releases.filter((release) => release.id === id);
  const newest = own.at(-1);
  const wanted = Version.parse(version);
  if (newest === undefined || wanted === undefined) return newest;
  return own.findLast((release) => wanted.atLeast(release.version)) ?? 'too old';
}

/** `Debian 11 or Ubuntu 20.04`. */
export function oldestReleases(): string {
  const ids = [...new Set(releases.map(({ id }) => id))];
  const oldest = ids.flatMap((id) => releases.find((release) => release.id === id) ?? []);
  return oldest.map(({ id, version }) => `${id.slice(0, 1).toUpperCase()}${id.slice(1)} ${version}`).join(' or ');
}

/** The release of this name, such as `debian:12`; undefined where we have none of it. */
export function releaseNamed(name: string): Release | undefined {
  return releases.find((release) => nameOf(release) === name);
}

export function nameOf({ id, version }: Pick<Release, 'id' | 'version'>): string {
  return `${id}:${version}`;
}
