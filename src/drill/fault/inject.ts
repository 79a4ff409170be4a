import type { HostFault } from '../../cluster/fault.js';
import { perform } from '../../engine/hosts/perform.js';
import type { Runner } from '../../remote/runner.js';
import { Shell, sh } from '../../remote/shell.js';
import type { Step, StepFailure } from '../../resources/resource.js';

/** What a fault does to a host, and how that is undone; both may run twice. No `$`, `%` or `"`: systemd reads them too. */
interface Blow {
  readonly inject: Shell;
  readonly undo: Shell;
  /** The answer of the host must get out before it happens. */
  readonly cutsLink?: boolean;
}

export interface Target {
  /** The interfaces that carry the VIPs and the adverts. */
  readonly interfaces: readonly string[];
  /** 1 in this file makes the node give its VIPs away. */
  readonly maintenanceFlag: string;
}

/** The transient unit that is a fault: it undoes it when it ends, however it ends. */
export const unit = 'ha-deploy-drill.service';

/** Seconds from the answer of the host to the cutting of its link: enough for a SYN that its preparation lost to be sent again. */
export const delayOfCut = 2;

/** Exit codes of {@link inject}. */
const injectionExit = { inUse: 66, failed: 70 } as const;

const start = (daemon: Shell): Shell => sh`systemctl reset-failed ${daemon}; systemctl start ${daemon}`;
const haproxy = Shell.literal('haproxy.service');
const keepalived = Shell.literal('keepalived.service');

/** Drops every packet of an interface, both ways, and touches neither link nor addresses nor routes: cls_bpf(8), TC_ACT_SHOT. */
const drop = Shell.literal("bpf direct-action bytecode '1,6 0 0 2'");

function blow(fault: HostFault, target: Target): Blow {
  const each = (act: (device: Shell) => Shell): Shell =>
    Shell.join(target.interfaces.map((device, index) => sh`${index === 0 ? sh`` : sh`; `}${act(sh`${device}`)}`));
  switch (fault) {
    case 'haproxy-kill':
      return { inject: sh`systemctl kill --signal=KILL ${haproxy}`, undo: start(haproxy) };
    case 'haproxy-stop':
      return { inject: sh`systemctl stop ${haproxy}`, undo: start(haproxy) };
    case 'haproxy-hang':
      return {
        inject: sh`systemctl kill --signal=STOP ${haproxy}`,
        undo: sh`systemctl kill --signal=CONT ${haproxy}`,
      };
    case 'keepalived-stop':
      return { inject: sh`systemctl stop ${keepalived}`, undo: start(keepalived) };
    case 'keepalived-kill':
      return { inject: sh`systemctl kill --signal=KILL ${keepalived}`, undo: start(keepalived) };
    case 'node-isolate':
      return {
        inject: each((dev) => sh`tc filter add dev ${dev} egress ${drop}; tc filter add dev ${dev} ingress ${drop}`),
        undo: each((dev) => sh`tc qdisc del dev ${dev} clsact`),
        cutsLink: true,
      };
    case 'planned':
      return {
        inject: sh`echo 1 > ${target.maintenanceFlag}`,
        undo: sh`echo 0 > ${target.maintenanceFlag}`,
      };
  }
}

/**
 * Strikes a host. The undoing is armed first, and comes after `holdSeconds` at the latest, whether anybody is still there or
 * not; a boot undoes all of it as well.
 */
export function inject(fault: HostFault, target: Target, holdSeconds: number): Shell {
  const { inject: act, undo: revert, cutsLink = false } = blow(fault, target);
  const before = cutsLink ? sh`sleep ${delayOfCut}; ${act}; ` : sh``;
  const properties = [
    `ExecStopPost=-/bin/sh -c "${revert.reveal()}"`,
    ...(cutsLink ? [] : [`ExecStartPre=/bin/sh -c "${act.reveal()}"`]),
  ];
  const run = sh`systemd-run --quiet --collect --unit=${unit} --property=Type=exec ${properties.map((property) => `--property=${property}`)} /bin/sh -c ${`${before.reveal()}exec sleep ${holdSeconds}`}`;
  return sh`systemctl reset-failed ${unit} 2>/dev/null
${cutsLink ? reserve(target.interfaces) : sh``}
${run} || { ${cutsLink ? sh`${revert}; ` : sh``}exit ${injectionExit.failed}; }`;
}

/** Only a queueing discipline that was ours may be taken away again. */
function reserve(devices: readonly string[]): Shell {
  return sh`reserved=
giveUp() { for device in $reserved; do tc qdisc del dev "$device" clsact; done; exit ${injectionExit.inUse}; }
for device in ${devices}; do
length=/sys/class/net/$device/tx_queue_len
before=$(cat "$length")
tc qdisc add dev "$device" clsact || { echo 'traffic control is in use on this interface, or this kernel has none'; giveUp; }
reserved="$reserved $device"
# The kernel takes a first discipline for a wish to have a queue.
[ "$(cat "$length")" = "$before" ] || ip link set dev "$device" txqueuelen "$before"
tc filter add dev "$device" egress protocol 0x88b5 ${drop} || giveUp
tc filter del dev "$device" egress
done`;
}

const ended = Shell.literal(`systemctl stop ${unit} 2>/dev/null || :`);

/**
 * Strikes a host for `holdSeconds` at most.
 * @param fenced makes a step do nothing where the lease of this run is lost
 * @param started called when the host begins with it
 * @throws DeployError DRILL_IMPOSSIBLE, STEP_FAILED, LEASE_LOST; what `Runner.perform` throws
 */
export async function strikeHost(
  runner: Runner,
  script: Shell,
  fenced: (step: Step) => Step,
  started: () => void,
): Promise<void> {
  const impossible: StepFailure = {
    code: 'DRILL_IMPOSSIBLE',
    message: `${runner.node} cannot be isolated`,
    hint: 'Leave it out: name the other faults with --fault.',
  };
  await perform(runner, fenced({ script, failures: { [injectionExit.inUse]: impossible } }), failed(runner), started);
}

/**
 * Undoes what is in force, if anything is, and waits until that is done. No lease is needed for it.
 * @param started called when the host begins with it
 * @throws DeployError STEP_FAILED; what `Runner.perform` throws
 */
export async function mend(runner: Runner, started?: () => void): Promise<void> {
  await perform(runner, { script: ended, failures: {} }, failed(runner), started);
}

function failed({ node }: Runner): Omit<StepFailure, 'code'> {
  return {
    message: `a fault could not be injected into ${node}, or not be undone`,
    hint: 'See what it printed; a reboot of the node undoes every fault.',
  };
}
