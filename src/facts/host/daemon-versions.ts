import { releaseOf } from '../../cluster/versions/releases.js';
import { type DaemonName, type DaemonVersions, oldest, Version } from '../../cluster/versions/versions.js';
import { DeployError } from '../../errors/deploy-error.js';
import { type Fact, unreadable } from '../fact.js';
import type { Observation } from '../observation.js';
import { packages } from './packages.js';
import { platform } from './platform.js';

export const daemonPackages: readonly DaemonName[] = ['haproxy', 'keepalived'];

const installed = packages(daemonPackages);

/** What {@link daemonVersions} must know of a host. */
export const versionFacts: readonly Fact<unknown>[] = [installed, platform];

/** dpkg's words for a package of which no program is on the disk (dpkg-query(1), Status-Status). */
const withoutFiles: readonly string[] = ['not-installed', 'config-files'];

/**
 * The versions that a host has, or gets from its release where a package is not there yet.
 * @throws DeployError UNSUPPORTED_HOST for a release or a daemon that is too old; FACT_UNREADABLE for what is no version
 */
export function daemonVersions(host: Observation): DaemonVersions {
  const [haproxy, keepalived] = [installedVersion(host, 'haproxy'), installedVersion(host, 'keepalived')];
  if (haproxy !== undefined && keepalived !== undefined) return { haproxy, keepalived, assumed: false };
  const release = assumedVersions(host);
  return { haproxy: haproxy ?? release.haproxy, keepalived: keepalived ?? release.keepalived, assumed: true };
}

function installedVersion(host: Observation, daemon: DaemonName): Version | undefined {
  const found = host.get(installed).get(daemon);
  if (found === undefined || withoutFiles.includes(found.status)) return undefined;
  const version = Version.parse(found.version);
  if (version === undefined)
    throw unreadable(`dpkg says that ${daemon} has the version ${JSON.stringify(found.version)}`).at({
      node: host.node,
    });
  if (version.compare(oldest[daemon]) >= 0) return version;
  throw new DeployError(
    'UNSUPPORTED_HOST',
    `${host.node} has ${daemon} ${version.text}, and ha-deploy needs ${oldest[daemon].text} or later`,
    {
      node: host.node,
      hint: `Upgrade ${daemon} there, or the host: docs/versions.md lists the releases that will do.`,
    },
  );
}

/** For a distribution that we do not know: what any daemon of ours understands. The next look, after the install, knows better. */
function assumedVersions(host: Observation): Pick<DaemonVersions, DaemonName> {
  const { id, version } = host.get(platform);
  const release = releaseOf(id, version);
  if (release === undefined) return oldest;
  if (release === 'too old') {
    throw new DeployError('UNSUPPORTED_HOST', `${host.node} runs ${id} ${version}, which is too old for ha-deploy`, {
      node: host.node,
      hint: 'docs/versions.md lists the releases that will do.',
    });
  }
  return release;
}
