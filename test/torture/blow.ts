import type { NodeFault } from './scenario.js';

/** What a fault does to a host, as scripts for its shell; both may run twice, and healing does no harm where nothing is broken. */
export interface Blow {
  readonly strike: string;
  /** Nothing where it is over at once. */
  readonly heal?: string;
}

/** What a blow has to know of its surroundings. */
export interface Surroundings {
  readonly laptop: string;
  /** Of the other node. */
  readonly peer: string;
  /** The folder that is on a small disk. */
  readonly smallFolder: string | undefined;
}

/** Where faults that a boot does not undo note what was there. */
const folder = '/var/lib/ha-deploy-torture';

/** A fault that a shell on the host can bring about. */
export type ShellFault = Exclude<NodeFault, 'reboot' | 'power-cut'>;

export function blowOf(fault: ShellFault, detail: string, { laptop, peer, smallFolder }: Surroundings): Blow {
  switch (fault) {
    case 'cut-peer':
      return dropping([peer]);
    case 'cut-laptop':
      return dropping([laptop]);
    case 'isolate':
      return dropping([]);
    case 'link-down':
      return {
        // Neither the IPv6 addresses nor the route come back by themselves.
        strike: 'echo 1 >/proc/sys/net/ipv6/conf/eth0/keep_addr_on_down; ip link set eth0 down',
        heal: `ip link set eth0 up; ip route replace default via ${laptop}`,
      };
    case 'disk-full':
      return {
        strike: `dd if=/dev/zero of=${smallFolder}/.torture-filler bs=4096 2>/dev/null || :`,
        heal: `rm -f ${smallFolder}/.torture-filler`,
      };
    case 'command-fails':
      return failing(detail);
    case 'watch-kill':
      return { strike: "systemctl kill --signal=KILL 'ha-deploy-watch-*' || :" };
    case 'daemon-kill':
      return { strike: `systemctl kill --signal=KILL ${detail}.service` };
    case 'dns-gone':
      return silencing(detail);
  }
}

const undropped = 'tc qdisc del dev eth0 clsact 2>/dev/null || :';

/** Drops all that goes to these addresses and comes from them, or everything: cls_bpf(8), `ret 2` is TC_ACT_SHOT, `ret -1` is none. */
function dropping(addresses: readonly string[]): Blow {
  const program = (offset: number, address: string): string =>
    `4,32 0 0 ${offset},21 0 1 ${numberOf(address)},6 0 0 2,6 0 0 4294967295`;
  const filter = (direction: string, bytecode: string): string =>
    `tc filter add dev eth0 ${direction} bpf direct-action bytecode '${bytecode}'`;
  // From the start of the frame: the sender is at 26, the receiver at 30.
  const filters =
    addresses.length === 0
      ? [filter('egress', '1,6 0 0 2'), filter('ingress', '1,6 0 0 2')]
      : addresses.flatMap((address) => [
          filter('egress', program(30, address)),
          filter('ingress', program(26, address)),
        ]);
  return { strike: `tc qdisc add dev eth0 clsact\n${filters.join('\n')}`, heal: undropped };
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/**
 * The next call of a command by a ledger fails, by a script that comes before the command in the PATH of sudo and of systemd. It
 * calls nothing by a name that may be such a script itself.
 */
function failing(command: string): Blow {
  const wrapper = `/usr/local/sbin/${command}`;
  const script = String.raw`#!/bin/sh
case $(/usr/bin/tr '\0' ' ' </proc/$PPID/cmdline) in
  *ledger*) /usr/bin/rm ${folder}/fail-${command} 2>/dev/null && echo '${command}: fails once' >&2 && exit 1 ;;
esac
exec /usr/bin/${command} "$@"
`;
  return {
    strike: `/usr/bin/mkdir -p ${folder}
: >${folder}/fail-${command}
/usr/bin/cat >${wrapper}.new <<'SCRIPT'
${script}SCRIPT
/usr/bin/chmod 755 ${wrapper}.new
/usr/bin/mv -fT ${wrapper}.new ${wrapper}`,
    heal: `/usr/bin/rm -f ${wrapper} ${folder}/fail-${command}`,
  };
}

/** A DNS server that refuses at once, or that is there and never answers. Docker has mounted the file: it is written in place. */
function silencing(how: string): Blow {
  const kept = `${folder}/resolv.conf`;
  const mute = `systemd-run --quiet --collect --unit=torture-dns perl -MSocket -e 'socket S, PF_INET, SOCK_DGRAM, 0; bind S, sockaddr_in 53, inet_aton q(127.0.0.53) or die; sleep 60'`;
  return {
    strike: `mkdir -p ${folder}
[ -e ${kept} ] || cp /etc/resolv.conf ${kept}
${how === 'silent' ? mute : ':'}
echo 'nameserver 127.0.0.53' >/etc/resolv.conf`,
    heal: `if [ -e ${kept} ]; then cat ${kept} >/etc/resolv.conf; rm -f ${kept}; fi
systemctl stop torture-dns 2>/dev/null || :`,
  };
}

/** Puts a folder on a small disk of its own, while no run is under way. 2 MiB leave room for ten generations. */
export function ontoSmallDisk(path: string): string {
  const copy = '/run/torture-copy';
  return `mountpoint -q ${path} && exit 0
rm -rf ${copy}
cp -a ${path} ${copy}
mount -t tmpfs -o size=2m,mode=$(stat -c %a ${path}) torture ${path}
cp -a ${copy}/. ${path}
rm -rf ${copy}`;
}

/** The reverse, with what is in the folder by now. */
export function offSmallDisk(path: string): string {
  const copy = '/run/torture-copy';
  return `mountpoint -q ${path} || exit 0
rm -rf ${copy}
cp -a ${path} ${copy}
umount --lazy ${path}
find ${path} -mindepth 1 -delete
cp -a ${copy}/. ${path}
rm -rf ${copy}`;
}
