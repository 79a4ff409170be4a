import { packages } from '../../facts/host/packages.js';
import { Shell, sh } from '../../remote/shell.js';
import type { Change, Resource, Step } from '../resource.js';
import { holdUnits } from './held-units.js';

export interface AptPackages {
  readonly names: readonly string[];
  /** Units that must not start with their packages' own sample configuration. */
  readonly heldUnits: readonly string[];
  /** Seconds to wait for another user of dpkg. */
  readonly lockTimeout: number;
}

/** Bytes. haproxy, keepalived and what they depend on, packed and unpacked, on any release. */
const ofPackages = 64 * 1024 * 1024;

/** dpkg's words for what has only to be configured: nothing of it is fetched. */
const unpacked: readonly string[] = ['unpacked', 'half-configured', 'triggers-awaited', 'triggers-pending'];

const exit = { lockHeld: 75, cannotHold: 74, noSpace: 73, installFailed: 70 } as const;

/** Installed packages; their versions are the distribution's business. All that are missing are installed by one run of apt. */
export function aptPackages(wanted: AptPackages): Resource {
  const fact = packages(wanted.names);
  return {
    id: `packages:${wanted.names.join(',')}`,
    facts: [fact],
    footprint: () => ({ packages: wanted.names }),
    plan(host) {
      const known = host.get(fact);
      const missing = wanted.names.filter((name) => known.get(name)?.status !== 'installed');
      const step = installStep(missing, wanted);
      return missing.map((name): Change => {
        const status = known.get(name)?.status ?? 'not-installed';
        return {
          resource: `package:${name}`,
          action: 'create',
          summary: status === 'not-installed' ? 'install' : `install (dpkg says ${status})`,
          bytes: unpacked.includes(status) ? 0 : ofPackages,
          interrupts: false,
          step,
        };
      });
    },
  };
}

function installStep(names: readonly string[], { heldUnits, lockTimeout }: AptPackages): Step {
  return {
    script: Shell.join([
      sh`lock_timeout=${lockTimeout}\nset -- ${names}\n`,
      waitForLock,
      holdUnits(heldUnits, exit.cannotHold),
      install,
    ]),
    failures: {
      [exit.lockHeld]: {
        code: 'DPKG_LOCKED',
        message: `another process still held the dpkg lock after ${lockTimeout} s`,
        hint: 'Wait for it to end (often unattended-upgrades), or raise packages.lockTimeout, and run again.',
      },
      [exit.cannotHold]: {
        code: 'WRITE_FAILED',
        message: "cannot write below /run what keeps the daemons from starting with the packages' own configuration",
        hint: 'See the output above: often a full or read-only file system. Nothing was installed.',
      },
      [exit.noSpace]: {
        code: 'NO_SPACE',
        message: `apt could not install ${names.join(' and ')}: a disk of this node is full`,
        hint: 'The last line above says which. Make room there (`apt-get clean` drops what apt has downloaded), then run again.',
      },
      [exit.installFailed]: {
        code: 'STEP_FAILED',
        message: `apt could not install ${names.join(' and ')}`,
        hint: "The output above is apt's own. Check the apt sources of this node, then run again.",
      },
    },
  };
}

/**
 * Asks the kernel who holds dpkg's locks (fcntl F_GETLK), because apt says "locked" and "broken" with the same exit code.
 * The layout of `struct flock` is that of 64-bit Linux; elsewhere nothing is asked and apt's own waiting must do.
 */
const waitForLock = Shell.literal(String.raw`
lock_holder() {
  perl -MFcntl -e '
    exit if length(pack("l!", 0)) != 8;
    for (@ARGV) {
      open(my $f, "+<", $_) or next;
      my $lock = pack("s s x4 q q l x4", F_WRLCK, 0, 0, 0, 0);
      fcntl($f, F_GETLK, $lock) or next;
      my ($type, undef, undef, undef, $pid) = unpack("s s x4 q q l", $lock);
      if ($type != F_UNLCK) { print $pid; last }
    }' /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock
}
waited=0
while holder=$(lock_holder) && [ -n "$holder" ]; do
  if [ "$waited" -ge "$lock_timeout" ]; then
    echo "process $holder ($(cat "/proc/$holder/comm")) holds the dpkg lock"
    exit ${exit.lockHeld}
  fi
  [ $((waited % 15)) -ne 0 ] || echo "waiting for the dpkg lock, held by process $holder ($(cat "/proc/$holder/comm"))"
  sleep 1
  waited=$((waited + 1))
done
`);

/** NEEDRESTART_SUSPEND: restarting other services is not ours to do (needrestart(1)). */
const install = Shell.literal(String.raw`
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none
apt() {
  apt-get -y -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout="$lock_timeout" \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}
# full <folder>: its file system has less than 16 MiB left, or 64 inodes
full() {
  # shellcheck disable=SC2046 # four numbers
  set -- "$1" $(stat --file-system --format='%S %f %c %d' -- "$1")
  [ $(($2 * $3)) -lt $((16 * 1024 * 1024)) ] || { [ "$4" -gt 0 ] && [ "$5" -lt 64 ]; }
}
# apt ends with 100 whatever was wrong.
fail() {
  for folder in /var/lib/apt /var/cache/apt /var/lib/dpkg /usr; do
    full "$folder" || continue
    # What apt has half written, and what it makes anew by itself: else the disk stays full.
    rm -rf /var/lib/apt/lists/partial/* /var/cache/apt/*pkgcache.bin*
    echo "the file system of $folder is full"
    exit ${exit.noSpace}
  done
  exit ${exit.installFailed}
}
if [ -n "$(dpkg --audit)" ] || [ -n "$(ls /var/lib/dpkg/updates)" ]; then
  echo 'an earlier dpkg was interrupted: finishing it first'
  dpkg --configure -a --force-confdef --force-confold || fail
fi
refreshed=
apt-cache show --no-all-versions "$@" >/dev/null 2>&1 || { apt update && refreshed=1; } || fail
apt install --no-install-recommends "$@" && exit 0
# An index from last month names versions that the mirror no longer has.
[ -z "$refreshed" ] && apt update && apt install --no-install-recommends "$@" && exit 0
fail
`);
