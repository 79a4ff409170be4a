import type { Fault } from '../cluster/fault.js';
import { Shell, sh } from '../remote/shell.js';

/** What a fault does to a host, and how that is undone; both may run twice. No `$`, `%` or `"`: systemd reads them too. */
interface Blow {
  readonly inject: Shell;
  readonly undo: Shell;
  /** The answer of the host must get out before it happens. */
  readonly cutsLink?: boolean;
}

export interface Target {
  /** The interface that carries the VIPs. */
  readonly interface: string;
  /** 1 in this file makes the node give its VIPs away. */
  readonly maintenanceFlag: string;
}

/** The transient unit that is a fault: it undoes it when it ends, however it ends. */
export const unit = 'ha-deploy-drill.service';

/** Seconds from the answer of the host to the cutting of its link. */
export const delayOfCut = 1;

/** Exit codes of {@link inject}. */
export const injectionExit = { inUse: 66, failed: 70 } as const;

const start = (daemon: Shell): Shell => sh`systemctl reset-failed ${daemon}; systemctl start ${daemon}`;
const haproxy = Shell.literal('haproxy.service');
const keepalived = Shell.literal('keepalived.service');

/** Drops every packet of an interface, both ways, and touches neither link nor addresses nor routes: cls_bpf(8), TC_ACT_SHOT. */
const drop = Shell.literal("bpf direct-action bytecode '1,6 0 0 2'");

function blow(fault: Fault, target: Target): Blow {
  const device = sh`${target.interface}`;
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
        inject: sh`tc filter add dev ${device} egress ${drop}; tc filter add dev ${device} ingress ${drop}`,
        undo: sh`tc qdisc del dev ${device} clsact`,
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
export function inject(fault: Fault, target: Target, holdSeconds: number): Shell {
  const { inject: act, undo: revert, cutsLink = false } = blow(fault, target);
  const before = cutsLink ? sh`sleep ${delayOfCut}; ${act}; ` : sh``;
  const properties = [
    `ExecStopPost=-/bin/sh -c "${revert.reveal()}"`,
    ...(cutsLink ? [] : [`ExecStartPre=/bin/sh -c "${act.reveal()}"`]),
  ];
  const run = sh`systemd-run --quiet --collect --unit=${unit} --property=Type=exec ${properties.map((property) => `--property=${property}`)} /bin/sh -c ${`${before.reveal()}exec sleep ${holdSeconds}`}`;
  return sh`systemctl reset-failed ${unit} 2>/dev/null
${cutsLink ? reserve(sh`${target.interface}`) : sh``}
${run} || { ${cutsLink ? sh`${revert}; ` : sh``}exit ${injectionExit.failed}; }`;
}

/** Only a queueing discipline that was ours may be taken away again. */
function reserve(device: Shell): Shell {
  return sh`tc qdisc add dev ${device} clsact || { echo 'traffic control is in use on this interface, or this kernel has none'; exit ${injectionExit.inUse}; }
if tc filter add dev ${device} egress protocol 0x88b5 ${drop}; then tc filter del dev ${device} egress; else tc qdisc del dev ${device} clsact; exit ${injectionExit.inUse}; fi`;
}

/** Undoes what is in force, if anything is, and waits until that is done. */
export const undo = sh`systemctl stop ${unit} 2>/dev/null || :`;
