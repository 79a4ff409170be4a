import type { Cluster, HealthCheck, Node, Service, Template } from '../src/cluster/cluster.js';
import { connectionLimits, openFiles } from '../src/cluster/connections.js';
import { Content } from '../src/cluster/secrets/content.js';
import { endpoint } from '../src/cluster/values/address.js';
import { certificateFacts, dayOf } from '../src/cluster/values/certificate.js';
import { durationLiteral } from '../src/cluster/values/duration.js';
import { newValues } from '../src/cluster/versions/values-since.js';
import { type DaemonVersions, knowledgeOf } from '../src/cluster/versions/versions.js';
import { DeployError } from '../src/errors/deploy-error.js';
import { askHaproxy, haproxyProcess } from '../src/facts/haproxy/haproxy.js';
import { daemonVersions } from '../src/facts/host/daemon-versions.js';
import { serviceEndpoints } from '../src/facts/network/endpoints.js';
import type { Observation } from '../src/facts/observation.js';
import { Shell, sh } from '../src/remote/shell.js';
import { type Identified, identified } from '../src/render/identity.js';
import { type OwnLines, originOf } from '../src/render/origin.js';
import { shippedTemplate } from '../src/render/shipped.js';
import { indented, renderTemplate } from '../src/render/template.js';
import { freePorts } from '../src/resources/kinds/free-ports.js';
import { type FileResource, managedFile } from '../src/resources/kinds/managed-file.js';
import { type Currency, systemdService } from '../src/resources/kinds/systemd-service.js';
import type { Requirement, Resource } from '../src/resources/resource.js';
import { daemonReload, ours } from './host.js';
import { addressKeeper, keptOverReloads, nothingKept } from './known-addresses.js';
import { oncePerHost } from './once-per-host.js';
import { managedUnits, paths } from './paths.js';
import { secretLines } from './secrecy.js';
import { haproxyFacts, hasNames, namedServers, quickLibc } from './server-names.js';

/** HAProxy: its certificates, its configuration, its hooks, and the service that runs them. */
export function haproxy(cluster: Cluster, node: Node): readonly Resource[] {
  const rendered = oncePerHost((host) => haproxyConfig(cluster, node, host));
  const certificates = cluster.services.flatMap(certificate);
  const named = hasNames(cluster);
  const config = managedFile({
    path: paths.haproxyConfig,
    content: (host) => rendered(host).content,
    facts: haproxyFacts(cluster),
    mode: '0640',
    owner: 'root:haproxy',
    // The exit code alone decides; see "Checking before apply" in docs/facts.md.
    checker: { program: 'haproxy', command: sh`RES_OPTIONS=${quickLibc} haproxy -c -f "$candidate"` },
    ...(named && { beforeCheck: nothingKept }),
    trial: {
      beside: [
        ...cluster.services.flatMap((service) =>
          service.tls === undefined ? [] : [{ path: paths.certificate(service), content: service.tls.certificate }],
        ),
        ...(named ? [{ path: paths.knownAddresses, content: Content.of('1\n') }] : []),
      ],
      account: paths.scriptUser,
      originOf: originOf(cluster.templates.haproxy, ownLines(cluster)),
    },
    secretLines: secretLines.haproxy,
  });
  return [
    ...(named ? [addressKeeper()] : []),
    ours(paths.haproxyDropIn, `${hooks(cluster)}${named ? `${quickLookups}${keptOverReloads}` : ''}`, daemonReload),
    ...certificates,
    config,
    systemdService({
      unit: 'haproxy.service',
      among: managedUnits,
      reads: [...certificates, config],
      facts: [haproxyProcess, ...haproxyFacts(cluster)],
      currency: (host) => currency(host, rendered(host).identity),
      settled: (host) => settled(rendered(host).identity),
      requirement: ports(cluster),
    }),
  ];
}

/**
 * haproxy.cfg of one node, and the name by which the running daemon shows that it has read exactly this.
 * @throws DeployError UNSUPPORTED_HOST
 */
export function haproxyConfig(cluster: Cluster, node: Node, host: Observation): Identified {
  const certificates = cluster.services.flatMap(({ tls }) => tls?.certificate ?? []);
  const render = (identity: string): Content => haproxyText(cluster, node, host, identity);
  return identified(templateOf(cluster), render, { files: certificates, salt: cluster.name });
}

/**
 * haproxy.cfg of one node under a given name: no secret is read for it.
 * @throws DeployError UNSUPPORTED_HOST, UNFIT_VERSIONS
 */
export function haproxyText(cluster: Cluster, node: Node, host: Observation, identity: string): Content {
  const versions = daemonVersions(host);
  refuseNewValues(cluster, node, versions);
  return renderTemplate(templateOf(cluster), {
    cluster,
    node,
    identity,
    versions,
    knows: knowledgeOf(versions),
    paths,
    endpoint,
    indented,
    checkOptions,
    statsAddresses: statsAddresses(cluster),
    duration: durationLiteral,
    limits: connectionLimits(cluster),
    ...namedServers(cluster, node, host),
  });
}

/** What is assumed may not be what apt will install: that is asked once more, before a file is written. */
function refuseNewValues({ services, templates }: Cluster, node: Node, versions: DaemonVersions): void {
  if (versions.assumed || templates.haproxy !== undefined) return;
  const refused = services.flatMap(newValues).find(({ since }) => versions.haproxy.compare(since) < 0);
  if (refused === undefined) return;
  const { key, value, since } = refused;
  throw new DeployError(
    'UNFIT_VERSIONS',
    `${node.name} has HAProxy ${versions.haproxy.text}, which does not know ${key}: ${value}; that came with ${since.text}`,
    { node: node.name, hint: 'Write another value, or bring the node to a newer release.' },
  );
}

function ownLines({ haproxy: { extraGlobal, extraDefaults }, services }: Cluster): readonly OwnLines[] {
  return [
    { key: 'haproxy.extraGlobal', text: extraGlobal },
    { key: 'haproxy.extraDefaults', text: extraDefaults },
    ...services.map(({ name, extra }) => ({ key: `services.${name}.extra`, text: extra })),
  ];
}

function templateOf({ templates }: Cluster): Template {
  return templates.haproxy ?? shippedTemplate('haproxy.cfg.ejs');
}

/** Server options for one kind of health check. */
function checkOptions(health: HealthCheck): string {
  const fast = durationLiteral(Math.min(500, health.intervalMs));
  // One that is down is asked often: a node that was cut off has to find them all again.
  const cadence = `inter ${durationLiteral(health.intervalMs)} fastinter ${fast} downinter ${fast} fall 2 rise 2`;
  switch (health.type) {
    case 'tcp':
      // A closed port is a dead server: its clients are freed at once.
      return `${cadence} on-marked-down shutdown-sessions`;
    case 'http':
      // Not ready may mean draining: what is under way may finish.
      return cadence;
    case 'https':
      return `check-ssl verify none ${cadence}`;
  }
}

function statsAddresses({ stats, vips }: Cluster): readonly string[] {
  if (stats === undefined) return [];
  return stats.bind === 'vip' ? vips.map((vip) => vip.address) : [stats.bind];
}

/** Of the shipped template: another one listens where it likes. */
function ports(cluster: Cluster): Requirement | undefined {
  const { stats, templates } = cluster;
  if (templates.haproxy !== undefined) return undefined;
  const statistics =
    stats === undefined ? [] : statsAddresses(cluster).map((address) => ({ address, port: stats.port }));
  return freePorts('haproxy.service', [...serviceEndpoints(cluster), ...statistics]);
}

function certificate(service: Service): FileResource[] {
  if (service.tls === undefined) return [];
  return [
    managedFile({
      path: paths.certificate(service),
      content: service.tls.certificate,
      mode: '0640',
      owner: 'root:haproxy',
      checker: { program: 'haproxy', command: certificateCheck },
      trial: { originOf: () => `services.${service.name}.tls` },
      about: aboutCertificate,
    }),
  ];
}

function aboutCertificate(content: Content): string | undefined {
  const facts = certificateFacts(content.reveal());
  return facts && `for ${facts.names.join(', ')} until ${dayOf(facts.until)}`;
}

/** HAProxy loads it, with a configuration that does nothing else. */
const certificateCheck = Shell.literal(String.raw`
trial=$(mktemp "$candidate.XXXXXXXX") || exit 1
printf 'frontend trial\n  mode http\n  timeout client 1s\n  bind 127.0.0.1:1 ssl crt %s\n' "$candidate" > "$trial"
haproxy -c -f "$trial"
code=$?
rm -f "$trial"
exit "$code"
`);

/**
 * One that cannot start tries again for ever: twice a second takes 3 % of a core, and a crash where nobody takes over half a second.
 * keepalived watches the flag; so a dead HAProxy gives the VIP away within milliseconds. `+`: as root, in any sandbox; `-`: without
 * its flag a node gives way, but its HAProxy still starts. HAProxy stops within moments or hangs: nobody has to wait systemd's 90
 * seconds for it.
 */
function hooks(cluster: Cluster): string {
  return `[Unit]
# What it needs may come minutes after a boot.
StartLimitIntervalSec=0
[Service]
RestartSec=500ms
TimeoutStopSec=10
# Soft and hard: HAProxy raises the first by itself, as far as the second allows.
LimitNOFILE=1024:${openFiles(cluster)}
# What it has in memory holds secrets: no core dump of it.
LimitCORE=0
ExecStartPost=-+/bin/sh -c 'mkdir -p ${paths.runtime}; echo 1 > ${paths.servingFlag}'
ExecStopPost=-+/bin/sh -c 'echo 0 > ${paths.servingFlag}'
`;
}

const quickLookups = `# Names that only /etc/hosts had, once it has them no more.\nEnvironment="RES_OPTIONS=${quickLibc}"\n`;

function currency(host: Observation, identity: string): Currency {
  const running = host.get(haproxyProcess);
  if (running === undefined) return { action: 'restart', why: 'it does not answer on its admin socket' };
  if (running.description === identity) return 'current';
  return { action: 'reload', why: 'it runs another configuration' };
}

/**
 * Some twenty seconds, looking every 20 ms: a reload returns before the new worker serves, and a busy host takes its time. There one
 * thread of the old worker may go on answering until another has seen to its signal (170 ms were seen), so that the new configuration has
 * to be shown ten times running.
 */
export function settled(identity: string): Shell {
  return sh`perl -e ${`${askHaproxy}
my $end = time + 20;
my $shown = 0;
while (time < $end) {
  my $info = ask_haproxy("show info") // "";
  $shown = $info =~ /^description: \\Q$ARGV[0]\\E$/m ? $shown + 1 : 0;
  exit 0 if $shown == 10;
  select undef, undef, undef, 0.02;
}
print "HAProxy does not show the new configuration on its admin socket within 20 seconds\\n";
exit 1`} ${identity}`;
}
