import { readFile } from 'node:fs/promises';
import type { LabHost } from '../../docker/host.js';
import type { Lab } from '../../docker/lab.js';
import type { Fault } from '../../src/cluster/fault.js';
import { lengthOf, outagesOf } from '../../src/drill/probe/outage.js';
import { probeFromHere, type SentProbe } from '../../src/drill/probe/prober.js';
import { knock } from '../../src/remote/tcp/tcp-probe.js';
import { eventually } from '../support/eventually.js';
import { holdersOf, on } from '../support/lab.js';

const fixtures = new URL('../fixtures/lint/memo/', import.meta.url);

/** How long a pair is watched that may never come back: milliseconds. */
const patience = 40_000;

const blows: readonly (readonly [Fault, inject: string, undo: string])[] = [
  ['haproxy-kill', 'systemctl kill --signal=KILL haproxy', 'systemctl reset-failed haproxy; systemctl start haproxy'],
  ['haproxy-stop', 'systemctl stop haproxy', 'systemctl start haproxy'],
  ['haproxy-hang', 'systemctl kill --signal=STOP haproxy', 'systemctl kill --signal=CONT haproxy'],
  ['keepalived-stop', 'systemctl stop keepalived', 'systemctl start keepalived'],
  [
    'keepalived-kill',
    'systemctl kill --signal=KILL keepalived',
    'systemctl reset-failed keepalived; systemctl start keepalived',
  ],
  [
    'node-isolate',
    "tc qdisc add dev eth0 clsact; for way in ingress egress; do tc filter add dev eth0 $way bpf direct-action bytecode '1,6 0 0 2'; done",
    'tc qdisc del dev eth0 clsact',
  ],
];

/**
 * The memo's files on two hosts of the lab, with what it takes to make them start at all: a VIP may be bound before it is there,
 * and `killall` exists. Then every fault, on whoever holds the VIP.
 */
export async function memoPair(lab: Lab, rounds: number): Promise<ReadonlyMap<Fault, readonly (number | null)[]>> {
  const [first, second, third] = [...lab.hosts.values()];
  if (first === undefined || second === undefined || third === undefined) throw new Error('the lab has too few hosts');
  const pair = [first, second];
  const vip = `${lab.prefix}.100`;
  await Promise.all(pair.map(async (host) => install(host, lab, third)));
  const found = new Map<Fault, (number | null)[]>(blows.map(([fault]) => [fault, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [fault, inject, undo] of blows) {
      const victim = await eventually('one holder, and service', async () => {
        const [holder, ...more] = await holdersOf(pair, vip);
        if (holder === undefined || more.length > 0) throw new Error(`${more.length} more holders`);
        if ((await knock(at(vip))) !== 'answered') throw new Error('no answer');
        return pair.find((host) => host.name === holder) ?? first;
      });
      found.get(fault)?.push(await felt(vip, async () => on(victim, inject)));
      await on(victim, undo);
    }
  }
  return found;
}

async function install(host: LabHost, { prefix, hosts }: Lab, backend: LabHost): Promise<void> {
  const ours = ['/etc/systemd/system/haproxy.service.d', '/etc/systemd/system/keepalived.service.d'];
  await on(
    host,
    `systemctl stop haproxy keepalived; rm -rf ${ours.join(' ')}; systemctl daemon-reload; apt-get install -y -q psmisc >/dev/null`,
  );
  const isFirst = [...hosts.values()][0] === host;
  const local = (text: string): string =>
    text
      .replaceAll('192.168.8.', `${prefix}.`)
      .replaceAll('eno2', 'eth0')
      .replaceAll(/ (check-ssl|ssl|verify none)(?=\s)/g, '')
      .replaceAll(/192\.168\.\d+\.10[123]:6443/g, `${backend.address}:6443`);
  const files = {
    'haproxy.cfg': '/etc/haproxy/haproxy.cfg',
    [isFirst ? 'node-101.keepalived.conf' : 'node-102.keepalived.conf']: '/etc/keepalived/keepalived.conf',
  };
  for (const [file, path] of Object.entries(files)) {
    await host.pipe(local(await readFile(new URL(file, fixtures), 'utf8')), [
      'install',
      '-m',
      '644',
      '/dev/stdin',
      path,
    ]);
  }
  await on(host, 'systemctl start haproxy keepalived');
}

function at(address: string) {
  return { address, port: 8443, greeting: Buffer.from('hello'), patienceMs: 1000 };
}

async function felt(vip: string, blow: () => Promise<unknown>): Promise<number | null> {
  const stop = new AbortController();
  const probes: SentProbe[] = [];
  const clock = {
    now: () => performance.now(),
    sleep: async (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms)),
  };
  const probing = probeFromHere(knock, at(vip), clock)(5, (probe) => probes.push(probe), stop.signal);
  await clock.sleep(200);
  const orderedAt = clock.now();
  await blow();
  const deadline = clock.now() + patience;
  const isCalm = (): boolean => probes.slice(-200).every(({ answer }) => answer === 'answered') && probes.length > 400;
  while (clock.now() < deadline && !isCalm()) await clock.sleep(50);
  stop.abort();
  await probing;
  const inOrder = probes
    .map(({ at: sentAt, tookMs, answer }) => ({
      at: sentAt,
      tookMs,
      answer: answer === 'closed' ? ('reset' as const) : answer,
    }))
    .toSorted((a, b) => a.at - b.at);
  return lengthOf(outagesOf(inOrder, { begunAt: orderedAt, undoneAt: undefined })) ?? null;
}
