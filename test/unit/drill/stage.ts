import { setImmediate as turn } from 'node:timers/promises';
import { paths } from '../../../playbooks/paths.js';
import { tenure } from '../../../playbooks/tenure.js';
import type { Fault } from '../../../src/cluster/fault.js';
import { drill } from '../../../src/drill/drill.js';
import type { FaultRecord } from '../../../src/drill/probe/record.js';
import type { Clock } from '../../../src/engine/run/run.js';
import type { ConnectionCapacity, Crowd, KnockAnswer, Reach } from '../../../src/remote/runner.js';
import type { FakeStep } from '../../support/fake-runner.js';
import { pair } from '../engine/clusters.js';
import { type Disturbance, type ModelCluster, trial } from '../engine/model/cluster.js';
import { convergedPair } from '../engine/support.js';

export const vip = '192.168.8.100';

/** Every sleeper gets its turn; time goes by while somebody sleeps. */
function turningClock(passed: () => void): Clock {
  let time = 0;
  return {
    now: () => time,
    sleep: async (ms) => {
      await turn();
      time += ms;
      passed();
    },
  };
}

export interface Story {
  /** What the world does with a fault; by default the victim gives way. */
  readonly onInjection?: (model: ModelCluster, node: string, script: string) => void;
  readonly onUndo?: (model: ModelCluster, node: string) => void;
  readonly answer?: (model: ModelCluster) => KnockAnswer;
  readonly more?: Readonly<Record<string, Disturbance>>;
  readonly signal?: AbortSignal;
  readonly reach?: Reach;
  readonly onFound?: () => Promise<void>;
  /** How often a node is not heard of where it should be, after each fault. */
  readonly late?: number;
  /** What happens when idle connections have come; by default they are counted. */
  readonly onCrowd?: (model: ModelCluster, count: number) => void;
  readonly room?: ConnectionCapacity | undefined;
  /** Routers send the VIP to the nodes. */
  readonly routed?: boolean;
}

const ample: ConnectionCapacity = { files: { left: 1e6, limit: 1e6 }, ports: 1e6 };

/** A pair whose faults are made up: an injected fault takes the victim out of the election, its undoing brings it back. */
export function staged({
  onInjection,
  onUndo,
  answer,
  more = {},
  signal,
  reach,
  onFound,
  late = 0,
  onCrowd,
  routed = false,
  ...story
}: Story = {}) {
  const cluster = routed ? { ...pair, vips: pair.vips.map((each) => ({ ...each, routed })) } : pair;
  const model = convergedPair('node-101', cluster);
  const watchers = new Map<string, (line: string) => void>();
  const silences = new Map<string, number>();
  const news = (): void => {
    for (const [node, line] of watchers)
      if ((silences.get(node) ?? 0) === 0) line(model.holders.includes(node) ? `+ ${vip}` : `- ${vip}`);
  };
  const heartbeat = (): void => {
    for (const [node, line] of watchers) {
      const left = silences.get(node) ?? 0;
      silences.set(node, Math.max(0, left - 1));
      if (left === 1) news();
      if (left === 0) line('.');
    }
  };
  const struck = onInjection ?? ((_, node) => model.host(node).stop('keepalived'));
  const mended = onUndo ?? ((_, node) => model.host(node).start('keepalived'));
  const onStep = ({ node, script }: FakeStep) => {
    if (script.includes('systemd-run')) struck(model, node, script);
    else if (script.startsWith('systemctl stop ha-deploy-drill')) {
      mended(model, node);
      silences.set(node, late);
    } else return undefined;
    news();
    return { exitCode: 0 };
  };
  const hosts = Object.fromEntries(
    [...model.hosts.keys()].map((name): [string, Disturbance] => {
      const quiet = { drill: 'inactive\n', 'control-plane': 'bash\n', network: 'all as ever\n' };
      const { probes, ...rest } = more[name] ?? {};
      const onWatch = (_: string, line: (text: string) => void): void => {
        watchers.set(name, line);
        news();
        line('.');
      };
      return [name, { onStep, onWatch, ...rest, probes: { ...quiet, ...probes } }];
    }),
  );
  const attempt = trial(model, hosts, {
    command: 'drill',
    clock: turningClock(heartbeat),
    ...(signal && { signal }),
    ...(reach && { reach }),
  });
  const found: FaultRecord[] = [];
  /** Whatever came, and 0 for that it left. */
  const gathered: { address: string; port: number; count: number }[] = [];
  const run = async (...chosen: Fault[]): Promise<void> =>
    drill(attempt.run, {
      faults: chosen,
      maintenanceFlag: paths.maintenanceFlag,
      tenure,
      room: () => ('room' in story ? story.room : ample),
      gather: (address, port, count): Crowd => {
        gathered.push({ address, port, count });
        model.clients += count;
        onCrowd?.(model, count);
        news();
        return {
          come: Promise.resolve(),
          leave: async () => {
            gathered.push({ address, port, count: 0 });
            model.clients = 0;
            return Promise.resolve();
          },
        };
      },
      knock: async () => {
        const said = answer?.(model) ?? (model.holders.length > 0 ? 'answered' : 'refused');
        return Promise.resolve(said);
      },
      found: async (record) => {
        found.push(...record.faults);
        return onFound?.() ?? Promise.resolve();
      },
    });
  return { attempt, model, run, found, gathered };
}
