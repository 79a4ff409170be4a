import { paths } from '../../../../playbooks/paths.js';
import { upPlaybook as playbook } from '../../../../playbooks/up.js';
import { preflightFacts } from '../../../../src/checks/preflight.js';
import { verificationFacts } from '../../../../src/checks/status/verify.js';
import type { Cluster, Node } from '../../../../src/cluster/cluster.js';
import { factsOf } from '../../../../src/engine/hosts/observe.js';
import type { Command, Event } from '../../../../src/engine/run/events.js';
import { Journal } from '../../../../src/engine/run/journal.js';
import type { Author, Clock, Run } from '../../../../src/engine/run/run.js';
import { serviceEndpoints } from '../../../../src/facts/network/endpoints.js';
import { Observation } from '../../../../src/facts/observation.js';
import type { Connector, QueryOutput, Reach } from '../../../../src/remote/runner.js';
import {
  type FakeAnswer,
  type FakeConnector,
  type FakeHost,
  type FakeOutcome,
  type FakeStep,
  fakeConnector,
} from '../../../support/fake-runner.js';
import { answer } from './answers.js';
import { ModelHost } from './host.js';
import { enactStep, ledgerVerb, unfenced } from './steps.js';

/** What a test changes of how hosts behave, by node. */
export interface Disturbance {
  readonly connectError?: FakeHost['connectError'];
  /** In place of what the host would answer. */
  readonly probes?: Readonly<Record<string, FakeAnswer | (() => FakeAnswer)>>;
  /** Decides a step in the host's place, shown without its fence; what it leaves undecided, the host does. */
  readonly onStep?: (step: FakeStep) => FakeOutcome | Promise<FakeOutcome> | undefined;
  /** The same for the steps that keep the ledger: `take`, `begin`, … */
  readonly onLedger?: (verb: string, step: FakeStep) => FakeOutcome | Promise<FakeOutcome> | undefined;
  readonly onWatch?: FakeHost['onWatch'];
  readonly losesWatch?: FakeHost['losesWatch'];
}

/** Hosts with an election between them: the VIPs stay where they are while their holder may keep them. */
export class ModelCluster {
  readonly cluster: Cluster;
  readonly hosts: ReadonlyMap<string, ModelHost>;
  /** They do not hear each other's adverts. */
  deaf = false;
  /** Connections to every service, through the holder. */
  clients = 0;
  /** The services whose servers are all down. */
  readonly down = new Set<string>();
  #holder: string | undefined;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    this.hosts = new Map(cluster.nodes.map(({ name, address }) => [name, new ModelHost(name, address)]));
    for (const host of this.hosts.values()) host.isMaster = () => this.holders.includes(host.name);
  }

  host(name: string): ModelHost {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`the model has no host ${name}`);
    return host;
  }

  get holders(): readonly string[] {
    const eligible = [...this.hosts.values()].filter((host) => host.eligible).map(({ name }) => name);
    if (this.deaf) return eligible;
    const [preferred] = eligible.toSorted((one, other) => this.#priority(other) - this.#priority(one));
    if (this.#holder === undefined || !eligible.includes(this.#holder)) this.#holder = preferred;
    return this.#holder === undefined ? [] : [this.#holder];
  }

  answer(name: string, id: string): QueryOutput {
    const host = this.host(name);
    const { holders, cluster } = this;
    const holds = holders.includes(name);
    const servers = cluster.services.flatMap((service) =>
      service.servers.map((server) => [service.name, server.name] as const),
    );
    return answer(host, id, {
      held: holds ? cluster.vips.map(({ address }) => address) : [],
      vrrp: {
        name: cluster.instances[0]?.name ?? '',
        state: holds ? 'MASTER' : host.eligible ? 'BACKUP' : 'FAULT',
        priority: this.#priority(name),
      },
      frontends: cluster.services.map(({ name: service, maxConnections }) => [
        service,
        holds ? Math.min(this.clients, maxConnections) : 0,
        maxConnections,
      ]),
      servers,
      down: this.down,
      hears: this.deaf
        ? []
        : cluster.nodes.flatMap(({ address }, index) =>
            address === host.address ? [] : [`probe 4u ${index} ${address}`],
          ),
      endpoints: { count: serviceEndpoints(cluster).length, answer: holders.length > 0 },
    });
  }

  observe(node: Node): Observation {
    return new Observation(node.name, { get: (id: string) => this.answer(node.name, id) });
  }

  #priority(name: string): number {
    return this.cluster.instances[0]?.priorities.get(name) ?? 0;
  }
}

export interface Trial {
  readonly run: Run;
  readonly fake: FakeConnector;
  readonly events: readonly Event[];
  readonly journal: Journal;
}

export const author: Author = {
  tenant: { holder: 'anna@laptop', machine: '0123456789abcdef', pid: 4711, process: '1', since: 1_700_000_000 },
  tool: '0.1.0',
  configuration: '0123456789ab',
  isGone: () => false,
};

/** A run against the model, through the strict fake. */
export function trial(
  model: ModelCluster,
  disturbances: Readonly<Record<string, Disturbance>> = {},
  given: Partial<Pick<Run, 'signal' | 'clock' | 'reach' | 'every' | 'author'>> & { readonly command?: Command } = {},
): Trial {
  const { cluster } = model;
  const scripts = new Map<string, readonly string[]>();
  const fake = fakeConnector(
    Object.fromEntries(
      cluster.nodes.map((node) => [node.name, fakeHost(model, node, disturbances[node.name] ?? {}, scripts)]),
    ),
  );
  const events: Event[] = [];
  const clock = given.clock ?? fakeClock();
  const journal = new Journal(
    given.command ?? 'up',
    (event) => events.push(event),
    () => clock.now(),
  );
  journal.started(cluster.nodes.map(({ name }) => name));
  const reach: Reach = given.reach ?? (() => Promise.resolve(model.holders.length > 0));
  const signal = given.signal ?? new AbortController().signal;
  return {
    run: {
      cluster,
      connector: listening(fake, scripts),
      reach,
      journal,
      signal,
      clock,
      every: given.every ?? (() => undefined),
      leaseSeconds: 60,
      token: '0'.repeat(32),
      author: given.author ?? author,
    },
    fake,
    events,
    journal,
  };
}

function fakeHost(
  model: ModelCluster,
  node: Node,
  { connectError, probes, onStep, onLedger, onWatch, losesWatch }: Disturbance,
  scripts: ReadonlyMap<string, readonly string[]>,
): FakeHost {
  const { cluster } = model;
  const facts = factsOf(playbook(cluster, node), [...preflightFacts, ...verificationFacts(cluster)]);
  const ids = [
    ...facts.map(({ id }) => id),
    'wire',
    'taken-ports',
    'boot',
    'shown-certificates',
    'daemons',
    'old-workers',
    ...[paths.haproxyConfig, paths.keepalivedConfig, ...cluster.services.map(paths.certificate)].map(
      (path) => `trial:${path}`,
    ),
    ...cluster.vips.map(({ address }) => `stranger:${address}`),
  ];
  return {
    ...(connectError && { connectError }),
    ...(onWatch && { onWatch }),
    ...(losesWatch && { losesWatch }),
    probes: { ...Object.fromEntries(ids.map((id) => [id, () => model.answer(node.name, id)])), ...probes },
    otherProbe: (id) => (/^(?:room|sizes|apt-index):/.test(id) ? model.answer(node.name, id) : undefined),
    onPerform: (step) => {
      const verb = ledgerVerb(step.script);
      const decided =
        verb === undefined ? onStep?.({ ...step, script: unfenced(step.script) }) : onLedger?.(verb, step);
      return decided ?? enactStep(model.host(node.name), scripts.get(node.name)?.[step.index] ?? '');
    },
  };
}

/** The fake shows scripts without what is in files; the model needs that too. */
function listening(fake: Connector, scripts: Map<string, readonly string[]>): Connector {
  return {
    connect: async (node, signal) => {
      const runner = await fake.connect(node, signal);
      return {
        node: runner.node,
        observe: async (probes, aborted) => runner.observe(probes, aborted),
        perform: async (steps, progress, aborted) => {
          scripts.set(
            node.name,
            steps.map(({ script }) => script.reveal()),
          );
          return runner.perform(steps, progress, aborted);
        },
        watch: async (command, line, aborted) => runner.watch(command, line, aborted),
        close: () => runner.close(),
      };
    },
  };
}

/** Sleeping is the only thing that takes time. */
export function fakeClock(): Clock & { readonly slept: readonly number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => slept.reduce((sum, ms) => sum + ms, 0),
    sleep: async (ms) => {
      slept.push(ms);
      await Promise.resolve();
    },
  };
}

export function playbookFor(cluster: Cluster) {
  return (node: Node) => playbook(cluster, node);
}
