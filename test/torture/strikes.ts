import { setTimeout as pause } from 'node:timers/promises';
import type { LabHost } from '../../docker/host.js';
import { on } from '../support/lab.js';
import { blowOf } from './blow.js';
import type { Running } from './operator.js';
import { type Pair, peerOf } from './pair.js';
import { isClientFault } from './plan-faults.js';
import type { Recorder } from './recorder.js';
import type { ClientFault, NodeFault, NodeIndex, PlannedFault, SmallDisk } from './scenario.js';

type PlannedClientFault = Extract<PlannedFault, { kind: ClientFault }>;
type PlannedNodeFault = Extract<PlannedFault, { kind: NodeFault }>;

/** Milliseconds that a command on a host may take to break something or to heal it. */
const patience = 20_000;

/** Brings faults about, and heals each. */
export class Strikes {
  /** How often each was brought about, and how often it came too late or met another on the same node. */
  readonly struck = new Map<string, number>();
  missed = 0;
  readonly #pair: Pair;
  readonly #recorder: Recorder;
  readonly #smallDisk: SmallDisk | undefined;
  readonly #leaseMs: number;
  /** The nodes that something is wrong with at present. */
  readonly #busy = new Set<NodeIndex>();
  readonly #pending: Promise<void>[] = [];
  #count = 0;

  constructor(pair: Pair, recorder: Recorder, smallDisk: SmallDisk | undefined, leaseMs: number) {
    this.#pair = pair;
    this.#recorder = recorder;
    this.#smallDisk = smallDisk;
    this.#leaseMs = leaseMs;
  }

  /** Strikes when the run has come so far; a fault that cannot be brought about is only noted. */
  arm(planned: PlannedFault, running: Running): void {
    const strike = async (): Promise<void> => {
      await this.#reached(planned.point, running);
      await pause(planned.thenMs);
      await (isClientFault(planned.kind)
        ? this.#strikeClient(planned as PlannedClientFault, running)
        : this.#strikeNode(planned as PlannedNodeFault));
    };
    const struck = strike();
    // It may fail before anybody waits for it.
    struck.catch(() => undefined);
    this.#pending.push(struck);
  }

  /** Returns when every fault has come and is healed. @throws Error where one cannot be healed */
  async healed(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async #reached(point: PlannedFault['point'], running: Running): Promise<void> {
    if (point !== 'standing-back') return await running.reached(point);
    const stood = this.#recorder.next((event) => event.kind === 'standing' && event.on);
    await Promise.race([stood, running.ended]);
  }

  async #strikeClient({ kind, forMs }: PlannedClientFault, running: Running): Promise<void> {
    if (running.isOver) return this.#miss(kind, 'the run is over');
    const id = this.#begin(kind);
    switch (kind) {
      case 'client-kill':
        running.signal('SIGKILL');
        break;
      case 'client-stop':
        running.signal('SIGSTOP');
        await pause(this.#leaseMs + forMs);
        running.signal('SIGCONT');
        break;
      case 'client-interrupt':
        running.signal('SIGINT');
        await pause(forMs);
        running.signal('SIGTERM');
    }
    this.#recorder.now({ kind: 'fault', fault: kind, id, on: false });
  }

  async #strikeNode(planned: PlannedNodeFault): Promise<void> {
    const { kind, node, detail } = planned;
    const host = this.#pair.hosts[node];
    if (this.#busy.has(node)) return this.#miss(kind, `${host.name} has another fault`);
    this.#busy.add(node);
    try {
      const id = this.#begin(kind, host, detail);
      await (kind === 'reboot' || kind === 'power-cut'
        ? boot(host, kind, planned.forMs)
        : this.#blow(host, kind, planned));
      this.#recorder.now({ kind: 'fault', fault: kind, node: host.name, id, on: false });
    } finally {
      this.#busy.delete(node);
    }
  }

  async #blow(
    host: LabHost,
    kind: Exclude<NodeFault, 'reboot' | 'power-cut'>,
    planned: PlannedNodeFault,
  ): Promise<void> {
    const { strike, heal } = blowOf(kind, planned.detail ?? '', {
      laptop: this.#pair.laptop,
      peer: peerOf(this.#pair, planned.node).address,
      smallFolder: this.#smallDisk?.folder,
    });
    await within(patience, on(host, strike)).catch((error: unknown) =>
      this.#recorder.now({ kind: 'note', text: `${kind} on ${host.name}: ${String(error)}` }),
    );
    if (heal === undefined) return;
    await pause(planned.forMs);
    await within(patience, on(host, heal));
  }

  #begin(kind: PlannedFault['kind'], host?: LabHost, note?: string): number {
    this.#count += 1;
    this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
    this.#recorder.now({
      kind: 'fault',
      fault: kind,
      id: this.#count,
      on: true,
      ...(host === undefined ? {} : { node: host.name }),
      ...(note === undefined ? {} : { note }),
    });
    return this.#count;
  }

  #miss(kind: PlannedFault['kind'], why: string): void {
    this.missed += 1;
    this.#recorder.now({ kind: 'note', text: `no ${kind}: ${why}` });
  }
}

/** A clean reboot, or a power cut and a while later the power again. */
async function boot(host: LabHost, how: 'reboot' | 'power-cut', forMs: number): Promise<void> {
  if (how === 'reboot') return await host.restart();
  await host.kill();
  await pause(forMs);
  await host.start();
}

async function within<T>(ms: number, task: Promise<T>): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([
      task,
      pause(ms, undefined, { signal: over.signal }).then(() => {
        throw new Error(`not within ${ms / 1000} s`);
      }),
    ]);
  } finally {
    over.abort();
  }
}
